package main

import (
	"fmt"

	"ordersheet/internal/sheet"
)

// writePurchases makes a sheet of 80 purchase orders with 200 lines. Two rows of titles stand above its header.
func writePurchases(path string) error {
	layout := sheet.Layout{
		Titles: []string{"Purchase orders 2025", "Buying office, as of 2025-12-31; amounts in USD"},
		Columns: []sheet.Column{
			{Header: "PO Number", Kind: sheet.TextColumn},
			{Header: "PO Date", Kind: sheet.DateColumn},
			{Header: "Supplier ID", Kind: sheet.NumberColumn, Width: 13},
			{Header: "Warehouse ID", Kind: sheet.NumberColumn, Width: 15},
			{Header: "Status"},
			{Header: "Requested Ship Date", Kind: sheet.DateColumn},
			{Header: "Item SKU", Kind: sheet.TextColumn},
			{Header: "Qty", Kind: sheet.NumberColumn},
			{Header: "Unit Cost", Kind: sheet.MoneyColumn},
			{Header: "Tax", Kind: sheet.MoneyColumn},
			{Header: "Shipping Cost", Kind: sheet.MoneyColumn, Width: 15},
			{Header: "PO Total", Kind: sheet.MoneyColumn, Width: 13},
			{Header: "Supplier Notes", Width: 34},
			{Header: "Tags"},
		},
	}
	t := newTrade(2)
	counts, days := t.lineCounts(80), t.days(80, date(2025, 1, 6), 350)
	var rows [][]sheet.Value
	for i, day := range days {
		rows = append(rows, t.purchase(fmt.Sprintf("PO-%05d", 70100+i), t.deal("", day, customers[0], counts[i]))...)
	}
	return writeSheet(path, "Purchases", layout, rows)
}

// purchase turns a deal into the rows of a purchase order: at cost, by the dozen.
func (t trade) purchase(number string, d deal) [][]sheet.Value {
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
	var rows [][]sheet.Value
	for _, l := range d.lines {
		rows = append(rows, []sheet.Value{
			sheet.Text(number), civil(d.day), sheet.Int(supplier), sheet.Int(warehouse), sheet.Text(state), civil(d.day.AddDate(0, 0, 21)),
			sheet.Text(l.sku), sheet.Int(l.quantity), l.each.value(), d.tax.value(), d.shipping.value(), d.total().value(), sheet.Text(notes), sheet.Text(tags),
		})
	}
	return rows
}
