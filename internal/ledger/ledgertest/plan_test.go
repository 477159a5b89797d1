package ledgertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

func TestOrders(t *testing.T) { each(t, testOrders) }

func testOrders(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	orders := make([]ledger.Order, 1300) // more than are read at once
	for i := range orders {
		orders[i] = planned(i)
	}
	run, _ := confirm(t, l, orders...)
	advance(t, l, run, 100)
	for _, c := range []struct {
		name string
		f    ledger.Filter
		want int64
		from int64
	}{
		{"all", ledger.Filter{}, 1300, 1},
		{"full", ledger.Filter{Full: true}, 1300, 1},
		{"from", ledger.Filter{From: 700, Full: true}, 601, 700},
		{"claimed", ledger.Filter{States: []ledger.State{ledger.Claimed}}, 100, 1},
		{"planned", ledger.Filter{States: []ledger.State{ledger.OrderPlanned, ledger.Held}, Full: true}, 1200, 101},
		{"none", ledger.Filter{States: []ledger.State{"strange"}}, 0, 0},
	} {
		next := c.from
		check(t, l.Orders(ctx, run, c.f, func(o *ledger.Order) error {
			want := orders[next-1]
			if o.Seq != next || o.Number != want.Number {
				t.Fatalf("%s: order %d is %s, want %d", c.name, o.Seq, o.Number, next)
			}
			if c.f.Full && string(o.Payload) != string(want.Payload) || !c.f.Full && o.Payload != nil {
				t.Fatalf("%s: payload of %s is %s", c.name, o.Number, o.Payload)
			}
			next++
			return nil
		}))
		if n := next - c.from; n != c.want {
			t.Errorf("%s: %d orders, want %d", c.name, n, c.want)
		}
	}
	states, err := l.CountStates(ctx, run)
	check(t, err)
	equal(t, "CountStates", map[ledger.State]int64{ledger.Claimed: 100, ledger.OrderPlanned: 1200}, states)
	actions, err := l.CountActions(ctx, run, ledger.Claimed)
	check(t, err)
	equal(t, "CountActions", map[string]int64{"create": 100}, actions)
}

func TestProblems(t *testing.T) { each(t, testProblems) }

func testProblems(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	notice := problem.Problem{Severity: problem.Notice, Message: "spaces removed"}
	var want, got []problem.Problem
	w := l.PutOrders(1)
	for i := range 600 { // more than are read at once
		p := problem.Problem{
			Severity: problem.Error, Code: "date_ambiguous", File: "a.xlsx", Sheet: "Orders", Cell: fmt.Sprint("D", i+2),
			Header: "Date", Field: "order_date", OrderNumber: planned(i).Number, Value: "=1/2", Expected: "a date",
			Message: "two readings", Hint: "say which",
			Remedies: []problem.Remedy{{Kind: problem.MappingOption, Option: "date_order"}, {Kind: problem.ResumeRun, Run: int64(i)}},
		}
		o := planned(i)
		o.State = ledger.Invalid
		_, err := w.Add(o, []problem.Problem{p, notice})
		check(t, err)
		want = append(want, p, notice)
	}
	early := problem.Problem{Severity: problem.Error, Message: "a row without a number"}
	check(t, w.AddProblems(0, []problem.Problem{early}))
	check(t, w.Close(ctx))
	own := problem.Problem{Severity: problem.Warning, Message: "a sheet is hidden"}
	check(t, l.AddProblems(ctx, 1, 0, []problem.Problem{own}))
	check(t, l.AddProblems(ctx, 2, 1, []problem.Problem{{Message: "of another run"}}))
	var seqs []int64
	check(t, l.Problems(ctx, 1, func(seq int64, p problem.Problem) error {
		got, seqs = append(got, p), append(seqs, seq)
		_, err := l.CountStates(ctx, 1) // the ledger may be used inside
		return err
	}))
	equal(t, "problems", append(want, early, own), got)
	if n := len(seqs); n != 1202 || seqs[0] != 1 || seqs[598] != 300 || seqs[599] != 300 || seqs[n-3] != 600 || seqs[n-2] != 0 || seqs[n-1] != 0 {
		t.Errorf("problems belong to orders %v", seqs)
	}
	stop := errors.New("stop")
	wantErr(t, "Problems", l.Problems(ctx, 1, func(int64, problem.Problem) error { return stop }), stop)
}

func TestDecide(t *testing.T) { each(t, testDecide) }

func testDecide(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	orders := make([]ledger.Order, 1500)
	for i := range orders {
		orders[i] = planned(i)
		if i%3 != 0 {
			orders[i].Action, orders[i].Change = "upsert", &order.Change{Requested: "upsert"}
			orders[i].IfCreated = []problem.Problem{{Severity: problem.Error, Code: "missing", Message: fmt.Sprint("of ", i)}}
		}
	}
	run, _ := confirm(t, l, orders...)
	check(t, l.Orders(ctx, run, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		if i := int(o.Seq - 1); i%3 == 0 && o.Change != nil || i%3 != 0 && (o.Change == nil || o.IfCreated[0].Message != fmt.Sprint("of ", i)) {
			t.Errorf("order %d came back with the change %v and %v", o.Seq, o.Change, o.IfCreated)
		}
		return nil
	}))
	want := order.Change{
		Requested: "upsert", ID: 7,
		Body: json.RawMessage(`{"order_status":"shipped"}`), Before: json.RawMessage(`{"order_status":"pending"}`),
	}
	check(t, l.Decide(ctx, run, []ledger.Decision{
		{Seq: 1, State: ledger.Unchanged, ID: 5},
		{Seq: 2, State: ledger.OrderPlanned, Action: "update", Number: "X2", ID: 7, Change: &want},
		{Seq: 3, State: ledger.Held, Message: "stale", Problems: []problem.Problem{{Severity: problem.Error, Code: "stale"}}},
	}))
	got := orderAt(t, l, run, 2)
	equal(t, "the decided change", want, *got.Change)
	if got.Action != "update" || got.Number != "X2" || got.ID != 7 {
		t.Errorf("the decided order came back as %+v", got)
	}
	bad := []ledger.Decision{{Seq: 2, State: ledger.Held}, {Seq: 1, State: ledger.OrderPlanned}}
	wantErr(t, "deciding on an order that is unchanged", l.Decide(ctx, run, bad), ledger.ErrSettled)
	if got = orderAt(t, l, run, 2); got.State != ledger.OrderPlanned {
		t.Errorf("a decision that failed left order 2 %s", got.State)
	}
	check(t, l.Decide(ctx, run, []ledger.Decision{{Seq: 3, State: ledger.OrderPlanned, Resolved: []string{"stale"}}}))
	if p := problemsOf(t, l, run, 3); len(p) > 0 {
		t.Errorf("an order that is planned again has the problems %v", p)
	}
	claimed := advance(t, l, run, 2).Claimed
	equal(t, "the claimed order's change", want, *claimed[0].Change)
	want.UpdatedAt = "later"
	advance(t, l, run, 0, ledger.Settlement{Seq: 2, State: ledger.Unresolved, Change: &want})
	pending, err := l.PendingLookups(ctx, run, claimed[0].ClaimedAt, 9)
	check(t, err)
	equal(t, "the change of an unresolved order", want, *pending[0].Change)
}
