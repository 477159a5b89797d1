package mapping

import (
	"math/bits"
	"strconv"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"

	"ordersheet/mapping/value"
)

// mended counts what the repairs of a column did in pass 1.
type mended struct {
	by     [len(value.AllRepairs)]tally
	widths *[value.MaxWidth + 1]tally // of identifiers of digits, where the width has to be proven
}

func newMended(prove bool) *mended {
	m := &mended{}
	if prove {
		m.widths = &[value.MaxWidth + 1]tally{}
	}
	return m
}

// observeRepair counts the repairs of a cell and returns the cell as it will be read.
func (s *slot) observeRepair(v *converter, row int, c cell.Cell) cell.Cell {
	out, done := s.repairs.Apply(v.Display, c, s.width)
	for rest := done; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros16(uint16(rest))
		s.mended.by[i].add(row, v.Display.Cell(c), string(out.Text))
	}
	if s.mended.widths != nil && s.repairs&value.RepairZeros != 0 && (out.Kind == cell.Text || out.Kind == cell.Number) {
		if digits := v.Display.Number(out, value.TrimSpace(out.Text)); len(digits) <= value.MaxWidth && value.AllDigits(digits) {
			s.mended.widths[len(digits)].add(row, digits, "")
		}
	}
	return out
}

// usual finds the width that more than half of a column's identifiers have.
func (m *mended) usual() (width, short int, first tally) {
	total := 0
	for n := range m.widths {
		total += m.widths[n].count
		if m.widths[n].count > m.widths[width].count {
			width = n
		}
	}
	if total == 0 || m.widths[width].count*2 <= total {
		return 0, 0, first
	}
	for n := range width {
		if t := m.widths[n]; t.count > 0 {
			if short == 0 || t.first.Row < first.first.Row {
				first = t
			}
			short += t.count
		}
	}
	return width, short, first
}

// settleRepairs settles the width of identifiers and says what was repaired.
func (s *slot) settleRepairs() []problem.Problem {
	var out []problem.Problem
	if s.mended == nil {
		return nil
	}
	if s.mended.widths != nil && s.repairs&value.RepairZeros != 0 && s.width == 0 {
		width, short, first := s.mended.usual()
		if s.width = width; width == 0 {
			out = append(out, problem.New(problem.WidthUnproven, "header", s.header, "field", s.path))
		}
		if short > 0 {
			first.count, first.want = short, string(value.PadZeros([]byte(first.first.Text), 0, width))
			s.mended.by[bits.TrailingZeros16(uint16(value.RepairZeros))] = first
		}
	}
	for i := range s.mended.by {
		t := &s.mended.by[i]
		if t.count == 0 {
			continue
		}
		cells := strconv.Itoa(t.count) + " cells"
		if t.count == 1 {
			cells = "1 cell"
		}
		out = append(out, problem.New(problem.Repaired, "header", s.header, "field", s.path, "cell", t.first.At(s.col), "value", t.first.Text, "cells", cells,
			"want", t.want, "repair", value.AllRepairs[i].Word))
	}
	return out
}
