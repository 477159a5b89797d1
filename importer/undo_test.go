package importer_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/importer/undo"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sandbox"
)

// applyChanges plans a run of some wishes and does it.
func (b *harness) applyChanges(all ...request) {
	b.Helper()
	b.plan(all...)
	b.compare(nil)
	b.check(b.submit())
}

// planUndo plans how the run is taken back. That plan is the run from then on.
func (b *harness) planUndo(status string) {
	b.Helper()
	ctx := context.Background()
	if b.release != nil {
		b.release()
		b.release = nil
	}
	done, err := b.ledger.GetRun(ctx, b.run.ID)
	b.check(err)
	cfg := undo.Config{Ledger: b.ledger, API: b.client, Run: done, Options: plan.Options{Status: status}}
	if n := b.writes(func() { b.run, err = undo.Plan(ctx, cfg) }); n != 0 {
		b.Errorf("planning to take back wrote %d times", n)
	}
	b.check(err)
	if plan.Undoes(b.run) != done.ID {
		b.Errorf("run %d takes back run %d, want %d", b.run.ID, plan.Undoes(b.run), done.ID)
	}
}

// problems are what is wrong with the order at a place of the run.
func (b *harness) problems(seq int64) []problem.Problem {
	b.Helper()
	var all []problem.Problem
	b.check(b.ledger.Problems(context.Background(), b.run.ID, func(of int64, p problem.Problem) error {
		if of == seq {
			all = append(all, p)
		}
		return nil
	}))
	return all
}

// expectProblems compares what an order's problems say was kept or can't be set back, as code and
// field.
func (b *harness) expectProblems(seq int64, wants ...string) {
	b.Helper()
	got := map[string]bool{}
	for _, p := range b.problems(seq) {
		got[p.Code+" "+p.Field] = true
	}
	for _, w := range wants {
		if !got[w] {
			b.Errorf("order %d: nothing says %q: %v", seq, w, b.problems(seq))
		}
	}
	if len(got) != len(wants) {
		b.Errorf("order %d: got %v, want %q", seq, b.problems(seq), wants)
	}
}

func newSalesOrder(number, more string) request {
	return request{number: number, action: "create", payload: fmt.Sprintf(
		`{"order_number":%q,"channel_id":1,"order_date":"2026-01-01","order_status":"pending","company_id":1%s,"items":[{"sku":"SKU-1","quantity":1,"unit_price":2}]}`, number, more)}
}

func TestUndoOfSalesOrders(t *testing.T) { inBubble(t, testUndoOfSalesOrders) }

