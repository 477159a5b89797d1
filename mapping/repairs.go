package mapping

import (
	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/value"
)

// identifierWidths counts a column's identifiers of digits by their length, to infer the usual one.
type identifierWidths [value.MaxWidth + 1]count

// repair repairs a cell during a Scan, and counts what was repaired.
func (c *column) repair(d value.Display, row int, x cell.Cell) cell.Cell {
	out, done := c.Repair.Apply(d, x, c.Width)
	for _, r := range value.AllRepairs {
		if done&r.Bit != 0 {
			c.evidence.count(r.Word, row, d.Cell(x), string(out.Text))
		}
	}
	if c.widths != nil && (out.Kind == cell.Text || out.Kind == cell.Number) {
		if digits := d.Number(out, value.TrimSpace(out.Text)); len(digits) <= value.MaxWidth && value.AllDigits(digits) {
			c.widths[len(digits)].add(row, digits, "")
		}
	}
	return out
}

// usual returns the width of more than half of the identifiers, and counts the shorter ones.
func (w *identifierWidths) usual() (width int, shorter count) {
	total := 0
	for n := range w {
		total += w[n].n
		if w[n].n > w[width].n {
			width = n
		}
	}
	if total == 0 || w[width].n*2 <= total {
		return 0, shorter
	}
	for _, x := range w[:width] {
		if x.n > 0 && (shorter.n == 0 || x.first.Row < shorter.first.Row) {
			shorter.first = x.first
		}
		shorter.n += x.n
	}
	return width, shorter
}

// finalizeRepairs infers the width of identifiers and tells what is repaired.
func (c *column) finalizeRepairs() []problem.Problem {
	var out []problem.Problem
	if c.widths != nil {
		width, shorter := c.widths.usual()
		if c.Width = width; width == 0 {
			out = append(out, problem.New(problem.WidthUnproven, "header", c.header, "field", c.path))
		}
		if shorter.n > 0 {
			shorter.want = string(value.PadZeros([]byte(shorter.first.Text), 0, width))
			c.evidence.counts[value.RepairZeros.Words()[0]] = &shorter
		}
	}
	for _, r := range value.AllRepairs {
		if n := c.evidence.counts[r.Word]; n != nil {
			out = append(out, c.notice(problem.Repaired, n, "repair", r.Word))
		}
	}
	return out
}
