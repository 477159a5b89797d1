package importer_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ordersheet/importer/compare"
	"ordersheet/importer/plan"
	"ordersheet/importer/submit"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sandbox"
)

// request is what a sheet wants of one order.
type request struct {
	number, action, payload string
	id                      int64
	ifCreated               []problem.Problem
}

// plan plans a run of some wishes, as the rows of a sheet would.
func (b *harness) plan(all ...request) {
	b.Helper()
	if b.release != nil {
		b.release()
		b.release = nil
	}
	var err error
	b.run, err = planRequests(b.ledger, b.kind, b.client.BaseURL(), all)
	b.check(err)
}

func planRequests(l ledger.Ledger, kind order.Kind, account string, all []request) (ledger.Run, error) {
	ctx := context.Background()
	id, err := l.NewRun(ctx, ledger.Run{Kind: kind, Account: account, Mode: "update", Orders: int64(len(all))})
	if err != nil {
		return ledger.Run{}, err
	}
	w := l.PutOrders(id)
	for _, x := range all {
		if x.payload == "" {
			x.payload = "{}"
		}
		print := fmt.Sprintf("1:%x", sha256.Sum256([]byte(x.payload)))
		o := ledger.Order{Number: x.number, Action: x.action, Payload: []byte(x.payload), Fingerprint: print}
		if x.action != "create" {
			o.Change, o.IfCreated = &order.Change{Requested: x.action, ID: x.id, ByID: x.id != 0, NoNumber: x.number == ""}, x.ifCreated
		}
		if x.number == "" {
			o.Number = fmt.Sprintf("id %d", x.id)
		}
		_, _ = w.Add(o, nil) // Close tells
	}
	err = errors.Join(w.Close(ctx), l.UpdateRun(ctx, id, func(r *ledger.Run) { r.State = ledger.Planned }))
	if err != nil {
		return ledger.Run{}, err
	}
	return l.GetRun(ctx, id)
}

// compare compares the run with what exists.
func (b *harness) compare(set func(*compare.Config)) {
	b.Helper()
	ctx := context.Background()
	if b.release != nil {
		b.release()
	}
	var err error
	b.release, err = b.ledger.Acquire(ctx, b.run.ID, "1@compare")
	b.check(err)
	run, err := b.ledger.GetRun(ctx, b.run.ID)
	b.check(err)
	c := compare.Config{Ledger: b.ledger, API: b.client, Run: run}
	if set != nil {
		set(&c)
	}
	_, err = compare.Run(ctx, c)
	b.check(err)
}

// orders are the run's orders.
func (b *harness) orders() []ledger.Order {
	b.Helper()
	var out []ledger.Order
	b.check(b.ledger.Orders(context.Background(), b.run.ID, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		out = append(out, *o)
		return nil
	}))
	return out
}

// expect compares the states of the run's orders, and what their messages hold.
func (b *harness) expect(wants ...string) {
	b.Helper()
	for i, o := range b.orders() {
		state, text, _ := strings.Cut(wants[i], ": ")
		if string(o.State) != state || !strings.Contains(o.Message, text) {
			b.Errorf("order %s is %s (%s), want %s", o.Number, o.State, o.Message, wants[i])
		}
	}
}

// existing is an order as it is in the sandbox.
func (b *harness) existing(number string) (o struct {
	ID            int64
	OrderStatus   string         `json:"order_status"`
	InternalNotes string         `json:"internal_notes"`
	PrivateNote   string         `json:"private_note"`
	CustomerEmail string         `json:"customer_email"`
	BillTo        map[string]any `json:"bill_to"`
	CustomFields  map[string]any `json:"custom_fields"`
	Tags          []struct{ Name string }
	Items         []struct {
		ID       int64
		Quantity json.Number
		Tax      json.Number
		Source   string `json:"source_sku"`
	}
	Numbers   []string    `json:"order_numbers"`
	Tax       json.Number `json:"total_tax"`
	Warehouse any
	Payments  []struct {
		Amount json.Number `json:"paid_amount"`
	}
},
) {
	b.Helper()
	for _, s := range b.sandbox.Orders(string(b.kind)) {
		if s.Numbers[0] == number {
			b.check(json.Unmarshal(s.Raw, &o))
		}
	}
	return o
}

