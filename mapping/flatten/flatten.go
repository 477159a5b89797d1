// Package flatten turns orders, as the API answers them, into the rows of an export.
package flatten

import (
	"fmt"
	"slices"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"

	"ordersheet/mapping/catalog"
)

// Shape says what a row of an export is.
type Shape string

// The shapes.
const (
	LineRows  Shape = "lines"  // one sheet, a row a line, as the importer reads them: the order's cells stand on each of its rows; without a column of lines, a row an order
	OrderRows Shape = "orders" // a sheet of orders, and one each of what an order holds several of: lines, shipments, payments
)

// Value is one cell of an export. The zero Value is blank. Text is the text, the decimal digits of a number (never an exponent), TRUE or FALSE
// of a boolean, and of a date yyyy-mm-dd or, with a time, the API's own text of it, such as 2025-03-02T10:15:00Z.
type Value struct {
	Kind cell.Kind // Blank, Text, Number, Date or Bool
	Text string
}

// ExportColumn is one column of an export.
type Column struct {
	Header string
	Path   string // the field's path; of a custom field with its label; the same for each of a list's columns
	Type   catalog.Type
}

// ExportSheet is one sheet of an export.
type Sheet struct {
	Name    string // Orders, Lines, Shipments, Payments
	Columns []Column
}

// Flattener turns orders, as the API answers them, into rows. It is used in two passes over the same orders: Observe each, to learn how many
// columns custom fields, tags and numbers take; then Sheets, and Rows for each order. It keeps no order. It isn't safe for concurrent use.
type Flattener struct {
	kind   order.Kind
	feed   bool // the answers are the feed's, in its own words
	sheets []*sheet
	seen   spread
}

// NewFlattener makes a Flattener for the columns named, each by its path (items.sku, shipments.tracking_number, custom_fields.Priority Level),
// or by its column name in templates (sku, bill_to_city). custom_fields and items.custom_fields alone mean all that are found. No columns at
// all are DefaultColumns. The error names columns that aren't there, with the likeliest that are.
func New(kind order.Kind, shape Shape, columns []string) (*Flattener, error) {
	if len(columns) == 0 {
		columns = DefaultColumns(kind, shape)
	}
	chosen := make([]column, 0, len(columns))
	for _, name := range columns {
		c, err := exportColumn(kind, name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(chosen, func(x column) bool { return x.path == c.path }) {
			return nil, fmt.Errorf("choosing columns: %s is named twice", name)
		}
		chosen = append(chosen, c)
	}
	return newFlattener(kind, shape, chosen)
}

func newFlattener(kind order.Kind, shape Shape, chosen []column) (*Flattener, error) {
	f := &Flattener{kind: kind, seen: newSpread()}
	switch shape {
	case LineRows:
		unit := orderUnit // a row a line that says nothing of lines would repeat itself
		if slices.ContainsFunc(chosen, func(c column) bool { return c.list != orderUnit }) {
			unit = itemsList
		}
		f.sheets = []*sheet{{name: "Orders", unit: unit, alone: true, columns: chosen}}
	case OrderRows:
		f.sheets = sheetsOfOrders(kind, chosen)
	default:
		return nil, fmt.Errorf("choosing the shape of rows: there is no shape %q; there are %s and %s", shape, LineRows, OrderRows)
	}
	return f, f.compile()
}

// NeedDetails names the chosen columns that the feed of sales orders lacks, by their headers; empty when the feed alone will do. Purchase
// orders have no feed, and their list answers in full.
func (f *Flattener) NeedDetails() []string {
	var out []string
	if f.kind != order.SalesOrders {
		return nil
	}
	for _, s := range f.sheets {
		for _, c := range s.columns {
			if !c.inFeed() && !slices.Contains(out, c.header) {
				out = append(out, c.header)
			}
		}
	}
	return out
}

// FromFeed says that the answers come from the feed and not from GET /sales-orders/{id}: the same things have other names there (order_id,
// total_amount, items.price). It fails when a chosen column needs details.
func (f *Flattener) FromFeed() error {
	if missing := f.NeedDetails(); len(missing) > 0 {
		return fmt.Errorf("choosing columns: the feed of changed orders doesn't hold %s; read the orders' details", firstOf(missing, 5))
	}
	f.feed = true
	return f.compile()
}

// Sheets gives the sheets with all their columns. What custom fields there are is known only when each order has been observed.
func (f *Flattener) Sheets() []Sheet {
	out := make([]Sheet, len(f.sheets))
	for i, s := range f.sheets {
		out[i] = Sheet{s.name, s.settle(&f.seen)}
	}
	return out
}

// firstOf names the first few of many.
func firstOf(names []string, most int) string {
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
