// Package template makes blank workbooks to fill in: one sheet has the columns of a kind of orders,
// one explains them, and one shows example rows. Only importer calls it.
package template

import (
	"io"
	"strings"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"
	"ordersheet/mapping/catalog"
)

// Write writes the workbook: with changes its columns are those for changing existing orders, else
// those for new ones.
func Write(out io.Writer, kind order.Kind, changes bool) error {
	fields := catalog.Template(kind)
	if changes {
		fields = catalog.ChangeTemplate(kind)
	}
	w, err := write.NewWorkbook(out)
	if err != nil {
		return err
	}
	defer w.Abort()
	columns := make([]write.Column, len(fields))
	for i, f := range fields {
		columns[i] = write.Column{
			Header: f.Column, Kind: columnKinds[f.Type], Required: required[f.Required], Choices: f.Enum,
			Comment: f.Help, Width: max(12, float64(len(f.Column)+4)),
		}
	}
	name := kind.Word() + "s"
	if _, err := w.Sheet(strings.ToUpper(name[:1])+name[1:], write.Layout{Columns: columns}); err != nil {
		return err
	}
	if err := explain(w, fields); err != nil {
		return err
	}
	s, err := w.Sheet(plan.ExamplesSheet, write.Layout{Columns: columns, NoFilter: true})
	if err != nil {
		return err
	}
	for row := range lastExample + 1 {
		values := make([]write.Value, len(fields))
		for i, f := range fields {
			values[i] = value(f.Type, example(f, row))
		}
		if err := s.Row(values...); err != nil {
			return err
		}
	}
	return w.Close()
}

// columnKinds are the kinds of columns that aren't write.General.
var columnKinds = map[catalog.Type]write.ColumnKind{
	catalog.IDText: write.TextColumn, catalog.ListType: write.TextColumn, catalog.DateType: write.DateColumn,
	catalog.DecimalType: write.NumberColumn, catalog.IntegerType: write.NumberColumn,
}

// required are the fields that the smallest order has.
var required = map[catalog.Required]bool{catalog.Always: true, catalog.UnlessCompany: true, catalog.SKUOrProduct: true}

// lastExample is the last of the example rows: an order that says only what is required. The rows
// before it are one order with two lines, the second of which repeats only the order's number.
const lastExample = 2

// example returns the text of a field on an example row. A line names its product by SKU or by id,
// not by both.
func example(f catalog.Field, row int) string {
	number := f.Path == "order_number" || f.Path == "order_numbers"
	switch {
	case f.Path == "command" && row == lastExample:
		return "CANCEL"
	case f.Path == "items.sku" && row == 1:
		return "MUG-RED"
	case f.Path == "items.sku" && row == lastExample, f.Path == "items.product_id" && row != lastExample:
		return ""
	case number && row == lastExample:
		return f.Example + "-B"
	case row == 0, row == 1 && (f.Line || number), row == lastExample && required[f.Required]:
		return f.Example
	}
	return ""
}

// value is a cell of an example row, typed as its column.
func value(t catalog.Type, text string) write.Value {
	switch day, err := time.Parse(time.DateOnly, text); {
	case columnKinds[t] == write.NumberColumn && text != "":
		return write.Number(text)
	case columnKinds[t] == write.DateColumn && err == nil:
		return write.Date(cell.Civil{Year: day.Year(), Month: int(day.Month()), Day: day.Day()})
	}
	return write.Text(text)
}

// explain writes the sheet that says what each column is for.
func explain(w *write.Workbook, fields []catalog.Field) error {
	s, err := w.Sheet(plan.ColumnsSheet, write.Layout{Columns: []write.Column{
		{Header: "column", Width: 26},
		{Header: "needed", Width: 22},
		{Header: "kind of value", Width: 14},
		{Header: "example", Width: 24, Kind: write.TextColumn},
		{Header: "what it is", Width: 100},
		{Header: "one of", Width: 110},
	}})
	if err != nil {
		return err
	}
	for _, f := range fields {
		err := s.Row(
			write.Text(f.Column).Style(write.Bold), write.Text(string(f.Required)), write.Text(string(f.Type)),
			write.Text(f.Example), write.Text(f.Help), write.Text(strings.Join(f.Enum, ", ")))
		if err != nil {
			return err
		}
	}
	return nil
}
