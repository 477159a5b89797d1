package main

import (
	"slices"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/write"
)

// messes are the kinds of problems.
func messes() []mess {
	return slices.Concat(lineMesses(), orderMesses(), columnMesses(), pairMesses())
}

// onLine is a mess of one cell of a line.
func onLine(code, header string, v write.Value) mess {
	return func(b *messBook) { b.order().line(header, v).free().tell(code, 1, header) }
}

// onOrder is a mess of one cell of the order.
func onOrder(code, header string, v write.Value) mess {
	return func(b *messBook) { b.order().once(header, v).tell(code, 0, header) }
}

func lineMesses() []mess {
	day := cell.Civil{Year: 2025, Month: 2, Day: 1} // what a spreadsheet makes of 1-2 and of FEB1
	return []mess{
		onLine("required_missing", "Qty", write.Blank()),
		onLine("error_value", "Unit Price", write.ErrorValue("#N/A")),
		onLine("formula_uncached", "Unit Price", write.Formula("2*4.5")),
		onLine("number_invalid", "Qty", write.Text("two")),
		onLine("number_from_date", "Qty", write.Date(day)),
		onLine("number_too_low", "Qty", write.Number("-2")),
		onLine("number_too_long", "Unit Price", write.Text("1"+strings.Repeat("0", 40))),
		onLine("identifier_from_date", "Item SKU", write.Date(day)),
		func(b *messBook) {
			o := b.order()
			o.line("Item SKU", *o.cell(0, "Item SKU")).tell("sku_repeated", 1, "Item SKU")
		},
	}
}

func orderMesses() []mess {
	return []mess{
		onOrder("date_invalid", "Order Date", write.Text("soon")),
		onOrder("date_from_number", "Order Date", write.Number("45700").Format("0")),
		func(b *messBook) {
			b.order().once("Tax", write.Number("0.0825").Format("0.00%")).free().tell("number_percent", 0, "Tax")
		},
		onOrder("integer_invalid", "Channel ID", write.Text("Web shop")),
		onOrder("rejected", "Channel ID", write.Int(99)), // the order system has no such channel
		onOrder("identifier_digits_lost", "PO Number", write.Number("1234567890123450000")),
		onOrder("value_not_allowed", "Status", write.Text("Sent out")),
		onOrder("email_invalid", "Customer Email", write.Text("maria at example.com")),
		onOrder("text_too_long", "PO Number", write.Text(strings.Repeat("4100/", 52))),
		onOrder("total_differs", "Order Total", write.Number("1.00")),
		func(b *messBook) {
			b.order().line("Ship To City", write.Text("Elsewhere")).tell("order_cells_differ", 1, "Ship To City")
		},
		func(b *messBook) {
			o := b.order().free()
			for _, h := range []string{"Item SKU", "Qty", "Unit Price"} {
				o.all(h, write.Blank())
			}
			o.tell("order_without_lines", 0, "Item SKU")
		},
		func(b *messBook) { // the second line has lost its number; the order goes without it
			o := b.order().line("Order #", write.Blank()).free()
			o.tellColumn("order_number_missing", 1, "Order #")
		},
	}
}

// columnMesses are those that are told once for a whole column.
func columnMesses() []mess {
	return []mess{
		func(b *messBook) {
			b.order().once("Ship By", write.Text("03/04/2025")).tellColumn("date_ambiguous", 0, "Ship By").tell("date_ambiguous", 0, "Ship By")
		},
		func(b *messBook) {
			b.order().once("Tax", write.Text("1,234")).free().tellColumn("decimal_ambiguous", 0, "Tax").tell("decimal_ambiguous", 0, "Tax")
		},
		func(b *messBook) {
			o := b.order()
			o.once("Order Date", write.Date(cell.Civil{Year: 2025, Month: 3, Day: 9, Seconds: 20 * 3600})).tellColumn("time_cut", 0, "Order Date")
		},
		func(b *messBook) {
			b.order().once("Earliest Ship Date", write.Text("12/31/25")).tellColumn("year_two_digits", 0, "Earliest Ship Date")
		},
		func(b *messBook) {
			o := b.order()
			o.line("Order #", write.Text(" "+o.number)).tellColumn("key_trimmed", 1, "Order #")
		},
		func(b *messBook) {
			b.order().once("Bill To Zip", write.Number("2115").Format("00000")).tellColumn("zeros_restored", 0, "Bill To Zip")
		},
		func(b *messBook) {
			b.order().once("PO Number", write.Number("4100.5")).tellColumn("identifier_fraction", 0, "PO Number")
		},
		func(b *messBook) {
			b.order().once("PO Number", write.Text("4.1E+12")).tellColumn("identifier_exponent", 0, "PO Number")
		},
	}
}

// pairMesses are those where two orders contradict each other.
func pairMesses() []mess {
	return []mess{
		func(b *messBook) {
			b.order().once("Hold Until", write.Text("13/04/2025")).tell("date_mixed", 0, "Hold Until")
			b.order().once("Hold Until", write.Text("04/14/2025")).tell("date_mixed", 0, "Hold Until").tellColumn("date_mixed", 0, "Hold Until")
		},
		func(b *messBook) {
			b.order().once("Shipping", write.Text("1.234,50")).free().tell("decimal_mixed", 0, "Shipping")
			b.order().once("Shipping", write.Text("1,234.50")).free().tell("decimal_mixed", 0, "Shipping").tellColumn("decimal_mixed", 0, "Shipping")
		},
		func(b *messBook) {
			b.order().priced("$").tellColumn("currency_stripped", 0, "Unit Price")
			b.order().priced("€").tellColumn("currency_mixed", 0, "Unit Price")
		},
		func(b *messBook) { // an O and a 0 wouldn't be seen; a small m is
			o := b.order()
			other := b.order()
			other.number = strings.ToLower(o.number)
			other.all("Order #", write.Text(other.number))
			o.tell("order_number_lookalike", 0, "Order #")
			other.tell("order_number_lookalike", 0, "Order #")
		},
	}
}
