package detect_test

import (
	"fmt"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/detect"
)

// BenchmarkDetector runs the detector alone over rows of 26 cells.
func BenchmarkDetector(b *testing.B) {
	paths := []string{
		"order_number", "order_date", "order_status", "channel_id", "customer_email", "customer_po_number", "bill_to.name", "bill_to.street1", "bill_to.city",
		"bill_to.state", "bill_to.postal_code", "bill_to.country", "ship_to.name", "ship_to.street1", "ship_to.city", "ship_to.state", "ship_to.postal_code",
		"ship_to.country", "items.sku", "items.quantity", "items.unit_price", "total_tax", "total_shipping", "customer_notes", "tags", "custom_fields.Priority Level",
	}
	var columns []detect.MappedColumn
	for i, path := range paths {
		columns = append(columns, detect.MappedColumn{Col: i, Path: path})
	}
	for name, text := range map[string]bool{"workbook": false, "text": true} {
		b.Run(name, func(b *testing.B) {
			var rows []cell.Row
			for i := range 1000 {
				for j := range 2 + i%2 {
					rows = append(rows, benchRow(len(rows)+2, i, j, text))
				}
			}
			d := detect.New(&cell.Source{}, order.SalesOrders, cell.Row{}, columns, detect.Options{Delimited: text, Today: corpusToday})
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				d.Row(&rows[i%len(rows)])
				i++
			}
			if n := len(d.Types()); n != len(paths) {
				b.Fatalf("%d columns, want %d", n, len(paths))
			}
		})
	}
}

// benchRow returns a line of an order. text makes every cell a text, as in a delimited file.
func benchRow(num, i, line int, text bool) cell.Row {
	date, channel, quantity, price := fmt.Sprintf("@%d", 45300+i%300), "#3", fmt.Sprintf("#%d", 1+i%9), fmt.Sprintf("#%d.%02d", i%90, i%100)
	tax, shipping := "#12.75", "#9.99"
	if text {
		date, channel, quantity, price, tax, shipping = fmt.Sprintf("%02d/%02d/2024", 1+i%28, 1+i%12), "3", quantity[1:], price[1:], "12.75", "9.99"
	}
	return rowOf(num, fmt.Sprintf("SO-%06d", i), date, "pending", channel, fmt.Sprintf("customer%d@example.com", i), fmt.Sprintf("PO-%d", i),
		"Ann Lee", "12 High Street", "Springfield", "IL", "62701", "US", "Ann Lee", "12 High Street", "Springfield", "IL", "62701", "US",
		fmt.Sprintf("SKU-%04d", i*7+line), quantity, price, tax, shipping, "Please leave at the door", "migrated, wholesale", "High")
}
