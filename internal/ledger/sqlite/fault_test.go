package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

// TestDiskFull lets the file grow no further at one size after another: whatever the call that
// fails, nothing of it is there, all that was returned before is there, and with room again the run
// goes on.
func TestDiskFull(t *testing.T) {
	ctx := context.Background()
	l, err := Open(filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	run, err := l.NewRun(ctx, ledger.Run{Kind: order.SalesOrders, Account: "a", State: ledger.Confirmed})
	if err != nil {
		t.Fatal(err)
	}
	w := l.PutOrders(run)
	for i := range 400 {
		if _, err := w.Add(ledger.Order{Number: fmt.Sprintf("%0200d", i), Action: "create", Payload: []byte("{}")}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(ctx); err != nil {
		t.Fatal(err)
	}
	release, err := l.Acquire(ctx, run, "1@x")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	claimed, full := int64(0), 0
	for extra := int64(0); claimed < 400; extra++ {
		limitPages(t, l, extra)
		got, err := l.Advance(ctx, run, nil, 20)
		switch {
		case err == nil:
			claimed += int64(len(got.Claimed))
			extra = -1
		case errors.Is(err, ledger.ErrFull):
			full++
		default:
			t.Fatalf("with no room left: %v, want ErrFull", err)
		}
		counts, err := l.CountStates(ctx, run)
		if err != nil || counts[ledger.Claimed] != claimed {
			t.Fatalf("%d orders are claimed in the ledger, %d were returned (%v)", counts[ledger.Claimed], claimed, err)
		}
	}
	if full == 0 {
		t.Error("the disk was never full: the test tested nothing")
	}
	limitPages(t, l, 0)
	s := l.Spool(run, 0)
	for i := range 20 {
		text := make([]byte, 30000)
		for j := range text {
			text[j] = byte(i * j * j >> 3)
		}
		if err := s.Append(&cell.Row{Num: i + 1, Cells: []cell.Cell{{Kind: cell.Text, Text: text}}}); err != nil {
			break
		}
	}
	if err := s.Close(ctx); !errors.Is(err, ledger.ErrFull) {
		t.Errorf("keeping rows with no room left: %v, want ErrFull", err)
	}
}

// limitPages lets the file grow by so many pages and no more.
func limitPages(t *testing.T, l *Ledger, extra int64) {
	t.Helper()
	err := l.locked(context.Background(), func(t *tx) error {
		var pages, free int64
		if err := t.get(`SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count`, nil, &pages, &free); err != nil {
			return err
		}
		return t.get(`PRAGMA max_page_count = `+decimal(pages+extra), nil, &pages)
	})
	if err != nil {
		t.Fatal(err)
	}
}
