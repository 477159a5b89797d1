package ledgertest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

func TestRuns(t *testing.T) { each(t, testRuns) }

func testRuns(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	day := time.Date(2026, 3, 4, 5, 6, 7, 89e6, time.UTC)
	want := ledger.Run{
		Kind: order.PurchaseOrders, Account: account, State: ledger.Planned, Mode: "create",
		Created: day, Started: day.Add(time.Hour), Ended: day.Add(2 * time.Hour),
		InputHash: "in", MappingHash: "map", Mapping: []byte("x = 1"), Options: []byte(`{"a":1}`),
		Rows:   ledger.RowCounts{Read: 10, Used: 4, Blank: 3, Ignored: 2, Invalid: 1},
		Orders: 3, Stats: []byte(`{"requests":7}`), PlanHash: "s",
	}
	var err error
	want.ID, err = l.NewRun(ctx, want)
	check(t, err)
	got, err := l.GetRun(ctx, want.ID)
	check(t, err)
	equal(t, "the run", want, got)
	check(t, l.UpdateRun(ctx, want.ID, func(r *ledger.Run) { r.State, r.Owner = ledger.Running, "1@lost" }))
	_, err = l.NewRun(ctx, ledger.Run{}) // is still being planned
	check(t, err)
	second, err := l.NewRun(ctx, ledger.Run{State: ledger.Confirmed})
	check(t, err)
	all, err := l.Runs(ctx)
	check(t, err)
	if len(all) != 2 || all[0].ID != second || all[0].Created.IsZero() || all[1].State != ledger.Running || all[1].Owner != "" {
		t.Errorf("Runs() = %+v, want run %d, then run %d running without an owner", all, second, want.ID)
	}
	_, err = l.GetRun(ctx, 99)
	wantErr(t, "GetRun(99)", err, ledger.ErrNotFound)
	wantErr(t, "UpdateRun(99)", l.UpdateRun(ctx, 99, func(*ledger.Run) {}), ledger.ErrNotFound)
	wantErr(t, "Ask(99)", l.Ask(ctx, 99, "stop"), ledger.ErrNotFound)
	_, err = l.Acquire(ctx, 99, "2@elsewhere")
	wantErr(t, "Acquire(99)", err, ledger.ErrNotFound)
}

// TestOwner lets two processes want a run, and one of them die.
func TestOwner(t *testing.T) { each(t, testOwner) }

func testOwner(t *testing.T, open opener) {
	ctx, one, two := t.Context(), open(), open()
	run, release := confirm(t, one, some("A")...)
	var owned *ledger.OwnedError
	for _, l := range []ledger.Ledger{one, two} {
		_, err := l.Acquire(ctx, run, "2@elsewhere")
		if !errors.As(err, &owned) || owned.Owner != "1@elsewhere" || owned.Since.IsZero() {
			t.Fatalf("a second process got the run: %v", err)
		}
		if want := fmt.Sprintf("process 1@elsewhere has been working on run %d since ", run); !strings.Contains(err.Error(), want) {
			t.Errorf("the second process is told %q, want %q", err, want)
		}
	}
	r, err := two.GetRun(ctx, run)
	check(t, err)
	if r.Owner != "1@elsewhere" || !r.OwnerSince.Equal(owned.Since) || !r.Busy() {
		t.Errorf("the run belongs to %s since %s", r.Owner, r.OwnerSince)
	}
	other, _ := confirm(t, two, some("B")...)
	if got := advance(t, two, other, 1); len(got.Claimed) != 1 {
		t.Error("another run doesn't continue")
	}
	release()
	release()
	dead, host := exec.Command(os.Args[0], "-test.run", "^$"), ""
	check(t, dead.Run())
	host, err = os.Hostname()
	check(t, err)
	_, err = one.Acquire(ctx, run, fmt.Sprintf("%d@%s", dead.Process.Pid, host))
	check(t, err)
	_, err = two.Acquire(ctx, run, fmt.Sprintf("%d@%s", os.Getpid(), host))
	check(t, err)
	_, err = one.Advance(ctx, run, nil, 1)
	wantErr(t, "claiming after another process has locked the run", err, ledger.ErrNotHeld)
}

func TestDiscard(t *testing.T) { each(t, testDiscard) }

func testDiscard(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	run, release := confirm(t, l, some("A", "B")...)
	spoolRows(t, l, run, 0, manyRows(100))
	advance(t, l, run, 1)
	wantErr(t, "discarding a run with a claimed order", l.Discard(ctx, run), ledger.ErrUnresolved)
	advance(t, l, run, 0, ledger.Settlement{Seq: 1, State: ledger.Created, ID: 5})
	release()
	check(t, l.Discard(ctx, run))
	_, err := l.GetRun(ctx, run)
	wantErr(t, "reading a discarded run", err, ledger.ErrNotFound)
	counts, err := l.CountStates(ctx, run)
	check(t, err)
	equal(t, "orders of a discarded run", map[ledger.State]int64{}, counts)
	check(t, l.SpoolRows(ctx, run, 0, func(r *cell.Row) error { return fmt.Errorf("row %d was kept", r.Num) }))
	if !key(t, l, "A").Exists() {
		t.Error("the order of a discarded run isn't remembered")
	}
	next, err := l.NewRun(ctx, ledger.Run{State: ledger.Finished, Ended: time.Now().Add(-48 * time.Hour)})
	check(t, err)
	if next <= run {
		t.Errorf("the number of run %d was used again", run)
	}
	_, err = l.NewRun(ctx, ledger.Run{State: ledger.Stopped})
	check(t, err)
	if n, err := l.Prune(ctx, time.Now().Add(-24*time.Hour)); n != 1 || err != nil {
		t.Errorf("Prune() = %d, %v; want the one finished run", n, err)
	}
	info, err := l.Info(ctx)
	check(t, err)
	equal(t, "runs", map[ledger.RunState]int64{ledger.Stopped: 1}, info.Runs)
	if info.Orders != 0 || info.Numbers != 1 || info.Bytes == 0 || info.Oldest.IsZero() {
		t.Errorf("Info() = %+v", info)
	}
}

func TestSettings(t *testing.T) { each(t, testSettings) }

func testSettings(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	check(t, l.SetSetting(ctx, "filter", "no"))
	check(t, l.SetSetting(ctx, "filter", "yes"))
	for name, want := range map[string]string{"filter": "yes", "other": ""} {
		if v, err := l.Setting(ctx, name); v != want || err != nil {
			t.Errorf("Setting(%s) = %q, %v; want %q", name, v, err, want)
		}
	}
}
