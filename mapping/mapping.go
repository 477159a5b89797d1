// Package mapping turns the rows of a sheet into payloads of orders. It reads no files and asks no
// server. An import goes through it in these steps:
//
//   - FindHeader finds the header row and which column feeds which field: a Header.
//   - A Scan takes every row below the header. It learns how the values of each column are to be
//     read (which order of day and month, which decimal separator) and which rows are one order.
//   - Scan.Finish ends this first pass and gives the Plan for the second: Plan.Order turns the rows
//     of one order into its payload, or says what is wrong, cell by cell.
package mapping

import (
	"strconv"
	"strings"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/detect"
	"ordersheet/mapping/value"
)

// Column is one column of a sheet and the field that it feeds.
type Column struct {
	Col    int      `json:"col"` // zero-based
	Header string   `json:"header"`
	Path   string   `json:"path,omitempty"`   // custom_fields.LABEL for a custom field; empty when the column feeds nothing
	How    How      `json:"how,omitempty"`    // how the field was found
	Score  float64  `json:"score,omitempty"`  // 1 is certain
	Others []string `json:"others,omitempty"` // the fields that it may mean, or would feed otherwise
}

// How says how the field of a column was found, or why it feeds none.
type How string

// The values of How.
const (
	ByFile       How = "mapping file"
	ByName       How = "exact"
	ByNormalized How = "normalised" // the field's name in another spelling
	BySynonym    How = "synonym"
	ByLikeness   How = "likeness" // only suggested, never used
	Ignored      How = "ignored"
	NotMapped    How = ""
	Ambiguous    How = "ambiguous"
	Overruled    How = "constant" // a constant gives the field
	Spare        How = "spare"    // another column gives the field
)

// Columns are the columns of a header. The ledger keeps them with the sheet, so that an error of
// the API can be traced to a cell.
type Columns []Column

// Column returns the first column that feeds the field at path.
func (c Columns) Column(path string) (Column, bool) {
	for _, x := range c {
		if x.Path == path {
			return x, true
		}
	}
	return Column{}, false
}

// Mapped returns the columns as the detector takes them.
func (c Columns) Mapped() []detect.MappedColumn {
	var out []detect.MappedColumn
	for _, x := range c {
		out = append(out, detect.MappedColumn{Col: x.Col, Path: x.Path})
	}
	return out
}

// otherNames are the fields whose column may hold what an error path of the API is about.
var otherNames = map[string][]string{
	"items.product":    {"items.sku", "items.product_id"},
	"items.sku":        {"items.product_id"},
	"items.product_id": {"items.sku"},
	"order_number":     {"order_numbers"},
	"order_numbers":    {"order_number"},
	"items.price":      {"items.unit_price"},
	"bill_to":          {"bill_to.name"},
	"ship_to":          {"ship_to.name"},
	"items":            {"items.sku", "items.product_id"},
}

// Feeding returns the column that holds what an error path of the API is about, and that column's
// field, or else the path without its positions. Paths look like items.2.product, bill_to.name,
// order_numbers.0 and custom_fields.Priority Level. found is false if no column feeds it.
func (c Columns) Feeding(path string) (column Column, field string, found bool) {
	field = withoutPositions(path)
	if column, found = c.Column(field); found {
		return column, field, true
	}
	for _, name := range otherNames[field] {
		if column, found = c.Column(name); found {
			return column, name, true
		}
	}
	return Column{}, field, false
}

// withoutPositions drops the numbers between the names of a path. The label of a custom field is
// kept whole, whatever it holds.
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

// LocateColumn traces an error path of the API to a column. item is the position of the line that
// the path names (an index into Planned.Items), or -1 if it is about the order as a whole. When no
// column feeds what the path names, ok is false; item is valid even then.
func LocateColumn(kind order.Kind, columns Columns, path string) (column Column, item int, ok bool) {
	item = -1
	if rest, found := strings.CutPrefix(path, catalog.ItemsPrefix); found {
		if index, _, _ := strings.Cut(rest, "."); value.AllDigits([]byte(index)) && len(index) <= 9 {
			item, _ = strconv.Atoi(index)
		}
	}
	column, field, ok := columns.Feeding(path)
	if ok || path == "" || catalog.FieldByPath(kind, field) != nil {
		return column, item, ok
	}
	for _, c := range columns { // a whole address, all custom fields, all payments
		if strings.HasPrefix(c.Path, field+".") {
			return c, item, true
		}
	}
	return Column{}, item, false
}
