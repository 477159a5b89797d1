package flatten

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/order"

	"ordersheet/mapping/catalog"
)

// The lists of an order that can make rows of their own.
const (
	orderUnit      = "" // a row an order
	itemsList      = "items"
	shipmentsList  = "shipments"
	packedList     = "shipments.items"
	paymentsList   = "payments"
	fulfilmentList = "fulfillment_orders"
)

// flatColumn is a column that was chosen. One that stands for all custom fields, or for the entries of a list, becomes several when all
// orders have been observed.
type column struct {
	path, header string
	typ          catalog.Type
	list         string     // the list whose elements hold it; orderUnit for the order itself
	from         [][]string // where its value stands below that, by names; the first that has one counts
	slots        []int      // in the picker of its list, one for each of from
	at           int        // the first of its columns in the sheet
	width        int        // how many columns it takes
	labels       map[string]int
	between      string            // what parts the entries of a list in one cell; empty when each has a column of its own
	back         map[string]string // the sheet's own word for a value of the API
}

// listOf is the list that a path leads into.
func listOf(path string) string {
	for _, l := range []string{packedList, itemsList, shipmentsList, paymentsList, fulfilmentList} {
		if strings.HasPrefix(path, l+".") {
			return l
		}
	}
	return orderUnit
}

// exportColumn finds the column that a user names.
func exportColumn(kind order.Kind, name string) (column, error) {
	if name = strings.TrimSpace(name); name == "" {
		return column{}, errors.New("choosing columns: one of them has no name; is there a comma too many?")
	}
	if all, ok := map[string]string{
		"custom_fields": catalog.CustomPrefix + catalog.AnyLabel, "items.custom_fields": catalog.LineCustom + catalog.AnyLabel,
		catalog.CustomPrefix + catalog.AnyLabel: catalog.CustomPrefix + catalog.AnyLabel, catalog.LineCustom + catalog.AnyLabel: catalog.LineCustom + catalog.AnyLabel,
	}[name]; ok && catalog.FieldByPath(kind, all) != nil {
		return newColumn(kind, all, all, catalog.CustomType), nil
	}
	for _, a := range answersOf(kind) { // before the catalogue, which knows other headers for some fields
		if a.path == name {
			return newColumn(kind, a.path, answerHeader(a.path), a.typ), nil
		}
	}
	path := catalog.Resolve(kind, name)
	if f := catalog.FieldByPath(kind, path); f != nil && !unanswered[path] {
		header := f.Column
		if f.Type == catalog.CustomType {
			header = path
		}
		return newColumn(kind, path, header, f.Type), nil
	}
	return column{}, unknownColumn(kind, name, path)
}

// answerHeader is the header of a field that the field catalogue doesn't have. Some have one of our own: under the API's name the importer
// would take them for something else, such as an order's created_at for its date, as it is in the files of other programs.
func answerHeader(path string) string {
	switch path {
	case "status":
		return "record_status"
	case "created_at", "updated_at":
		return "record_" + path
	case "order_id":
		return "luminous_order_id"
	}
	return path
}

func unknownColumn(kind order.Kind, name, path string) error {
	if path != "" {
		return fmt.Errorf("choosing columns: no answer of the API holds %s: it can be sent, but not read back", name)
	}
	known := Paths(kind)
	for _, f := range catalog.Fields(kind) {
		known = append(known, f.Column)
	}
	if near := catalog.Nearest(name, known); near != "" {
		return fmt.Errorf("choosing columns: a %s has no field %q; did you mean %s?", kind.Word(), name, near)
	}
	return fmt.Errorf("choosing columns: a %s has no field %q", kind.Word(), name)
}

func newColumn(kind order.Kind, path, header string, typ catalog.Type) column {
	c := column{path: path, header: header, typ: typ, list: listOf(path), width: 1}
	sources := answeredAs[kind][path]
	if len(sources) == 0 {
		sources = []string{path}
	}
	for _, s := range sources {
		c.from = append(c.from, c.below(s))
	}
	return c
}