// writes is how many writes the sandbox commits meanwhile.
func (b *harness) writes(fn func()) int {
	b.Helper()
	before := b.sandbox.Stats().Writes
	fn()
	return b.sandbox.Stats().Writes - before
}

func TestUpdateSalesOrders(t *testing.T) { inBubble(t, testUpdateSalesOrders) }

func testUpdateSalesOrders(t *testing.T) {
	b := newHarness(t, order.SalesOrders, sandbox.Config{}, 0)
	b.check(b.sandbox.Fill(sandbox.SalesOrders, 30))
	for i := range 30 {
		b.check(b.sandbox.Edit(sandbox.SalesOrders, int64(1001+i), map[string]any{"order_status": "pending"}))
	}
	b.check(b.sandbox.Edit(sandbox.SalesOrders, 1004, map[string]any{"order_status": "completed"}))
	was := b.existing("S-000002")
	all := []request{
		{number: "S-000001", action: "update", payload: `{"order_number":"S-000001","order_status":"shipped","internal_notes":"by lorry"}`},
		{number: "S-000002", action: "update", payload: `{"bill_to":{"city":"Nowhere"},"custom_fields":{"Rep":"Ana"},"tags":["b","a"]}`},
		{number: "S-000003", action: "update", payload: `{"order_status":"pending"}`},
		{number: "S-000004", action: "update", payload: `{"order_status":"completed"}`},
		{number: "S-000005", action: "update", payload: `{"channel_id":99}`},
		{number: "S-000006", action: "delete"},
		{number: "S-999999", action: "update", payload: `{"order_status":"shipped"}`},
		{number: "S-000008", action: "create", payload: `{"order_number":"S-000008","channel_id":99}`},
		{id: 1009, action: "update", payload: `{"gift_message":"Hello"}`},
		{number: "S-000009", action: "update", payload: `{"order_status":"shipped"}`},
		{number: "S-000010", action: "upsert", payload: `{"customer_email":null}`},
		{number: "NEW-1", action: "upsert", payload: `{"order_number":"NEW-1","channel_id":1,"order_date":"2026-01-01","order_status":"pending","company_id":1,"items":[{"sku":"SKU-1","quantity":1,"unit_price":2}]}`},
		{number: "NEW-2", action: "upsert", payload: `{}`, ifCreated: []problem.Problem{{Severity: problem.Error, Code: "missing", Message: "an order needs lines"}}},
	}
	b.plan(all...)
	if n := b.writes(func() { b.compare(nil) }); n != 0 {
		t.Errorf("comparing wrote %d times", n)
	}
	b.expect("planned", "planned", "unchanged: already up to date", "unchanged", "invalid: channel_id", "planned", "held: no sales order has the number S-999999",
		"held: differs", "planned", "held: S-000009 of this sheet is the same order", "planned", "planned", "invalid: needs lines")
	first := b.orders()[0]
	want := []order.FieldChange{{Path: "internal_notes", New: "by lorry"}, {Path: "order_status", Current: "pending", New: "shipped"}}
	if diff := cmp.Diff(want, first.Change.Fields); diff != "" || string(first.Change.Body) != `{"internal_notes":"by lorry","order_status":"shipped"}` {
		t.Errorf("the first order's change is %s: %s", first.Change.Body, diff)
	}
	b.check(b.submit())
	b.expect("updated", "updated", "unchanged", "unchanged", "invalid", "deleted: cancelled", "held", "held", "updated", "held", "updated", "created", "invalid")
	if o := b.existing("S-000001"); o.OrderStatus != "shipped" || o.InternalNotes != "by lorry" {
		t.Errorf("the first order is %+v", o)
	}
	o := b.existing("S-000002")
	if o.BillTo["city"] != "Nowhere" || o.BillTo["name"] != was.BillTo["name"] || o.CustomFields["Rep"] != "Ana" || len(o.Tags) != 2 {
		t.Errorf("the second order is %+v", o)
	}
	if o := b.existing("S-000006"); o.OrderStatus != "cancelled" {
		t.Errorf("the sixth order is %+v", o)
	}
	if o := b.existing("S-000010"); o.CustomerEmail != "" {
		t.Errorf("the tenth order is %+v", o)
	}
	b.plan(all...)
	b.compare(nil)
	if n := b.states()[ledger.OrderPlanned]; n != 0 {
		t.Errorf("after it was applied, the same file plans %d writes", n)
	}
}