func testUndoOfSalesOrders(t *testing.T) {
	var later atomic.Int64 // hours
	b := newHarness(t, order.SalesOrders, sandbox.Config{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load()) * time.Hour) }}, 0)
	b.check(b.sandbox.Fill(sandbox.SalesOrders, 8))
	edit := func(number string, set map[string]any) {
		t.Helper()
		b.check(b.sandbox.Edit(sandbox.SalesOrders, b.existing(number).ID, set))
	}
	for i := range 8 {
		edit(fmt.Sprintf("S-%06d", i+1), map[string]any{"order_status": "pending", "internal_notes": nil, "customer_notes": "old", "bill_to.phone": nil})
	}
	edit("S-000004", map[string]any{"order_status": "completed"})
	was := b.existing("S-000001")
	b.applyChanges(
		newSalesOrder("N-1", ""), newSalesOrder("N-2", ""), newSalesOrder("N-3", ""), newSalesOrder("N-4", ""),
		request{number: "S-000001", action: "update", payload: `{"order_status":"shipped","internal_notes":"x","bill_to":{"city":"Nowhere","phone":"1"},"custom_fields":{"Rep":"Ana"},"tags":["a"]}`},
		request{number: "S-000002", action: "update", payload: `{"internal_notes":"x","customer_notes":"y","bill_to":{"city":"Nowhere","phone":"1"}}`},
		request{number: "S-000003", action: "update", payload: `{"gift_message":"hidden","internal_notes":"x"}`},
		request{number: "S-000004", action: "update", payload: `{"order_status":"shipped"}`},
		request{number: "S-000005", action: "delete"},
		request{number: "S-000006", action: "update", payload: `{"internal_notes":"x"}`},
		request{number: "S-000007", action: "update", payload: `{"order_status":"pending"}`},
	)
	run := b.run.ID
	later.Store(1)
	edit("N-2", map[string]any{"order_status": "shipped"})
	edit("N-3", map[string]any{"order_status": "cancelled"})
	edit("S-000002", map[string]any{"customer_notes": "somebody's", "bill_to.city": "Elsewhere"})
	edit("S-000006", map[string]any{"internal_notes": nil})
	b.planUndo("")
	b.expect("planned", "held: kept", "unchanged: already cancelled", "planned", "planned", "planned", "planned", "invalid: it was completed", "planned",
		"unchanged: already as it was")
	b.expectProblems(2, "kept order_status")
	b.expectProblems(6, "kept customer_notes", "kept bill_to.city")
	b.expectProblems(7, "cannot_be_undone gift_message")
	b.expectProblems(8, "cannot_be_undone order_status")
	edit("N-4", map[string]any{"internal_notes": "somebody's, at the last moment"})
	b.check(b.submit())
	b.expect("deleted", "held", "unchanged", "held: stale: internal_notes", "updated", "updated", "updated", "invalid", "updated", "unchanged")
	o := b.existing("S-000001")
	if o.OrderStatus != "pending" || o.InternalNotes != "" || o.BillTo["city"] != was.BillTo["city"] || o.BillTo["phone"] != nil || o.CustomFields["Rep"] != nil || len(o.Tags) != len(was.Tags) {
		t.Errorf("the order that was changed is %+v, before that as %+v", o, was)
	}
	if o := b.existing("S-000002"); o.InternalNotes != "" || o.BillTo["city"] != "Elsewhere" || o.BillTo["phone"] != nil {
		t.Errorf("the order that somebody else changed too is %+v", o)
	}
	if b.existing("N-1").OrderStatus != "cancelled" || b.existing("N-2").OrderStatus != "shipped" || b.existing("N-4").OrderStatus != "pending" || b.existing("S-000005").OrderStatus != "pending" {
		t.Errorf("the orders that were made are %+v, %+v, %+v", b.existing("N-1"), b.existing("N-2"), b.existing("N-4"))
	}

	undo := b.run.ID
	b.run.ID = run
	b.planUndo("")
	b.expect("unchanged: already cancelled", "held", "unchanged", "held: kept", "unchanged", "held", "invalid", "invalid", "unchanged", "unchanged")
	b.run.ID = undo // taking back what was taken back
	b.planUndo("")
	b.expect("planned", "planned", "planned", "planned", "planned")

	b.applyChanges(newSalesOrder("N-1", ""), newSalesOrder("N-1X", ""))
	b.expect("updated", "created")
	b.planUndo("on_hold")
	b.expect("planned", "planned")
	b.check(b.submit())
	b.expect("deleted", "deleted: on_hold")
	if b.existing("N-1").OrderStatus != "cancelled" || b.existing("N-1X").OrderStatus != "on_hold" {
		t.Errorf("what was made anew is %+v and %+v", b.existing("N-1"), b.existing("N-1X"))
	}
	other := newSalesOrder("N-1", "")
	other.payload = `{"order_number":"N-1","channel_id":1,"order_date":"2026-01-01","order_status":"pending","company_id":1,"items":[{"sku":"SKU-1","quantity":3,"unit_price":2}]}`
	b.applyChanges(other)
	b.expect("held: an order with this number exists")
}

func TestUndoOfPurchaseOrders(t *testing.T) {
	for _, cfg := range []sandbox.Config{{}, {StrictPut: true, SoftDelete: true, Sparse: true}} {
		bubble(t, fmt.Sprintf("strict %v", cfg.StrictPut), func(t *testing.T) {
			b := newHarness(t, order.PurchaseOrders, cfg, 0)
			two := `{"order_date":"2026-01-01","supplier_id":1,"order_numbers":["Q-%d"],"items":[{"sku":"SKU-1","quantity":5,"unit_price":1},{"sku":"SKU-2","quantity":6,"unit_price":2,"tax":1}],
				"payments":[{"payment_date":"2026-02-01","payment_type":"cash","paid_amount":5}]}`
			ids := make([]int64, 8)
			for i := range ids {
				var err error
				ids[i], err = b.sandbox.Create(sandbox.PurchaseOrders, fmt.Appendf(nil, two, i))
				b.check(err)
			}
			was := b.existing("Q-0")
			made := func(number string) request {
				return request{number: number, action: "create", payload: fmt.Sprintf(`{"order_date":"2026-01-01","supplier_id":1,"order_numbers":[%q],"items":[{"sku":"SKU-1","quantity":5,"unit_price":1}]}`, number)}
			}
			lines := `{"items":[{"sku":"SKU-1","quantity":7,"tax":2},{"sku":"SKU-3","quantity":1,"unit_price":3}]}`
			all := []request{
				made("M-1"), made("M-2"), made("M-3"),
				{number: "Q-0", action: "update", payload: lines},
				{number: "Q-1", action: "update", payload: lines},
				{number: "Q-2", action: "update", payload: lines},
				{number: "Q-3", action: "update", payload: `{"private_note":"x","payments":[{"payment_date":"2026-02-02","payment_type":"cash","paid_amount":6}],"order_numbers":["Q-3","R-3"],"warehouse_id":2,"total_tax":3}`},
				{number: "Q-4", action: "delete"},
				{number: "Q-5", action: "update", payload: `{"private_note":"x"}`},
			}
			b.applyChanges(all...)
			b.check(b.sandbox.Edit(sandbox.PurchaseOrders, b.existing("M-2").ID, map[string]any{"items.0.received_quantity": 1}))
			b.check(b.sandbox.Remove(sandbox.PurchaseOrders, b.existing("M-3").ID))
			b.check(b.sandbox.Edit(sandbox.PurchaseOrders, ids[1], map[string]any{"items.1.received_quantity": 1}))
			b.check(b.sandbox.Edit(sandbox.PurchaseOrders, ids[2], map[string]any{"items.0.unit_price": 9}))
			b.check(b.sandbox.Remove(sandbox.PurchaseOrders, ids[5]))
			b.planUndo("")
			b.expect("planned", "held: kept", "unchanged: already", "planned", "held: kept", "held: kept", "planned", "invalid: a deleted purchase order", "invalid: ")
			b.expectProblems(2, "kept items.0.received_quantity")
			b.expectProblems(5, "kept items")
			b.expectProblems(6, "kept items")
			if notes := b.orders()[3].Change.Notes; len(notes) != 1 {
				t.Errorf("the notes on a removed line are %q", notes)
			}
			b.check(b.submit())
			b.expect("deleted", "held", "unchanged", "updated", "held", "held", "updated", "invalid", "invalid")
			o := b.existing("Q-0")
			if len(o.Items) != 2 || o.Items[0].ID != was.Items[0].ID || o.Items[0].Quantity != "5" || o.Items[0].Tax != "0" || o.Items[1].Source != "SKU-2" || o.Items[1].Tax != "1" {
				t.Errorf("the order whose lines were changed is %+v, before that as %+v", o, was)
			}
			o = b.existing("Q-3")
			if o.PrivateNote != "" || len(o.Payments) != 1 || o.Payments[0].Amount != "5" || len(o.Numbers) != 1 || o.Warehouse != nil || o.Tax != "0" {
				t.Errorf("the order whose header was changed is %+v", o)
			}
			b.applyChanges(all[0])
			b.expect("created")
		})
	}
}

