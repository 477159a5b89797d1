package mapping

import (
	"bytes"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/profile"

	"ordersheet/mapping/value"
)

// commandActions is what each command asks for.
var commandActions = map[string]string{
	"NEW": order.Create, "UPDATE": order.Update, "UPSERT": order.Upsert, "DELETE": order.Delete, "CANCEL": order.Delete, "IGNORE": order.Ignore,
}

// action says what to do with the order: its rows' command, else the mode. All rows must agree or be blank (law 8).
func (s *scratch) action(mode string) string {
	if slot := s.w.command; slot != nil {
		for i := range s.rows {
			if c := s.rows[i].At(slot.col); c.Kind != cell.Blank {
				s.order(slot, i, &c)
			}
		}
		if h := &s.heads[slot.index]; h.form == quoted {
			return commandActions[string(s.arena[h.start:h.end])]
		}
	}
	if mode == "" {
		return order.Create
	}
	return mode
}

// orderID is the order's id in Luminous, 0 when its rows don't hold one.
func (s *scratch) orderID() int64 {
	slot := s.w.id
	if slot == nil || s.heads[slot.index].form != bare {
		return 0
	}
	h := &s.heads[slot.index]
	id, err := strconv.ParseInt(string(s.arena[h.start:h.end]), 10, 64)
	if err != nil || id <= 0 {
		s.say(slot, h.row, problem.IntegerInvalid, "value", string(s.arena[h.start:h.end]), "want", "1005")
		return 0
	}
	return id
}

// clears says that a cell empties its field, and whether that can be.
func (s *scratch) clears(slot *slot, i int, c *cell.Cell) (v orderValue, ok bool) {
	if c.Kind != cell.Text || !bytes.EqualFold(value.TrimSpace(c.Text), s.w.clear) {
		return orderValue{}, false
	}
	if !slot.field.Nullable || catalog.IsOrderNumber(slot.path) {
		s.say(slot, i, problem.NotCleared, "value", string(c.Text), "want", wants(slot.field))
		return orderValue{form: broken}, true
	}
	return orderValue{form: cleared}, true
}

// standsForLong says that a cell holds what an export writes in place of a text too long for a cell, as sheet's sidecar does:
// [40000 characters: line 3 of orders.long.jsonl].
func standsForLong(c *cell.Cell) bool {
	if c.Kind != cell.Text || len(c.Text) == 0 || c.Text[0] != '[' || !bytes.HasSuffix(c.Text, []byte(".jsonl]")) {
		return false
	}
	count, rest, ok := bytes.Cut(c.Text[1:], []byte(" characters: line "))
	line, _, of := bytes.Cut(rest, []byte(" of "))
	return ok && of && len(bytes.Trim(count, "0123456789")) == 0 && len(bytes.Trim(line, "0123456789")) == 0
}

// upsert plans an order that is changed if it stands and created if it doesn't.
func (s *scratch) upsert(p *Planned, rule profile.TotalCheck) {
	before, refused := len(s.problems), s.refused
	s.creating = true
	s.check()
	p.ExpectedTotal = s.total(rule)
	wrong := s.refused && !refused
	p.IfCreated = errorsOf(s.problems[before:])
	s.problems, s.refused = s.problems[:before:before], refused
	if !refused && !wrong {
		p.Created, _ = s.payload()
	}
	s.creating = false
	s.checkChange()
}

// errorsOf leaves out what refuses nothing.
func errorsOf(ps []problem.Problem) (out []problem.Problem) {
	for _, p := range ps {
		if p.Severity == problem.Error {
			out = append(out, p)
		}
	}
	return out
}

// checkChange finds what an update lacks. What stands already need not be in the sheet; only a line must say which it is, and a payment is
// sent whole.
func (s *scratch) checkChange() {
	s.findAddresses(true)
	for at, row := range s.items {
		if s.w.lineID != nil {
			if _, f := s.get(s.w.lineID, at); f != none {
				continue
			}
		}
		s.needProduct(at, row)
	}
	s.needPayments()
	if s.w.historical {
		s.finalStatus()
	}
}

// lateFields gives notice of values that a new order can't be given.
func (s *scratch) lateFields() {
	for i := range s.w.slots {
		slot := &s.w.slots[i]
		if !slot.field.UpdateOnly {
			continue
		}
		switch slot.part {
		case head:
			if h := &s.heads[slot.index]; h.form != none {
				s.say(slot, h.row, problem.NotOnCreate)
			}
		case line:
			for at, row := range s.items {
				if v := s.at(slot, at); v.form != none {
					s.say(slot, row, problem.NotOnCreate)
					break
				}
			}
		}
	}
}

// finalStatus holds an order of the past to a status that is over. One that isn't stated is missing only where an order is created.
func (s *scratch) finalStatus() {
	text, f := []byte(nil), none
	if s.w.status != nil {
		text, f = s.get(s.w.status, -1)
	}
	if f == broken || f == none && (!s.creating || s.w.kind == order.SalesOrders) { // a sales order without one is refused anyway
		return
	}
	for _, final := range catalog.FinalStatuses(s.w.kind) {
		if string(text) == final {
			return
		}
	}
	col, header := s.w.keyCol()
	row := 0
	if s.w.status != nil && len(s.w.status.slots) > 0 {
		slot := s.w.status.slots[0]
		col, header = slot.col, slot.header
		if h := &s.heads[slot.index]; h.form != none {
			row = h.row
		}
	}
	value := string(text)
	if f == none {
		value = "missing"
	}
	s.sayAt(s.rows[row].Num, col, header, catalog.StatusPath, problem.StatusNotFinal, "value", value, "want", "one of "+strings.Join(catalog.FinalStatuses(s.w.kind), ", "))
}
