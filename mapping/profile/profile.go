// Package profile is the mapping file: which column feeds which field, how values are read, and
// what values become. It reads and writes the file and knows no sheet.
package profile

import (
	"maps"
	"slices"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"
)

// Profile is a mapping file: how one customer's sheets are read. The zero Profile is a sheet
// without a mapping file. docs/mapping.md describes the file. Wherever it names a field, the
// field's path (items.sku) and its column name (sku) both work.
type Profile struct {
	Name      string     // file name, for messages; empty without a file
	Kind      order.Kind // empty when the file doesn't say
	Sheets    []string   // names of the sheets to read; empty reads all that match
	HeaderRow int        // one-based; 0 finds it

	Columns     map[string][]string // header -> fields; headers are compared after normalizing
	HeaderOrder []string            // the headers of Columns, in the order of the file
	Letters     map[string][]string // column letters -> fields, for repeated or empty headers; none ignores the column
	Ignore      []string            // headers of columns that feed nothing

	Constants     map[string]Constant      // by field; they win over columns, except that tags are combined
	Defaults      map[string]Constant      // by field; for blank cells, and for fields without a column
	ValueMappings map[string]*ValueMapping // by field
	Formats       map[string]Reading       // by field; a zero part falls back on Reading

	Reading
	TagSeparator    string     // characters that separate tags; empty is comma, semicolon, pipe and newline
	NumberSeparator string     // the same for a purchase order's numbers; empty is semicolon and newline
	FillDown        bool       // a row without an order number belongs to the order above
	Generate        bool       // number = "generate": an order without a number gets one
	TotalCheck      TotalCheck // empty is TotalRefuse
	Mode            string     // the action of orders whose row has no command; empty is order.Create
	Clear           string     // the word in a cell that empties the field; empty is DefaultClear
	ReplacePayments bool       // payments = "replace": an update's payments replace the existing ones
	Historical      bool       // profile = "historical": new orders need a date and a final status
}

// Reading says how values are read. Zero fields are worked out from the column's values.
type Reading struct {
	DateOrder value.DateReadings // one of them
	Decimal   value.Separators   // one of them
	Repair    value.Repairs      // what is repaired before a value is read
	Width     int                // digits of an identifier that gets its leading zeros back; only for a single field
}

// DefaultClear is the word that empties a field.
const DefaultClear = "<clear>"

// TotalCheck says what happens to an order whose total isn't the sum of its parts.
type TotalCheck string

// The total checks.
const (
	TotalRefuse TotalCheck = "refuse" // the order is invalid
	TotalWarn   TotalCheck = "warn"
	TotalOff    TotalCheck = "off"
)

// Constant is a value from a mapping file or a setting.
type Constant struct {
	Text string
	Kind cell.Kind // Text, Number or Bool; a date is Text in ISO form
}

// ByField returns what a mapping file says about the field at path, under any of the field's names.
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

// sameField reports whether two names mean the same field, of the profile's kind or of either kind.
func (p *Profile) sameField(a, b string) bool {
	return slices.ContainsFunc(catalog.Kinds(p.Kind), func(k order.Kind) bool {
		path := catalog.Resolve(k, a)
		return path != "" && path == catalog.Resolve(k, b)
	})
}
