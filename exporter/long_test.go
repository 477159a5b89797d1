package exporter_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ordersheet/exporter"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// A text that no cell can hold goes whole into a file beside the workbook, which the manifest
// lists; a CSV file holds it itself.
func TestLongTextsStandBeside(t *testing.T) {
	b := newHarness(t, 3, sandbox.Config{}, nil)
	long := strings.Repeat("a note without an end. ", 2000)
	b.check(b.box.Edit(sandbox.SalesOrders, b.box.Orders(sandbox.SalesOrders)[1].ID, map[string]any{"internal_notes": long}))
	m := b.do(b.job(order.SalesOrders, "orders.xlsx", "order_number", "internal_notes"))
	if len(m.Files) != 2 || m.Files[1].Name != "orders.long.jsonl" || m.Counts.Rows != 3 {
		t.Errorf("the manifest lists %+v with %d rows", m.Files, m.Counts.Rows)
	}
	// the order that was changed last comes last
	notes := column(t, b.table(filepath.Join(b.dir, "orders.xlsx")), "internal_notes")
	if !slices.Equal(notes, []string{"", "", "[46000 characters: line 1 of orders.long.jsonl]"}) {
		t.Errorf("the notes are %q", notes)
	}
	beside, err := os.ReadFile(filepath.Join(b.dir, "orders.long.jsonl"))
	if err != nil || !strings.Contains(string(beside), long) {
		t.Errorf("the file beside holds %d bytes, %v; want the whole text", len(beside), err)
	}
	v, err := exporter.New(exporter.Config{}).Verify(filepath.Join(b.dir, "orders.xlsx"))
	if err != nil || len(v.Wrong) > 0 || v.Rows != 3 {
		t.Errorf("verify: %d rows, %v, %v", v.Rows, v.Wrong, err)
	}
	b.do(b.job(order.SalesOrders, "orders.csv", "order_number", "internal_notes"))
	if got := column(t, b.table(filepath.Join(b.dir, "orders.csv")), "internal_notes"); got[2] != long {
		t.Errorf("the CSV file holds %d characters of the note, want %d", len(got[2]), len(long))
	}
}
