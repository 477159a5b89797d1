package flatten_test

import (
	"encoding/json"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/flatten"
)

// Any JSON object gives rows with as many cells as the header, and each cell's text is of its kind.
func FuzzFlatten(f *testing.F) {
	for _, s := range []string{
		salesOrder, emptyOrder, `{}`, `{"items":null}`, `{"items":{"id":1}}`, `{"items":[null,5,"x",[1],{}]}`, `{"id":1e999999999,"total":"1e5"}`,
		`{"tags":"one","custom_fields":"x","company":[],"bill_to":"street"}`, `{"tags":[null,{"name":null},{"name":"a"},1]}`,
		`{"order_numbers":["a",2,null],"payments":[{},{}],"shipments":[{"items":[{"order_item_id":1}]}]}`, `{"order_date":"2025-13-45","created_at":"2025-01-01T99:99:99Z"}`,
		`{"custom_fields":{"":1,"*":2,"a.b":{"c":[]}}}`, `{"items":[{"line_number":"x"},{"line_number":2},{"line_number":1}]}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		raw := []byte(strings.TrimSpace(s))
		if !json.Valid(raw) || raw[0] != '{' {
			return
		}
		for _, kind := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
			for _, shape := range []flatten.Shape{flatten.LineRows, flatten.OrderRows} {
				flattenAll(t, kind, shape, raw)
			}
		}
	})
}

// flattenAll makes the rows of all columns that can be combined.
func flattenAll(t *testing.T, kind order.Kind, shape flatten.Shape, raw []byte) {
	var columns []string
	for _, path := range flatten.Paths(kind) {
		if !strings.HasPrefix(path, "fulfillment_orders.") {
			columns = append(columns, path)
		}
	}
	f := flattener(t, kind, shape, columns...)
	if f.Observe(raw) != nil {
		return // a tag that no API returns; it ends the export
	}
	for i, s := range f.Sheets() {
		err := f.Rows(i, raw, func(values []flatten.Value) error {
			if len(values) != len(s.Columns) {
				t.Fatalf("a row has %d cells, its header %d", len(values), len(s.Columns))
			}
			for _, v := range values {
				if _, number := cell.AppendDecimal(nil, []byte(v.Text)); v.Kind == cell.Number && !number || v.Kind != cell.Blank && v.Text == "" && v.Kind != cell.Text {
					t.Fatalf("a cell is a %v with the text %q", v.Kind, v.Text)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("observed, but not written: %v", err)
		}
	}
}
