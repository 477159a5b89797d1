package mapping

import (
	"strconv"
	"strings"

	"ordersheet/internal/order"
)

// LocateColumn leads an error path of the API back to a column: items.2.product, bill_to.name, custom_fields.Priority Level, order_numbers.0.
// item is the index of the line (into Planned.Items), or -1 for what belongs to the order as a whole: its first row. ok is false when no
// column feeds what the path names; for a path within a line item is still right then.
func LocateColumn(kind order.Kind, cols []Column, path string) (col Column, item int, ok bool) {
	item = -1
	name, rest, _ := strings.Cut(path, ".")
	if name+"." == itemsPrefix || name+"." == paymentsPrefix {
		if index, leaf, _ := strings.Cut(rest, "."); isIndex(index) {
			if name+"." == itemsPrefix {
				item, _ = strconv.Atoi(index)
			}
			rest = leaf
		}
		path = strings.TrimSuffix(name+"."+rest, ".")
	}
	for _, try := range pathsOf(kind, path) {
		for _, c := range cols {
			if c.Path == try {
				return c, item, true
			}
		}
	}
	for _, c := range cols { // a whole address, all custom fields, all lines
		if c.Path != "" && strings.HasPrefix(c.Path, path+".") {
			return c, item, true
		}
	}
	return Column{}, item, false
}

// pathsOf lists the field paths that an error path may mean, likeliest first.
func pathsOf(kind order.Kind, path string) []string {
	switch path {
	case "items", "items.product", "items.product_id", "items.sku":
		if path == "items.product_id" {
			return []string{"items.product_id", "items.sku"}
		}
		return []string{"items.sku", "items.product_id"}
	case "order_number", "order_numbers":
		return []string{numberPath(kind)}
	}
	paths := []string{path}
	if i := strings.LastIndexByte(path, '.'); i > 0 {
		if isIndex(path[i+1:]) { // tags.1, order_numbers.0, items.tags.0
			return append(paths, pathsOf(kind, path[:i])...)
		}
	}
	return paths
}

func isIndex(s string) bool { return allDigits([]byte(s)) && len(s) <= 9 }
