package importer_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"ordersheet/importer/compare"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// writeCase is one of the calls that change a standing order.
type writeCase struct {
	method string
	kind   order.Kind
	action string
	body   string
	state  ledger.State // when it went well
	below  string       // of the order's path
	tags   string       // what is to become of its tags
}

// writeCases are the calls, and the read before each.
var writeCases = []writeCase{
	{method: "PATCH", kind: order.SalesOrders, action: "update", body: `{"internal_notes":"new","order_status":"on_hold"}`, state: ledger.Updated},
	{method: "PATCH", kind: order.SalesOrders, action: "delete", body: `{}`, state: ledger.Deleted},
	{method: "PUT", kind: order.PurchaseOrders, action: "update", body: `{"private_note":"new"}`, state: ledger.Updated},
	{method: "DELETE", kind: order.PurchaseOrders, action: "delete", body: `{}`, state: ledger.Deleted},
	{method: "GET", kind: order.SalesOrders, action: "update", body: `{"internal_notes":"new"}`, state: ledger.Updated},
	{
		method: "POST", kind: order.SalesOrders, action: "update", body: `{"internal_notes":"new","tags":["new"]}`, state: ledger.Updated,
		below: "/tags", tags: diff.TagsAdded,
	},
}

// TestFaultsOfChanges lets each fault strike the first, a middle and the last order that is
// updated, cancelled or deleted, in its write or in the read before it.
func TestFaultsOfChanges(t *testing.T) {
	const n = 5
	cases := 0
	for _, f := range faults {
		for _, w := range writeCases {
			for place, at := range map[string]int{"first": 0, "middle": n / 2, "last": n - 1} {
				cases++
				seed := uint64(cases)
				bubble(t, fmt.Sprintf("%s/%s %s %s/%s", f, w.method, w.kind, w.action, place), func(t *testing.T) {
					f.testChange(t, w, n, at, seed)
				})
			}
		}
	}
	if cases < 400 {
		t.Errorf("%d cases, want at least 400", cases)
	}
}

// stateOf is what must become of the order whose request the fault strikes.
func (f fault) stateOf(w writeCase) ledger.State {
	if f.state != ledger.Rejected {
		return w.state
	}
	if w.below != "" {
		return ledger.Held // the rest of the update was made
	}
	return ledger.Rejected
}

func (f fault) testChange(t *testing.T, w writeCase, n, at int, seed uint64) {
	var cured atomic.Bool
	var path string
	strikes := max(f.strikes, 1)
	b := newHarness(t, w.kind, sandbox.Config{
		Seed: seed, RetryAfter: 1, Script: func(c sandbox.Call) string {
			hit := c.Method == w.method && c.Path == path
			if hit && (c.Try <= strikes || f.persistent || f.state == ledger.Rejected) && !cured.Load() {
				return f.name
			}
			return ""
		},
	}, seed)
	b.check(b.sandbox.Fill(string(w.kind), n))
	first := b.sandbox.Orders(string(w.kind))[0].ID
	path = fmt.Sprintf("/%s/%d%s", w.kind, first+int64(at), w.below)
	var all []request
	for i, o := range b.sandbox.Orders(string(w.kind)) {
		if w.kind == order.SalesOrders {
			b.check(b.sandbox.Edit(string(w.kind), o.ID, map[string]any{"order_status": "pending", "internal_notes": fmt.Sprint("old ", i)}))
		}
		all = append(all, request{number: o.Numbers[0], action: w.action, payload: w.body})
	}
	b.plan(all...)
	b.compare(func(c *compare.Config) { c.Tags = w.tags })
	err := b.submit()
	if (err != nil) != f.persistent {
		t.Errorf("the run ended with %v", err)
	}
	if f.persistent {
		cured.Store(true)
		b.finish()
	}
	b.sandbox.Settle()
	if n := b.sandbox.Stats().Faults[f.name]; n < strikes {
		t.Errorf("the fault struck %d times, want %d", n, strikes)
	}
	for i, o := range b.orders() {
		want := w.state
		if i == at {
			want = f.stateOf(w)
		}
		if o.State != want {
			t.Errorf("order %s is %s (%s), want %s", o.Number, o.State, o.Message, want)
		}
		b.checkExisting(w, o)
	}
}

// checkExisting says whether an order is as the ledger says.
func (b *harness) checkExisting(w writeCase, o ledger.Order) {
	b.Helper()
	s := b.existing(o.Number)
	done := map[string]bool{
		"update": (s.InternalNotes == "new" || s.PrivateNote == "new") && (w.tags == "" || len(s.Tags) == 1), "delete": s.OrderStatus == "cancelled" || s.ID == 0,
	}[w.action]
	switch {
	case (o.State == ledger.Updated || o.State == ledger.Deleted) && !done, o.State == ledger.Rejected && done:
		b.Errorf("order %s is %s (%s), and is %+v", o.Number, o.State, o.Message, s)
	}
}
