package main

import (
	"fmt"

	"ordersheet/internal/sheet/write"
)

// writePurchases makes a sheet of 80 purchase orders with 200 lines. Two rows of titles are above
// its header.
func writePurchases(path string) error {
	layout := write.Layout{
		Titles: []string{"Purchase orders 2025", "Buying office, as of 2025-12-31; amounts in USD"},
		Columns: []write.Column{
			{Header: "PO Number", Kind: write.TextColumn},
			{Header: "PO Date", Kind: write.DateColumn},
			{Header: "Supplier ID", Kind: write.NumberColumn, Width: 13},
			{Header: "Warehouse ID", Kind: write.NumberColumn, Width: 15},
			{Header: "Status"},
			{Header: "Requested Ship Date", Kind: write.DateColumn},
			{Header: "Item SKU", Kind: write.TextColumn},
			{Header: "Qty", Kind: write.NumberColumn},
			{Header: "Unit Cost", Kind: write.MoneyColumn},
			{Header: "Tax", Kind: write.MoneyColumn},
			{Header: "Shipping Cost", Kind: write.MoneyColumn, Width: 15},
			{Header: "PO Total", Kind: write.MoneyColumn, Width: 13},
			{Header: "Supplier Notes", Width: 34},
			{Header: "Tags"},
		},
	}
	t := newTrade(2)
	counts, days := t.lineCounts(80), t.days(80, date(2025, 1, 6), 350)
	var rows [][]write.Value
	for i, day := range days {
		rows = append(rows, t.purchase(fmt.Sprintf("PO-%05d", 70100+i), t.deal("", day, customers[0], counts[i]))...)
	}
	return writeSheet(path, "Purchases", layout, rows)
}

// purchase turns a deal into the rows of a purchase order: at cost, by the dozen.
func (t trade) purchase(number string, d deal) [][]write.Value {
	d.tax, d.shipping = 0, cents(2500+500*t.IntN(20))
	for i := range d.lines {
		d.lines[i].quantity, d.lines[i].each = 12*(1+t.IntN(40)), d.lines[i].cost
	}
	supplier, warehouse := 1+t.IntN(12), 1+t.IntN(3)
	state, notes, tags := "completed", "", ""
	if d.day.After(date(2025, 11, 1)) {
		state = "active"
	}
	if t.IntN(6) == 0 {
		notes = "Deliver to gate 4, mornings only"
	}
	if t.IntN(5) == 0 {
		tags = "seasonal"
	}
	var rows [][]write.Value
	for _, l := range d.lines {
		rows = append(rows, []write.Value{
			write.Text(number), civil(d.day), write.Int(supplier), write.Int(warehouse), write.Text(state), civil(d.day.AddDate(0, 0, 21)),
			write.Text(l.sku), write.Int(l.quantity), l.each.value(), d.tax.value(), d.shipping.value(), d.total().value(), write.Text(notes), write.Text(tags),
		})
	}
	return rows
}
