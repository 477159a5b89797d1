package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"

	"github.com/google/go-cmp/cmp"
)

// open opens a new ledger on disk.
func open(tb testing.TB) *sqlite.Ledger {
	tb.Helper()
	return reopen(tb, filepath.Join(tb.TempDir(), "ledger.db"))
}

func reopen(tb testing.TB, path string) *sqlite.Ledger {
	tb.Helper()
	l, err := sqlite.Open(path)
	check(tb, err)
	tb.Cleanup(func() { check(tb, l.Close()) })
	return l
}

func TestOpenKeepsOthersOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "ordersheet", "ledger.db")
	l, err := sqlite.Open(path)
	check(t, err)
	_, err = l.NewRun(context.Background(), ledger.Run{})
	check(t, err)
	if l.Path() != path {
		t.Errorf("Path() = %s, want %s", l.Path(), path)
	}
	if runtime.GOOS != "windows" {
		for name, want := range map[string]os.FileMode{path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600, filepath.Dir(path): 0o700} {
			info, err := os.Stat(name)
			check(t, err)
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s has mode %o, want %o", filepath.Base(name), got, want)
			}
		}
	}
	check(t, l.Close())
	check(t, os.Chmod(path, 0o644))
	l, err = sqlite.Open(path)
	check(t, err)
	check(t, l.Close())
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		t.Errorf("a ledger that others could read has mode %v after opening (%v)", info.Mode(), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		check(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	database := func(name string, statements ...string) string {
		path := filepath.Join(dir, name)
		db, err := sql.Open("sqlite", path)
		check(t, err)
		for _, s := range statements {
			_, err := db.Exec(s)
			check(t, err)
		}
		check(t, db.Close())
		return path
	}
	newer := filepath.Join(dir, "newer.db")
	l, err := sqlite.Open(newer)
	check(t, err)
	check(t, l.Close())
	database("newer.db", `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)`)
	for _, c := range []struct {
		path string
		want error
	}{
		{newer, ledger.ErrNewer},
		{database("other.db", `CREATE TABLE recipes (id INTEGER)`), ledger.ErrDamaged},
		{file("text.db", strings.Repeat("this is no ledger\n", 500)), ledger.ErrDamaged},
		{filepath.Join(file("plain", "x"), "ledger.db"), ledger.ErrNotWritable},
		{dir, ledger.ErrNotWritable},
	} {
		l, err := sqlite.Open(c.path)
		if !errors.Is(err, c.want) {
			t.Errorf("Open(%s) = %v, want %v", filepath.Base(c.path), err, c.want)
		}
		if err == nil {
			check(t, l.Close())
		}
	}
}

func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() {
			l, err := sqlite.Open(path)
			if err == nil {
				_, err = l.NewRun(context.Background(), ledger.Run{State: ledger.Planned})
				err = errors.Join(err, l.Close())
			}
			errs[i] = err
		})
	}
	all.Wait()
	check(t, errors.Join(errs...))
	runs, err := reopen(t, path).Runs(context.Background())
	if err != nil || len(runs) != len(errs) {
		t.Errorf("%d runs stand after %d programs opened a new ledger at once (%v)", len(runs), len(errs), err)
	}
}

func TestVanishedFileIsNoticed(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // an open file can't be removed there
	}
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, run := filled(t, path, 10)
	check(t, os.Rename(path, path+".away"))
	if _, err := l.Advance(ctx, run, nil, 5); !errors.Is(err, ledger.ErrVanished) {
		t.Errorf("claiming with the file gone: %v, want ErrVanished", err)
	}
	check(t, os.WriteFile(path, nil, 0o600))
	if _, err := l.Advance(ctx, run, nil, 5); !errors.Is(err, ledger.ErrVanished) {
		t.Errorf("claiming with another file in its place: %v, want ErrVanished", err)
	}
	check(t, os.Rename(path+".away", path))
	if got, err := l.Advance(ctx, run, nil, 5); err != nil || len(got.Claimed) != 5 || got.Claimed[0].Seq != 1 {
		t.Errorf("claiming with the file back: %v orders, %v; want the first 5", len(got.Claimed), err)
	}
}

