// Package flatten turns orders, as the API answers them, into the rows of an export. It reads no
// file and makes no request; exporter drives it.
package flatten

import (
	"fmt"
	"slices"

	"ordersheet/internal/order"
)

// Flattener turns orders into rows, in two passes over the same orders: Observe each order to learn
// how many columns custom fields, tags and numbers need; then call Sheets once, and Rows for each
// order. It keeps no order, and isn't safe for concurrent use.
type Flattener struct {
	kind    order.Kind
	feed    bool // the answers are the feed's, which names some fields differently
	layouts []*layout
	seen    widths
}

// New makes a Flattener for columns, each named by its path (items.sku, shipments.tracking_number,
// custom_fields.Priority Level) or by its column name in templates (sku, bill_to_city).
// custom_fields and items.custom_fields alone mean all that the orders have. No columns mean
// DefaultColumns. The error for an unknown column suggests the most similar one.
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
		if hasPath(chosen, c.path) {
			return nil, fmt.Errorf("choosing columns: %s is named twice", name)
		}
		chosen = append(chosen, c)
	}
	return newFlattener(kind, shape, chosen)
}

func newFlattener(kind order.Kind, shape Shape, chosen []column) (*Flattener, error) {
	f := &Flattener{kind: kind, seen: widths{map[string]map[string]bool{}, map[string]int{}}}
	switch shape {
	case LineRows:
		list := noList // a row per line would only repeat the order if no column is about lines
		if slices.ContainsFunc(chosen, func(c column) bool { return c.list != noList }) {
			list = itemsList
		}
		f.layouts = []*layout{{name: "Orders", list: list, only: true, columns: chosen}}
	case OrderRows:
		f.layouts = orderLayouts(kind, chosen)
	default:
		return nil, fmt.Errorf("choosing the shape of rows: there is no shape %q; there are %s and %s", shape, LineRows, OrderRows)
	}
	return f, f.compile()
}

// compile prepares the layouts for the answers of the feed, or for those of the orders' details.
func (f *Flattener) compile() error {
	details := f.NeedDetails()
	for _, l := range f.layouts {
		for i := range l.columns {
			if c := &l.columns[i]; feedOnly(c.path) && !f.feed && len(details) > 0 {
				return fmt.Errorf("choosing columns: %s is only in the feed of changed orders, and %s only in an order's details; "+
					"export them separately", c.header, details[0])
			}
		}
		l.compile(f.feed)
		l.layOut(&f.seen)
	}
	return nil
}

// NeedDetails returns the headers of the chosen columns that the feed of sales orders doesn't have;
// empty if the feed is enough. Purchase orders have no feed, and their list has every field.
func (f *Flattener) NeedDetails() []string {
	var out []string
	if f.kind != order.SalesOrders {
		return nil
	}
	for _, l := range f.layouts {
		for _, c := range l.columns {
			if !c.inFeed() && !slices.Contains(out, c.header) {
				out = append(out, c.header)
			}
		}
	}
	return out
}

// FromFeed says that the answers come from the feed and not from GET /sales-orders/{id}. The feed
// has other names for some fields (order_id, total_amount, items.price). It fails if a chosen
// column needs an order's details.
func (f *Flattener) FromFeed() error {
	if missing := f.NeedDetails(); len(missing) > 0 {
		return fmt.Errorf("choosing columns: the feed of changed orders doesn't have %s; read the orders' details", firstOf(missing, 5))
	}
	f.feed = true
	return f.compile()
}

// Sheets returns the sheets with all their columns. The columns of custom fields, tags and numbers
// are complete once each order has been observed.
func (f *Flattener) Sheets() []Sheet {
	out := make([]Sheet, len(f.layouts))
	for i, l := range f.layouts {
		out[i] = Sheet{l.name, l.layOut(&f.seen)}
	}
	return out
}

// Observe looks at one order before any row is made. raw is the order's object as the API answered
// it: valid JSON, not under "data".
func (f *Flattener) Observe(raw []byte) error {
	for _, l := range f.layouts {
		if !slices.ContainsFunc(l.columns, func(c column) bool { return c.mayWiden() }) {
			continue
		}
		o, err := l.parse(raw)
		if err != nil {
			return fmt.Errorf("reading an order's answer: %w", err)
		}
		for i := range l.columns {
			c := &l.columns[i]
			if !c.mayWiden() {
				continue
			}
			for _, e := range o.lists[c.list] {
				if err := f.seen.add(c, e.value(c)); err != nil {
					return fmt.Errorf("reading %s of an order's answer: %w", c.header, err)
				}
			}
		}
	}
	return nil
}

// Rows calls row with each row of one order on a sheet, by the sheet's index in Sheets. row must
// not keep the slice.
func (f *Flattener) Rows(sheet int, raw []byte, row func([]Value) error) error {
	l := f.layouts[sheet]
	o, err := l.parse(raw)
	if err != nil {
		return fmt.Errorf("reading an order's answer: %w", err)
	}
	values := make([]Value, l.width)
	for i := range l.rowCount(o) {
		for j := range l.columns {
			c := &l.columns[j]
			if c.list == noList && i > 0 {
				continue // the same as on the row before
			}
			if err := c.put(values[c.first:c.first+c.width], l.elementsOf(o, c.list, i)); err != nil {
				return fmt.Errorf("reading %s of an order's answer: %w", c.header, err)
			}
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return nil
}
