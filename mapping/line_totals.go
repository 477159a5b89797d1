package mapping

import (
	"bytes"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/profile"
	"ordersheet/mapping/value"
)

// totalsEvidence is what a Scan learns about a column that is headed like an order's total. Many
// exports have a column Total that holds the total of each line: quantity x unit price. Only a row
// that follows another of the same order can tell the two apart.
type totalsEvidence struct {
	hits, misses           int // such rows whose total is, or isn't, that of their line
	first                  int // the first such row that hits
	key                    []byte
	hadTotal               bool   // the row before has a total
	quantity, price, total []byte // reused
}

// enoughMisses ends the search: such a column holds the totals of orders.
const enoughMisses = 16

// observe looks at one row.
func (t *totalsEvidence) observe(h *compiledHeader, r *cell.Row) {
	if h.key == nil || t.misses > enoughMisses && t.misses*9 > t.hits {
		return
	}
	key, total := r.At(h.key.col), r.At(h.total.col)
	same := bytes.Equal(key.Text, t.key) && len(key.Text) > 0 || h.Profile.FillDown && key.Kind == cell.Blank
	if !same {
		t.key = append(t.key[:0], key.Text...)
	}
	if total.Kind == cell.Blank {
		t.hadTotal = t.hadTotal && same
		return
	}
	if same && t.hadTotal {
		switch hit, known := t.isLineTotal(h, r, &total); {
		case known && hit:
			if t.hits == 0 {
				t.first = r.Num
			}
			t.hits++
		case known:
			t.misses++
		}
	}
	t.hadTotal = true
}

// isLineTotal reports whether a row's total is its quantity x its unit price, to 0.01. known is
// false if a number is missing or can be read in two ways.
func (t *totalsEvidence) isLineTotal(h *compiledHeader, r *cell.Row, total *cell.Cell) (hit, known bool) {
	if h.quantity == nil || h.price == nil || len(h.quantity.columns) != 1 || len(h.price.columns) != 1 {
		return false, false
	}
	var ok1, ok2, ok3 bool
	t.quantity, ok1 = value.AppendUnambiguous(t.quantity[:0], r.At(h.quantity.columns[0].col))
	t.price, ok2 = value.AppendUnambiguous(t.price[:0], r.At(h.price.columns[0].col))
	t.total, ok3 = value.AppendUnambiguous(t.total[:0], *total)
	if !ok1 || !ok2 || !ok3 {
		return false, false
	}
	var s value.Sum
	s.Add(t.quantity, t.price)
	return value.Near(s.String(), string(t.total)), true
}

// finalize decides whether the column holds the totals of lines. A few lines may be wrong, which is
// then reported for each.
func (t *totalsEvidence) finalize(h *compiledHeader) []problem.Problem {
	if h.lineTotals = t.hits > 0 && t.misses*9 <= t.hits; !h.lineTotals {
		return nil
	}
	return []problem.Problem{problem.New(problem.TotalOfLines, "header", h.total.header, "field", h.total.path, "cell", cell.A1(t.first, h.total.col))}
}

// checkLineTotals compares the total of each line with its quantity x its unit price.
func (b *orderBuilder) checkLineTotals(check profile.TotalCheck) {
	for at, row := range b.lines() {
		stated, product, ok := b.lineTotal(at)
		if !ok || value.Near(product, stated) {
			continue
		}
		b.addProblem(b.h.total, row, ofCheck(check, problem.LineTotal, problem.LineTotalWarning), "sum", product, "value", stated)
	}
}

// lineTotal returns the total in a line's row, and its quantity x its unit price. ok is false if
// either is missing.
func (b *orderBuilder) lineTotal(at int) (stated, product string, ok bool) {
	row := b.lines()[at]
	x := b.rows[row].At(b.h.total.col)
	mark := len(b.text)
	var v converted
	if x.Kind != cell.Blank {
		v = b.convert(b.h.total, row, &x)
	}
	q, p, ok := b.factors(at)
	if v.form != formLiteral || !ok {
		return "", "", false
	}
	stated = string(b.value(v))
	b.text = b.text[:mark]
	var s value.Sum
	s.Add(q, p)
	return stated, s.String(), true
}

// holdsLineTotals reports whether every row of the order holds the total of its line.
func (b *orderBuilder) holdsLineTotals() bool {
	if b.h.quantity == nil || b.h.price == nil || len(b.lines()) < 2 {
		return false
	}
	before, invalid := len(b.problems), b.invalid
	for at := range b.lines() {
		if stated, product, ok := b.lineTotal(at); !ok || !value.Near(product, stated) {
			b.problems, b.invalid = b.problems[:before], invalid // reported elsewhere
			return false
		}
	}
	return true
}

// resolveConflict decides what it means that the rows of an order have different totals: they may
// be those of their lines.
func (b *orderBuilder) resolveConflict(check profile.TotalCheck) {
	c := b.h.total
	o := &b.order[c.index]
	if b.holdsLineTotals() {
		o.form = formNone
		b.addProblem(c, o.row, problem.TotalOfOrderLines)
		return
	}
	if check == profile.TotalOff {
		return
	}
	i := b.conflict - 1
	other := b.rows[i].At(c.col)
	b.addProblem(c, i, ofCheck(check, problem.TotalConflict, problem.TotalConflictWarning), "value", b.display(&other), "other", b.display(o.cell), "at", cell.A1(b.rows[o.row].Num, o.cell.Col))
	o.form, o.reported = formInvalid, true
}
