package exporter_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ordersheet/exporter"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// An order that changes twice within one second, once before the feed's page and once after it, has
// the same time of change in both answers and another total: no contradiction.
func TestChangedTwiceInASecond(t *testing.T) {
	now := time.Date(2026, 1, 31, 22, 0, 0, 0, time.UTC)
	var b *harness
	twice := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if strings.HasSuffix(r.URL.Path, "/export") {
				b.check(b.box.Edit(sandbox.SalesOrders, b.box.Orders(sandbox.SalesOrders)[1].ID, map[string]any{"total": 2}))
			}
		})
	}
	b = newHarness(t, 5, sandbox.Config{Now: func() time.Time { return now }}, twice)
	b.check(b.box.Edit(sandbox.SalesOrders, b.box.Orders(sandbox.SalesOrders)[1].ID, map[string]any{"total": 1}))
	job := b.job(order.SalesOrders, "orders.csv", "order_number", "bill_to_name", "total")
	m := b.do(job)
	if m.Proof.Grade == exporter.Contradicted {
		t.Errorf("the proof is %+v", m.Proof)
	}
	if totals := column(t, b.table(filepath.Join(b.dir, "orders.csv")), "total"); !slices.Contains(totals, "2") {
		t.Errorf("the totals are %q, want the newest among them", totals)
	}
}
