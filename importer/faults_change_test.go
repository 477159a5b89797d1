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

// writing is one of the calls that change a standing order.
type writing struct {
	method string
	kind   order.Kind
	action string
	body   string
	word   ledger.State // when it went well
	below  string       // of the order's path
	tags   string       // what is to become of its tags
}

// changing are the calls, and the read before each.
var changing = []writing{
	{method: "PATCH", kind: order.SalesOrders, action: "update", body: `{"internal_notes":"new","order_status":"on_hold"}`, word: ledger.Updated},
	{method: "PATCH", kind: order.SalesOrders, action: "delete", body: `{}`, word: ledger.Deleted},
	{method: "PUT", kind: order.PurchaseOrders, action: "update", body: `{"private_note":"new"}`, word: ledger.Updated},
	{method: "DELETE", kind: order.PurchaseOrders, action: "delete", body: `{}`, word: ledger.Deleted},
	{method: "GET", kind: order.SalesOrders, action: "update", body: `{"internal_notes":"new"}`, word: ledger.Updated},
	{
		method: "POST", kind: order.SalesOrders, action: "update", body: `{"internal_notes":"new","tags":["new"]}`, word: ledger.Updated,
		below: "/tags", tags: diff.TagsAdded,
	},
}

// TestFaultsOfChanges lets each fault strike the first, a middle and the last order that is updated, cancelled or deleted, in its write or in the
// read before it.
func TestFaultsOfChanges(t *testing.T) {
	const n = 5
	cases := 0
	for _, f := range faults {
		for _, w := range changing {
			for place, at := range map[string]int{"first": 0, "middle": n / 2, "last": n - 1} {
				cases++
				seed := uint64(cases)
				t.Run(fmt.Sprintf("%s/%s %s %s/%s", f, w.method, w.kind, w.action, place), func(t *testing.T) {
					t.Parallel()
					f.testChange(t, w, n, at, seed)
				})
			}
		}
	}
	if cases < 400 {
		t.Errorf("%d cases, want at least 400", cases)
	}
}

// wordOf is what must become of the order whose request the fault strikes.
func (f fault) wordOf(w writing) ledger.State {
	if f.word != ledger.Rejected {
		return w.word
	}
	if w.below != "" {
		return ledger.Held // the rest of the update was made
	}
	return ledger.Rejected
}

func (f fault) testChange(t *testing.T, w writing, n, at int, seed uint64) {
	var cured atomic.Bool
	var path string
	strikes := max(f.strikes, 1)
	b := raise(t, w.kind, sandbox.Config{
		Seed: seed, RetryAfter: 1, Script: func(c sandbox.Call) string {
			hit := c.Method == w.method && c.Path == path
			if hit && (c.Try <= strikes || f.again || f.word == ledger.Rejected) && !cured.Load() {
				return f.name
			}
			return ""
		},
	}, seed)
	b.check(b.box.Fill(string(w.kind), n))
	first := b.box.Orders(string(w.kind))[0].ID
	path = fmt.Sprintf("/%s/%d%s", w.kind, first+int64(at), w.below)
	var all []wish
	for i, o := range b.box.Orders(string(w.kind)) {
		if w.kind == order.SalesOrders {
			b.check(b.box.Edit(string(w.kind), o.ID, map[string]any{"order_status": "pending", "internal_notes": fmt.Sprint("old ", i)}))
		}
		all = append(all, wish{number: o.Numbers[0], action: w.action, payload: w.body})
	}
	b.wishes(all...)
	b.compare(func(c *compare.Check) { c.Tags = w.tags })
	err := b.submit()
	if (err != nil) != f.again {
		t.Errorf("the run ended with %v", err)
	}
	if f.again {
		cured.Store(true)
		b.finish()
	}
	b.box.Settle()
	if n := b.box.Stats().Faults[f.name]; n < strikes {
		t.Errorf("the fault struck %d times, want %d", n, strikes)
	}
	for i, o := range b.orders() {
		want := w.word
		if i == at {
			want = f.wordOf(w)
		}
		if o.State != want {
			t.Errorf("order %s is %s (%s), want %s", o.Number, o.State, o.Message, want)
		}
		b.agrees(w, o)
	}
}

// agrees says whether an order stands as the ledger says.
func (b *bed) agrees(w writing, o ledger.Order) {
	b.Helper()
	s := b.stands(o.Number)
	done := map[string]bool{
		"update": (s.InternalNotes == "new" || s.PrivateNote == "new") && (w.tags == "" || len(s.Tags) == 1), "delete": s.OrderStatus == "cancelled" || s.ID == 0,
	}[w.action]
	switch {
	case (o.State == ledger.Updated || o.State == ledger.Deleted) && !done, o.State == ledger.Rejected && done:
		b.Errorf("order %s is %s (%s), and stands as %+v", o.Number, o.State, o.Message, s)
	}
}
