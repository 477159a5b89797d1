package importer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ordersheet/importer/compare"
	"ordersheet/importer/submit"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// drawPayload draws what a sheet may say of a standing order.
func drawPayload(t *rapid.T, kind order.Kind, lines []map[string]any) map[string]any {
	p := map[string]any{}
	text := rapid.SampledFrom([]any{"a", "B c", "ü", nil})
	some := func(name string, g *rapid.Generator[any]) {
		if rapid.IntRange(0, 3).Draw(t, name+"?") == 0 {
			p[name] = g.Draw(t, name)
		}
	}
	some("custom_fields", rapid.SampledFrom([]any{map[string]any{"Rep": "Ana"}, map[string]any{"Rep": nil, "N": json.Number("1.50")}}))
	some("tags", rapid.SampledFrom([]any{[]string{"x"}, []string{"y", "x"}, []string{}}))
	if kind == order.SalesOrders {
		some("order_status", rapid.SampledFrom([]any{"pending", "shipped", "on_hold", "cancelled"}))
		for _, name := range []string{"internal_notes", "customer_notes", "customer_username", "gift_message", "carrier_code"} {
			some(name, text)
		}
		some("earliest_ship_date", rapid.SampledFrom([]any{"2026-03-01", nil}))
		some("bill_to", rapid.SampledFrom([]any{map[string]any{"city": "X"}, map[string]any{"name": "N", "street3": "3rd"}, map[string]any{"street2": nil, "phone": "1"}}))
		return p
	}
	for _, name := range []string{"public_note", "private_note"} {
		some(name, text)
	}
	some("warehouse_id", rapid.SampledFrom([]any{1, 2, nil}))
	some("total_tax", rapid.SampledFrom([]any{json.Number("1.5"), json.Number("0")}))
	some("ship_to", rapid.SampledFrom([]any{map[string]any{"city": "X"}, map[string]any{"zip": "05401", "state": nil}}))
	some("payments", rapid.SampledFrom([]any{
		[]any{map[string]any{"payment_date": "2026-02-01", "payment_type": "cash", "paid_amount": json.Number("5.0"), "external_id": "P1"}},
		[]any{map[string]any{"payment_date": "2026-02-02", "payment_type": "check", "paid_amount": 7}},
	}))
	if rapid.Bool().Draw(t, "lines") {
		p["items"] = drawLines(t, lines)
	}
	return p
}

// drawLines draws lines out of those that exist: kept, changed, left out, moved, and new ones.
func drawLines(t *rapid.T, lines []map[string]any) []any {
	var out []any
	for i, l := range rapid.Permutation(lines).Draw(t, "order") {
		line := map[string]any{}
		switch rapid.IntRange(0, 4).Draw(t, fmt.Sprint("line ", i)) {
		case 0:
			continue
		case 1:
			line["sku"] = l["source_sku"]
		default:
			line["id"] = l["id"]
		}
		if rapid.Bool().Draw(t, "change") {
			line["quantity"] = rapid.IntRange(1, 9).Draw(t, "quantity")
		}
		if rapid.Bool().Draw(t, "tax") {
			line["tax"] = rapid.SampledFrom([]any{json.Number("0.50"), 0, nil}).Draw(t, "tax")
		}
		out = append(out, line)
	}
	if len(out) == 0 || rapid.Bool().Draw(t, "new line") {
		out = append(out, map[string]any{"sku": "SKU-77", "quantity": 2, "unit_price": json.Number("1.25")})
	}
	return out
}

// TestApplyingAgainWritesNothing proves that a file that was applied plans no write when it is
// planned once more, whatever it says and whatever the server leaves out of its answers.
func TestApplyingAgainWritesNothing(t *testing.T) {
	tryRandom(t, 60)
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom([]order.Kind{order.SalesOrders, order.PurchaseOrders}).Draw(rt, "kind")
		cfg := sandbox.Config{
			Sparse: rapid.Bool().Draw(rt, "sparse"), StrictPut: rapid.Bool().Draw(rt, "strict"), SoftDelete: rapid.Bool().Draw(rt, "soft"),
			ReplaceCustomFields: rapid.Bool().Draw(rt, "custom fields replaced"), PartialNumbers: rapid.Bool().Draw(rt, "partial"),
			IgnoreFilters: rapid.SampledFrom(lookups).Draw(rt, "look-ups").ignore,
		}
		tags := rapid.SampledFrom([]string{diff.TagsAsSent, diff.TagsReplaced, diff.TagsAdded}).Draw(rt, "tags")
		b := newHarness(t, kind, cfg, 0)
		n := rapid.IntRange(1, 5).Draw(rt, "orders")
		b.check(b.sandbox.Fill(string(kind), n))
		var all []request
		for _, o := range b.sandbox.Orders(string(kind)) {
			var in struct{ Items []map[string]any }
			b.check(json.Unmarshal(o.Raw, &in))
			payload, err := json.Marshal(drawPayload(rt, kind, in.Items))
			b.check(err)
			action := rapid.SampledFrom([]string{"update", "update", "update", "upsert", "delete"}).Draw(rt, "action")
			all = append(all, request{number: o.Numbers[0], action: action, payload: string(payload)})
		}
		set := func(c *compare.Config) { c.Tags = tags }
		b.plan(all...)
		b.compare(set)
		s := b.start()
		s.Verify = submit.VerifyAll
		if err := submit.Run(context.Background(), context.Background(), s); err != nil {
			rt.Fatalf("the run ended with %v", err)
		}
		for i, o := range b.orders() {
			problems := b.problems(o.Seq)
			if o.State != ledger.Updated && o.State != ledger.Unchanged && o.State != ledger.Deleted || len(problems) > 0 {
				rt.Errorf("order %s (%s) is %s (%s): %v", o.Number, all[i].payload, o.State, o.Message, problems)
			}
		}
		b.plan(all...)
		b.compare(set)
		for i, o := range b.orders() {
			if o.State != ledger.Unchanged {
				rt.Errorf("planned once more, order %s (%s) is %s (%s): %s", o.Number, all[i].payload, o.State, o.Message, o.Change.Body)
			}
		}
	})
}

// TestLookUpsAreCheap counts the requests of comparing.
func TestLookUpsAreCheap(t *testing.T) {
	for _, c := range []struct {
		kind   order.Kind
		n      int
		ignore []string
		most   int
	}{
		{order.SalesOrders, 10_000, nil, 200},
		{order.PurchaseOrders, 3_000, []string{"order_numbers[in]"}, 60}, // one listing
	} {
		bubble(t, string(c.kind), func(t *testing.T) {
			b := newHarness(t, c.kind, sandbox.Config{IgnoreFilters: c.ignore}, 0)
			b.check(b.sandbox.Fill(string(c.kind), c.n))
			var all []request
			prefix := map[order.Kind]string{order.SalesOrders: "S", order.PurchaseOrders: "P"}[c.kind]
			for i := range c.n {
				all = append(all, request{number: fmt.Sprintf("%s-%06d", prefix, i+1), action: "update", payload: `{"order_status":"completed"}`})
			}
			b.plan(all...)
			before := b.sandbox.Stats().Requests
			b.compare(nil)
			if got := b.sandbox.Stats().Requests - before; got > c.most {
				t.Errorf("comparing %d orders took %d requests, want at most %d", c.n, got, c.most)
			}
			states := b.states()
			if states[ledger.OrderPlanned]+states[ledger.Unchanged] != int64(c.n) {
				t.Errorf("comparing led to %v", states)
			}
		})
	}
}
