package mapping

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/grouping"
)

// orderBuilder holds what planning one order needs. It is reused for other orders.
type orderBuilder struct {
	h         *compiledHeader
	src       *cell.Source
	rows      []cell.Row
	text      []byte            // of all values
	order     []orderValue      // by column of the order's section
	records   [sections]records // the lines and the payments
	out       []byte
	list      []byte
	seen      map[uint64]int // line by the hash of its product
	absent    []bool         // by address: the order doesn't have it
	generated []byte         // the order number that was generated
	shown     string         // the order number for problems
	problems  []problem.Problem
	invalid   bool
	conflict  int  // 1 + the first row whose total differs from an earlier one
	creating  bool // the payload is a new order: with defaults, without what only an update may have
	deleting  bool // only the number and the id count
}

// converted is a converted value: a piece of orderBuilder.text.
type converted struct {
	form       form
	start, end uint32
}

// orderValue is a value of the order itself, with the cell that it came from.
type orderValue struct {
	converted
	row      int // index of its row
	cell     *cell.Cell
	reported bool // another row differs: once is enough
}

// records are the lines or the payments of an order.
type records struct {
	values []converted // for each record, one for each column of the section
	rows   []int       // the row of each record
}

func (b *orderBuilder) reset(h *compiledHeader, src *cell.Source, rows []cell.Row) {
	if cap(b.order) < h.count[orderSection] {
		b.order = make([]orderValue, h.count[orderSection])
	}
	b.order = b.order[:h.count[orderSection]]
	clear(b.order)
	b.h, b.src, b.rows, b.shown = h, src, rows, ""
	b.text, b.generated = b.text[:0], b.generated[:0]
	for i := range b.records {
		r := &b.records[i]
		r.values, r.rows = r.values[:0], r.rows[:0]
	}
	b.absent = append(b.absent[:0], make([]bool, len(h.address))...)
	b.problems, b.invalid, b.conflict, b.creating, b.deleting = nil, false, 0, false, false
}

// takeProblems returns the problems and lets go of the rows.
func (b *orderBuilder) takeProblems() []problem.Problem {
	out := b.problems
	clear(b.order)
	b.problems, b.rows = nil, nil
	return out
}

// addRow adds one row: values of the order, and perhaps a line or a payment.
func (b *orderBuilder) addRow(i int) {
	begin := [sections]int{-1, -1, -1}
	h := b.h
	for n := range b.rows[i].Cells {
		x := &b.rows[i].Cells[n]
		if x.Col >= len(h.first) {
			return
		}
		at := h.first[x.Col]
		if at == 0 {
			continue
		}
		for c := &h.columns[at-1]; ; at, c = at+1, &h.columns[at] {
			switch {
			case c == h.command, b.deleting && c != h.id && !catalog.IsOrderNumber(c.path): // read before; not needed
			case h.lineTotals && c == h.total: // checked line by line
			case c.section == orderSection:
				b.addOrderCell(c, i, x)
			default:
				b.addRecordCell(&begin[c.section], c, i, x)
			}
			if !c.next {
				break
			}
		}
	}
}

// addRecordCell adds one cell of a line or a payment, which begins with its first value. begin is
// where the values of the row's record begin, -1 if there is none yet.
func (b *orderBuilder) addRecordCell(begin *int, c *column, i int, x *cell.Cell) {
	v := b.convert(c, i, x)
	if v.form == formNone {
		return
	}
	r := &b.records[c.section]
	if *begin < 0 {
		*begin = len(r.values)
		for range b.h.count[c.section] {
			r.values = append(r.values, converted{})
		}
		r.rows = append(r.rows, i)
	}
	r.values[*begin+c.index] = v
}

// lines returns the index of the row of each line.
func (b *orderBuilder) lines() []int { return b.records[lineSection].rows }

// addOrderCell adds one cell of the order itself. All rows of the order must agree or be blank (law
// 8 in docs/ARCHITECTURE.md).
func (b *orderBuilder) addOrderCell(c *column, i int, x *cell.Cell) {
	o := &b.order[c.index]
	if o.form == formNone {
		if v := b.convert(c, i, x); v.form != formNone {
			*o = orderValue{converted: v, row: i, cell: x}
		}
		return
	}
	if o.reported || x.Kind == o.cell.Kind && x.Format == o.cell.Format && bytes.Equal(x.Text, o.cell.Text) {
		return
	}
	mark := len(b.text)
	v := b.convert(c, i, x)
	switch {
	case v.form == formNone:
		return
	case o.form == formInvalid:
		*o = orderValue{converted: v, row: i, cell: x}
		return
	case v.form == formInvalid:
		return
	case b.equal(c, o.converted, v):
	case c == b.h.total: // what this means depends on the lines
		if b.conflict == 0 {
			b.conflict = i + 1
		}
	default:
		b.addProblem(c, i, problem.Conflict, "value", b.display(x), "other", b.display(o.cell), "at", cell.A1(b.rows[o.row].Num, o.cell.Col))
		o.form, o.reported = formInvalid, true
	}
	b.text = b.text[:mark]
}

