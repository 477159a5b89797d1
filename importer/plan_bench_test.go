package importer_test

import (
	"context"
	"fmt"
	"testing"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// BenchmarkCompare compares 100,000 updates of sales orders with what exists in the sandbox, which
// runs in the same process. Read user+sys, too.
func BenchmarkCompare(b *testing.B) {
	const n = 100_000
	h := newHarness(b, order.SalesOrders, sandbox.Config{}, 0)
	h.check(h.sandbox.Fill(sandbox.SalesOrders, n))
	all := make([]request, n)
	for i := range all {
		all[i] = request{number: fmt.Sprintf("S-%06d", i+1), action: "update", payload: fmt.Sprintf(`{"order_number":"S-%06d","order_status":"shipped","internal_notes":"moved"}`, i+1)}
	}
	for b.Loop() {
		b.StopTimer()
		h.plan(all...)
		before := h.sandbox.Stats().Requests
		b.StartTimer()
		h.compare(nil)
		h.check(plan.Freeze(context.Background(), h.ledger, h.run.ID))
		b.ReportMetric(float64(h.sandbox.Stats().Requests-before), "requests")
	}
	if got := h.states()[ledger.OrderPlanned]; got != n {
		b.Fatalf("%d orders are planned, want %d", got, n)
	}
}