// TestEditsOfBlanksAreSeen proves that what somebody fills in between the plan and the write is
// seen where it was blank before.
func TestEditsOfBlanksAreSeen(t *testing.T) { inBubble(t, testEditsOfBlanksAreSeen) }

func testEditsOfBlanksAreSeen(t *testing.T) {
	b := newHarness(t, order.SalesOrders, sandbox.Config{}, 0)
	b.check(b.sandbox.Fill(sandbox.SalesOrders, 2))
	for id := range int64(2) {
		b.check(b.sandbox.Edit(sandbox.SalesOrders, 1001+id, map[string]any{"order_status": "pending", "bill_to.phone": nil, "custom_fields": map[string]any{}}))
	}
	b.plan(request{number: "S-000001", action: "update", payload: `{"bill_to":{"city":"Ours"}}`}, request{number: "S-000002", action: "delete"})
	b.compare(nil)
	b.check(b.sandbox.Edit(sandbox.SalesOrders, 1001, map[string]any{"bill_to.phone": "1"}))
	b.check(b.sandbox.Edit(sandbox.SalesOrders, 1002, map[string]any{"custom_fields": map[string]any{"Rep": "Bob"}}))
	b.check(b.submit())
	b.expect("held: stale: bill_to.phone was blank, now it is 1", "held: stale: custom_fields.Rep was blank, now it is Bob")
}

// TestUndoLeavesWhatIsOnItsWay proves that nothing is taken back of which it isn't known what came
// of it, or that another run is at.
func TestUndoLeavesWhatIsOnItsWay(t *testing.T) { inBubble(t, testUndoLeavesWhatIsOnItsWay) }

func testUndoLeavesWhatIsOnItsWay(t *testing.T) {
	ctx := context.Background()
	b := newHarness(t, order.SalesOrders, sandbox.Config{}, 0)
	b.applyChanges(newSalesOrder("N-1", ""))
	made := b.run.ID
	b.plan(request{number: "N-1", action: "update", payload: `{"internal_notes":"x"}`}, newSalesOrder("N-2", ""))
	b.compare(nil)
	b.start()
	claimed, err := b.ledger.Advance(ctx, b.run.ID, nil, 2)
	if b.check(err); len(claimed.Claimed) != 2 {
		t.Fatalf("%d orders were claimed, want 2", len(claimed.Claimed))
	}
	died := b.run.ID
	b.planUndo("")
	b.expect("invalid: it is unknown whether run 2 wrote it", "invalid: it is unknown whether run 2 wrote it")
	b.run.ID = made
	b.planUndo("")
	b.expect("invalid: run 2 has been working on this order")
	b.run.ID = died
	b.finish()
	b.expect("updated", "created")
	b.run.ID = made
	b.planUndo("")
	b.expect("held: kept: run 2 changed it later")
	b.run.ID = died
	b.planUndo("")
	b.expect("planned", "planned")
	b.check(b.submit())
	b.run.ID = made
	b.planUndo("")
	b.expect("planned")
}