// A number of the sheet that looks like the placeholder of an order without one is a number like
// any other: it has to be the number of the order with that id.
func TestNumberThatLooksLikeAPlaceholder(t *testing.T) {
	inBubble(t, testNumberThatLooksLikeAPlaceholder)
}

func testNumberThatLooksLikeAPlaceholder(t *testing.T) {
	b := newHarness(t, order.SalesOrders, sandbox.Config{}, 0)
	b.check(b.sandbox.Fill(sandbox.SalesOrders, 2))
	b.plan(
		request{number: "id 1001", id: 1001, action: "update", payload: `{"gift_message":"Hello"}`},
		request{id: 1002, action: "update", payload: `{"gift_message":"Hello"}`},
	)
	b.compare(nil)
	b.expect("held: the id 1001 is order S-000001 in Luminous, but order id 1001 in the sheet", "planned")
	if orders := b.orders(); orders[1].Number != "S-000002" {
		t.Errorf("the second order has the number %q", orders[1].Number)
	}
}

func TestStaleOrderIsHeldAndPlannedAgain(t *testing.T) {
	inBubble(t, testStaleOrderIsHeldAndPlannedAgain)
}

func testStaleOrderIsHeldAndPlannedAgain(t *testing.T) {
	b := newHarness(t, order.SalesOrders, sandbox.Config{}, 0)
	b.check(b.sandbox.Fill(sandbox.SalesOrders, 3))
	for i := range 3 {
		b.check(b.sandbox.Edit(sandbox.SalesOrders, int64(1001+i), map[string]any{"order_status": "pending"}))
	}
	b.plan(
		request{number: "S-000001", action: "update", payload: `{"order_status":"shipped"}`},
		request{number: "S-000002", action: "update", payload: `{"order_status":"shipped"}`},
		request{number: "S-000003", action: "delete"},
	)
	b.compare(nil)
	b.check(b.sandbox.Edit(sandbox.SalesOrders, 1001, map[string]any{"order_status": "on_hold"}))
	b.check(b.sandbox.Edit(sandbox.SalesOrders, 1002, map[string]any{"internal_notes": "somebody's"}))
	b.check(b.sandbox.Edit(sandbox.SalesOrders, 1003, map[string]any{"internal_notes": "don't cancel"}))
	b.check(b.submit())
	b.expect("held: stale: order_status was pending, now it is on_hold", "updated", "held: stale: internal_notes")
	b.compare(func(c *compare.Config) { c.Refresh = true })
	b.expect("planned", "updated", "planned")
	b.check(b.submit())
	b.expect("updated", "updated", "deleted")
	if problems := b.problems(1); len(problems) > 0 {
		t.Errorf("an order that was planned again keeps %v", problems)
	}
}

