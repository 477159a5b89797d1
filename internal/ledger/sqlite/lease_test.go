package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
)

// plan makes a confirmed run of these orders and locks it.
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

func TestLeaseLapses(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		path := filepath.Join(dir, "ledger.db")
		one := reopen(t, path)
		run, release := plan(t, one, some("A")...)
		two := reopen(t, path)
		time.Sleep(5 * time.Minute)
		if _, err := two.Acquire(ctx, run, "2@elsewhere"); err == nil {
			t.Error("a process that shows that it lives lost its run")
		}
		check(t, one.Close())
		release()
		first, err := two.Acquire(ctx, run, "2@elsewhere")
		check(t, err)
		first()
	})
}

func TestSilentProcessLosesItsRun(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	run, release := plan(t, l, some("A")...)
	release()
	path := l.Path()
	// A process that was killed on another machine leaves its name and its last beat.
	exec := func(beat time.Time) {
		setOwner(t, path, run, "77@elsewhere", beat)
	}
	exec(time.Now().Add(-20 * time.Second))
	if _, err := l.Acquire(ctx, run, "2@here"); err == nil {
		t.Error("a process that was silent for 20 s lost its run")
	}
	for _, beat := range []time.Time{time.Now().Add(-31 * time.Second), time.Now().Add(time.Hour)} {
		exec(beat)
		release, err := l.Acquire(ctx, run, "2@here")
		if err != nil {
			t.Errorf("with a last beat at %v: %v", beat, err)
			continue
		}
		release()
	}
}

func TestBusy(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	run, release := plan(t, l, some("A")...)
	busy := func() bool {
		r, err := l.GetRun(ctx, run)
		check(t, err)
		return r.Busy()
	}
	if !busy() {
		t.Error("a run that is held isn't busy")
	}
	if release(); busy() {
		t.Error("a run that was let go is busy")
	}
	setOwner(t, l.Path(), run, "77@elsewhere", time.Now().Add(-time.Minute))
	if busy() {
		t.Error("a run whose process is silent is busy")
	}
}
