package flatten

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

// Shape says what a row of an export is.
type Shape string

// The shapes.
const (
	// LineRows is one sheet with a row per line, as the importer reads it: the order's cells are
	// repeated on each of its rows. Without a column about lines it has a row per order.
	LineRows Shape = "lines"
	// OrderRows is a sheet of orders, and one for each list of an order: lines, shipments,
	// payments.
	OrderRows Shape = "orders"
)

// Column is one column of an export.
type Column struct {
	Header string
	Path   string // the field's path; with the label for a custom field; the same for each column of a list
	Type   catalog.Type
}

// Sheet is one sheet of an export.
type Sheet struct {
	Name    string // Orders, Lines, Shipments, Payments
	Columns []Column
}

// layout is how one sheet is made of an order.
type layout struct {
	name    string
	list    string // the list whose elements are the rows
	columns []column
	width   int
	only    bool               // it is the only sheet, so orders without lines need a row too
	pickers map[string]*picker // by list
	lists   map[string]int     // the slot of each list in the order's picker

	number, lineID     int // the slots of line_number and id in the picker of lines
	packed, packedLine int // the slots of items in a shipment, and of order_item_id in those
}

// orderLayouts distributes the columns over a sheet of orders and one for each list. Each sheet of
// a list begins with the order's id and number.
func orderLayouts(kind order.Kind, chosen []column) []*layout {
	layouts := []*layout{{name: "Orders", list: noList}, {name: "Lines", list: itemsList}}
	if kind == order.PurchaseOrders {
		layouts = append(layouts, &layout{name: "Payments", list: paymentsList})
	} else {
		layouts = append(layouts, &layout{name: "Shipments", list: shipmentsList})
	}
	for _, c := range chosen {
		at := slices.IndexFunc(layouts, func(l *layout) bool { return l.list != noList && strings.HasPrefix(c.path, l.list+".") })
		l := layouts[max(at, 0)]
		if c.list == packedList {
			l.list = packedList
		}
		l.columns = append(l.columns, c)
	}
	number := newColumn(kind, kind.NumberField(), kind.NumberField(), catalog.FieldByPath(kind, kind.NumberField()).Type)
	if number.typ == catalog.ListType {
		number.separator = ", " // here it only refers to the order
	}
	key := []column{newColumn(kind, catalog.IDPath, catalog.IDPath, catalog.IntegerType), number}
	out := layouts[:1]
	for _, l := range layouts[1:] {
		if len(l.columns) > 0 {
			l.columns = append(slices.Clone(key), l.columns...)
			out = append(out, l)
		}
	}
	if len(layouts[0].columns) == 0 {
		layouts[0].columns = slices.Clone(key)
	}
	return out
}

// compile gives each column its slots in the picker of its list. Besides the columns it needs the
// lists, and what says which lines a shipment contains.
func (l *layout) compile(feed bool) {
	l.pickers = map[string]*picker{noList: newPicker()}
	for i := range l.columns {
		c := &l.columns[i]
		sources := c.sources
		if feed && feedNames[c.path] != "" {
			sources = [][]string{c.namesBelow(feedNames[c.path])}
		}
		c.slots = c.slots[:0]
		for _, names := range sources {
			c.slots = append(c.slots, l.picker(c.list).slot(names))
		}
	}
	lines := l.picker(itemsList)
	l.number = lines.slot([]string{"line_number"})
	l.lineID = lines.slot([]string{"id"})
	if feed {
		l.lineID = lines.slot([]string{"order_item_id"})
	}
	if l.pickers[shipmentsList] != nil || l.pickers[packedList] != nil {
		l.packed = l.picker(shipmentsList).slot([]string{"items"})
		l.packedLine = l.picker(packedList).slot([]string{"order_item_id"})
	}
	l.lists = map[string]int{}
	for list := range l.pickers {
		if list != noList && list != packedList {
			l.lists[list] = l.pickers[noList].slot([]string{list})
		}
	}
}

func (l *layout) picker(list string) *picker {
	if l.pickers[list] == nil {
		l.pickers[list] = newPicker()
	}
	return l.pickers[list]
}

// widths is how many columns the orders observed so far need.
type widths struct {
	labels map[string]map[string]bool // labels of custom fields, by the path that means all of them
	counts map[string]int             // the length of the longest list, by path
}

// add notes one value of a column that may widen.
func (w *widths) add(c *column, v []byte) error {
	switch {
	case c.widens():
		w.counts[c.path] = max(w.counts[c.path], len(namesIn(v)))
	case c.allCustom() && len(v) > 0 && v[0] == '{':
		return order.EachField(v, func(label, value []byte) error {
			if name := string(label); strings.TrimSpace(name) != "" && name != catalog.AnyLabel && !isEmpty(value) {
				if w.labels[c.path] == nil {
					w.labels[c.path] = map[string]bool{}
				}
				w.labels[c.path][name] = true
			}
			return nil
		})
	}
	return nil
}

// layOut gives each column its position, and returns the sheet's columns as far as they are known.
func (l *layout) layOut(seen *widths) []Column {
	var out []Column
	for i := range l.columns {
		c := &l.columns[i]
		c.first = len(out)
		switch {
		case c.allCustom():
			prefix := strings.TrimSuffix(c.path, catalog.AnyLabel)
			c.labels = map[string]int{}
			for _, label := range slices.Sorted(maps.Keys(seen.labels[c.path])) {
				if !hasPath(l.columns, prefix+label) {
					c.labels[label] = len(c.labels)
					out = append(out, Column{prefix + label, prefix + label, catalog.CustomType})
				}
			}
		case c.widens():
			out = append(out, Column{c.header, c.path, c.typ})
			for n := 2; n <= seen.counts[c.path]; n++ {
				out = append(out, Column{c.header + strconv.Itoa(n), c.path, c.typ})
			}
		default:
			out = append(out, Column{c.header, c.path, c.typ})
		}
		c.width = len(out) - c.first
	}
	l.width = len(out)
	return out
}
