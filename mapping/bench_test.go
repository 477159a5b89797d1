package mapping_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
)

// wideOrder is a sheet of 26 columns as migrations bring it: most of an order's cells are on each
// of its rows.
var wideOrder = []string{
	"order_number", "order_date", "order_status", "channel_id", "customer_email", "customer_po_number", "bill_to.name", "bill_to.street1", "bill_to.city",
	"bill_to.state", "bill_to.postal_code", "bill_to.country", "ship_to.name", "ship_to.street1", "ship_to.city", "ship_to.state", "ship_to.postal_code",
	"ship_to.country", "items.sku", "items.quantity", "items.unit_price", "total_tax", "total_shipping", "customer_notes", "tags", "custom_fields.Priority Level",
}

// wideRows makes rows of n orders, two and a half lines each on average. text makes every cell a
// text, as a delimited file has them.
func wideRows(n int, text bool) [][]cell.Row {
	orders, num := make([][]cell.Row, n), 1
	for i := range orders {
		var rows [][]string
		for j := range 2 + i%2 {
			r := []string{
				fmt.Sprintf("SO-%06d", i), fmt.Sprintf("@%d", 45300+i%300), "pending", "#3", fmt.Sprintf("customer%d@example.com", i), fmt.Sprintf("PO-%d", i),
				"Ann Lee", "12 High Street", "Springfield", "IL", "62701", "US", "Ann Lee", "12 High Street", "Springfield", "IL", "62701", "US",
				fmt.Sprintf("SKU-%04d", i*7+j), fmt.Sprintf("#%d", 1+i%9), fmt.Sprintf("#%d.%02d", i%90, i%100), "#12.75", "#9.99", "Please leave at the door",
				"migrated, wholesale", "High",
			}
			if text {
				r[1], r[3], r[19], r[20], r[21], r[22] = fmt.Sprintf("%02d/%02d/2024", 1+i%28, 1+i%12), "3", r[19][1:], r[20][1:], "12.75", "9.99"
			}
			rows = append(rows, r)
		}
		orders[i] = grid(rows...)
		for k := range orders[i] {
			num++
			orders[i][k].Num = num
		}
	}
	return orders
}

func BenchmarkOrder(b *testing.B) {
	for _, text := range []bool{false, true} {
		b.Run(fmt.Sprintf("text=%v", text), func(b *testing.B) {
			orders := wideRows(1000, text)
			p, found := scan(pathsHeader(b, order.SalesOrders, nil, wideOrder...), slices.Concat(orders...))
			if len(found) > 0 {
				b.Fatal(found)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				n := i % len(orders)
				i++
				if planned := p.Order(n, orders[n]); planned.Invalid {
					b.Fatal(planned.Problems)
				}
			}
		})
	}
}

func BenchmarkOrderParallel(b *testing.B) {
	orders := wideRows(1000, false)
	p, _ := scan(pathsHeader(b, order.SalesOrders, nil, wideOrder...), slices.Concat(orders...))
	b.ReportAllocs()
	var next atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := int(next.Add(1)) % len(orders)
			if planned := p.Order(n, orders[n]); planned.Invalid {
				b.Error(planned.Problems)
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	for _, text := range []bool{false, true} {
		b.Run(fmt.Sprintf("text=%v", text), func(b *testing.B) {
			rows := slices.Concat(wideRows(1000, text)...)
			s := pathsHeader(b, order.SalesOrders, nil, wideOrder...).Scan(source)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				s.Add(&rows[i%len(rows)])
				i++
			}
		})
	}
}

// BenchmarkSheet runs both passes over 25,000 rows of 10,000 orders. Forty times that is the
// million rows that the speed is stated for.
func BenchmarkSheet(b *testing.B) {
	for _, text := range []bool{false, true} {
		b.Run(fmt.Sprintf("text=%v", text), func(b *testing.B) {
			orders := wideRows(10_000, text)
			b.ReportAllocs()
			for b.Loop() {
				s := pathsHeader(b, order.SalesOrders, nil, wideOrder...).Scan(source)
				for _, rows := range orders {
					for i := range rows {
						s.Add(&rows[i])
					}
				}
				p, _ := s.Finish()
				for n, rows := range orders {
					if planned := p.Order(n, rows); planned.Invalid {
						b.Fatal(planned.Problems)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/25_000, "ns/row")
		})
	}
}
