package main

import (
	"fmt"
	"time"

	"ordersheet/internal/sheet"
)

// salesColumns are the columns of a back office's order sheet.
func salesColumns() []sheet.Column {
	columns := []sheet.Column{
		{Header: "Order #", Kind: sheet.TextColumn},
		{Header: "Order Date", Kind: sheet.DateColumn, Width: 13},
		{Header: "Status"},
		{Header: "Channel ID", Kind: sheet.NumberColumn},
		{Header: "Customer Email", Width: 32},
		{Header: "PO Number", Kind: sheet.TextColumn},
	}
	for _, side := range []string{"Bill To ", "Ship To "} {
		columns = append(columns, sheet.Column{Header: side + "Name", Width: 24}, sheet.Column{Header: side + "Street", Width: 24},
			sheet.Column{Header: side + "City"}, sheet.Column{Header: side + "State"}, sheet.Column{Header: side + "Zip", Kind: sheet.TextColumn},
			sheet.Column{Header: side + "Country"})
	}
	return append(columns, sheet.Column{Header: "Item SKU", Kind: sheet.TextColumn}, sheet.Column{Header: "Qty", Kind: sheet.NumberColumn},
		sheet.Column{Header: "Unit Price", Kind: sheet.MoneyColumn, Width: 13}, sheet.Column{Header: "Tax", Kind: sheet.MoneyColumn},
		sheet.Column{Header: "Shipping", Kind: sheet.MoneyColumn, Width: 13}, sheet.Column{Header: "Order Total", Kind: sheet.MoneyColumn},
		sheet.Column{Header: "Notes", Width: 30}, sheet.Column{Header: "Tags", Width: 22})
}

// sale is a sales order as the sheet has it.
type sale struct {
	deal
	status      string
	channel     int
	po          string
	notes, tags string
}

// rows are the order's rows, one a line; what belongs to the order stands on each.
func (s *sale) rows() [][]sheet.Value {
	var out [][]sheet.Value
	for _, l := range s.lines {
		row := []sheet.Value{
			sheet.Text(s.number), civil(s.day), sheet.Text(s.status), sheet.Int(s.channel), sheet.Text(s.email), sheet.Text(s.po),
		}
		for _, a := range []address{s.bill, s.ship} {
			row = append(row, sheet.Text(a.name), sheet.Text(a.street), sheet.Text(a.city), sheet.Text(a.state), sheet.Text(a.zip), sheet.Text(a.country))
		}
		row = append(row, sheet.Text(l.sku), sheet.Int(l.quantity), l.each.value(), s.tax.value(), s.shipping.value(), s.total().value(),
			sheet.Text(s.notes), sheet.Text(s.tags))
		out = append(out, row)
	}
	return out
}

// writeSales makes a clean sheet of 200 sales orders with 500 lines.
func writeSales(path string) error {
	t := newTrade(1)
	counts, days := t.lineCounts(200), t.days(200, date(2025, 1, 2), 362)
	var rows [][]sheet.Value
	for i, day := range days {
		s := t.sale(i, day, counts[i])
		rows = append(rows, s.rows()...)
	}
	return writeSheet(path, "Orders", sheet.Layout{Columns: salesColumns()}, rows)
}

func (t trade) sale(i int, day time.Time, lines int) sale {
	c := customers[t.IntN(len(customers))]
	s := sale{deal: t.deal(fmt.Sprintf("SO-2025-%04d", i+1), day, c, lines), channel: 1 + t.IntN(3), status: status(day)}
	if c.shop {
		s.channel, s.po, s.tags = 4, fmt.Sprintf("%05d", 4100+37*i), "wholesale"
	}
	if t.IntN(7) == 0 {
		s.notes = []string{"Please leave at the back door", "Gift, no invoice in the parcel", "Call before delivery", "Replaces a broken mug from the last order"}[t.IntN(4)]
	}
	if t.IntN(9) == 0 {
		if s.tags != "" {
			s.tags += ", "
		}
		s.tags += "rush"
	}
	return s
}

// status is what an order of that day would have reached by the end of 2025.
func status(day time.Time) string {
	switch {
	case day.Before(date(2025, 10, 1)):
		return "completed"
	case day.Before(date(2025, 12, 1)):
		return "shipped"
	case day.Before(date(2025, 12, 20)):
		return "processing"
	default:
		return "pending"
	}
}
