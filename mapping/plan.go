package mapping

import (
	"sync"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping/grouping"
)

// Plan is the second pass: it turns the rows of each order into a payload. Scan.Finish makes it. It
// is safe for concurrent use.
type Plan struct {
	header   *compiledHeader
	src      *cell.Source
	groups   *grouping.Index
	builders sync.Pool
}

// Planned is what the rows of one order mean.
type Planned struct {
	Number  string   // the order number; empty if the sheet gives only an ID
	Numbers []string // all numbers of a purchase order
	ID      int64    // the order's id in Luminous, 0 if the sheet gives none. An order with this id must have Number
	Action  string   // one of the actions of package order

	// Payload is JSON, nil if the order is invalid. For a create it is the whole order. For an
	// update or upsert it is what the sheet says and nothing else: it has no blank cells and no
	// defaults; a cleared field is null or []. For a deletion it has only the number.
	Payload []byte
	// Created is the payload of an upsert that has to create the order, defaults included; nil if
	// that would be invalid.
	Created []byte
	// IfCreated is what makes an upsert invalid that has to create the order.
	IfCreated []problem.Problem

	Fingerprint   string
	ExpectedTotal string // decimal text, of what may be created; empty if it can't be computed
	Items         []int  // for each line of the payload, the index of its row
	Invalid       bool
	Problems      []problem.Problem
}

// Groups returns the orders of the sheet's rows.
func (p *Plan) Groups() *grouping.Index { return p.groups }

// Skip reports whether the Scan skipped a row, for callers that read the sheet again.
func (p *Plan) Skip(r *cell.Row) bool {
	_, skip := p.header.skip(r)
	return skip
}

// Order plans one order from all rows of a group, in the order of the sheet. A row of grouping.None
// is planned alone. The same rows always give the same plan.
func (p *Plan) Order(group int, rows []cell.Row) Planned {
	b := p.builders.Get().(*orderBuilder)
	defer p.builders.Put(b)
	b.reset(p.header, p.src, rows)
	profile, key := p.header.Profile, grouping.Key{}
	if group != grouping.None {
		key = p.groups.Key(group)
		b.shown = key.String()
	}
	out := Planned{Action: b.action(profile.Mode)}
	if group == grouping.None && out.Action != order.Ignore && !b.generateNumber() {
		out.Invalid, out.Problems = true, b.takeProblems()
		return out
	}
	b.creating, b.deleting = out.Action == order.Create, out.Action == order.Delete || out.Action == order.Ignore
	for i := range rows {
		b.addRow(i)
	}
	if out.Action != order.Ignore {
		out.ID = b.orderID()
	}
	switch out.Action {
	case order.Create:
		b.checkNew()
		out.ExpectedTotal = b.total(profile.TotalCheck)
	case order.Update:
		b.checkChange()
	case order.Upsert:
		b.upsert(&out, profile.TotalCheck)
	}
	out.Number, out.Numbers = b.numbers(key)
	out.Items = append([]int(nil), b.lines()...)
	out.Invalid = b.invalid
	if !out.Invalid && out.Action != order.Ignore {
		out.Payload, out.Fingerprint = b.payload()
	}
	out.Problems = b.takeProblems()
	return out
}

// EachNumber calls fn with every order number in a row, leftmost column first: a purchase order may
// have several, in one cell or in several columns. The number is valid only inside fn.
func (p *Plan) EachNumber(r *cell.Row, fn func(number []byte)) {
	h := p.header
	if h.number == nil || h.number.constant != nil {
		return
	}
	b := p.builders.Get().(*orderBuilder)
	defer p.builders.Put(b)
	for _, c := range h.number.columns {
		x := r.At(c.col)
		out, f, wrong := c.convert(h.display, b.text[:0], &x)
		b.text = out[:0]
		switch {
		case wrong != nil, f == formNone: // Order reports the former
		case f == formList:
			for number := range items(out) {
				fn(number)
			}
		default:
			fn(out)
		}
	}
}
