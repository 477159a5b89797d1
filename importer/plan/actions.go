package plan

import (
	"bytes"
	"fmt"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/mapping"
)

// applyAction puts into a planned order what the sheet wants of it.
func applyAction(o *ledger.Order, p mapping.Planned) {
	switch p.Action {
	case heldAction:
		o.State, o.Action = ledger.Held, order.Create
		return
	case order.Create:
		return
	case order.Ignore:
		if o.State == ledger.OrderPlanned {
			o.State, o.Message = ledger.Skipped, "left out, as the sheet says"
		}
		return
	}
	o.Change, o.IfCreated = &order.Change{Requested: p.Action, ID: p.ID, ByID: p.ID != 0}, p.IfCreated
	if p.Created != nil && o.Payload != nil && !bytes.Equal(p.Created, p.Payload) {
		o.Payload, o.Change.Want = p.Created, p.Payload
	}
	if o.Number == "" && p.ID != 0 {
		o.Number, o.Numbers = fmt.Sprintf("id %d", p.ID), nil // until comparing finds the order's own
	}
}
