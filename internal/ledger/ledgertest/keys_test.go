package ledgertest

import (
	"fmt"
	"strings"
	"testing"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

// TestKeys lets two processes want the same order numbers.
func TestKeys(t *testing.T) { each(t, testKeys) }

func testKeys(t *testing.T, open opener) {
	one, two := open(), open()
	first, _ := confirm(t, one, some("A", "B", "C", "D", "E")...)
	second, _ := confirm(t, two, some("A", "B", "C", "D", "E", "F")...)
	advance(t, one, first, 5)
	advance(t, one, first, 0, ledger.Settlement{Seq: 2, State: ledger.Created, ID: 20}, ledger.Settlement{Seq: 3, State: ledger.Rejected},
		ledger.Settlement{Seq: 4, State: ledger.Unknown}, ledger.Settlement{Seq: 5, State: ledger.OrderPlanned})
	got := advance(t, two, second, 9)
	equal(t, "claimed by the second run", []string{"C", "E", "F"}, numbers(got.Claimed))
	equal(t, "held by the second run", []string{"A", "B", "D"}, numbers(got.Conflicts))
	for i, part := range []string{"was claimed by run %d on", "was created by run %d on", "was claimed by run %d on"} {
		part = fmt.Sprintf(part, first)
		o := orderAt(t, two, second, got.Conflicts[i].Seq)
		if o.State != ledger.Held || !strings.Contains(o.Message, part) || o.Message != got.Conflicts[i].Message {
			t.Errorf("order %s is %s: %q, want held: ... %s", o.Number, o.State, o.Message, part)
		}
	}
	back := advance(t, one, first, 9)
	equal(t, "claimed and held by the first run", [][]string{nil, {"E"}}, [][]string{numbers(back.Claimed), numbers(back.Conflicts)})
	if k := key(t, two, "B"); !k.Exists() || k.ID != 20 || k.Run != first || k.Seq != 2 || k.Fingerprint != planned(1).Fingerprint || k.ClaimRun != 0 {
		t.Errorf("KeyInfo(B) = %+v", k)
	}
	if k := key(t, two, "A"); k.Exists() || k.ClaimRun != first || k.ClaimSeq != 1 {
		t.Errorf("KeyInfo(A) = %+v", k)
	}
	for name, want := range map[string]string{account: "B", "https://y.example": ""} {
		if k, err := two.LatestKey(t.Context(), name, order.SalesOrders); err != nil || k.Number != want {
			t.Errorf("LatestKey of %s is %q, %v; want %q", name, k.Number, err, want)
		}
	}
	for name, want := range map[string]int{account: 4, "https://y.example": 0} {
		keys, err := two.KeyInfo(t.Context(), name, order.SalesOrders, []string{"A", "B", "C", "F", "Z"})
		if err != nil || len(keys) != want {
			t.Errorf("KeyInfo of %s knows %d numbers, want %d: %v, %v", name, len(keys), want, keys, err)
		}
	}
}

// TestExistingOrders lets one run after the other want the same order number.
func TestExistingOrders(t *testing.T) { each(t, testExistingOrders) }

func testExistingOrders(t *testing.T, open opener) {
	l := open()
	create, update, remove, again := planned(0), planned(0), planned(0), planned(0)
	update.Action, remove.Action, again.Recreate = "update", "delete", true
	var creator int64
	for _, c := range []struct {
		name    string
		order   ledger.Order
		state   ledger.State
		id      int64
		outcome ledger.State // that the ledger then knows
		knownID int64
		claimed bool
	}{
		{"create", create, ledger.Created, 5, ledger.Created, 5, true},
		{"create an existing order", create, ledger.Created, 6, ledger.Created, 5, false},
		{"update, rejected", update, ledger.Rejected, 0, ledger.Created, 5, true},
		{"update, unchanged", update, ledger.Unchanged, 5, ledger.Created, 5, true},
		{"update", update, ledger.Updated, 5, ledger.Updated, 5, true},
		{"create again on purpose", again, ledger.Created, 9, ledger.Created, 9, true},
		{"delete", remove, ledger.Deleted, 9, ledger.Deleted, 9, true},
		{"create a deleted order", create, ledger.Created, 11, ledger.Created, 11, true},
	} {
		run, release := confirm(t, l, c.order)
		got := advance(t, l, run, 1)
		for _, o := range got.Claimed {
			advance(t, l, run, 0, ledger.Settlement{Seq: o.Seq, State: c.state, ID: c.id})
		}
		release()
		if c.claimed != (len(got.Claimed) == 1) || c.claimed != (len(got.Conflicts) == 0) {
			t.Errorf("%s: claimed %v and held %v", c.name, numbers(got.Claimed), numbers(got.Conflicts))
		}
		if c.claimed && c.state == c.outcome {
			creator = run
		}
		k := key(t, l, create.Number)
		if k.Outcome != c.outcome || k.ID != c.knownID || k.Run != creator || k.ClaimRun != 0 || k.Exists() != (c.outcome != ledger.Deleted) {
			t.Errorf("%s: the ledger knows %+v, want %s as id %d by run %d", c.name, k, c.outcome, c.knownID, creator)
		}
	}
}

func TestSeveralNumbers(t *testing.T) { each(t, testSeveralNumbers) }

func testSeveralNumbers(t *testing.T, open opener) {
	l := open()
	orders := some("P1", "P9", "P2")
	orders[0].Numbers, orders[1].Numbers, orders[2].Numbers = []string{"P1", "P2"}, []string{"P9", "P2"}, []string{"P2"}
	run, _ := confirm(t, l, orders...)
	got := advance(t, l, run, 3)
	equal(t, "claimed", []string{"P1"}, numbers(got.Claimed))
	if !strings.Contains(got.Conflicts[0].Message, "twice in this run") {
		t.Errorf("held: %q", got.Conflicts[0].Message)
	}
	advance(t, l, run, 0, ledger.Settlement{Seq: 1, State: ledger.Rejected})
	other, _ := confirm(t, l, some("P9", "P2")...)
	equal(t, "claimed once they are free", []string{"P9", "P2"}, numbers(advance(t, l, other, 3).Claimed))
}

func TestManyConflicts(t *testing.T) { each(t, testManyConflicts) }

func testManyConflicts(t *testing.T, open opener) {
	l := open()
	var all []string
	for i := range 1500 {
		all = append(all, fmt.Sprint("N", i))
	}
	first, _ := confirm(t, l, some(all[:1400]...)...)
	for left := 1400; left > 0; {
		left -= len(advance(t, l, first, 500).Claimed)
	}
	second, _ := confirm(t, l, some(all...)...)
	claimed, held := 0, 0
	for got := advance(t, l, second, 40); len(got.Claimed)+len(got.Conflicts) > 0; got = advance(t, l, second, 40) {
		claimed, held = claimed+len(got.Claimed), held+len(got.Conflicts)
		if len(got.Claimed) > 40 {
			t.Errorf("%d claimed at once, 40 wanted", len(got.Claimed))
		}
	}
	if claimed != 100 || held != 1400 {
		t.Errorf("%d claimed and %d held, want 100 and 1400", claimed, held)
	}
}

func TestListing(t *testing.T) { each(t, testListing) }

func testListing(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	for range 2 { // the second drops the first
		s, err := l.NewListing(ctx, order.SalesOrders)
		check(t, err)
		found, err := s.Find(ctx, []string{"A"})
		if len(found) != 0 || err != nil {
			t.Errorf("a new listing has %v, %v", found, err)
		}
		for _, raw := range []string{`{"id":1,"order_number":"A"}`, `{"id":2,"order_number":"A"}`, `{"id":1,"order_number":"A","x":1}`} {
			a, err := order.ParseAnswer(order.SalesOrders, []byte(raw))
			check(t, err)
			check(t, s.Add(ctx, "A", a))
		}
		found, err = s.Find(ctx, []string{"A", "B"})
		check(t, err)
		if a := found["A"]; len(found) != 1 || len(a) != 2 || a[0].ID != 1 || a[1].ID != 2 || !strings.Contains(string(a[0].Raw), "x") {
			t.Errorf("the listing has %v", found)
		}
		defer s.Close()
	}
}
