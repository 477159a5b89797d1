package mapping

import (
	"bytes"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"

	"ordersheet/mapping/profile"

	"ordersheet/mapping/value"
)

// lineTotals is what pass 1 learns of a column that is headed like an order's total. Many exports have a column Total that holds each line's
// own: quantity x unit price. Only rows that follow another of the same order can tell the two apart.
type lineTotals struct {
	hits, misses int // such rows, with and without their own product
	first        int // the first such row that hits
	key          []byte
	had          bool   // the row before has a total
	q, p, t      []byte // the numbers at hand, to be used again
}

// enoughMisses ends the search: such a column holds the totals of orders.
const enoughMisses = 16

// observeTotal takes the evidence of one row.
func (w *work) observeTotal(row *cell.Row, fillDown bool) {
	l := &w.lines
	if w.keySlot == nil || l.misses > enoughMisses && l.misses*9 > l.hits {
		return
	}
	key, total := row.At(w.keySlot.col), row.At(w.total.col)
	same := bytes.Equal(key.Text, l.key) && len(key.Text) > 0 || fillDown && key.Kind == cell.Blank
	if !same {
		l.key = append(l.key[:0], key.Text...)
	}
	if total.Kind == cell.Blank {
		l.had = l.had && same
		return
	}
	if same && l.had {
		switch hit, ok := w.ownTotal(row, &total); {
		case ok && hit:
			if l.hits == 0 {
				l.first = row.Num
			}
			l.hits++
		case ok:
			l.misses++
		}
	}
	l.had = true
}

// ownTotal says that a row's total is its quantity x its unit price, to 0.01; ok is false when a number is missing or has two readings.
func (w *work) ownTotal(row *cell.Row, total *cell.Cell) (hit, ok bool) {
	l := &w.lines
	if w.quantity == nil || w.price == nil || len(w.quantity.slots) != 1 || len(w.price.slots) != 1 {
		return false, false
	}
	var ok1, ok2, ok3 bool
	l.q, ok1 = value.AppendUnambiguous(l.q[:0], row.At(w.quantity.slots[0].col))
	l.p, ok2 = value.AppendUnambiguous(l.p[:0], row.At(w.price.slots[0].col))
	l.t, ok3 = value.AppendUnambiguous(l.t[:0], *total)
	if !ok1 || !ok2 || !ok3 {
		return false, false
	}
	product, ok := addProduct(0, l.q, l.p)
	return ok && near(string(appendScaled(nil, product)), string(l.t)), ok
}

// settleTotal draws the verdict: a few lines may be wrong, which is then said of each.
func (w *work) settleTotal() []problem.Problem {
	l := &w.lines
	if w.perLine = l.hits > 0 && l.misses*9 <= l.hits; !w.perLine {
		return nil
	}
	return []problem.Problem{problem.New(problem.TotalOfLines, "header", w.total.header, "field", w.total.path, "cell", cell.A1(l.first, w.total.col))}
}

// eachLine holds every line's own total against its product and says which differ.
func (s *scratch) eachLine(rule profile.TotalCheck) {
	for at, row := range s.items {
		stated, product, ok := s.lineTotal(at)
		if !ok || near(product, stated) {
			continue
		}
		code := problem.LineTotal
		if rule == profile.TotalWarn {
			code = problem.LineTotalWarning
		}
		s.say(s.w.total, row, code, "sum", product, "value", stated)
	}
}

// lineTotal is what a line's row says its total is, and what it comes to. ok is false when either is missing.
func (s *scratch) lineTotal(at int) (stated, product string, ok bool) {
	row := &s.rows[s.items[at]]
	c := row.At(s.w.total.col)
	mark := len(s.arena)
	v := orderValue{form: none}
	if c.Kind != cell.Blank {
		v = s.convert(s.w.total, s.items[at], &c)
	}
	q, qf := s.get(s.w.quantity, at)
	p, pf := s.get(s.w.price, at)
	if v.form != bare || qf != bare || pf != bare {
		return "", "", false
	}
	stated = string(s.arena[v.start:v.end])
	s.arena = s.arena[:mark]
	if sum, small := addProduct(0, q, p); small {
		return stated, string(appendScaled(nil, sum)), true
	}
	return stated, exactProduct(q, p).String(), true
}

// allLines says that every line of the order has its own total.
func (s *scratch) allLines() bool {
	if s.w.quantity == nil || s.w.price == nil || len(s.items) < 2 {
		return false
	}
	before, refused := len(s.problems), s.refused
	for at := range s.items {
		if stated, product, ok := s.lineTotal(at); !ok || !near(product, stated) {
			s.problems, s.refused = s.problems[:before], refused // said elsewhere
			return false
		}
	}
	return true
}

// settleClash decides what it means that the rows of an order disagree on its total: they may hold the totals of lines.
func (s *scratch) settleClash(rule profile.TotalCheck) {
	slot, h := s.w.total, &s.heads[s.w.total.index]
	if s.allLines() {
		h.form = none
		s.say(slot, h.row, problem.TotalOfOrderLines)
		return
	}
	if rule == profile.TotalOff {
		return
	}
	code := problem.TotalConflict
	if rule == profile.TotalWarn {
		code = problem.TotalConflictWarning
	}
	i := s.clash - 1
	other := s.rows[i].At(slot.col)
	s.say(slot, i, code, "value", string(s.w.Display.Cell(other)), "other", string(s.w.Display.Cell(*h.cell)), "at", cell.A1(s.rows[h.row].Num, h.cell.Col))
	h.form, h.clashed = broken, true
}
