package main

import (
	"fmt"

	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"
)

// shape is a kind of workbook.
type shape struct {
	file      string
	kind      order.Kind
	orders    int
	lines     int
	scattered bool // the lines of an order aren't contiguous
	number    string
}

// shapes is a read-only table.
var shapes = []shape{
	{file: "one.csv", kind: order.SalesOrders, orders: 120, lines: 1, number: "A-%04d"},
	{file: "three.xlsx", kind: order.SalesOrders, orders: 60, lines: 3, number: "B-%04d"},
	{file: "scattered.csv", kind: order.SalesOrders, orders: 60, lines: 3, scattered: true, number: "C-%04d"},
	{file: "purchases.xlsx", kind: order.PurchaseOrders, orders: 60, lines: 2, number: "PO-%04d"},
	{file: "odd.csv", kind: order.SalesOrders, orders: 40, lines: 1, number: "D %04d, é+&"},
}

// numbers are the order numbers of a shape.
func (s shape) numbers() []string {
	out := make([]string, s.orders)
	for i := range out {
		out[i] = fmt.Sprintf(s.number, i)
	}
	return out
}

func (s shape) columns() (out []write.Column) {
	headers := []string{
		"order_number", "order_date", "order_status", "channel_id", "bill_to_name", "bill_to_postal_code", "bill_to_country", "ship_to_name",
		"ship_to_postal_code", "ship_to_country", "sku", "quantity", "unit_price",
	}
	if s.kind == order.PurchaseOrders {
		headers = []string{"PO Number", "PO Date", "Supplier ID", "Warehouse ID", "Item SKU", "Qty", "Unit Cost"}
	}
	for _, h := range headers {
		out = append(out, write.Column{Header: h, Kind: write.TextColumn})
	}
	return out
}

// row is line number of an order.
func (s shape) row(i, line int) (out []write.Value) {
	number, name := fmt.Sprintf(s.number, i), fmt.Sprintf("Buyer %d", i)
	texts := []string{number, "2025-01-02", "pending", "1", name, "05401", "US", name, "05401", "US"}
	if s.kind == order.PurchaseOrders {
		texts = []string{number, "2025-01-02", "1", "1"}
	}
	for _, t := range append(texts, fmt.Sprintf("SKU-%d", line), "2", fmt.Sprintf("%d.25", 10+i)) {
		out = append(out, write.Text(t))
	}
	return out
}

// write makes the workbook.
func (s shape) write(path string) error {
	format, _ := write.FormatOf(path)
	out, err := write.CreateOutput(path, format, write.OutputOptions{})
	if err != nil {
		return err
	}
	defer out.Abort()
	if err := out.Sheet("Orders", s.columns()); err != nil {
		return err
	}
	for n := range s.orders * s.lines {
		i, line := n/s.lines, n%s.lines
		if s.scattered {
			i, line = n%s.orders, n/s.orders
		}
		if err := out.Rows(s.row(i, line)); err != nil {
			return err
		}
	}
	return out.Close()
}
