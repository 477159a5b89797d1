package mapping

import (
	"slices"
	"strings"
	"sync"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/detect"
	"ordersheet/mapping/grouping"
	"ordersheet/mapping/value"
)

// Scan is the first pass over the rows below a header. It groups them into orders, and learns from
// the values of each column how to read them. Header.Scan begins it, Finish ends it. It isn't safe
// for concurrent use.
type Scan struct {
	header   *compiledHeader
	src      *cell.Source // as it was given; may be nil
	groups   *grouping.Index
	detector *detect.Detector
	totals   totalsEvidence
	buf      []byte
	above    []byte // the order number of the row above
}

// Scan begins the first pass over the rows of a sheet. src may be nil.
func (h *Header) Scan(src *cell.Source) *Scan {
	s := &Scan{header: compile(h, src), src: src, groups: &grouping.Index{}}
	names := cell.Row{Num: h.Row.Num}
	for _, c := range h.Columns {
		names.Cells = append(names.Cells, cell.Cell{Col: c.Col, Kind: cell.Text, Text: []byte(c.Header)})
	}
	s.detector = detect.New(src, h.Kind, names, h.Columns.Mapped(), detect.Options{Delimited: src == nil || src.Sheet == "", Silent: true})
	return s
}

// Rows returns the number of rows that were added.
func (s *Scan) Rows() int { return s.groups.Rows() }

// Skip reports whether a row isn't part of any order: no mapped column has a value in it, it adds
// up the rows above it, or it is below the header's table object. For the latter two it returns a
// notice. Rows right below a table count as its own, since programs that add rows don't always
// extend it; so rows must come in ascending order.
func (s *Scan) Skip(r *cell.Row) (why *problem.Problem, skip bool) {
	h := s.header
	if h.table != nil && !h.table.HasTotals && r.Num == h.lastRow+1 && !h.isEmpty(r) {
		h.lastRow++
	}
	return h.skip(r)
}

// Add adds the next row of an order.
func (s *Scan) Add(r *cell.Row) {
	h := s.header
	if h.total != nil {
		s.totals.observe(h, r)
	}
	s.detector.Row(r)
	for i := range r.Cells {
		x := &r.Cells[i]
		if x.Col >= len(h.first) {
			break
		}
		at := h.first[x.Col]
		if at == 0 || len(x.Text) == 0 {
			continue
		}
		for c := &h.columns[at-1]; ; at, c = at+1, &h.columns[at] {
			c.observe(h.display, r.Num, x)
			if !c.next {
				break
			}
		}
	}
	s.groups.Add(s.key(r))
}

// key returns the text of a row's key: the order number, or the id if it has none; nil for neither.
func (s *Scan) key(r *cell.Row) []byte {
	h := s.header
	if h.constantKey != nil {
		return h.constantKey
	}
	if h.key == nil {
		return s.id(r)
	}
	x := r.At(h.key.col)
	out, f, wrong := h.key.convert(h.display, s.buf[:0], &x)
	s.buf = out[:0]
	switch {
	case wrong != nil && (x.Kind == cell.Error || x.Kind == cell.Formula):
		// Which order this is can't be known. With fill_down, the rows below belong to it, and
		// not to the order above.
		s.above = s.above[:0]
		return nil
	case wrong != nil: // the order is going to be invalid, but its rows belong together
		s.above = append(s.above[:0], value.TrimSpace(x.Text)...)
	case f != formNone:
		s.above = append(s.above[:0], firstItem(f, out)...)
	case !h.Profile.FillDown:
		return s.id(r)
	}
	return s.above
}

func (s *Scan) id(r *cell.Row) []byte {
	id := s.header.id
	if id == nil {
		return nil
	}
	x := r.At(id.col)
	out, f, wrong := id.convert(s.header.display, append(s.buf[:0], grouping.IDMark), &x)
	s.buf = out[:0]
	if wrong != nil || f != formLiteral {
		return nil
	}
	return out
}

// Finish ends the first pass. It returns the Plan for the second, and what the whole of a column
// showed: dates that can be read in two ways, values that were repaired or are damaged. The Scan
// can't be used any more.
func (s *Scan) Finish() (*Plan, []problem.Problem) {
	h := s.header
	out := slices.Clone(h.invalid)
	for i := range h.columns {
		out = append(out, h.columns[i].finalize()...)
	}
	if h.total != nil {
		out = append(out, s.totals.finalize(h)...)
	}
	for _, f := range s.detector.Findings() {
		if !h.repairs(&f) {
			out = append(out, damageProblem(&f))
		}
	}
	if s.src != nil {
		for i := range out {
			out[i].File, out[i].Sheet = s.src.File, s.src.Sheet
		}
	}
	s.header = nil
	return &Plan{header: h, src: s.src, groups: s.groups, builders: sync.Pool{New: func() any { return new(orderBuilder) }}}, out
}

