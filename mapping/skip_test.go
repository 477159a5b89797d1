package mapping_test

import (
	"strings"
	"testing"

	"ordersheet/internal/order"
)

func TestRowsOfTotals(t *testing.T) {
	s := newHeader(t, order.SalesOrders, nil, "order_number", "order_date", "bill_to_name", "sku", "quantity", "unit_price", "Remark").Scan(nil)
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
		row := headerRow(2, strings.Split(line, ",")...)
		if _, got := s.Skip(&row); got != want {
			t.Errorf("%s: Skip reports %v, want %v", line, got, want)
		}
	}
}
