package importer_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"ordersheet/importer/submit"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// BenchmarkWindow measures, as the server sees it, the time between the read that comes before a
// write and the write: in it, another client's edit of the same field would be overwritten. Each
// order is updated once.
func BenchmarkWindow(b *testing.B) {
	for _, latency := range []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond} {
		b.Run(fmt.Sprint("latency ", latency), func(b *testing.B) {
			for b.Loop() {
				measureWindow(b, latency)
			}
		})
	}
}

func measureWindow(b *testing.B, latency time.Duration) {
	const n = 400
	var mu sync.Mutex
	read, open := map[string]time.Time{}, []time.Duration{}
	h := newHarness(b, order.SalesOrders, sandbox.Config{}, 0, func(_ *harness, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(latency / 2) // the way there
			now := time.Now()
			mu.Lock()
			if r.Method == http.MethodGet {
				read[r.URL.Path] = now
			} else {
				open = append(open, now.Sub(read[r.URL.Path]))
			}
			mu.Unlock()
			next.ServeHTTP(w, r)
			time.Sleep(latency / 2) // and back
		})
	})
	h.check(h.sandbox.Fill(sandbox.SalesOrders, n))
	all := make([]request, n)
	for i := range all {
		all[i] = request{number: fmt.Sprintf("S-%06d", i+1), action: "update", payload: `{"internal_notes":"moved"}`}
	}
	h.plan(all...)
	h.compare(nil)
	s := h.start()
	h.check(submit.Run(context.Background(), context.Background(), s))
	slices.Sort(open)
	b.ReportMetric(float64(open[len(open)/2])/1e6, "median-ms")
	b.ReportMetric(float64(open[len(open)*99/100])/1e6, "p99-ms")
}
