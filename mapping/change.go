package mapping

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
	"ordersheet/mapping/value"
)

// commandActions are the actions that commands in cells ask for.
var commandActions = map[string]string{
	"NEW": order.Create, "UPDATE": order.Update, "UPSERT": order.Upsert, "DELETE": order.Delete, "CANCEL": order.Delete, "IGNORE": order.Ignore,
}

// action returns what to do with the order: the command of its rows, or else the mode. All rows
// must agree or be blank.
func (b *orderBuilder) action(mode string) string {
	if c := b.h.command; c != nil {
		for i := range b.rows {
			if x := b.rows[i].At(c.col); x.Kind != cell.Blank {
				b.addOrderCell(c, i, &x)
			}
		}
		if o := &b.order[c.index]; o.form == formString {
			return commandActions[string(b.value(o.converted))]
		}
	}
	if mode == "" {
		return order.Create
	}
	return mode
}

// orderID returns the order's id in Luminous, 0 if its rows don't give one.
func (b *orderBuilder) orderID() int64 {
	c := b.h.id
	if c == nil || b.order[c.index].form != formLiteral {
		return 0
	}
	o := &b.order[c.index]
	text := string(b.value(o.converted))
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		b.addProblem(c, o.row, problem.IntegerInvalid, "value", text, "want", "1005")
		return 0
	}
	return id
}

// clears reports whether a cell empties its field. The value is invalid if the field can't be
// empty.
func (b *orderBuilder) clears(c *column, i int, x *cell.Cell) (v converted, ok bool) {
	if x.Kind != cell.Text || !bytes.EqualFold(value.TrimSpace(x.Text), b.h.clear) {
		return converted{}, false
	}
	if !c.field.Nullable || catalog.IsOrderNumber(c.path) {
		b.addProblem(c, i, problem.NotCleared, "value", string(x.Text), "want", c.field.Takes())
		return converted{form: formInvalid}, true
	}
	return converted{form: formNull}, true
}

// replacesLongText reports whether a cell holds what exports write in place of a text that is too
// long for a cell: [40000 characters: line 3 of orders.long.jsonl].
func replacesLongText(x *cell.Cell) bool {
	return x.Kind == cell.Text && len(x.Text) > 0 && x.Text[0] == '[' && longText.Match(x.Text)
}

var longText = regexp.MustCompile(`(?s)^\[\d+ characters: line \d+ of .*\.jsonl\]$`)

// upsert plans an order that is changed if it exists and created otherwise.
func (b *orderBuilder) upsert(out *Planned, check profile.TotalCheck) {
	before, invalid := len(b.problems), b.invalid
	b.creating = true
	b.checkNew()
	out.ExpectedTotal = b.total(check)
	for _, p := range b.problems[before:] {
		if p.Severity == problem.Error {
			out.IfCreated = append(out.IfCreated, p)
		}
	}
	if !b.invalid {
		out.Created, _ = b.payload()
	}
	b.problems, b.invalid = b.problems[:before:before], invalid
	b.creating = false
	b.checkChange()
}

// checkChange finds what an update lacks. What the order has already need not be in the sheet, but
// a line must say which one it is, and a payment must be complete.
func (b *orderBuilder) checkChange() {
	b.findAbsentAddresses(true)
	for at, row := range b.lines() {
		if b.h.lineID == nil || !b.has(b.h.lineID, at) {
			b.requireProduct(at, row)
		}
	}
	b.requirePayments()
	if b.h.Profile.Historical {
		b.checkFinalStatus()
	}
}

// checkFinalStatus checks that an order of the past has a final status. Without one, it is an error
// only where an order is created.
func (b *orderBuilder) checkFinalStatus() {
	text, f := []byte(nil), formNone
	if b.h.status != nil {
		text, f = b.get(b.h.status, -1)
	}
	if f == formNone {
		text = []byte("missing")
	}
	optional := !b.creating || b.h.Kind == order.SalesOrders // a new sales order needs a status anyway
	final := catalog.FinalStatuses(b.h.Kind)
	if f == formInvalid || f == formNone && optional || slices.Contains(final, string(text)) {
		return
	}
	row, c := 0, b.h.status.column()
	if c != nil {
		row = b.order[c.index].row
	}
	b.addProblemOf(c, row, catalog.StatusPath, problem.StatusNotFinal, "value", string(text), "want", "one of "+strings.Join(final, ", "))
}
