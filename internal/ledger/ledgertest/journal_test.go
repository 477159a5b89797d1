package ledgertest

import (
	"testing"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

func TestClaims(t *testing.T) { each(t, testClaims) }

func testClaims(t *testing.T, open opener) {
	l := open()
	orders := some("A", "B", "C")
	orders[1].Numbers, orders[1].Recreate = []string{"B", "B-2"}, true
	orders[1].Rows = []ledger.RowRef{{Source: 3, Row: 70}, {Source: 0, Row: 12}, {Source: 1, Row: 1 << 20}}
	orders[2].Fingerprint, orders[2].Rows, orders[2].Items, orders[2].ExpectedTotal = "odd", nil, nil, ""
	run, _ := confirm(t, l, orders...)
	got := advance(t, l, run, 10).Claimed
	for i := range got {
		if got[i].ClaimedAt.IsZero() {
			t.Errorf("order %s has no time of its claim", got[i].Number)
		}
		orders[i].Seq, orders[i].State, orders[i].ClaimedAt = int64(i)+1, ledger.Claimed, got[i].ClaimedAt
	}
	equal(t, "claimed orders", orders, got)
	one := orderAt(t, l, run, 2)
	orders[1].ClaimedAt = one.ClaimedAt // kept in milliseconds
	equal(t, "order B", orders[1], one)
}

func TestAdvanceNeedsTheRun(t *testing.T) { each(t, testAdvanceNeedsTheRun) }

func testAdvanceNeedsTheRun(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	run, release := confirm(t, l, some("A")...)
	check(t, l.UpdateRun(ctx, run, func(r *ledger.Run) { r.State = ledger.Planned }))
	_, err := l.Advance(ctx, run, nil, 1)
	wantErr(t, "claiming from a plan", err, ledger.ErrNotConfirmed)
	check(t, l.UpdateRun(ctx, run, func(r *ledger.Run) { r.State = ledger.Running }))
	check(t, l.Ask(ctx, run, "stop"))
	if got := advance(t, l, run, 0); got.Asked != "stop" {
		t.Errorf("asked is %q, want stop", got.Asked)
	}
	release()
	_, err = l.Advance(ctx, run, nil, 1)
	wantErr(t, "claiming without the run", err, ledger.ErrNotHeld)
	_, err = l.Recover(ctx, run, 0)
	wantErr(t, "recovering without the run", err, ledger.ErrNotHeld)
	wantErr(t, "deciding without the run", l.Decide(ctx, run, nil), ledger.ErrNotHeld)
}

func TestSettlement(t *testing.T) { each(t, testSettlement) }

func testSettlement(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	run, _ := confirm(t, l, some("A", "B")...)
	advance(t, l, run, 2)
	at := time.Date(2026, 5, 1, 10, 0, 0, 123e6, time.UTC)
	advance(t, l, run, 0, ledger.Settlement{
		Seq: 1, State: ledger.Unresolved, Sent: 1, HTTPStatus: 504, Message: "no answer", LastByte: at,
		NextLookup: at.Add(time.Minute), Lookups: 1,
		Problems: []problem.Problem{{Severity: problem.Warning, Code: "late", Message: "late"}, {Code: "slow"}},
	})
	due, err := l.PendingLookups(ctx, run, at.Add(59*time.Second), 10)
	if err != nil || len(due) != 0 {
		t.Errorf("before its time %v is due (%v)", numbers(due), err)
	}
	due, err = l.PendingLookups(ctx, run, at.Add(time.Minute), 10)
	check(t, err)
	if len(due) != 1 || string(due[0].Payload) != string(planned(0).Payload) || due[0].Lookups != 1 || !due[0].LastByte.Equal(at) {
		t.Fatalf("due is %+v, want order A with its plan", due)
	}
	advance(t, l, run, 0, ledger.Settlement{
		Seq: 1, State: ledger.Created, ID: 77, ConfirmedTotal: "123.45", Message: "found", Resolved: "slow",
	})
	got := orderAt(t, l, run, 1)
	want := due[0]
	want.State, want.ID, want.ConfirmedTotal, want.Message, want.Lookups = ledger.Created, 77, "123.45", "found", 0
	want.NextLookup = time.Time{}
	equal(t, "the settled order", want, got)
	if problems := problemsOf(t, l, run, 1); len(problems) != 1 || problems[0].Code != "late" {
		t.Errorf("order A has the problems %v, want late", problems)
	}
}

func TestFinalStates(t *testing.T) { each(t, testFinalStates) }

func testFinalStates(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	states := ledger.States()
	orders := make([]ledger.Order, len(states))
	for i := range orders {
		orders[i] = planned(i)
	}
	run, _ := confirm(t, l, orders...)
	advance(t, l, run, len(orders))
	for i, first := range states {
		seq := int64(i) + 1
		if first == ledger.Claimed {
			continue
		}
		advance(t, l, run, 0, ledger.Settlement{Seq: seq, State: first})
		_, err := l.Advance(ctx, run, []ledger.Settlement{{Seq: seq, State: ledger.Rejected}}, 0)
		if first.Final() && first != ledger.Unknown && first != ledger.NotAttempted {
			wantErr(t, "settling an order as rejected that was "+string(first), err, ledger.ErrSettled)
		} else {
			check(t, err)
		}
	}
	for _, bad := range []ledger.State{ledger.Claimed, "", "done"} {
		if _, err := l.Advance(ctx, run, []ledger.Settlement{{Seq: 2, State: bad}}, 0); err == nil {
			t.Errorf("an order was settled as %q", bad)
		}
	}
}

// TestBackToPlanned sets orders back to planned: they are claimed again before all others.
func TestBackToPlanned(t *testing.T) { each(t, testBackToPlanned) }

func testBackToPlanned(t *testing.T, open opener) {
	l := open()
	run, _ := confirm(t, l, some("A", "B", "C", "D", "E")...)
	advance(t, l, run, 3)
	got := advance(t, l, run, 2, ledger.Settlement{Seq: 3, State: ledger.OrderPlanned}, ledger.Settlement{Seq: 1, State: ledger.OrderPlanned})
	equal(t, "claimed first", []string{"A", "C"}, numbers(got.Claimed))
	equal(t, "claimed then", []string{"D", "E"}, numbers(advance(t, l, run, 9).Claimed))
	equal(t, "claimed at the end", []string(nil), numbers(advance(t, l, run, 9).Claimed))
}

func TestRecover(t *testing.T) { each(t, testRecover) }

func testRecover(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	run, _ := confirm(t, l, some("A", "B", "C", "D")...)
	before := time.Now().Truncate(time.Millisecond)
	advance(t, l, run, 3)
	advance(t, l, run, 0, ledger.Settlement{Seq: 1, State: ledger.Created, ID: 1})
	if _, err := l.Recover(ctx, run, 0); err == nil {
		t.Error("orders that this process had claimed were marked unresolved")
	}
	check(t, l.Close())
	l = open()
	_, err := l.Acquire(ctx, run, "2@elsewhere")
	check(t, err)
	n, err := l.Recover(ctx, run, time.Minute)
	if n != 2 || err != nil {
		t.Fatalf("Recover() = %d, %v; want 2", n, err)
	}
	due, err := l.PendingLookups(ctx, run, time.Now().Add(time.Minute), 1)
	check(t, err)
	if len(due) != 1 || due[0].Number != "B" || due[0].Attempts != 1 || due[0].NextLookup.Before(before.Add(time.Minute)) {
		t.Errorf("due is %+v, want B a minute after its claim", due)
	}
	got := advance(t, l, run, 5, ledger.Settlement{Seq: 2, State: ledger.Created, ID: 2}, ledger.Settlement{Seq: 3, State: ledger.OrderPlanned})
	equal(t, "claimed", []string{"C", "D"}, numbers(got.Claimed))
	if k := key(t, l, "B"); k.ID != 2 || k.Fingerprint != planned(1).Fingerprint {
		t.Errorf("what was settled after a kill is remembered as %+v", k)
	}
}