// below parts a path into the names below the column's list. A custom field's label is one name, whatever it holds.
func (c *column) below(path string) []string {
	path = strings.TrimPrefix(path, c.list)
	path = strings.TrimPrefix(path, ".")
	if label, ok := strings.CutPrefix(path, catalog.CustomPrefix); ok {
		if label == catalog.AnyLabel {
			return []string{"custom_fields"}
		}
		return []string{"custom_fields", label}
	}
	return strings.Split(path, ".")
}

// anyCustom says that the column stands for all custom fields.
func (c *column) anyCustom() bool {
	return c.typ == catalog.CustomType && strings.HasSuffix(c.path, "."+catalog.AnyLabel)
}

// widens says that the column becomes several when an order has several of it.
func (c *column) widens() bool {
	return c.between == "" && (c.typ == catalog.ListType || c.typ == catalog.TagsType && (c.path == "tags" || c.path == "items.tags"))
}

func (c *column) inFeed() bool { return feedNames[c.path] != "" || feedOnly(c.path) }

// ExportPaths lists the paths of all columns that an export of a kind can have.
func Paths(kind order.Kind) []string {
	var out []string
	for _, f := range catalog.Fields(kind) {
		if !unanswered[f.Path] {
			out = append(out, f.Path)
		}
	}
	for _, a := range answersOf(kind) {
		if !slices.Contains(out, a.path) {
			out = append(out, a.path)
		}
	}
	return out
}

// DefaultColumns are the columns of an export that names none: those of the import template under the same headers, with the ids of orders
// and of purchase orders' lines, so that the file can be edited and imported as updates. With sheets of orders, what is only read is added.
func DefaultColumns(kind order.Kind, shape Shape) []string {
	out := []string{catalog.IDPath}
	for _, f := range catalog.Template(kind) {
		if f.Path == catalog.IDPath || f.Path == catalog.LineIDPath || unanswered[f.Path] {
			continue
		}
		if f.Line && kind == order.PurchaseOrders && !slices.Contains(out, catalog.LineIDPath) {
			out = append(out, catalog.LineIDPath)
		}
		out = append(out, f.Path)
	}
	out = append(out, catalog.CustomPrefix+catalog.AnyLabel)
	if kind == order.SalesOrders {
		out = append(out, catalog.LineCustom+catalog.AnyLabel)
	}
	if shape == OrderRows {
		out = append(out, readColumns(kind)...)
	}
	return out
}

// readColumns are the columns that sheets of orders have beyond those of the template.
func readColumns(kind order.Kind) []string {
	if kind == order.PurchaseOrders {
		return []string{
			"order_cost", "total_cost", "total_paid", "total_due", "supplier.name", "warehouse.name", "created_at", "updated_at",
			"items.product.name", "items.line_total", "items.received_quantity", "payments.id",
		}
	}
	return []string{
		"total", "total_paid", "company.name", "created_at", "updated_at",
		"items.id", "items.name", "items.quantity_shipped",
		"shipments.id", "shipments.ship_date", "shipments.carrier_code", "shipments.service_code", "shipments.tracking_number",
		"shipments.shipment_cost", "shipments.is_return",
	}
}

// flatSheet is one sheet in the making.
type sheet struct {
	name    string
	unit    string // the list of which each element is a row
	columns []column
	width   int
	alone   bool               // it is the only sheet: orders without lines stand in it, too
	pickers map[string]*picker // by list
	lists   map[string]int     // where the order's picker puts the text of each list

	number, lineID     int // where the picker of lines puts line_number and id
	packed, packedLine int // where the pickers of shipments and of what they hold put items and order_item_id
}

// sheetsOfOrders deals the columns onto a sheet of orders and one for each list that some column is of. Each begins with the order's id and
// number.
func sheetsOfOrders(kind order.Kind, chosen []column) []*sheet {
	sheets := []*sheet{{name: "Orders", unit: orderUnit}, {name: "Lines", unit: itemsList}}
	if kind == order.PurchaseOrders {
		sheets = append(sheets, &sheet{name: "Payments", unit: paymentsList})
	} else {
		sheets = append(sheets, &sheet{name: "Shipments", unit: shipmentsList})
	}
	for _, c := range chosen {
		at := slices.IndexFunc(sheets, func(s *sheet) bool { return s.unit != orderUnit && strings.HasPrefix(c.path, s.unit+".") })
		s := sheets[max(at, 0)]
		if c.list == packedList {
			s.unit = packedList
		}
		s.columns = append(s.columns, c)
	}
	key := []column{newColumn(kind, catalog.IDPath, catalog.IDPath, catalog.IntegerType), newColumn(kind, "order_number", "order_number", catalog.IDText)}
	if kind == order.PurchaseOrders {
		key[1] = newColumn(kind, "order_numbers", "order_numbers", catalog.ListType)
		key[1].between = ", " // it is only a reference here
	}
	out := sheets[:1]
	for _, s := range sheets[1:] {
		if len(s.columns) > 0 {
			s.columns = append(slices.Clone(key), s.columns...)
			out = append(out, s)
		}
	}
	if len(sheets[0].columns) == 0 {
		sheets[0].columns = slices.Clone(key)
	}
	return out
}