// equal reports whether two values of a column mean the same.
func (b *orderBuilder) equal(c *column, x, y converted) bool {
	s, t := b.value(x), b.value(y)
	if x.form != y.form || c.field.Type != catalog.TagsType || len(s) != len(t) {
		return x.form == y.form && bytes.Equal(s, t)
	}
	for tag := range items(s) { // a set
		if !hasItem(t, tag) {
			return false
		}
	}
	return true
}

// convert converts a cell, and reports what is wrong with it.
func (b *orderBuilder) convert(c *column, i int, x *cell.Cell) converted {
	if v, ok := b.clears(c, i, x); ok {
		return v
	}
	if replacesLongText(x) {
		if b.creating {
			b.addProblem(c, i, problem.ValueElsewhere, "value", string(x.Text))
			return converted{form: formInvalid}
		}
		b.addProblem(c, i, problem.ValueKept, "value", string(x.Text))
		return converted{}
	}
	start := len(b.text)
	out, f, wrong := c.convert(b.h.display, b.text, x)
	if wrong != nil {
		b.addProblem(c, i, wrong.code, wrong.args...)
		if wrong.value != "" {
			b.problems[len(b.problems)-1].Value = problem.Shorten(wrong.value)
		}
		return converted{form: formInvalid}
	}
	b.text = out
	return converted{f, uint32(start), uint32(len(out))}
}

// display returns what a cell shows.
func (b *orderBuilder) display(x *cell.Cell) string { return string(b.h.display.Cell(*x)) }

// value returns the text of a value of the order itself.
func (b *orderBuilder) value(v converted) []byte { return b.text[v.start:v.end] }

// addProblem adds a problem about a column's cell in a row.
func (b *orderBuilder) addProblem(c *column, i int, code string, args ...string) {
	b.addProblemOf(c, i, c.path, code, args...)
}

// addProblemOf adds a problem about a field. If it has no column, the problem is shown at the order
// number.
func (b *orderBuilder) addProblemOf(c *column, i int, path, code string, args ...string) {
	if c != nil {
		path = c.path
	} else if c = b.h.key; c == nil {
		c = &column{}
	}
	row := 0
	if i < len(b.rows) {
		row = b.rows[i].Num
	}
	p := problem.New(code, append(args, "header", c.header, "field", path, "cell", cell.A1(row, c.col))...)
	p.OrderNumber = b.shown
	if b.src != nil {
		p.File, p.Sheet = b.src.File, b.src.Sheet
	}
	b.invalid = b.invalid || p.Severity == problem.Error
	b.problems = append(b.problems, p)
}

// generateNumber deals with a row without an order number. It reports whether the row can be an
// order all the same.
func (b *orderBuilder) generateNumber() bool {
	h := b.h
	if len(b.rows) == 0 {
		return false
	}
	if h.key != nil {
		x := b.rows[0].At(h.key.col)
		if v := b.convert(h.key, 0, &x); v.form == formInvalid {
			return false
		}
	}
	path := h.Kind.NumberField()
	if !h.Profile.Generate {
		b.addProblemOf(nil, 0, path, problem.NumberMissing)
		return false
	}
	b.generated = appendGenerated(b.generated[:0], b.src, b.rows[0].Num)
	b.shown = string(b.generated)
	b.addProblemOf(nil, 0, path, problem.NumberGenerated, "want", b.shown)
	return true
}

// appendGenerated makes an order number: GEN-, a hash of the names of the file and the sheet, and
// the row. The same row always gets the same number, so that a second import finds the order.
func appendGenerated(dst []byte, src *cell.Source, row int) []byte {
	hash := fnv.New32a()
	if src != nil {
		_, _ = io.WriteString(hash, src.File+"\x00"+src.Sheet)
	}
	return fmt.Appendf(dst, "GEN-%07X-%d", hash.Sum32()>>4, row)
}

// numbers returns the order number, and all numbers of a purchase order.
func (b *orderBuilder) numbers(key grouping.Key) (number string, all []string) {
	if len(b.generated) > 0 {
		return b.shown, []string{b.shown}
	}
	number = key.Number
	if b.h.number != nil && (number == "" || b.h.Kind == order.PurchaseOrders) {
		switch text, f := b.get(b.h.number, -1); f {
		case formString:
			all = append(all, string(text))
		case formList:
			for item := range items(text) {
				all = append(all, string(item))
			}
		}
	}
	switch {
	case number == "" && len(all) > 0:
		number = all[0]
	case number != "" && len(all) == 0:
		all = []string{number}
	}
	return number, all
}
