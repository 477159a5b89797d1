package importer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"ordersheet/importer/submit"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// killedJournal is a journal that fails after some of its transactions, as when the process is
// killed there: what it had claimed stays claimed.
type killedJournal struct {
	ledger.Ledger
	left atomic.Int64
}

var errKilled = errors.New("killed")

// Advance fails when it is time.
func (d *killedJournal) Advance(ctx context.Context, run int64, settled []ledger.Settlement, want int) (ledger.Claims, error) {
	if d.left.Add(-1) < 0 {
		return ledger.Claims{}, errKilled
	}
	return d.Ledger.Advance(ctx, run, settled, want)
}

// TestKilledChangesAreTakenUp ends a run of changes at each of its first transactions, and takes it
// up again: each order is changed, what another client writes meanwhile stays, and what was there
// before is known.
func TestKilledChangesAreTakenUp(t *testing.T) {
	for _, kind := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
		for at := range int64(9) {
			bubble(t, fmt.Sprintf("%s/%d", kind, at), func(t *testing.T) {
				testKilledChanges(t, kind, at)
			})
		}
	}
}

func testKilledChanges(t *testing.T, kind order.Kind, at int64) {
	const n = 8
	b := newHarness(t, kind, sandbox.Config{}, uint64(at+1))
	b.check(b.sandbox.Fill(string(kind), n))
	field := "private_note"
	if kind == order.SalesOrders {
		field = "internal_notes"
	}
	var all []request
	for i, o := range b.sandbox.Orders(string(kind)) {
		before := map[string]any{field: fmt.Sprint("old ", i)}
		if kind == order.SalesOrders {
			before["order_status"] = "pending"
		}
		b.check(b.sandbox.Edit(string(kind), o.ID, before))
		w := request{number: o.Numbers[0], action: "update", payload: fmt.Sprintf(`{%q:"ours"}`, field)}
		if i%4 == 3 {
			w.action, w.payload = "delete", "{}"
		}
		all = append(all, w)
	}
	b.plan(all...)
	b.compare(nil)
	s := b.start()
	journal := &killedJournal{Ledger: b.ledger}
	journal.left.Store(at)
	s.Journal = journal
	err := submit.Run(context.Background(), context.Background(), s)
	if err != nil && !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	last := b.orders()[n-2] // its field is edited, wherever the run has come to
	b.check(b.sandbox.Edit(string(kind), last.ID, map[string]any{field: "somebody's"}))
	b.finish()
	for i, o := range b.orders() {
		exists := b.existing(o.Number)
		note := exists.InternalNotes + exists.PrivateNote
		switch {
		case o.Seq == last.Seq:
			if note != "somebody's" || o.State != ledger.Held && o.State != ledger.Updated {
				t.Errorf("order %s, which somebody edited after the run was killed, is %s (%s) and says %q", o.Number, o.State, o.Message, note)
			}
		case o.Action == "delete":
			if o.State != ledger.Deleted || exists.ID != 0 && exists.OrderStatus != "cancelled" {
				t.Errorf("order %s is %s (%s) and is %+v", o.Number, o.State, o.Message, exists)
			}
		case o.State != ledger.Updated || note != "ours":
			t.Errorf("order %s is %s (%s) and says %q", o.Number, o.State, o.Message, note)
		}
		if o.Action == "update" {
			var had map[string]string
			if err := json.Unmarshal(o.Change.Before, &had); err != nil || had[field] != fmt.Sprint("old ", i) {
				t.Errorf("before the update of order %s its note was %q by the ledger (%v)", o.Number, had, err)
			}
		}
	}
}