func TestRuns(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	want := ledger.Run{
		Kind: order.PurchaseOrders, Account: "https://a.example/external/api/v1", State: ledger.Planned, Mode: "create", Created: day,
		Started: day.Add(time.Hour), Ended: day.Add(2 * time.Hour), InputHash: "in", MappingHash: "map", Mapping: []byte("x = 1"),
		Options: []byte(`{"a":1}`), Rows: ledger.RowCounts{Read: 10, Used: 4, Blank: 3, Ignored: 2, Invalid: 1}, Orders: 3,
		Stats: []byte(`{"requests":7}`), PlanHash: "s",
	}
	var err error
	want.ID, err = l.NewRun(ctx, want)
	check(t, err)
	got, err := l.GetRun(ctx, want.ID)
	check(t, err)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the run changed on its way (-want +got):\n%s", d)
	}
	check(t, l.UpdateRun(ctx, want.ID, func(r *ledger.Run) { r.State, r.Owner = ledger.Running, "nobody" }))
	hidden, err := l.NewRun(ctx, ledger.Run{})
	check(t, err)
	second, err := l.NewRun(ctx, ledger.Run{State: ledger.Confirmed})
	check(t, err)
	all, err := l.Runs(ctx)
	check(t, err)
	if len(all) != 2 || all[0].ID != second || all[1].State != ledger.Running || all[1].Owner != "" {
		t.Errorf("Runs() = %+v, want run %d, then run %d running without an owner; run %d is still being planned", all, second, want.ID, hidden)
	}
	if _, err := l.GetRun(ctx, 99); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("GetRun(99) = %v, want ErrNotFound", err)
	}
	if err := l.UpdateRun(ctx, 99, func(*ledger.Run) {}); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("UpdateRun(99) = %v, want ErrNotFound", err)
	}
	check(t, l.SetSetting(ctx, "filter", "no"))
	check(t, l.SetSetting(ctx, "filter", "yes"))
	if v, err := l.Setting(ctx, "filter"); v != "yes" || err != nil {
		t.Errorf("Setting(filter) = %q, %v; want yes", v, err)
	}
	if v, err := l.Setting(ctx, "other"); v != "" || err != nil {
		t.Errorf("Setting(other) = %q, %v; want nothing", v, err)
	}
}

func TestSources(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	want := []ledger.Source{{
		Source: cell.Source{
			File: "a.xlsx", Sheet: "Orders", Date1904: true, Formats: []cell.Format{{Code: "00000", Class: cell.Decimal, Zeros: 5}},
			Merges: []cell.Range{{Row1: 1, Col1: 0, Row2: 2, Col2: 3}},
		},
		Path: "/x/a.xlsx", Hash: "h", Size: 1 << 40, Container: "xlsx", HeaderRow: 3,
		Header: []ledger.HeaderCell{{Col: 0, Text: "Order #"}, {Col: 16383, Text: "Zip"}}, Columns: []byte(`[{"col":0}]`), Rows: 12,
	}, {Source: cell.Source{File: "b.csv"}, LeftOut: "hidden"}}
	for i := range want {
		n, err := l.AddSource(ctx, 7, want[i])
		check(t, err)
		if want[i].N = n; n != i {
			t.Errorf("source %d got number %d", i, n)
		}
	}
	want[1].Rows, want[1].LeftOut = 5, ""
	check(t, l.UpdateSource(ctx, 7, want[1]))
	got, err := l.Sources(ctx, 7)
	check(t, err)
	if d := cmp.Diff(want, got, cmp.Transformer("text", func(b []byte) string { return string(b) })); d != "" {
		t.Errorf("sources changed on their way (-want +got):\n%s", d)
	}
	if none, err := l.Sources(ctx, 8); len(none) != 0 || err != nil {
		t.Errorf("run 8 has sources %v, %v", none, err)
	}
}

