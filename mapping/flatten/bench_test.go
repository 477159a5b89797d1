package flatten_test

import (
	"testing"

	"ordersheet/internal/order"
	"ordersheet/mapping/flatten"
)

// BenchmarkFlatten makes the rows of an order with two lines and the default columns, with both
// passes of an export.
func BenchmarkFlatten(b *testing.B) {
	f, err := flatten.New(order.SalesOrders, flatten.LineRows, nil)
	if err != nil {
		b.Fatal(err)
	}
	raw := []byte(salesOrder)
	if err := f.Observe(raw); err != nil {
		b.Fatal(err)
	}
	f.Sheets()
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if err := f.Observe(raw); err != nil {
			b.Fatal(err)
		}
		if err := f.Rows(0, raw, func([]flatten.Value) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
