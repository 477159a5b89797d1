package mapping

import (
	"math/bits"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/value"
)

// repairCounts counts what the repairs of a column did during a Scan.
type repairCounts struct {
	by         [len(value.AllRepairs)]count
	inferWidth bool                      // of identifiers of digits, if the mapping file asks for zeros and gives no width
	widths     [value.MaxWidth + 1]count // to infer it
}

// observeRepairs counts the repairs of a cell and returns the repaired cell.
func (c *column) observeRepairs(d value.Display, row int, x cell.Cell) cell.Cell {
	out, done := c.Repair.Apply(d, x, c.Width)
	for rest := done; rest != 0; rest &= rest - 1 {
		c.repaired.by[bits.TrailingZeros16(uint16(rest))].add(row, d.Cell(x), string(out.Text))
	}
	if c.repaired.inferWidth && (out.Kind == cell.Text || out.Kind == cell.Number) {
		if digits := d.Number(out, value.TrimSpace(out.Text)); len(digits) <= value.MaxWidth && value.AllDigits(digits) {
			c.repaired.widths[len(digits)].add(row, digits, "")
		}
	}
	return out
}

// usualWidth returns the width of more than half of a column's identifiers, and counts the shorter
// ones.
func (r *repairCounts) usualWidth() (width int, shorter count) {
	total := 0
	for n := range r.widths {
		total += r.widths[n].n
		if r.widths[n].n > r.widths[width].n {
			width = n
		}
	}
	if total == 0 || r.widths[width].n*2 <= total {
		return 0, shorter
	}
	for n := range width {
		x := r.widths[n]
		if x.n > 0 && (shorter.n == 0 || x.first.Row < shorter.first.Row) {
			shorter.first = x.first
		}
		shorter.n += x.n
	}
	return width, shorter
}

// finalizeRepairs infers the width of identifiers and tells what is repaired.
func (c *column) finalizeRepairs() []problem.Problem {
	if c.repaired == nil {
		return nil
	}
	var out []problem.Problem
	if c.repaired.inferWidth {
		width, shorter := c.repaired.usualWidth()
		if c.Width = width; width == 0 {
			out = append(out, problem.New(problem.WidthUnproven, "header", c.header, "field", c.path))
		}
		if shorter.n > 0 {
			shorter.want = string(value.PadZeros([]byte(shorter.first.Text), 0, width))
			c.repaired.by[bits.TrailingZeros16(uint16(value.RepairZeros))] = shorter
		}
	}
	for i := range c.repaired.by {
		if n := &c.repaired.by[i]; n.n > 0 {
			out = append(out, c.notice(problem.Repaired, n, "repair", value.AllRepairs[i].Word))
		}
	}
	return out
}