// repairs reports whether the mapping file repairs a column already.
func (c *compiledHeader) repairs(f *detect.Finding) bool {
	return slices.ContainsFunc(c.columns, func(x column) bool {
		return x.Repair&detect.RepairsOf(f.Code) != 0 && cell.ColName(x.col) == f.Column
	})
}

// damageProblem returns the warning about damage that a conversion doesn't notice.
func damageProblem(f *detect.Finding) problem.Problem {
	do := f.Advice
	if f.Write != "" {
		do += "; or repair it, with these lines in the mapping file: " + strings.ReplaceAll(f.Write, "\n", " ; ")
	}
	first, _, _ := strings.Cut(f.Cells[0], ":")
	example := ""
	if len(f.Examples) > 0 {
		example = f.Examples[0].Value
	}
	return problem.New(problem.Damaged, "header", f.Header, "field", f.Field, "cell", first, "cells", cellCount(f.Count), "what", f.Message,
		"why", f.Evidence, "value", example, "do", do)
}

func (c *compiledHeader) skip(r *cell.Row) (why *problem.Problem, skip bool) {
	if c.isEmpty(r) {
		return nil, true
	}
	if t := c.table; t != nil && r.Num > c.lastRow {
		at := cell.A1(r.Num, r.Cells[0].Col)
		p := problem.New(problem.BelowTable, "cell", at, "value", t.Name, "last", cell.A1(c.lastRow, t.Range.Col2))
		if t.HasTotals && r.Num == t.Range.Row2 {
			p = problem.New(problem.Footer, "cell", at, "value", t.Name)
		}
		return &p, true
	}
	if x, ok := c.totalCell(r); ok {
		p := problem.New(problem.Footer, "cell", cell.A1(r.Num, x.Col), "value", string(x.Text))
		return &p, true
	}
	return nil, false
}

// isEmpty reports whether no mapped column has a value in a row.
func (c *compiledHeader) isEmpty(r *cell.Row) bool {
	for i := range r.Cells {
		x := &r.Cells[i]
		if x.Col >= len(c.first) {
			return true
		}
		if c.first[x.Col] != 0 && (x.Kind != cell.Text && x.Kind != cell.Blank || len(value.TrimSpace(x.Text)) > 0) {
			return false
		}
	}
	return true
}

// totalWords begin a row that adds up the rows above it.
var totalWords = []string{
	"total", "totals", "grand total", "sub total", "subtotal", "sum", "total general", "total général", "summe", "gesamt", "gesamtsumme",
	"zwischensumme", "endsumme", "totaal", "totale", "suma", "somme", "total amount", "order total", "total orders", "total sales",
}

// totalCell returns the cell that says that a row adds up the rows above it. It holds a word for a
// total and nothing else, and the other mapped columns hold amounts at most: a row with a SKU, a
// date, a name or any other text isn't such a row.
func (c *compiledHeader) totalCell(r *cell.Row) (total cell.Cell, ok bool) {
	for _, x := range r.Cells {
		switch {
		case x.Kind == cell.Blank, x.Kind == cell.Text && len(value.TrimSpace(x.Text)) == 0:
		case x.Kind == cell.Text && isTotalWord(x.Text):
			if ok {
				return total, false
			}
			total, ok = x, true
		case !c.isAmount(x):
			return total, false
		}
	}
	return total, ok
}

func isTotalWord(text []byte) bool {
	if len(text) > 32 {
		return false
	}
	word := strings.TrimRight(strings.TrimSpace(string(text)), ":=. ")
	return slices.Contains(totalWords, strings.Join(strings.Fields(strings.ToLower(word)), " "))
}

// isAmount reports whether a cell may hold a sum: a number in a column of quantities or money, or
// in one that isn't mapped.
func (c *compiledHeader) isAmount(x cell.Cell) bool {
	if slices.ContainsFunc(c.mapped, func(m mappedColumn) bool { return m.col == x.Col && m.field.Type != catalog.DecimalType }) {
		return false
	}
	switch x.Kind {
	case cell.Number, cell.Formula:
		return true
	case cell.Text:
		digits := strings.ContainsAny(string(x.Text), "0123456789")
		return digits && strings.Trim(string(x.Text), "0123456789 .,-+'$€£") == ""
	}
	return false
}
