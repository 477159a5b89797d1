package mapping

import (
	"strings"

	"ordersheet/mapping/detect"
)

// Columns is every column of a header; the ledger keeps it with the source, so that an answer's error path can be led back to a cell.
type Columns []Column

// Column finds the first column that feeds the field at path.
func (c Columns) Column(path string) (Column, bool) {
	for _, x := range c {
		if x.Path == path {
			return x, true
		}
	}
	return Column{}, false
}

// Col leads the path of an API's error (items.2.product, bill_to.name, order_numbers.0, custom_fields.Priority Level) to the column whose
// cell holds what it is about. Positions in the path are skipped: which line it is, is for the caller to say. The leaf product means the SKU
// or the product's id, whichever the sheet has. ok is false when no column feeds it: the value is a constant, or isn't there.
func (c Columns) Col(path string) (col int, header, field string, ok bool) {
	plain := withoutPositions(path)
	tries := []string{plain}
	switch plain {
	case "items.product":
		tries = []string{"items.sku", "items.product_id"}
	case "items.sku":
		tries = append(tries, "items.product_id")
	case "items.product_id":
		tries = append(tries, "items.sku")
	case "order_number":
		tries = append(tries, "order_numbers")
	case "order_numbers":
		tries = append(tries, "order_number")
	case "items.price":
		tries = append(tries, "items.unit_price")
	case "bill_to", "ship_to":
		tries = append(tries, plain+".name")
	case "items":
		tries = append(tries, "items.sku", "items.product_id")
	}
	for _, t := range tries {
		if x, found := c.Column(t); found {
			return x.Col, x.Header, x.Path, true
		}
	}
	return 0, "", plain, false
}

// withoutPositions drops the numbers between the names of a path. A custom field's label is kept whole, whatever it holds.
func withoutPositions(path string) string {
	parts := strings.Split(path, ".")
	out := parts[:0]
	for i, p := range parts {
		if p == "custom_fields" {
			return strings.Join(append(out, parts[i:]...), ".")
		}
		if i > 0 && p != "" && strings.Trim(p, "0123456789") == "" {
			continue
		}
		out = append(out, p)
	}
	return strings.Join(out, ".")
}

// Mapped returns the columns as the detector takes them.
func (c Columns) Mapped() []detect.MappedColumn {
	out := make([]detect.MappedColumn, len(c))
	for i, x := range c {
		out[i] = detect.MappedColumn{Col: x.Col, Path: x.Path}
	}
	return out
}
