package plan_test

import (
	"testing"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

// A deleted purchase order counts as existing only for an order that is itself imported as deleted,
// whatever other fields of its payload say.
func TestExistingReadsTheStatus(t *testing.T) {
	hits := []order.Answer{{ID: 1, Status: "deleted"}, {ID: 2, Status: "active"}}
	for payload, want := range map[string]int{
		`{"order_status":"deleted"}`:                        2,
		`{"order_status":"active","tags":["deleted"]}`:      1,
		`{"tags":["deleted"],"notes":"deleted"}`:            1,
		`{"custom_fields":{"order_status":"deleted"}}`:      1,
		`{"order_status":null,"items":[{"sku":"deleted"}]}`: 1,
	} {
		live, dead := plan.Existing(order.PurchaseOrders, ledger.Order{Payload: []byte(payload)}, hits)
		if len(live) != want || len(live)+len(dead) != len(hits) {
			t.Errorf("%s: %d existing and %d deleted orders, want %d existing", payload, len(live), len(dead), want)
		}
	}
}
