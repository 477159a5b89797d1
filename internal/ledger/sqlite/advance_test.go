package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"

	"github.com/google/go-cmp/cmp"
)

const account = "https://x.example/external/api/v1"

// plan makes a confirmed run of these orders and takes it.
func plan(tb testing.TB, l *sqlite.Ledger, orders ...ledger.Order) (run int64, release func()) {
	tb.Helper()
	ctx := context.Background()
	run, err := l.NewRun(ctx, ledger.Run{Kind: order.SalesOrders, Account: account})
	check(tb, err)
	w := l.PutOrders(run)
	for _, o := range orders {
		_, err := w.Add(o, nil)
		check(tb, err)
	}
	check(tb, w.Close(ctx))
	check(tb, l.UpdateRun(ctx, run, func(r *ledger.Run) { r.State = ledger.Confirmed }))
	release, err = l.Acquire(ctx, run, "1@elsewhere")
	check(tb, err)
	tb.Cleanup(release)
	return run, release
}

// some returns orders with these numbers.
func some(numbers ...string) (all []ledger.Order) {
	for i, n := range numbers {
		o := planned(i)
		o.Number = n
		all = append(all, o)
	}
	return all
}

func advance(tb testing.TB, l *sqlite.Ledger, run int64, want int, settled ...ledger.Settlement) ledger.Claims {
	tb.Helper()
	got, err := l.Advance(context.Background(), run, settled, want)
	check(tb, err)
	return got
}

func numbers(orders []ledger.Order) (all []string) {
	for _, o := range orders {
		all = append(all, o.Number)
	}
	return all
}

func TestAdvanceGivesThePlanBack(t *testing.T) {
	l := open(t)
	orders := some("A", "B", "C")
	orders[1].Numbers, orders[1].Recreate = []string{"B", "B-2"}, true
	orders[1].Rows = []ledger.RowRef{{Source: 3, Row: 70}, {Source: 0, Row: 12}, {Source: 1, Row: 1 << 20}}
	orders[2].Fingerprint, orders[2].Rows, orders[2].Items, orders[2].ExpectedTotal = "odd", nil, nil, ""
	run, _ := plan(t, l, orders...)
	got := advance(t, l, run, 10).Claimed
	if len(got) != 3 {
		t.Fatalf("claimed %v, want all three", numbers(got))
	}
	for i := range got {
		if got[i].ClaimedAt.IsZero() {
			t.Errorf("order %s has no time of its claim", got[i].Number)
		}
		orders[i].Seq, orders[i].State, orders[i].ClaimedAt = int64(i)+1, ledger.Claimed, got[i].ClaimedAt
	}
	if d := cmp.Diff(orders, got); d != "" {
		t.Errorf("claimed orders (-want +got):\n%s", d)
	}
	one := orderAt(t, l, run, 2)
	orders[1].ClaimedAt = one.ClaimedAt // kept in milliseconds
	if d := cmp.Diff(orders[1], one); d != "" {
		t.Errorf("order B (-want +got):\n%s", d)
	}
}

// orderAt returns the order at a place of a run.
func orderAt(tb testing.TB, l *sqlite.Ledger, run, seq int64) (found ledger.Order) {
	tb.Helper()
	stop := errors.New("found")
	err := l.Orders(context.Background(), run, ledger.Filter{From: seq, Full: true}, func(o *ledger.Order) error {
		found = *o
		return stop
	})
	if !errors.Is(err, stop) || found.Seq != seq {
		tb.Fatalf("run %d has no order %d: %v", run, seq, err)
	}
	return found
}

// problemsOf returns the problems of one order.
func problemsOf(tb testing.TB, l *sqlite.Ledger, run, seq int64) (all []problem.Problem) {
	tb.Helper()
	check(tb, l.Problems(context.Background(), run, func(of int64, p problem.Problem) error {
		if of == seq {
			all = append(all, p)
		}
		return nil
	}))
	return all
}

