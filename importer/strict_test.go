package importer_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// TestStrictPutKeepsEdits edits a line right after a PUT was refused that lacked what the server
// requires: the body that follows holds the lines too, so the order has to be read again first.
func TestStrictPutKeepsEdits(t *testing.T) { inBubble(t, testStrictPutKeepsEdits) }

func testStrictPutKeepsEdits(t *testing.T) {
	var puts atomic.Int32
	b := newHarness(t, order.PurchaseOrders, sandbox.Config{StrictPut: true}, 0, func(b *harness, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if r.Method == http.MethodPut && puts.Add(1) == 1 {
				b.check(b.sandbox.Edit(sandbox.PurchaseOrders, b.sandbox.Orders(sandbox.PurchaseOrders)[0].ID, map[string]any{"items.0.quantity": 77}))
			}
		})
	})
	b.check(b.sandbox.Fill(sandbox.PurchaseOrders, 1))
	b.plan(request{number: "P-000001", action: "update", payload: `{"private_note":"ours"}`})
	b.compare(nil)
	b.check(b.submit())
	b.expect("updated")
	if o := b.existing("P-000001"); o.Items[0].Quantity != "77" || puts.Load() != 2 {
		t.Errorf("after %d PUTs the line that somebody else changed to 77 has %s", puts.Load(), o.Items[0].Quantity)
	}
}
