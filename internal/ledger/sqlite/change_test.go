package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// changing makes a run of n orders of which every third is a plain create.
func changing(t *testing.T, l *sqlite.Ledger, n int) int64 {
	t.Helper()
	ctx := context.Background()
	run, err := l.NewRun(ctx, ledger.Run{Kind: order.SalesOrders, Account: "a", Mode: "upsert"})
	check(t, err)
	w := l.PutOrders(run)
	for i := range n {
		o := ledger.Order{Number: fmt.Sprint("N", i), Action: "create", Payload: []byte("{}")}
		if i%3 != 0 {
			o.Action, o.Change = "upsert", &order.Change{Requested: "upsert"}
			o.IfCreated = []problem.Problem{{Severity: problem.Error, Code: "missing", Message: fmt.Sprint("of ", i)}}
		}
		_, err := w.Add(o, nil)
		check(t, err)
	}
	check(t, w.Close(ctx))
	check(t, l.UpdateRun(ctx, run, func(r *ledger.Run) { r.State = ledger.Planned }))
	release, err := l.Acquire(ctx, run, "1@here")
	check(t, err)
	t.Cleanup(release)
	return run
}

func all(t *testing.T, l *sqlite.Ledger, run int64) []ledger.Order {
	t.Helper()
	var out []ledger.Order
	check(t, l.Orders(context.Background(), run, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		out = append(out, *o)
		return nil
	}))
	return out
}

func TestDecide(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	run := changing(t, l, 1500)
	for i, o := range all(t, l, run) {
		if (i%3 == 0) != (o.Change == nil) || i%3 != 0 && o.IfCreated[0].Message != fmt.Sprint("of ", i) {
			t.Fatalf("order %d came back with the change %v and %v", i, o.Change, o.IfCreated)
		}
	}
	want := order.Change{Requested: "upsert", ID: 7, Body: json.RawMessage(`{"order_status":"shipped"}`), Before: json.RawMessage(`{"order_status":"pending"}`)}
	held := ledger.Decision{Seq: 3, State: ledger.Held, Message: "stale", Problems: []problem.Problem{{Severity: problem.Error, Code: "stale"}}}
	check(t, l.Decide(ctx, run, []ledger.Decision{
		{Seq: 1, State: ledger.Unchanged, ID: 5}, {Seq: 2, State: ledger.OrderPlanned, Action: "update", Number: "X2", ID: 7, Change: &want}, held,
	}))
	got := orderAt(t, l, run, 2)
	if diff := cmp.Diff(want, *got.Change); diff != "" || got.Action != "update" || got.Number != "X2" || got.ID != 7 {
		t.Errorf("the decided order came back as %+v: %s", got, diff)
	}
	bad := []ledger.Decision{{Seq: 2, State: ledger.Held}, {Seq: 1, State: ledger.OrderPlanned}}
	if err := l.Decide(ctx, run, bad); !errors.Is(err, ledger.ErrSettled) {
		t.Errorf("deciding on an order that is unchanged: %v, want ErrSettled", err)
	}
	if got = orderAt(t, l, run, 2); got.State != ledger.OrderPlanned {
		t.Errorf("a decision that failed left order 2 %s", got.State)
	}
	check(t, l.Decide(ctx, run, []ledger.Decision{{Seq: 3, State: ledger.OrderPlanned, Resolved: []string{"stale"}}}))
	if p := problemsOf(t, l, run, 3); len(p) > 0 {
		t.Errorf("an order that is planned again has the problems %v", p)
	}
	check(t, l.UpdateRun(ctx, run, func(r *ledger.Run) { r.State = ledger.Running }))
	taken, err := l.Advance(ctx, run, nil, 2)
	check(t, err)
	if diff := cmp.Diff(want, *taken.Claimed[0].Change); diff != "" {
		t.Errorf("the claimed order's change: %s", diff)
	}
	want.UpdatedAt = "later"
	_, err = l.Advance(ctx, run, []ledger.Settlement{{Seq: 2, State: ledger.Unresolved, Change: &want}}, 0)
	check(t, err)
	pending, err := l.PendingLookups(ctx, run, taken.Claimed[0].ClaimedAt, 9)
	check(t, err)
	if diff := cmp.Diff(want, *pending[0].Change); diff != "" {
		t.Errorf("the change of an unresolved order: %s", diff)
	}
}

// TestOpenBringsVersion1UpToDate opens a ledger that the program's first version made.
func TestOpenBringsVersion1UpToDate(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	first, err := os.ReadFile("migrations/00001_ledger.sql")
	check(t, err)
	_, up, _ := strings.Cut(string(first), "-- +goose Up")
	db, err := sql.Open("sqlite", path)
	check(t, err)
	for _, s := range []string{
		up, `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL,
			tstamp TIMESTAMP DEFAULT (datetime('now')))`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)`,
		`INSERT INTO run (kind, account, state, mode, created, started, ended, input_hash, mapping_hash, rows_read, rows_used, rows_blank, rows_ignored,
			rows_refused, orders, sealed) VALUES ('sales-orders', 'a', 'finished', 'create', 1, 2, 3, 'in', 'by', 0, 0, 0, 0, 0, 0, '')`,
	} {
		_, err := db.Exec(s)
		check(t, err)
	}
	check(t, db.Close())
	l := reopen(t, path)
	if runs, err := l.Runs(ctx); err != nil || len(runs) != 1 || runs[0].InputHash != "in" {
		t.Errorf("the runs of an older ledger are %v (%v)", runs, err)
	}
	if n := len(all(t, l, changing(t, l, 6))); n != 6 {
		t.Errorf("a ledger that was brought up to date gives %d orders back, want 6", n)
	}
}
