package ledgertest

import (
	"fmt"
	"strings"
	"testing"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

func TestExports(t *testing.T) { each(t, testExports) }

func testExports(t *testing.T, open opener) {
	ctx, l := t.Context(), open()
	run := ledger.Run{Kind: order.SalesOrders, Account: account, Options: []byte(`{}`)}
	openExport := func(name string, wantFound bool) ledger.Export {
		e, found, err := l.OpenExport(ctx, run, name)
		check(t, err)
		if found != wantFound || e.Name != name || e.Run.Mode != ledger.ExportMode {
			t.Fatalf("OpenExport(%s) = %+v, %v; want found %v", name, e, found, wantFound)
		}
		return e
	}
	e := openExport("nightly", false)
	wantErr(t, "keeping answers of an export that isn't held", l.KeepAnswers(ctx, e.Run.ID, 1, nil, nil), ledger.ErrNotHeld)
	_, err := l.Acquire(ctx, e.Run.ID, "1@elsewhere")
	check(t, err)
	var all []ledger.Answer
	for i := range 3000 { // several blocks
		raw := fmt.Appendf(nil, `{"id":%d,"notes":%q}`, 1000+i, strings.Repeat("x", i%400))
		all = append(all, ledger.Answer{ID: int64(1000 + i), UpdatedAt: "2025-01-02T03:04:05Z", Raw: raw})
	}
	check(t, l.KeepAnswers(ctx, e.Run.ID, 1, all[:2500], []byte(`{"cursor":"a"}`)))
	check(t, l.KeepAnswers(ctx, e.Run.ID, 2501, all[2500:], []byte(`{"cursor":"b"}`)))
	wantAnswers(t, l, e.Run.ID, all)

	if again := openExport("nightly", true); again.Run.ID != e.Run.ID || string(again.Progress) != `{"cursor":"b"}` {
		t.Errorf("the open export is %+v", again)
	}
	if other := openExport("another", false); other.Run.ID == e.Run.ID {
		t.Error("another name found the export of the first")
	}
	wantMark(t, l, "nightly", "")
	check(t, l.CloseExport(ctx, e.Run.ID, &ledger.Watermark{At: "2025-02-03T00:00:00Z", Filters: "a=b"}))
	wantMark(t, l, "nightly", "2025-02-03T00:00:00Z")
	wantMark(t, l, "another", "")
	wantAnswers(t, l, e.Run.ID, nil)
	if runs, err := l.Runs(ctx); err != nil || len(runs) > 0 {
		t.Errorf("exports are among the runs: %v, %v", runs, err)
	}
	next := openExport("nightly", false)
	_, err = l.Acquire(ctx, next.Run.ID, "1@elsewhere")
	check(t, err)
	check(t, l.CloseExport(ctx, next.Run.ID, nil))
	wantMark(t, l, "nightly", "2025-02-03T00:00:00Z")
}

func wantAnswers(t *testing.T, l ledger.Ledger, run int64, want []ledger.Answer) {
	t.Helper()
	var got []ledger.Answer
	check(t, l.Answers(t.Context(), run, func(n int, a ledger.Answer) error {
		if n != len(got)+1 {
			return fmt.Errorf("answer %d is numbered %d", len(got)+1, n)
		}
		a.Raw = append([]byte(nil), a.Raw...)
		got = append(got, a)
		return nil
	}))
	equal(t, "answers", want, got)
}

func wantMark(t *testing.T, l ledger.Ledger, name, want string) {
	t.Helper()
	m, err := l.Watermark(t.Context(), account, order.SalesOrders, name)
	check(t, err)
	if m.At != want || (m.Filters != "") != (want != "") || m.Published.IsZero() != (want == "") {
		t.Errorf("the watermark of %s is %+v, want %q", name, m, want)
	}
}
