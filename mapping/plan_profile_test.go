package mapping_test

import (
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping"
	"ordersheet/mapping/profile"
)

// TestSheetWithMappingFile reads a sheet as a shop exports it: order cells only on an order's first
// row, a mapping file that fills the rest.
func TestSheetWithMappingFile(t *testing.T) {
	p, err := profile.Parse("shop.toml", strings.NewReader(`version = 1
kind = "sales-orders"
date_order = "dmy"
decimal_separator = ","
ignore = ["Vendor"]
total_check = "refuse"
[columns]
"Name" = "order_number"
"Lineitem price" = "items.unit_price"
"Total" = "total"
[constants]
channel_id = 4
tags = ["from, shop", "b2b"]
[defaults]
order_status = "completed"
[values.order_status.values]
paid = "processing"
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	headers := []string{"Name", "Created at", "Status", "Billing Name", "Shipping Name", "Lineitem sku", "Lineitem quantity", "Lineitem price", "Total", "Vendor", "Tags"}
	header := cell.Row{Num: 1}
	for i, h := range headers {
		header.Cells = append(header.Cells, cell.Cell{Col: i, Kind: cell.Text, Text: []byte(h)})
	}
	b, err := mapping.NewHeader(order.SalesOrders, header, p)
	if err != nil {
		t.Fatal(err)
	}
	if missing := b.Missing(); len(missing) > 0 {
		t.Fatalf("missing: %+v", missing)
	}
	plans, settled := plan(b, grid(
		row("\\#1001", "03/04/2024 10:15", "PAID", "Ann", "Ann", "A-1", "2", "1.234,50", "2.470,00", "x", "vip"),
		row("\\#1001", "", "", "", "", "A-2", "1", "1,00", "", "x", ""),
		row("\\#1002", "2024-05-01 09:00:00 -0400", "", "Bob", "Bob", "A-1", "1", "5", "5,02", "", "")))
	if got := summary(settled); got != "notice time_cut B2" {
		t.Errorf("settled: %s", got)
	}
	const want = `{"channel_id":4,"order_number":"#1001","order_date":"2024-04-03","order_status":"processing","items":[{"sku":"A-1","quantity":2,"unit_price":1234.5},` +
		`{"sku":"A-2","quantity":1,"unit_price":1}],"bill_to":{"name":"Ann"},"ship_to":{"name":"Ann"},"tags":["vip","from, shop","b2b"]}`
	if got := string(plans[0].Payload); got != want {
		t.Errorf("payload\n%s, want\n%s (%v)", got, want, plans[0].Problems)
	}
	if got := summary(plans[1].Problems); got != "error total_differs I4" {
		t.Errorf("the second order: %s", got)
	}
	if col, item, ok := mapping.LocateColumn(b.Kind, b.Columns, "items.1.product"); col.Col != 5 || item != 1 || !ok {
		t.Errorf("items.1.product is column %d, line %d, %v", col.Col, item, ok)
	}
}
