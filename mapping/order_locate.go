package mapping

import (
	"strconv"
	"strings"

	"ordersheet/internal/order"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"
)

// LocateColumn leads an error path of the API back to a column: items.2.product, bill_to.name, custom_fields.Priority Level, order_numbers.0.
// item is the index of the line (into Planned.Items), or -1 for what belongs to the order as a whole: its first row. ok is false when no
// column feeds what the path names; for a path within a line item is still right then. It needs nothing but the stored columns, so that a
// report can be made from the ledger alone.
func LocateColumn(kind order.Kind, cols []Column, path string) (col Column, item int, ok bool) {
	item = -1
	if rest, line := strings.CutPrefix(path, catalog.ItemsPrefix); line {
		if index, _, _ := strings.Cut(rest, "."); value.AllDigits([]byte(index)) && len(index) <= 9 {
			item, _ = strconv.Atoi(index)
		}
	}
	_, _, field, ok := Columns(cols).Col(path)
	if ok {
		col, ok = Columns(cols).Column(field)
		return col, item, ok
	}
	if path == "" || catalog.FieldByPath(kind, field) != nil {
		return Column{}, item, false
	}
	for _, c := range cols { // a whole address, all custom fields, all payments
		if strings.HasPrefix(c.Path, field+".") {
			return c, item, true
		}
	}
	return Column{}, item, false
}