func TestUpdatePurchaseOrders(t *testing.T) {
	for _, strict := range []bool{false, true} {
		bubble(t, fmt.Sprint("strict ", strict), func(t *testing.T) {
			b := newHarness(t, order.PurchaseOrders, sandbox.Config{StrictPut: strict}, 0)
			b.check(b.sandbox.Fill(sandbox.PurchaseOrders, 12))
			line := func(id int64, i int) int64 { return b.existing(fmt.Sprintf("P-%06d", id)).Items[i].ID }
			sku := func(id int64, i int) string { return b.existing(fmt.Sprintf("P-%06d", id)).Items[i].Source }
			two := `{"order_date":"2026-01-01","supplier_id":1,"order_numbers":["Q-%d","R-%d"],"items":[{"sku":"SKU-1","quantity":5,"unit_price":1},{"sku":"SKU-2","quantity":6,"unit_price":2}]}`
			for i := range 6 {
				_, err := b.sandbox.Create(sandbox.PurchaseOrders, fmt.Appendf(nil, two, i, i))
				b.check(err)
			}
			q := func(i, item int) int64 { return b.existing(fmt.Sprintf("Q-%d", i)).Items[item].ID }
			b.check(b.sandbox.Edit(sandbox.PurchaseOrders, 517, map[string]any{"items.1.received_quantity": 2}))
			was := q(0, 0)
			all := []request{
				{number: "P-000001", action: "update", payload: `{"order_numbers":["P-000001"],"private_note":"seen","warehouse_id":2}`},
				{number: "R-0", action: "update", payload: `{"order_numbers":["R-0"],"items":[{"sku":"SKU-1","quantity":7},{"sku":"SKU-2","quantity":6},{"sku":"SKU-3","quantity":1,"unit_price":3}]}`},
				{number: "Q-1", action: "update", payload: `{"items":[{"sku":"SKU-1"},{"sku":"SKU-2","unit_price":2.00}]}`},
				{number: "Q-2", action: "update", payload: fmt.Sprintf(`{"items":[{"id":%d,"quantity":9}]}`, q(2, 1))},
				{number: "Q-3", action: "update", payload: `{"items":[{"sku":"SKU-9","quantity":9}]}`},
				{number: "Q-4", action: "update", payload: `{"items":[{"sku":"SKU-1","quantity":5}]}`},
				{number: "Q-5", action: "delete"},
				{number: "P-000002", action: "update", payload: `{"payments":[{"payment_date":"2026-02-01","payment_type":"cash","paid_amount":5}]}`},
				{number: "P-999999", action: "delete"},
				{number: "P-000003", action: "update", payload: fmt.Sprintf(`{"items":[{"id":%d,"sku":%q}]}`, line(4, 0), sku(4, 0))},
			}
			b.plan(all...)
			b.compare(nil)
			b.expect("planned", "planned", "unchanged", "planned", "invalid: needs its unit_price", "invalid: 2 of it was already received", "planned", "planned",
				"held: no purchase order has the number P-999999", "invalid: has no line with the id")
			b.check(b.submit())
			b.expect("updated", "updated", "unchanged", "updated", "invalid", "invalid", "deleted", "updated", "held", "invalid")
			if o := b.existing("Q-0"); len(o.Items) != 3 || o.Items[0].ID != was || o.Items[0].Quantity != "7" {
				t.Errorf("the order whose lines were changed is %+v, want line %d kept", o, was)
			}
			if o := b.existing("Q-2"); len(o.Items) != 1 || o.Items[0].Source != "SKU-2" || o.Items[0].Quantity != "9" {
				t.Errorf("the order of which a line was removed is %+v", o)
			}
			if o := b.existing("P-000002"); len(o.Payments) != 1 || o.Payments[0].Amount != "5" {
				t.Errorf("the order with a payment is %+v", o)
			}
			b.plan(all...)
			b.compare(nil)
			if n := b.states()[ledger.OrderPlanned]; n != 0 {
				t.Errorf("after it was applied, the same file plans %d writes", n)
			}
			b.compare(func(c *compare.Config) { c.Refresh, c.AllowLineRemoval = true, true })
			b.plan(request{number: "Q-4", action: "update", payload: `{"items":[{"sku":"SKU-1","quantity":5}]}`})
			b.compare(func(c *compare.Config) { c.AllowLineRemoval = true })
			b.expect("planned")
			b.check(b.sandbox.Edit(sandbox.PurchaseOrders, 517, map[string]any{"items.1.received_quantity": 3}))
			b.check(b.submit())
			b.expect("held: received_quantity was 2, now it is 3")
		})
	}
}

