package exporter_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ordersheet/exporter"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// TestDetailsNotFound answers the page of an order that lists show with 404: the export doesn't call
// the order deleted, but names it as a contradiction.
func TestDetailsNotFound(t *testing.T) {
	missing := "none"
	b := newHarness(t, 8, sandbox.Config{}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, missing) {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"message":"Not found."}`))
		})
	})
	id := b.box.Orders(sandbox.SalesOrders)[3].ID
	missing = fmt.Sprintf("/sales-orders/%d", id)
	m := b.do(b.job(order.SalesOrders, "orders.xlsx"))
	if m.Proof.Grade != exporter.Contradicted || !strings.Contains(strings.Join(m.Proof.Contradictions, " "), fmt.Sprint(id)) {
		t.Errorf("grade %s, contradictions %q; want order %d among them", m.Proof.Grade, m.Proof.Contradictions, id)
	}
}