func TestSettlementIsKept(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	run, _ := plan(t, l, some("A", "B")...)
	advance(t, l, run, 2)
	at := time.Date(2026, 5, 1, 10, 0, 0, 123e6, time.UTC)
	advance(t, l, run, 0, ledger.Settlement{
		Seq: 1, State: ledger.Unresolved, Sent: 1, HTTPStatus: 504, Message: "no answer", LastByte: at, NextLookup: at.Add(time.Minute), Lookups: 1,
		Problems: []problem.Problem{{Severity: problem.Warning, Code: "late", Message: "late"}},
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
	advance(t, l, run, 0, ledger.Settlement{Seq: 1, State: ledger.Created, ID: 77, ConfirmedTotal: "123.45", Message: "found"})
	got := orderAt(t, l, run, 1)
	if got.State != ledger.Created || got.ID != 77 || got.ConfirmedTotal != "123.45" || got.HTTPStatus != 504 || got.Attempts != 1 ||
		got.Message != "found" || got.Lookups != 0 || !got.LastByte.Equal(at) || !got.NextLookup.IsZero() {
		t.Errorf("order A is %+v", got)
	}
	if problems := problemsOf(t, l, run, 1); len(problems) != 1 || problems[0].Code != "late" {
		t.Errorf("order A has the problems %v, want late", problems)
	}
	counts, err := l.CountStates(ctx, run)
	check(t, err)
	if d := cmp.Diff(map[ledger.State]int64{ledger.Created: 1, ledger.Claimed: 1}, counts); d != "" {
		t.Errorf("CountStates (-want +got):\n%s", d)
	}
}

func TestFinalWordsStand(t *testing.T) {
	ctx := context.Background()
	for _, first := range ledger.States() {
		if first == ledger.Claimed {
			continue
		}
		l := open(t)
		run, _ := plan(t, l, some("A")...)
		advance(t, l, run, 1)
		advance(t, l, run, 0, ledger.Settlement{Seq: 1, State: first})
		_, err := l.Advance(ctx, run, []ledger.Settlement{{Seq: 1, State: ledger.Rejected}}, 0)
		stays := first.Final() && first != ledger.Unknown && first != ledger.NotAttempted
		if stays != errors.Is(err, ledger.ErrSettled) {
			t.Errorf("settling an order as rejected that was %s: %v", first, err)
		}
	}
	l := open(t)
	run, _ := plan(t, l, some("A")...)
	for _, bad := range []ledger.State{ledger.Claimed, "", "done"} {
		if _, err := l.Advance(ctx, run, []ledger.Settlement{{Seq: 1, State: bad}}, 0); err == nil {
			t.Errorf("an order was settled as %q", bad)
		}
	}
}

func TestOrdersPutBackGoFirst(t *testing.T) {
	l := open(t)
	run, _ := plan(t, l, some("A", "B", "C", "D", "E")...)
	advance(t, l, run, 3)
	got := advance(t, l, run, 2, ledger.Settlement{Seq: 3, State: ledger.OrderPlanned}, ledger.Settlement{Seq: 1, State: ledger.OrderPlanned})
	if d := cmp.Diff([]string{"A", "C"}, numbers(got.Claimed)); d != "" {
		t.Errorf("claimed (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"D", "E"}, numbers(advance(t, l, run, 9).Claimed)); d != "" {
		t.Errorf("claimed then (-want +got):\n%s", d)
	}
	if left := advance(t, l, run, 9).Claimed; len(left) != 0 {
		t.Errorf("claimed at the end: %v", numbers(left))
	}
}

func TestOneOwnerOfANumber(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	one, two := reopen(t, path), reopen(t, path) // as two processes
	first, _ := plan(t, one, some("A", "B", "C", "D", "E")...)
	second, _ := plan(t, two, some("A", "B", "C", "D", "E", "F")...)
	advance(t, one, first, 5)
	advance(t, one, first, 0, ledger.Settlement{Seq: 2, State: ledger.Created, ID: 20}, ledger.Settlement{Seq: 3, State: ledger.Rejected},
		ledger.Settlement{Seq: 4, State: ledger.Unknown}, ledger.Settlement{Seq: 5, State: ledger.OrderPlanned})
	got := advance(t, two, second, 9)
	if d := cmp.Diff([]string{"C", "E", "F"}, numbers(got.Claimed)); d != "" {
		t.Errorf("the second run claimed (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"A", "B", "D"}, numbers(got.Conflicts)); d != "" {
		t.Errorf("the second run was refused (-want +got):\n%s", d)
	}
	for i, part := range []string{"was claimed by run 1 on", "was created by run 1 on", "was claimed by run 1 on"} {
		o := orderAt(t, two, second, got.Conflicts[i].Seq)
		if o.State != ledger.Held || !strings.Contains(o.Message, part) || o.Message != got.Conflicts[i].Message {
			t.Errorf("order %s is %s: %q, want held: ... %s", o.Number, o.State, o.Message, part)
		}
	}
	if back := advance(t, one, first, 9); len(back.Claimed) != 0 || len(back.Conflicts) != 1 {
		t.Errorf("the first run claimed %v and was refused %v, want E refused", numbers(back.Claimed), numbers(back.Conflicts))
	}
	keys, err := two.KeyInfo(ctx, account, order.SalesOrders, []string{"A", "B", "C", "F", "Z"})
	check(t, err)
	if k := keys["B"]; !k.Exists() || k.ID != 20 || k.Run != first || k.Seq != 2 || k.Fingerprint != planned(1).Fingerprint || k.ClaimRun != 0 {
		t.Errorf("KeyInfo(B) = %+v", k)
	}
	if k := keys["A"]; k.Exists() || k.ClaimRun != first || k.ClaimSeq != 1 {
		t.Errorf("KeyInfo(A) = %+v", k)
	}
	if _, there := keys["Z"]; there || len(keys) != 4 {
		t.Errorf("KeyInfo knows %d numbers: %v", len(keys), keys)
	}
	other, err := two.KeyInfo(ctx, "https://y.example", order.SalesOrders, []string{"A"})
	if err != nil || len(other) != 0 {
		t.Errorf("another account has the numbers too: %v, %v", other, err)
	}
}

func TestWhatStandsIsTakenOnlyOnPurpose(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	settle := func(o ledger.Order, state ledger.State, id int64) ledger.Claims {
		run, release := plan(t, l, o)
		defer release()
		got := advance(t, l, run, 1)
		for _, c := range got.Claimed {
			advance(t, l, run, 0, ledger.Settlement{Seq: c.Seq, State: state, ID: id})
		}
		return got
	}
	key := func() ledger.KeyRecord {
		all, err := l.KeyInfo(ctx, account, order.SalesOrders, []string{"A"})
		check(t, err)
		return all["A"]
	}
	create, update, again := some("A")[0], some("A")[0], some("A")[0]
	update.Action, again.Recreate = "update", true
	settle(create, ledger.Created, 5)
	if got := settle(create, ledger.Created, 6); len(got.Conflicts) != 1 {
		t.Error("an order that stands was claimed to be created")
	}
	if settle(update, ledger.Rejected, 0); !key().Exists() || key().ID != 5 {
		t.Errorf("after a rejected update the ledger knows %+v", key())
	}
	if settle(update, ledger.Unchanged, 5); key().Outcome != ledger.Created || key().Run != 1 || key().ClaimRun != 0 {
		t.Errorf("after an update that changed nothing the ledger knows %+v", key())
	}
	if settle(update, ledger.Updated, 5); key().Outcome != ledger.Updated || key().Run != 5 {
		t.Errorf("after an update the ledger knows %+v", key())
	}
	if settle(again, ledger.Created, 9); key().ID != 9 || key().Outcome != ledger.Created {
		t.Errorf("after creating it again the ledger knows %+v", key())
	}
	remove := update
	remove.Action = "delete"
	if settle(remove, ledger.Deleted, 9); key().Exists() {
		t.Errorf("after deleting it the ledger knows %+v", key())
	}
	if got := settle(create, ledger.Created, 11); len(got.Claimed) != 1 || key().ID != 11 {
		t.Errorf("after deleting it it can't be created: %v", got.Conflicts)
	}
}

func TestAllNumbersOfAPurchaseOrderAreTaken(t *testing.T) {
	l := open(t)
	orders := some("P1", "P9", "P2")
	orders[0].Numbers, orders[1].Numbers, orders[2].Numbers = []string{"P1", "P2"}, []string{"P9", "P2"}, []string{"P2"}
	run, _ := plan(t, l, orders...)
	got := advance(t, l, run, 3)
	if d := cmp.Diff([]string{"P1"}, numbers(got.Claimed)); d != "" || !strings.Contains(got.Conflicts[0].Message, "twice in this run") {
		t.Errorf("claimed (-want +got):\n%s(%v)", d, got.Conflicts)
	}
	advance(t, l, run, 0, ledger.Settlement{Seq: 1, State: ledger.Rejected})
	other, _ := plan(t, l, some("P9", "P2")...)
	if d := cmp.Diff([]string{"P9", "P2"}, numbers(advance(t, l, other, 3).Claimed)); d != "" {
		t.Errorf("numbers of orders that aren't to stand were kept (-want +got):\n%s", d)
	}
}

func TestManyConflictsEndAtTheWanted(t *testing.T) {
	l := open(t)
	var all []string
	for i := range 1500 {
		all = append(all, fmt.Sprint("N", i))
	}
	first, _ := plan(t, l, some(all[:1400]...)...)
	for left := 1400; left > 0; {
		left -= len(advance(t, l, first, 500).Claimed)
	}
	second, _ := plan(t, l, some(all...)...)
	var claimed, held int
	for {
		got := advance(t, l, second, 40)
		claimed, held = claimed+len(got.Claimed), held+len(got.Conflicts)
		if len(got.Claimed) == 0 && len(got.Conflicts) == 0 {
			break
		}
		if len(got.Claimed) > 40 {
			t.Errorf("%d claimed at once, 40 wanted", len(got.Claimed))
		}
	}
	if claimed != 100 || held != 1400 {
		t.Errorf("%d claimed and %d held, want 100 and 1400", claimed, held)
	}
}

func TestAdvanceNeedsTheRun(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	run, release := plan(t, l, some("A")...)
	check(t, l.UpdateRun(ctx, run, func(r *ledger.Run) { r.State = ledger.Planned }))
	if _, err := l.Advance(ctx, run, nil, 1); !errors.Is(err, ledger.ErrNotConfirmed) {
		t.Errorf("claiming from a plan: %v, want ErrNotConfirmed", err)
	}
	check(t, l.UpdateRun(ctx, run, func(r *ledger.Run) { r.State = ledger.Running }))
	check(t, l.Ask(ctx, run, "stop"))
	if got := advance(t, l, run, 0); got.Asked != "stop" {
		t.Errorf("asked is %q, want stop", got.Asked)
	}
	release()
	if _, err := l.Advance(ctx, run, nil, 1); !errors.Is(err, ledger.ErrNotHeld) {
		t.Errorf("claiming without the run: %v, want ErrNotHeld", err)
	}
	if _, err := l.Recover(ctx, run, 0); !errors.Is(err, ledger.ErrNotHeld) {
		t.Errorf("recovering without the run: %v, want ErrNotHeld", err)
	}
}

func TestRecover(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := reopen(t, path)
	run, release := plan(t, l, some("A", "B", "C", "D")...)
	before := time.Now().Truncate(time.Millisecond)
	advance(t, l, run, 3)
	advance(t, l, run, 0, ledger.Settlement{Seq: 1, State: ledger.Created, ID: 1})
	if _, err := l.Recover(ctx, run, 0); err == nil {
		t.Error("orders on their way were marked unresolved")
	}
	release()
	l = reopen(t, path) // as the next process
	release, err := l.Acquire(ctx, run, "2@elsewhere")
	check(t, err)
	defer release()
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
	if d := cmp.Diff([]string{"C", "D"}, numbers(got.Claimed)); d != "" {
		t.Errorf("claimed (-want +got):\n%s", d)
	}
	keys, err := l.KeyInfo(ctx, account, order.SalesOrders, []string{"B"})
	if err != nil || keys["B"].ID != 2 || keys["B"].Fingerprint != planned(1).Fingerprint {
		t.Errorf("what was settled after a kill is remembered as %+v (%v)", keys["B"], err)
	}
}

func TestOrdersInOrder(t *testing.T) {
	ctx := context.Background()
	l, run := filled(t, filepath.Join(t.TempDir(), "ledger.db"), 1300)
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
		next, n := c.from, int64(0)
		check(t, l.Orders(ctx, run, c.f, func(o *ledger.Order) error {
			want := planned(int(o.Seq) - 1)
			if o.Seq != next || o.Number != want.Number {
				t.Fatalf("%s: order %d is %s, want %d", c.name, o.Seq, o.Number, next)
			}
			if c.f.Full && string(o.Payload) != string(want.Payload) || !c.f.Full && o.Payload != nil {
				t.Fatalf("%s: payload of %s is %s", c.name, o.Number, o.Payload)
			}
			next, n = next+1, n+1
			return nil
		}))
		if n != c.want {
			t.Errorf("%s: %d orders, want %d", c.name, n, c.want)
		}
	}
}
