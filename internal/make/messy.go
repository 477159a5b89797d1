package main

import (
	"fmt"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet"
)

// truth is one problem that the messy sample has: what a report must name, and nothing else.
type truth struct {
	Sheet  string `csv:"sheet"`
	Cell   string `csv:"cell"`
	Code   string `csv:"code"`
	Number string `csv:"order_number"`
}

// mess is an order with one thing wrong, and the problem that it is.
type mess struct {
	code   string
	header string // of the column at whose cell the problem is reported
	row    int    // of the order's rows, from 0
	spoil  func(o *messyOrder)
	whole  bool // the problem is reported once for a column, not for the order
}

// messyOrder is an order whose cells can be changed.
type messyOrder struct {
	number string
	rows   [][]sheet.Value
	column map[string]int
}

// set changes a cell of a row of the order.
func (o *messyOrder) set(row int, header string, v sheet.Value) { o.rows[row][o.column[header]] = v }

// all changes the cell of every row of the order.
func (o *messyOrder) all(header string, v sheet.Value) {
	for r := range o.rows {
		o.set(r, header, v)
	}
}

// put makes a mess of one cell of the order's first row; the other rows leave it out.
func put(code, header string, v sheet.Value) mess {
	return mess{code: code, header: header, spoil: func(o *messyOrder) {
		o.all(header, sheet.Blank())
		o.set(0, header, v)
	}}
}

// onLine makes a mess of one cell of the order's second line.
func onLine(code, header string, v sheet.Value) mess {
	return mess{code: code, header: header, row: 1, spoil: func(o *messyOrder) {
		o.set(1, header, v)
		o.all("Order Total", sheet.Blank()) // it couldn't be compared
	}}
}

// column is a mess that is reported once for its column, at the cell where it is seen first.
func column(m mess) mess {
	m.whole = true
	return m
}

// messes are the problems that one cell or one order can have, each once.
func messes() []mess {
	short := cell.Civil{Year: 2025, Month: 2, Day: 1}
	return append([]mess{
		onLine("required_missing", "Qty", sheet.Blank()),
		onLine("error_value", "Unit Price", sheet.ErrorValue("#N/A")),
		onLine("formula_uncached", "Unit Price", sheet.Formula("2*4.5")),
		put("date_invalid", "Order Date", sheet.Text("soon")),
		put("date_from_number", "Order Date", sheet.Number("45700").Format("0")),
		onLine("number_invalid", "Qty", sheet.Text("two")),
		put("number_percent", "Tax", sheet.Number("0.0825").Format("0.00%")),
		onLine("number_from_date", "Qty", sheet.Date(short)),
		onLine("number_too_low", "Qty", sheet.Number("-2")),
		onLine("number_too_long", "Unit Price", sheet.Text("1"+strings.Repeat("0", 40))),
		put("integer_invalid", "Channel ID", sheet.Text("Web shop")),
		put("identifier_digits_lost", "PO Number", sheet.Number("1234567890123450000")),
		onLine("identifier_from_date", "Item SKU", sheet.Date(short)),
		put("value_not_allowed", "Status", sheet.Text("Sent out")),
		put("email_invalid", "Customer Email", sheet.Text("maria at example.com")),
		put("text_too_long", "PO Number", sheet.Text(strings.Repeat("4100/", 52))),
		put("order_number_missing", "Order #", sheet.Blank()),
		{code: "order_cells_differ", header: "Ship To City", row: 1, spoil: func(o *messyOrder) { o.set(1, "Ship To City", sheet.Text("Elsewhere")) }},
		{code: "sku_repeated", header: "Item SKU", row: 1, spoil: func(o *messyOrder) {
			o.set(1, "Item SKU", o.rows[0][o.column["Item SKU"]])
		}},
		put("total_differs", "Order Total", sheet.Number("1.00")),
		{code: "rejected", header: "Item SKU", row: 1, spoil: func(o *messyOrder) { o.set(1, "Item SKU", sheet.Text("NO-SUCH-THING")) }},
	}, columnMesses()...)
}

// columnMesses are the problems that only a whole column shows.
func columnMesses() []mess {
	evening := cell.Civil{Year: 2025, Month: 3, Day: 9, Seconds: 20 * 3600}
	return []mess{
		put("date_ambiguous", "Ship By", sheet.Text("03/04/2025")),
		column(put("date_mixed", "Hold Until", sheet.Text("13/04/2025"))),
		column(put("currency_stripped", "Shipping", sheet.Text("$4.95"))),
		column(put("time_cut", "Order Date", sheet.Date(evening))),
		column(put("year_two_digits", "Earliest Ship Date", sheet.Text("31.01.25"))),
		column(put("key_trimmed", "Order #", sheet.Blank())),
		column(put("zeros_restored", "Bill To Zip", sheet.Number("2115").Format("00000"))),
		column(put("identifier_fraction", "PO Number", sheet.Number("4100.5"))),
		column(put("identifier_exponent", "PO Number", sheet.Text("4.1E+12"))),
	}
}

const messySheet = "Orders"

// messyColumns are those of the clean sheet and three more with dates.
func messyColumns() []sheet.Column {
	columns := salesColumns()
	for _, h := range []string{"Ship By", "Hold Until", "Earliest Ship Date"} {
		columns = append(columns, sheet.Column{Header: h, Kind: sheet.DateColumn})
	}
	return columns
}

// messyBook makes the rows of the messy sheet and the truth about them.
func messyBook() (rows [][]sheet.Value, known []truth) {
	columns := map[string]int{}
	for i, c := range messyColumns() {
		columns[c.Header] = i
	}
	t := newTrade(5)
	for i, m := range messes() {
		s := t.sale(i, date(2025, 2, 1+i%28), 2)
		s.number = fmt.Sprintf("M-%03d", i+1)
		o := &messyOrder{number: s.number, rows: s.rows(), column: columns}
		for r := range o.rows {
			o.rows[r] = append(o.rows[r], make([]sheet.Value, len(columns)-len(o.rows[r]))...)
		}
		m.spoil(o)
		at := cell.A1(len(rows)+2+m.row, columns[m.header])
		k := truth{messySheet, at, m.code, s.number}
		if m.whole || m.code == "order_number_missing" {
			k.Number = ""
		}
		known = append(known, k)
		rows = append(rows, o.rows...)
	}
	return rows, known
}

// writeMessy makes a workbook in which each kind of problem stands once.
func writeMessy(path string) error {
	rows, _ := messyBook()
	return writeSheet(path, messySheet, sheet.Layout{Columns: messyColumns()}, rows)
}

// writeMessyTruth writes down the problems of the messy sample.
func writeMessyTruth(path string) error {
	_, known := messyBook()
	return writeCSV(path, known)
}
