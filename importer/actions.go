package importer

import (
	"bytes"
	"fmt"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/mapping"
)

// The actions of a planned order. What the sheet asks for and what is done are the same but for an upsert, of which comparing makes a create or
// an update, and for a create that brings a cancelled order back.
const (
	create   = "create"
	update   = "update"
	upsert   = "upsert"
	deletion = "delete" // a sales order can't be deleted: it is cancelled
	ignore   = "ignore"
)

// wants puts into a planned order what the sheet wants of it.
func wants(o *ledger.Order, p mapping.Planned) {
	switch p.Action {
	case heldAction:
		o.State, o.Action = ledger.Held, create
		return
	case create:
		return
	case ignore:
		if o.State == ledger.OrderPlanned {
			o.State, o.Message = ledger.Skipped, "left out, as the sheet says"
		}
		return
	}
	o.Change, o.IfCreated = &order.Change{Asked: p.Action, ID: p.ID, ByID: p.ID != 0}, p.IfCreated
	if p.Created != nil && o.Payload != nil && !bytes.Equal(p.Created, p.Payload) {
		o.Payload, o.Change.Meant = p.Created, p.Payload
	}
	if o.Number == "" && p.ID != 0 {
		o.Number, o.Numbers = fmt.Sprintf("id %d", p.ID), nil // until comparing finds the order's own
	}
}