func TestReadBackStopsTheRun(t *testing.T) {
	for _, c := range []struct {
		name, payload string
		cfg           sandbox.Config
		tags          string
		stops         bool
	}{
		{"replaced", `{"tags":["b"]}`, sandbox.Config{}, "", false},
		{"added", `{"tags":["b"]}`, sandbox.Config{AddTags: true}, "", true},
		{"sub-resource replaces", `{"tags":["b"],"internal_notes":"x"}`, sandbox.Config{AddTags: true}, diff.TagsReplaced, false},
		{"sub-resource adds", `{"tags":["b"]}`, sandbox.Config{}, diff.TagsAdded, false},
		{"custom fields are replaced", `{"custom_fields":{"Rep":"Ana"}}`, sandbox.Config{ReplaceCustomFields: true}, "", false},
	} {
		bubble(t, c.name, func(t *testing.T) {
			b := newHarness(t, order.SalesOrders, c.cfg, 0)
			b.check(b.sandbox.Fill(sandbox.SalesOrders, 2))
			for id := range int64(2) {
				b.check(b.sandbox.Edit(sandbox.SalesOrders, 1001+id, map[string]any{"tags": []map[string]any{{"id": 77, "name": "a"}}, "custom_fields": map[string]any{"Other": "stays"}}))
			}
			b.plan(request{number: "S-000001", action: "update", payload: c.payload}, request{number: "S-000002", action: "update", payload: c.payload})
			b.compare(func(k *compare.Config) { k.Tags = c.tags })
			s := b.start()
			s.Verify = submit.VerifySample
			s.Workers = 1
			err := submit.Run(context.Background(), context.Background(), s)
			if (err != nil) != c.stops {
				t.Errorf("the run ended with %v", err)
			}
			if c.stops {
				b.expect("updated", "planned")
				return
			}
			b.expect("updated", "updated")
			o := b.existing("S-000001")
			if c.tags == diff.TagsAdded && len(o.Tags) != 2 || c.tags != diff.TagsAdded && strings.Contains(c.payload, "tags") && len(o.Tags) != 1 || o.CustomFields["Other"] != "stays" {
				t.Errorf("the order is %+v", o)
			}
		})
	}
}

func TestSeal(t *testing.T) { inBubble(t, testSeal) }

func testSeal(t *testing.T) {
	ctx := context.Background()
	b := newHarness(t, order.SalesOrders, sandbox.Config{}, 0)
	b.check(b.sandbox.Fill(sandbox.SalesOrders, 2))
	b.plan(request{number: "S-000001", action: "update", payload: `{"internal_notes":"x"}`}, request{number: "S-000003", action: "update", payload: `{}`})
	b.compare(nil)
	b.check(plan.Freeze(ctx, b.ledger, b.run.ID))
	run, err := b.ledger.GetRun(ctx, b.run.ID)
	b.check(err)
	b.check(plan.VerifyPlan(ctx, b.ledger, run))
	c := *b.orders()[0].Change
	c.Body = json.RawMessage(`{"internal_notes":"y"}`)
	b.check(b.ledger.Decide(ctx, run.ID, []ledger.Decision{{Seq: 1, State: ledger.OrderPlanned, Change: &c}}))
	if err := plan.VerifyPlan(ctx, b.ledger, run); !errors.Is(err, plan.ErrPlanChanged) {
		t.Errorf("a plan that was changed after it was sealed: %v, want ErrPlanChanged", err)
	}
}

// TestFieldThatOnlyListsShow updates a date that an order's own page leaves out, as the API's
// samples do.
func TestFieldThatOnlyListsShow(t *testing.T) { inBubble(t, testFieldThatOnlyListsShow) }

func testFieldThatOnlyListsShow(t *testing.T) {
	b := newHarness(t, order.SalesOrders, sandbox.Config{Sparse: true}, 0)
	b.check(b.sandbox.Fill(sandbox.SalesOrders, 2))
	for id := range int64(2) {
		b.check(b.sandbox.Edit(sandbox.SalesOrders, 1001+id, map[string]any{"earliest_ship_date": "2026-03-01"}))
	}
	b.plan(
		request{number: "S-000001", action: "update", payload: `{"earliest_ship_date":"2026-04-01"}`},
		request{number: "S-000002", action: "update", payload: `{"earliest_ship_date":"2026-04-01"}`},
	)
	b.compare(nil)
	b.check(b.sandbox.Edit(sandbox.SalesOrders, 1002, map[string]any{"earliest_ship_date": "2026-05-05"}))
	b.check(b.submit())
	b.expect("updated", "held: earliest_ship_date was 2026-03-01, now it is 2026-05-05")
}
