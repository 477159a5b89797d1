// Package ledgertest tests that every implementation of a ledger does what package ledger promises,
// role by role. What only one can do, such as surviving a broken disk, it tests itself.
package ledgertest

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// account is the account of the runs that confirm makes.
const account = "https://x.example/external/api/v1"

// opener opens the same ledger again and again, each time as another process would. The ledgers may
// be closed by the test, and are closed at its end.
type opener func() ledger.Ledger

// implementations make new ledgers.
var implementations = map[string]func(t *testing.T) opener{
	"sqlite": func(t *testing.T) opener {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func() ledger.Ledger {
			l, err := sqlite.Open(path)
			check(t, err)
			t.Cleanup(func() { check(t, l.Close()) })
			return l
		}
	},
}

// each runs a test on a new ledger of every implementation.
func each(t *testing.T, test func(*testing.T, opener)) {
	t.Helper()
	for name, create := range implementations {
		t.Run(name, func(t *testing.T) { test(t, create(t)) })
	}
}

// planned returns the i-th of some orders to create.
func planned(i int) ledger.Order {
	number := fmt.Sprintf("SO-%07d", i)
	return ledger.Order{
		Number: number, Action: "create", Payload: fmt.Appendf(nil, `{"order_number":%q,"total_tax":%d}`, number, i),
		Fingerprint: fmt.Sprintf("1:%064x", uint64(i)*0x9e3779b97f4a7c15), ExpectedTotal: "123.45",
		Rows: []ledger.RowRef{{Row: 3*i + 2}, {Row: 3*i + 3}, {Row: 3*i + 4}}, Items: []int{0, 1, 2},
	}
}

// some returns orders to create with these numbers.
func some(numbers ...string) (all []ledger.Order) {
	for i, n := range numbers {
		o := planned(i)
		o.Number = n
		all = append(all, o)
	}
	return all
}

// confirm makes a confirmed run of these orders and locks it.
func confirm(t testing.TB, l ledger.Ledger, orders ...ledger.Order) (run int64, release func()) {
	t.Helper()
	run, err := l.NewRun(t.Context(), ledger.Run{Kind: order.SalesOrders, Account: account})
	check(t, err)
	w := l.PutOrders(run)
	for _, o := range orders {
		_, err := w.Add(o, nil)
		check(t, err)
	}
	check(t, w.Close(t.Context()))
	check(t, l.UpdateRun(t.Context(), run, func(r *ledger.Run) { r.State, r.Orders = ledger.Confirmed, int64(len(orders)) }))
	release, err = l.Acquire(t.Context(), run, "1@elsewhere")
	check(t, err)
	return run, release
}

// fataler is a test, a benchmark or a property.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

func check(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// equal fails the test when got isn't want. what names it.
func equal(t *testing.T, what string, want, got any) {
	t.Helper()
	if reflect.DeepEqual(want, got) { // much faster
		return
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// wantErr fails the test when err isn't want.
func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func advance(t *testing.T, l ledger.Ledger, run int64, want int, settled ...ledger.Settlement) ledger.Claims {
	t.Helper()
	got, err := l.Advance(t.Context(), run, settled, want)
	check(t, err)
	return got
}

func numbers(orders []ledger.Order) (all []string) {
	for _, o := range orders {
		all = append(all, o.Number)
	}
	return all
}

// orderAt returns the order at a place of a run.
func orderAt(t *testing.T, l ledger.Ledger, run, seq int64) (found ledger.Order) {
	t.Helper()
	stop := errors.New("found")
	err := l.Orders(t.Context(), run, ledger.Filter{From: seq, Full: true}, func(o *ledger.Order) error {
		found = *o
		return stop
	})
	if !errors.Is(err, stop) || found.Seq != seq {
		t.Fatalf("run %d has no order %d: %v", run, seq, err)
	}
	return found
}

// problemsOf returns the problems of one order.
func problemsOf(t *testing.T, l ledger.Ledger, run, seq int64) (all []problem.Problem) {
	t.Helper()
	check(t, l.Problems(t.Context(), run, func(of int64, p problem.Problem) error {
		if of == seq {
			all = append(all, p)
		}
		return nil
	}))
	return all
}

func key(t *testing.T, l ledger.Ledger, number string) ledger.KeyRecord {
	t.Helper()
	all, err := l.KeyInfo(t.Context(), account, order.SalesOrders, []string{number})
	check(t, err)
	return all[number]
}
