package cli

import (
	"strings"

	"ordersheet/importer"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"

	"ordersheet/mapping/catalog"
)

// templateSheets writes the sheet to fill in, the one that explains each column, and the one with example rows.
func templateSheets(kind order.Kind, fields []catalog.Field, w *write.Workbook) error {
	columns := make([]write.Column, len(fields))
	for i, f := range fields {
		columns[i] = write.Column{
			Header: f.Column, Kind: columnKind(f.Type), Required: required(f), Choices: f.Enum, Comment: f.Help, Width: max(12, float64(len(f.Column)+4)),
		}
	}
	name := "Sales orders"
	if kind == order.PurchaseOrders {
		name = "Purchase orders"
	}
	if _, err := w.Sheet(name, write.Layout{Columns: columns}); err != nil {
		return err
	}
	if err := explain(w, fields); err != nil {
		return err
	}
	s, err := w.Sheet(importer.ExamplesSheet, write.Layout{Columns: columns, NoFilter: true})
	if err != nil {
		return err
	}
	for row := range 3 {
		values := make([]write.Value, len(fields))
		for i, f := range fields {
			values[i] = exampleValue(f, exampleText(f, row))
		}
		if err := s.Row(values...); err != nil {
			return err
		}
	}
	return nil
}

// exampleText is one cell of the example rows: an order of two lines, told in full on its first row and by its number alone on the second, and
// an order that says only what is needed. A line names its product by SKU or by id, not by both.
func exampleText(f catalog.Field, row int) string {
	const last = 2
	byID := f.Path == "items.product_id"
	number := f.Path == "order_number" || f.Path == "order_numbers"
	switch {
	case f.Path == "command" && row == last:
		return "CANCEL"
	case f.Path == "items.sku" && row == 1:
		return "MUG-RED"
	case f.Path == "items.sku" && row == last, byID && row != last:
		return ""
	case number && row == last:
		return f.Example + "-B"
	case row == 0, row == 1 && (f.Line || number), row == last && required(f):
		return f.Example
	}
	return ""
}

// explain writes the sheet that says what each column is for.
func explain(w *write.Workbook, fields []catalog.Field) error {
	s, err := w.Sheet(importer.ColumnsSheet, write.Layout{Columns: []write.Column{
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
		err := s.Row(write.Text(f.Column).Style(write.Bold), write.Text(string(f.Required)), write.Text(string(f.Type)), write.Text(f.Example),
			write.Text(f.Help), write.Text(strings.Join(f.Enum, ", ")))
		if err != nil {
			return err
		}
	}
	return nil
}

func required(f catalog.Field) bool {
	switch f.Required {
	case catalog.Always, catalog.UnlessCompany, catalog.SKUOrProduct:
		return true
	}
	return false
}

func columnKind(t catalog.Type) write.ColumnKind {
	switch t {
	case catalog.IDText, catalog.ListType:
		return write.TextColumn
	case catalog.DateType:
		return write.DateColumn
	case catalog.DecimalType, catalog.IntegerType:
		return write.NumberColumn
	}
	return write.General
}

// exampleValue is one cell of an example row, typed as its column.
func exampleValue(f catalog.Field, text string) write.Value {
	switch f.Type {
	case catalog.DecimalType, catalog.IntegerType:
		if text != "" {
			return write.Number(text)
		}
	case catalog.DateType:
		if d, ok := isoDate(text); ok {
			return write.Date(d)
		}
	}
	return write.Text(text)
}
