package main

import (
	"fmt"
	"time"

	"ordersheet/internal/sheet/write"
)

// salesColumns are the columns of a back office's order sheet.
func salesColumns() []write.Column {
	columns := []write.Column{
		{Header: "Order #", Kind: write.TextColumn},
		{Header: "Order Date", Kind: write.DateColumn, Width: 13},
		{Header: "Status"},
		{Header: "Channel ID", Kind: write.NumberColumn},
		{Header: "Customer Email", Width: 32},
		{Header: "PO Number", Kind: write.TextColumn},
	}
	for _, side := range []string{"Bill To ", "Ship To "} {
		columns = append(columns, write.Column{Header: side + "Name", Width: 24}, write.Column{Header: side + "Street", Width: 24},
			write.Column{Header: side + "City"}, write.Column{Header: side + "State"}, write.Column{Header: side + "Zip", Kind: write.TextColumn},
			write.Column{Header: side + "Country"})
	}
	return append(columns, write.Column{Header: "Item SKU", Kind: write.TextColumn}, write.Column{Header: "Qty", Kind: write.NumberColumn},
		write.Column{Header: "Unit Price", Kind: write.MoneyColumn, Width: 13}, write.Column{Header: "Tax", Kind: write.MoneyColumn},
		write.Column{Header: "Shipping", Kind: write.MoneyColumn, Width: 13}, write.Column{Header: "Order Total", Kind: write.MoneyColumn},
		write.Column{Header: "Notes", Width: 30}, write.Column{Header: "Tags", Width: 22})
}

// sale is a sales order as the sheet has it.
type sale struct {
	deal
	status      string
	channel     int
	po          string
	notes, tags string
}

// rows are the order's rows, one a line; what belongs to the order is on each.
func (s *sale) rows() [][]write.Value {
	var out [][]write.Value
	for _, l := range s.lines {
		row := []write.Value{
			write.Text(s.number), civil(s.day), write.Text(s.status), write.Int(s.channel), write.Text(s.email), write.Text(s.po),
		}
		for _, a := range []address{s.bill, s.ship} {
			row = append(row, write.Text(a.name), write.Text(a.street), write.Text(a.city), write.Text(a.state), write.Text(a.zip), write.Text(a.country))
		}
		row = append(row, write.Text(l.sku), write.Int(l.quantity), l.each.value(), s.tax.value(), s.shipping.value(), s.total().value(),
			write.Text(s.notes), write.Text(s.tags))
		out = append(out, row)
	}
	return out
}

// writeSales makes a clean sheet of 200 sales orders with 500 lines.
func writeSales(path string) error {
	t := newTrade(1)
	counts, days := t.lineCounts(200), t.days(200, date(2025, 1, 2), 362)
	var rows [][]write.Value
	for i, day := range days {
		s := t.sale(i, day, counts[i])
		rows = append(rows, s.rows()...)
	}
	return writeSheet(path, "Orders", write.Layout{Columns: salesColumns()}, rows)
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
