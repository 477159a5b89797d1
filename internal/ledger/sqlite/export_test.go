package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
)

func TestExport(t *testing.T) {
	ctx := context.Background()
	l, err := sqlite.Open(filepath.Join(t.TempDir(), "ledger.db"))
	check(t, err)
	defer l.Close()
	run := ledger.Run{Kind: order.SalesOrders, Account: "https://a/v1", Options: []byte(`{}`)}
	e, found, err := l.OpenExport(ctx, run, "nightly")
	check(t, err)
	if found || e.Name != "nightly" || e.Run.Mode != ledger.ExportMode {
		t.Fatalf("a new export is %+v, found %v", e, found)
	}
	if err := l.KeepAnswers(ctx, e.Run.ID, 1, nil, nil); !errors.Is(err, ledger.ErrNotHeld) {
		t.Errorf("an export that isn't held took answers: %v", err)
	}
	release, err := l.Acquire(ctx, e.Run.ID, self(t, 1))
	check(t, err)
	defer release()
	const many = 3000 // several blocks
	var all []ledger.Answer
	for i := range many {
		all = append(all, ledger.Answer{ID: int64(1000 + i), UpdatedAt: "2025-01-02T03:04:05Z", Raw: fmt.Appendf(nil, `{"id":%d,"notes":%q}`, 1000+i, strings.Repeat("x", i%400))})
	}
	check(t, l.KeepAnswers(ctx, e.Run.ID, 1, all[:2500], []byte(`{"cursor":"a"}`)))
	check(t, l.KeepAnswers(ctx, e.Run.ID, 2501, all[2500:], []byte(`{"cursor":"b"}`)))
	wantAnswers(t, l, e.Run.ID, all)

	again, found, err := l.OpenExport(ctx, run, "nightly")
	check(t, err)
	if !found || again.Run.ID != e.Run.ID || string(again.Progress) != `{"cursor":"b"}` {
		t.Errorf("the open export is %+v, found %v", again, found)
	}
	other, found, err := l.OpenExport(ctx, run, "another")
	check(t, err)
	if found || other.Run.ID == e.Run.ID {
		t.Error("another name found the export of the first")
	}
	wantMark(t, l, "nightly", "")
	check(t, l.CloseExport(ctx, e.Run.ID, &ledger.Watermark{At: "2025-02-03T00:00:00Z", Filters: "a=b"}))
	wantMark(t, l, "nightly", "2025-02-03T00:00:00Z")
	wantMark(t, l, "another", "")
	wantAnswers(t, l, e.Run.ID, nil)
	if runs, err := l.Runs(ctx); err != nil || len(runs) > 0 {
		t.Errorf("exports stand among the runs: %v, %v", runs, err)
	}

	next, found, err := l.OpenExport(ctx, run, "nightly")
	check(t, err)
	if found {
		t.Error("a closed export was found open")
	}
	release2, err := l.Acquire(ctx, next.Run.ID, self(t, 1))
	check(t, err)
	defer release2()
	check(t, l.CloseExport(ctx, next.Run.ID, nil))
	wantMark(t, l, "nightly", "2025-02-03T00:00:00Z")
}

func wantAnswers(t *testing.T, l *sqlite.Ledger, run int64, want []ledger.Answer) {
	t.Helper()
	i := 0
	check(t, l.Answers(context.Background(), run, func(n int, a ledger.Answer) error {
		if n != i+1 || i >= len(want) || a.ID != want[i].ID || a.UpdatedAt != want[i].UpdatedAt || string(a.Raw) != string(want[i].Raw) {
			return fmt.Errorf("answer %d is numbered %d: %d %s", i+1, n, a.ID, a.Raw)
		}
		i++
		return nil
	}))
	if i != len(want) {
		t.Errorf("%d answers are kept, want %d", i, len(want))
	}
}

func wantMark(t *testing.T, l *sqlite.Ledger, name, want string) {
	t.Helper()
	m, err := l.Watermark(context.Background(), "https://a/v1", order.SalesOrders, name)
	check(t, err)
	if m.At != want || (m.Filters != "") != (want != "") || m.Published.IsZero() != (want == "") {
		t.Errorf("the watermark of %s is %+v, want %q", name, m, want)
	}
}
