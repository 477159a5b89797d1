package mapping_test

import (
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping"
)

func TestFooter(t *testing.T) {
	t.Parallel()
	b, err := mapping.Bind(order.SalesOrders, nil, textRow("order_number", "order_date", "bill_to_name", "sku", "quantity", "unit_price", "Remark"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]bool{
		"Total,,,,12,99.50,":       true,
		",,,TOTAL:,12,,":           true,
		",,Grand total,,,€ 9.50,":  true,
		"Summe,,,,,,":              true,
		"A-1,,,Total,12,,":         false, // an order of the product "Total"
		"Total,2025-01-02,,,12,9,": false, // a date
		"Total,,Ann,,12,9,":        false, // somebody's name
		"Total,,,,12,9,call Ann":   false, // a note
		"Total,,,,Total,9,":        false,
		"Total Mugs Ltd,,,,12,9,":  false,
		"1001,,,,12,9,":            false,
		",,,,12,9,":                false,
		"Total,,,,,12.00,1.00":     true,
		"Total,,,12345,12,,":       false, // a SKU
	} {
		row := textRow(strings.Split(line, ",")...)
		if _, got := b.Footer(&row); got != want {
			t.Errorf("%s: footer %v, want %v", line, got, want)
		}
	}
}

func textRow(texts ...string) cell.Row {
	r := cell.Row{Num: 1}
	for i, s := range texts {
		if s != "" {
			r.Cells = append(r.Cells, cell.Cell{Col: i, Kind: cell.Text, Text: []byte(s)})
		}
	}
	return r
}
