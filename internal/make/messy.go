package main

import (
	"cmp"
	"fmt"
	"slices"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/write"
)

// truth is one problem that the messy sample has: the report names these, and nothing else. A
// problem of a whole column or of a row without an order number has no order number.
type truth struct{ Sheet, Cell, Code, Number string }

// mess makes one kind of problem, in one order of two lines, or where it takes two to differ, in
// two orders.
type mess func(b *messBook)

// messBook is the sheet in the making.
type messBook struct {
	trade
	column map[string]int // by header
	grid   [][]write.Value
	known  []truth
	orders int
}

// messyOrder is an order of two lines whose cells can be changed.
type messyOrder struct {
	*messBook
	sale
	first int // index of its first row in the book
}

// order adds a clean order to the book.
func (b *messBook) order() *messyOrder {
	b.orders++
	o := &messyOrder{messBook: b, first: len(b.grid)}
	o.sale = b.sale(b.orders, date(2025, 2, 1+b.orders%28), 2)
	o.number = fmt.Sprintf("M-%03d", b.orders)
	for _, row := range o.sale.rows() {
		b.grid = append(b.grid, append(row, make([]write.Value, len(b.column)-len(row))...))
	}
	return o
}

// cell is one cell of the order, by line and header.
func (o *messyOrder) cell(line int, header string) *write.Value {
	return &o.grid[o.first+line][o.column[header]]
}

// once leaves a cell of the order on its first row only, with another value.
func (o *messyOrder) once(header string, v write.Value) *messyOrder {
	*o.cell(0, header), *o.cell(1, header) = v, write.Blank()
	return o
}

// line changes a cell of the second line.
func (o *messyOrder) line(header string, v write.Value) *messyOrder {
	*o.cell(1, header) = v
	return o
}

// all changes a cell on both lines.
func (o *messyOrder) all(header string, v write.Value) *messyOrder {
	*o.cell(0, header), *o.cell(1, header) = v, v
	return o
}

// priced writes the prices of the lines as text, with a currency sign.
func (o *messyOrder) priced(sign string) *messyOrder {
	for i, l := range o.lines {
		*o.cell(i, "Unit Price") = write.Text(sign + l.each.String())
	}
	return o
}

// free blanks the order's total, where the lines no longer add up to it.
func (o *messyOrder) free() *messyOrder { return o.once("Order Total", write.Blank()) }

// tell notes a problem of the order at a cell.
func (o *messyOrder) tell(code string, line int, header string) *messyOrder {
	return o.note(code, line, header, o.number)
}

// tellColumn notes a problem of a column, at the cell where it is seen first.
func (o *messyOrder) tellColumn(code string, line int, header string) *messyOrder {
	return o.note(code, line, header, "")
}

const (
	messySheet  = "Orders"
	messyHeader = 1 // the header's row
)

func (o *messyOrder) note(code string, line int, header, number string) *messyOrder {
	o.known = append(o.known, truth{messySheet, cell.A1(messyHeader+1+o.first+line, o.column[header]), code, number})
	return o
}

// messyColumns are those of the clean sheet, three more with dates, and three that can't be used.
func messyColumns() []write.Column {
	columns := salesColumns()
	for _, h := range []string{"Ship By", "Hold Until", "Earliest Ship Date"} {
		columns = append(columns, write.Column{Header: h, Kind: write.DateColumn})
	}
	for _, h := range []string{"Margin", "Custmer Username", "Gift"} {
		columns = append(columns, write.Column{Header: h})
	}
	return columns
}

// makeMess makes the messy sheet and the truth about it.
func makeMess() *messBook {
	b := &messBook{trade: newTrade(5), column: map[string]int{}}
	for i, c := range messyColumns() {
		b.column[c.Header] = i
	}
	for header, code := range map[string]string{"Margin": "header_unknown", "Custmer Username": "header_likely", "Gift": "header_not_sent"} {
		b.known = append(b.known, truth{messySheet, cell.A1(messyHeader, b.column[header]), code, ""})
	}
	for _, m := range messes() {
		m(b)
	}
	return b
}

// writeMessy makes a workbook that has each kind of problem once.
func writeMessy(path string) error {
	return writeSheet(path, messySheet, write.Layout{Columns: messyColumns()}, makeMess().grid)
}

// writeMessyTruth writes down the problems of the messy sample, in the order of its rows.
func writeMessyTruth(path string) error {
	known := makeMess().known
	slices.SortStableFunc(known, func(a, b truth) int {
		rowA, colA, _ := cell.ParseA1(a.Cell)
		rowB, colB, _ := cell.ParseA1(b.Cell)
		return cmp.Or(rowA-rowB, colA-colB, cmp.Compare(a.Code, b.Code), cmp.Compare(a.Number, b.Number))
	})
	rows := make([][]string, len(known))
	for i, k := range known {
		rows[i] = []string{k.Sheet, k.Cell, k.Code, k.Number}
	}
	return writeCSV(path, "sheet,cell,code,order_number", rows)
}