// compile gives each column its place in the picker of its list.
func (f *Flattener) compile() error {
	for _, s := range f.sheets {
		s.pickers = map[string]*picker{orderUnit: {top: picked{slot: -1}}}
		for i := range s.columns {
			c := &s.columns[i]
			if feedOnly(c.path) && !f.feed && len(f.NeedDetails()) > 0 {
				return fmt.Errorf("choosing columns: %s stands only in the feed of changed orders, and %s only in an order's details; "+
					"export them apart", c.header, f.NeedDetails()[0])
			}
			from := c.from
			if f.feed && feedNames[c.path] != "" {
				from = [][]string{c.below(feedNames[c.path])}
			}
			c.slots = c.slots[:0]
			for _, names := range from {
				c.slots = append(c.slots, s.picker(c.list).slot(names))
			}
		}
		s.link(f.feed)
		s.settle(&f.seen)
	}
	return nil
}

// link adds what must be taken out of an order besides the columns: its lists, and what says which lines a shipment holds.
func (s *sheet) link(feed bool) {
	lines := s.picker(itemsList)
	s.number = lines.slot([]string{"line_number"})
	s.lineID = lines.slot([]string{"id"})
	if feed {
		s.lineID = lines.slot([]string{"order_item_id"})
	}
	if s.pickers[shipmentsList] != nil || s.pickers[packedList] != nil {
		s.packed = s.picker(shipmentsList).slot([]string{"items"})
		s.packedLine = s.picker(packedList).slot([]string{"order_item_id"})
	}
	s.lists = map[string]int{}
	for list := range s.pickers {
		if list != orderUnit && list != packedList {
			s.lists[list] = s.pickers[orderUnit].slot([]string{list})
		}
	}
}

func (s *sheet) picker(list string) *picker {
	if s.pickers[list] == nil {
		s.pickers[list] = &picker{top: picked{slot: -1}}
	}
	return s.pickers[list]
}

// spread is what the orders observed hold of what widens the header.
type spread struct {
	labels map[string]map[string]bool // custom fields, by the path that stands for all of them
	counts map[string]int             // the longest list, by path
}

func newSpread() spread { return spread{map[string]map[string]bool{}, map[string]int{}} }

// has says that a column was chosen by its path.
func (s *sheet) has(path string) bool {
	return slices.ContainsFunc(s.columns, func(c column) bool { return c.path == path })
}

// settle lays out the sheet's columns as far as the orders are known.
func (s *sheet) settle(seen *spread) []Column {
	var out []Column
	for i := range s.columns {
		c := &s.columns[i]
		c.at = len(out)
		switch {
		case c.anyCustom():
			labels := slices.DeleteFunc(slices.Sorted(maps.Keys(seen.labels[c.path])), func(l string) bool { return s.has(strings.TrimSuffix(c.path, catalog.AnyLabel) + l) })
			c.labels = make(map[string]int, len(labels))
			for j, l := range labels {
				path := strings.TrimSuffix(c.path, catalog.AnyLabel) + l
				c.labels[l] = j
				out = append(out, Column{path, path, catalog.CustomType})
			}
		case c.widens():
			for j := range max(1, seen.counts[c.path]) {
				header := c.header
				if j > 0 {
					header += strconv.Itoa(j + 1)
				}
				out = append(out, Column{header, c.path, c.typ})
			}
		default:
			out = append(out, Column{c.header, c.path, c.typ})
		}
		c.width = len(out) - c.at
	}
	s.width = len(out)
	return out
}