func TestProblems(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	var want []problem.Problem
	w := l.PutOrders(1)
	for i := range 600 { // more than are read at once
		p := problem.Problem{
			Severity: problem.Error, Code: "date_ambiguous", File: "a.xlsx", Sheet: "Orders", Cell: cell.A1(i+2, 3), Header: "Date", Field: "order_date",
			OrderNumber: planned(i).Number, Value: "=1/2", Expected: "a date", Message: "two readings", Hint: "say which",
			Remedies: []problem.Remedy{{Kind: problem.MappingOption, Option: "date_order"}, {Kind: problem.ResumeRun, Run: int64(i)}},
		}
		o := planned(i)
		o.State = ledger.Invalid
		_, err := w.Add(o, []problem.Problem{p, {Severity: problem.Notice, Message: "spaces cut"}})
		check(t, err)
		want = append(want, p, problem.Problem{Severity: problem.Notice, Message: "spaces cut"})
	}
	early := problem.Problem{Severity: problem.Error, Message: "a row without a number"}
	check(t, w.AddProblems(0, []problem.Problem{early}))
	check(t, w.Close(ctx))
	own := problem.Problem{Severity: problem.Warning, Message: "a sheet is hidden"}
	check(t, l.AddProblems(ctx, 1, 0, []problem.Problem{own}))
	check(t, l.AddProblems(ctx, 2, 1, []problem.Problem{{Message: "of another run"}}))
	var got []problem.Problem
	var seqs []int64
	check(t, l.Problems(ctx, 1, func(seq int64, p problem.Problem) error {
		got, seqs = append(got, p), append(seqs, seq)
		_, err := l.CountStates(ctx, 1) // the ledger may be used inside
		return err
	}))
	if d := cmp.Diff(append(want, early, own), got); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
	if n := len(seqs); n != 1202 || seqs[0] != 1 || seqs[n-3] != 600 || seqs[n-2] != 0 || seqs[n-1] != 0 {
		t.Errorf("problems belong to orders %v", seqs)
	}
	if d := cmp.Diff(want[598:600], problemsOf(t, l, 1, 300)); d != "" {
		t.Errorf("problems of order 300 (-want +got):\n%s", d)
	}
	stop := errors.New("stop")
	if err := l.Problems(ctx, 1, func(int64, problem.Problem) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Problems returned %v, want the error of fn", err)
	}
}

func TestDiscardAndPrune(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, run := filled(t, path, 3000)
	w := l.Spool(run, 0)
	var row cell.Row
	for i := range 5000 {
		spoolRow(&row, i)
		check(t, w.Append(&row))
	}
	check(t, w.Close(ctx))
	got, err := l.Advance(ctx, run, nil, 1)
	check(t, err)
	if err := l.Discard(ctx, run); !errors.Is(err, ledger.ErrUnresolved) {
		t.Fatalf("a run with a claimed order was discarded: %v", err)
	}
	_, err = l.Advance(ctx, run, []ledger.Settlement{{Seq: got.Claimed[0].Seq, State: ledger.Created, ID: 5}}, 0)
	check(t, err)
	check(t, l.Vacuum(ctx))
	check(t, l.Close()) // folds the log into the file
	before, err := os.Stat(path)
	check(t, err)
	l = reopen(t, path)
	check(t, l.Discard(ctx, run))
	if _, err := l.GetRun(ctx, run); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("the discarded run is still there: %v", err)
	}
	counts, err := l.CountStates(ctx, run)
	if len(counts) != 0 || err != nil {
		t.Errorf("the discarded run has orders: %v, %v", counts, err)
	}
	check(t, l.SpoolRows(ctx, run, 0, func(r *cell.Row) error { t.Errorf("row %d was kept", r.Num); return nil }))
	keys, err := l.KeyInfo(ctx, "https://x.example/external/api/v1", order.SalesOrders, []string{got.Claimed[0].Number})
	if err != nil || !keys[got.Claimed[0].Number].Exists() {
		t.Errorf("the order of the discarded run isn't remembered: %v, %v", keys, err)
	}
	check(t, l.Vacuum(ctx))
	check(t, l.Close())
	l = reopen(t, path)
	if after, err := os.Stat(path); err != nil || after.Size() >= before.Size()/2 {
		t.Errorf("the file has %d bytes after Vacuum, %d before (%v)", after.Size(), before.Size(), err)
	}
	next, err := l.NewRun(ctx, ledger.Run{State: ledger.Finished, Ended: time.Now().Add(-48 * time.Hour)})
	check(t, err)
	if next <= run {
		t.Errorf("the number of run %d was given away again", run)
	}
	if _, err = l.NewRun(ctx, ledger.Run{State: ledger.Stopped}); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Prune(ctx, time.Now().Add(-24*time.Hour)); n != 1 || err != nil {
		t.Errorf("Prune() = %d, %v; want the one finished run", n, err)
	}
}
