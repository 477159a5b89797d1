package mapping

import (
	"ordersheet/internal/cell"
	"ordersheet/internal/problem"

	"ordersheet/mapping/catalog"
)

// check finds what the whole order lacks: lines, required values, addresses; and what is odd about it.
func (s *scratch) check() {
	w := s.w
	if w.id != nil && s.heads[w.id.index].form != none {
		h := &s.heads[w.id.index]
		s.say(w.id, h.row, problem.IDOnCreate, "value", string(w.Display.Cell(*h.cell)))
	}
	if len(s.items) == 0 {
		s.noLines()
	}
	company := false
	if w.company != nil {
		_, f := s.get(w.company, -1)
		company = f != none
	}
	s.findAddresses(company)
	for i := range w.needs[head] {
		n := &w.needs[head][i]
		switch n.field.Required {
		case catalog.UnlessCompany:
			if company && !s.any(n.group) {
				continue
			}
		case catalog.WithAddress:
			if !s.any(n.group) {
				continue
			}
		}
		s.need(n, -1, 0)
	}
	for at, row := range s.items {
		for i := range w.needs[line] {
			s.need(&w.needs[line][i], at, row)
		}
		s.needProduct(at, row)
	}
	s.needPayments()
	if len(s.items) > 1 {
		s.repeated()
	}
	if w.historical {
		s.finalStatus()
	}
	s.lateFields()
}

// needPayments: a payment that is sent is sent whole.
func (s *scratch) needPayments() {
	for at, row := range s.pays {
		for i := range s.w.needs[pay] {
			s.need(&s.w.needs[pay][i], at, row)
		}
	}
}

// findAddresses finds the addresses that the order hasn't got. A default country, or a constant one, makes no address of its own: it would
// stand in the way of the company's address. Only a cell does, a constant name, or the need for one; where an address needs no name (purchase
// orders), any constant.
func (s *scratch) findAddresses(company bool) {
	for i := range s.w.places {
		a := &s.w.places[i]
		s.absent[i] = (company || !a.must) && !s.given(a)
	}
}

// given says that a cell or a constant gives an address.
func (s *scratch) given(a *address) bool {
	for _, c := range a.group.children {
		if c.constant != nil && (c == a.name || !a.must) {
			return true
		}
		for _, slot := range c.slots {
			if f := s.heads[slot.index].form; f != none && !(s.creating && f == cleared) {
				return true
			}
		}
	}
	return false
}

// any says that something of an address is there.
func (s *scratch) any(n *node) bool {
	if n == nil {
		return false
	}
	for _, c := range n.children {
		if _, f := s.get(c, -1); f != none {
			return true
		}
	}
	return false
}

// need reports a required value that is missing, at the empty cell that should hold it.
func (s *scratch) need(n *need, at, row int) {
	if n.leaf != nil {
		if _, f := s.get(n.leaf, at); f != none {
			return
		}
	}
	s.missing(n.leaf, n.field, row, "")
}

// missing reports a value that isn't there. Without a column for it the problem stands at the order number.
func (s *scratch) missing(n *node, f *catalog.Field, row int, or string) {
	col, header := s.w.keyCol()
	path, name, do := f.Path, f.Column, `add a column "`+f.Column+`"`
	if n != nil && len(n.slots) > 0 {
		slot := n.slots[0]
		col, header, path, name, do = slot.col, slot.header, slot.path, slot.header, "fill in the cell"
	}
	num := 0
	if row < len(s.rows) {
		num = s.rows[row].Num
	}
	if f.Required == catalog.UnlessCompany {
		do += ", or give the order a company_id, whose address is then taken"
	}
	p := len(s.problems)
	s.sayAt(num, col, header, path, problem.Required, "name", name, "want", wants(f), "do", do)
	if or != "" {
		s.problems[p].Message = or
	}
}

// needProduct: a line names its product by SKU or by id.
func (s *scratch) needProduct(at, row int) {
	either := s.w.either[line]
	if len(either) == 0 {
		return // no column at all: said of the header
	}
	best := either[0]
	for _, n := range either {
		if _, f := s.get(n, at); f != none {
			return
		}
		if n.name == "sku" && len(n.slots) > 0 {
			best = n
		}
	}
	s.missing(best, best.field, row, "the line names no product: sku or product_id is missing")
}

// noLines: an order without lines can't be made. The problem stands where the first line's product should.
func (s *scratch) noLines() {
	col, header := s.w.keyCol()
	path := "items"
	for _, n := range s.w.either[line] {
		if len(n.slots) > 0 {
			col, header, path = n.slots[0].col, n.slots[0].header, n.slots[0].path
		}
	}
	if len(s.rows) > 0 {
		s.sayAt(s.rows[0].Num, col, header, path, problem.NoLines, "want", "a product, a quantity and a unit price")
	}
}

// repeated gives notice of a product on two lines; people do that on purpose, so both are kept.
func (s *scratch) repeated() {
	for _, n := range s.w.either[line] {
		if len(n.slots) == 0 {
			continue
		}
		slot := n.slots[0]
		var seen map[string]int
		if len(s.items) > 16 {
			seen = make(map[string]int, len(s.items))
		}
		for at := range s.items {
			v := s.at(slot, at)
			if v.form == none || v.form == broken {
				continue
			}
			text := s.arena[v.start:v.end]
			first := at
			if seen == nil {
				first = s.firstWith(slot, text, at)
			} else if i, ok := seen[string(text)]; ok {
				first = i
			} else {
				seen[string(text)] = at
			}
			if first < at {
				s.say(slot, s.items[at], problem.SKURepeated, "value", string(text), "at", cell.A1(s.rows[s.items[first]].Num, slot.col))
			}
		}
	}
}

// firstWith finds the first line before at with the same text, or gives at.
func (s *scratch) firstWith(slot *slot, text []byte, at int) int {
	for i := range at {
		if v := s.at(slot, i); v.form != none && v.form != broken && string(s.arena[v.start:v.end]) == string(text) {
			return i
		}
	}
	return at
}
