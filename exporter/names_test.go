package exporter_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ordersheet/exporter"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// A night on which nothing changed ends its window when the last one did: its file has the same
// name, and mustn't take the place of one that holds more.
func TestQuietNightReplacesNoChanges(t *testing.T) {
	b := newHarness(t, 30, sandbox.Config{}, nil)
	for night, want := range []int{30, 6, 6} {
		j := b.job(order.PurchaseOrders, "po-{until}.csv", "id")
		j.Since = exporter.Since{Last: true}
		if m := b.do(j); m.Counts.Orders != want {
			t.Errorf("night %d: %d orders, want %d", night+1, m.Counts.Orders, want)
		}
	}
	files := b.files()
	if len(files) != 4 || !strings.Contains(files[0], " (2).csv") {
		t.Fatalf("the folder holds %q, want two exports with their manifests", files)
	}
	if rows := b.table(filepath.Join(b.dir, files[2])); len(rows) != 31 {
		t.Errorf("%s holds %d rows, want the first night's 30 orders below their header", files[2], len(rows))
	}
}

// A name that nobody chose replaces nothing, not even what is beside a workbook.
func TestFreeNameSparesLongValues(t *testing.T) {
	b := newHarness(t, 3, sandbox.Config{}, nil)
	beside := filepath.Join(b.dir, "orders.long.jsonl")
	b.check(os.WriteFile(beside, []byte("of an export that was moved away\n"), 0o600))
	b.check(b.box.Edit(sandbox.SalesOrders, b.box.Orders(sandbox.SalesOrders)[1].ID, map[string]any{"internal_notes": strings.Repeat("long ", 10_000)}))
	j := b.job(order.SalesOrders, "orders.xlsx", "order_number", "internal_notes")
	j.Out.Replace = false
	b.do(j)
	if got, err := os.ReadFile(beside); err != nil || !strings.HasPrefix(string(got), "of an export") {
		t.Errorf("the file that was there was replaced: %d bytes, %v", len(got), err)
	}
	if !slices.Contains(b.files(), "orders (2).long.jsonl") {
		t.Errorf("the folder holds %q", b.files())
	}
}

// A list that is read page by page shows an order once: what changed after that is for the next
// export, whose window must begin in time.
func TestMarkOfAListReadPageByPage(t *testing.T) {
	later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339) // an order on the last page that changes late in a long reading
	change := func(_ int, a map[string]any) {
		if orders, _ := a["data"].([]any); len(orders) > 0 {
			orders[len(orders)-1].(map[string]any)["updated_at"] = later
		}
	}
	b := newHarness(t, 300, sandbox.Config{IgnoreFilters: []string{"updated_at[gte]"}}, spoiled("/purchase-orders", change))
	m := b.do(b.job(order.PurchaseOrders, "orders.csv", "id"))
	if at, err := time.Parse(time.RFC3339, m.Watermark); err != nil || at.After(m.Began) {
		t.Errorf("the watermark is %q, want none after the reading began: %s", m.Watermark, m.Began)
	}
}
