// Package profile is the mapping file: which column feeds which field, how values are read, and what values become. It reads and writes the
// file and knows no sheet.
package profile

import (
	"maps"
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"slices"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"
)

// Profile is a mapping file: how one customer's sheets are read. The zero Profile is a sheet without a mapping file. docs/mapping.md
// describes the file. Wherever it names a field, the field's path and its column name both serve: items.sku, sku.
type Profile struct {
	Name      string     // file name, for messages; empty without a file
	Kind      order.Kind // empty when the file doesn't say
	Sheets    []string   // the sheets to read, by name; empty is all that match
	HeaderRow int        // one-based; 0 is to be found

	Columns map[string][]string // header -> fields; headers are compared after normalising
	Order   []string            // the headers of Columns as the file has them one after the other
	Letters map[string][]string // column letters -> fields, for repeated or empty headers; no fields: the column is ignored
	Ignore  []string            // headers of columns that feed nothing

	Constants     map[string]Constant      // by field; they win over columns, save that tags join
	Defaults      map[string]Constant      // by field; for blank cells, and for fields without a column
	ValueMappings map[string]*ValueMapping // by field
	Formats       map[string]Reading       // by field; a zero part falls back on Reading

	Reading
	TagSeparator    string     // characters that part tags; empty is comma, semicolon, pipe and newline
	NumberSeparator string     // characters that part a purchase order's numbers; empty is semicolon and newline
	FillDown        bool       // a row whose order number is blank belongs to the order above
	Generate        bool       // number = "generate": an order without a number gets one
	TotalCheck      TotalCheck // empty is refuse
	Mode            string     // the action of orders whose row has no command; empty is order.Create
	Clear           string     // the word in a cell that empties the field; empty is DefaultClear
	ReplacePayments bool       // payments = "replace": an update's payments stand in the place of those that there are; else they join them
	Historical      bool       // profile = "historical": every order that is created has a date and a final status, and none gets another
}

// Reading says how the text of dates and decimals is read. Zero fields are proven from the column's values.
type Reading struct {
	DateOrder value.DateOrder
	Decimal   byte          // '.' or ','
	Repair    value.Repairs // what is put right before a value is read
	Width     int           // how many digits identifiers have that get their zeros back; 0 is proven from the column. Of single fields only
}

// DefaultClear is the word that empties a field.
const DefaultClear = "<clear>"

// TotalCheck says what an order's total that doesn't add up does.
type TotalCheck string

// The total checks.
const (
	TotalRefuse TotalCheck = "refuse"
	TotalWarn   TotalCheck = "warn"
	TotalOff    TotalCheck = "off"
)

// Constant is a value from a mapping file or from --set.
type Constant struct {
	Text string
	Kind cell.Kind // Text, Number or Bool; a date is Text in ISO form
}

// byField looks up what a mapping file says of the field at path, under whichever of its names.
func ByField[V any](kind order.Kind, m map[string]V, path string) (v V, ok bool) {
	if v, ok = m[path]; ok || len(m) == 0 {
		return v, ok
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if catalog.Resolve(kind, name) == path {
			return m[name], true
		}
	}
	return v, false
}
