package flatten

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

// column is a chosen column. One that means all custom fields, or the entries of a list, becomes
// several columns of the sheet.
type column struct {
	path, header string
	typ          catalog.Type
	list         string     // the list whose elements have it; noList for the order itself
	sources      [][]string // where its value is in an element, by names; the first with a value counts
	slots        []int      // in the picker of its list, one per source

	first  int            // its first column in the sheet
	width  int            // how many columns of the sheet it takes
	labels map[string]int // of custom fields: the column of each label, from first

	separator string            // between the entries of a list in one cell; empty if each has its own column
	words     map[string]string // the sheet's word for a value of the API
}

// exportColumn finds the column that a person names.
func exportColumn(kind order.Kind, name string) (column, error) {
	if name = strings.TrimSpace(name); name == "" {
		return column{}, errors.New("choosing columns: one of them has no name; is there an extra comma?")
	}
	all := strings.TrimSuffix(name, "."+catalog.AnyLabel) + "." + catalog.AnyLabel
	if f := catalog.FieldByPath(kind, all); f != nil && f.Path == all { // custom_fields, with .* or without
		return newColumn(kind, all, all, catalog.CustomType), nil
	}
	for _, a := range answers()[kind] { // before the catalog, which has these names as headers of other fields
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

// answerHeader returns the header of a field that the catalog doesn't have. Some have a header of
// our own, since the importer would mistake the API's name for another field: created_at is the
// order's date in the files of other programs.
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
		return fmt.Errorf("choosing columns: the API doesn't return %s: it can be sent, but not read back", name)
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
		c.sources = append(c.sources, c.namesBelow(s))
	}
	return c
}

// namesBelow splits a path into the names below the column's list. A custom field's label is one
// name, even if it has periods.
func (c *column) namesBelow(path string) []string {
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

// allCustom reports whether the column means all custom fields.
func (c *column) allCustom() bool {
	return c.typ == catalog.CustomType && strings.HasSuffix(c.path, "."+catalog.AnyLabel)
}

// widens reports whether the column becomes several if an order has several values.
func (c *column) widens() bool {
	return c.separator == "" && (c.typ == catalog.ListType || c.typ == catalog.TagsType && (c.path == "tags" || c.path == "items.tags"))
}

// mayWiden reports whether the orders decide how many columns of the sheet the column takes.
func (c *column) mayWiden() bool { return c.allCustom() || c.widens() }

func (c *column) inFeed() bool { return feedNames[c.path] != "" || feedOnly(c.path) }

// Paths returns the paths of all columns that an export of a kind can have.
func Paths(kind order.Kind) []string {
	var out []string
	for _, f := range catalog.Fields(kind) {
		if !unanswered[f.Path] {
			out = append(out, f.Path)
		}
	}
	for _, a := range answers()[kind] {
		if !slices.Contains(out, a.path) {
			out = append(out, a.path)
		}
	}
	return out
}

// DefaultColumns returns the columns of an export that names none: those of the import template,
// with the ids of orders and of purchase orders' lines, so that the file can be edited and imported
// as updates. OrderRows adds fields that can only be read.
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

// readColumns returns the columns that OrderRows has beyond those of the template.
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

func hasPath(columns []column, path string) bool {
	return slices.ContainsFunc(columns, func(c column) bool { return c.path == path })
}

// firstOf lists the first few of many names.
func firstOf(names []string, most int) string {
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
