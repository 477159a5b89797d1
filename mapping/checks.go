package mapping

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
)

// checkNew finds what a new order lacks, and what is unusual about it.
func (b *orderBuilder) checkNew() {
	h := b.h
	if h.id != nil && b.order[h.id.index].form != formNone {
		id := &b.order[h.id.index]
		b.addProblem(h.id, id.row, problem.IDOnCreate, "value", b.display(id.cell))
	}
	if len(b.lines()) == 0 {
		b.reportNoLines()
	}
	b.findAbsentAddresses(b.hasCompany())
	b.require(orderSection, -1, 0)
	for at, row := range b.lines() {
		b.require(lineSection, at, row)
		b.requireProduct(at, row)
	}
	b.requirePayments()
	if len(b.lines()) > 1 {
		b.reportRepeatedProducts()
	}
	if h.Profile.Historical {
		b.checkFinalStatus()
	}
	b.reportUpdateOnly()
}

// has reports whether there is a value, even one that can't be used.
func (b *orderBuilder) has(n *node, at int) bool {
	_, f := b.get(n, at)
	return f != formNone
}

func (b *orderBuilder) hasCompany() bool { return b.h.company != nil && b.has(b.h.company, -1) }

// requirePayments checks that each payment is complete.
func (b *orderBuilder) requirePayments() {
	for at, row := range b.records[paymentSection].rows {
		b.require(paymentSection, at, row)
	}
}

// require checks that the order, a line or a payment has what it must have.
func (b *orderBuilder) require(s section, at, row int) {
	for i := range b.h.required[s] {
		r := &b.h.required[s][i]
		inAddress := r.field.Required == catalog.WithAddress || r.field.Required == catalog.UnlessCompany && b.hasCompany()
		needed := !inAddress || b.hasAddress(r.address)
		if needed && (r.leaf == nil || !b.has(r.leaf, at)) {
			b.reportMissing(r.leaf, r.field, row)
		}
	}
}

// findAbsentAddresses finds the addresses that the order doesn't have. A default or a constant
// country alone is no address, since it would take the place of the company's address. A cell makes
// an address, and a constant name, and where an address needs no name any constant.
func (b *orderBuilder) findAbsentAddresses(company bool) {
	for i := range b.h.address {
		a := &b.h.address[i]
		b.absent[i] = (company || !a.required) && !b.gives(a)
	}
}

// gives reports whether a cell or a constant gives an address.
func (b *orderBuilder) gives(a *address) bool {
	for _, n := range a.node.children {
		if n.constant != nil && (n == a.name || !a.required) {
			return true
		}
		for _, c := range n.columns {
			if f := b.order[c.index].form; f != formNone && !(b.creating && f == formNull) {
				return true
			}
		}
	}
	return false
}

// hasAddress reports whether any part of an address has a value. The address may be nil.
func (b *orderBuilder) hasAddress(n *node) bool {
	return n != nil && slices.ContainsFunc(n.children, func(c *node) bool { return b.has(c, -1) })
}

// reportMissing reports a missing value at the empty cell that should hold it, or at the order
// number if there is no column for it.
func (b *orderBuilder) reportMissing(n *node, f *catalog.Field, row int) *problem.Problem {
	name, do := f.Column, `add a column "`+f.Column+`"`
	c := n.column()
	if c != nil {
		name, do = c.header, "fill in the cell"
	}
	if f.Required == catalog.UnlessCompany {
		do += ", or give the order a company_id, whose address is then taken"
	}
	b.addProblemOf(c, row, f.Path, problem.Required, "name", name, "want", f.Takes(), "do", do)
	return &b.problems[len(b.problems)-1]
}

// requireProduct checks that a line names its product by SKU or by id.
func (b *orderBuilder) requireProduct(at, row int) {
	if len(b.h.products) == 0 {
		return // a problem of the header
	}
	expected := b.h.products[0]
	for _, n := range b.h.products {
		if b.has(n, at) {
			return
		}
		if n.name == "sku" && n.column() != nil {
			expected = n
		}
	}
	b.reportMissing(expected, expected.field, row).Message = "the line names no product: sku or product_id is missing"
}

// reportNoLines reports an order without lines, where the first line's product should be.
func (b *orderBuilder) reportNoLines() {
	var c *column
	for _, n := range b.h.products {
		c = cmp.Or(n.column(), c)
	}
	if len(b.rows) > 0 {
		b.addProblemOf(c, 0, "items", problem.NoLines, "want", "a product, a quantity and a unit price")
	}
}

// hashSeed is that of orderBuilder.seen.
var hashSeed = maphash.MakeSeed()

// reportRepeatedProducts reports a product on two lines. That may be on purpose, so both are kept.
func (b *orderBuilder) reportRepeatedProducts() {
	for _, n := range b.h.products {
		c := n.column()
		if c == nil {
			continue
		}
		if clear(b.seen); b.seen == nil {
			b.seen = map[uint64]int{}
		}
		for at, row := range b.lines() {
			v := b.at(c, at)
			if v.form == formNone || v.form == formInvalid {
				continue
			}
			text := b.value(v)
			hash := maphash.Bytes(hashSeed, text)
			if first, ok := b.seen[hash]; ok && bytes.Equal(b.value(b.at(c, first)), text) {
				b.addProblem(c, row, problem.SKURepeated, "value", string(text), "at", cell.A1(b.rows[b.lines()[first]].Num, c.col))
				continue
			}
			b.seen[hash] = at
		}
	}
}

// reportUpdateOnly reports values that a new order can't have.
func (b *orderBuilder) reportUpdateOnly() {
	for i := range b.h.columns {
		c := &b.h.columns[i]
		if !c.field.UpdateOnly {
			continue
		}
		rows := b.records[c.section].rows
		if c.section == orderSection {
			rows = []int{b.order[c.index].row}
		}
		for at, row := range rows {
			if b.at(c, at).form != formNone {
				b.addProblem(c, row, problem.NotOnCreate)
				break
			}
		}
	}
}
