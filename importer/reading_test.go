package importer_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
)

// TestChangedWhileRead refuses a file to which somebody still writes: no half of it is planned.
func TestChangedWhileRead(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "orders.csv")
	l, err := sqlite.Open(filepath.Join(dir, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	text := csvOf(order.SalesOrders, numbers(5000))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	more := false
	_, err = planJob(l, plan.Job{Files: []string{file}, Account: "a", Observe: func(e plan.Event) {
		if e.Phase == plan.Reading && !more {
			more = true
			if err := os.WriteFile(file, []byte(text+text[strings.Index(text, "\n")+1:]), 0o600); err != nil {
				t.Error(err)
			}
		}
	}})
	var unreadable *sheet.UnreadableError
	if !more || !errors.As(err, &unreadable) || !strings.Contains(unreadable.Error(), "changed while it was read") {
		t.Errorf("a file that grew while it was read (%v) gave %v", more, err)
	}
	if runs, err := l.Runs(context.Background()); err != nil || len(runs) != 0 {
		t.Errorf("%d runs are left of it (%v)", len(runs), err)
	}
}
