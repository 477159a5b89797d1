package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping"
	"ordersheet/mapping/profile"
)

// sparse is a row whose blank texts are no cells.
func sparse(num int, texts ...string) cell.Row {
	r := cell.Row{Num: num}
	for i, s := range texts {
		if s != "" {
			r.Cells = append(r.Cells, cell.Cell{Col: i, Kind: cell.Text, Text: []byte(s)})
		}
	}
	return r
}

// bindings tells what each column of a binding is called and feeds.
func bindings(b *mapping.Header) string {
	var out []string
	for _, c := range b.Columns {
		out = append(out, fmt.Sprintf("%s %s=%s", cell.ColName(c.Col), c.Header, c.Path))
	}
	return strings.Join(out, ", ")
}

// TestFindHeaderUnderGroups finds headers that mean something only under the title of their group.
func TestFindHeaderUnderGroups(t *testing.T) {
	title, data := sparse(1, "Spring orders of all our shops"), sparse(9, "SO-1", "2024-01-15", "Ann", "1 Main St", "Springfield", "62701", "Bob", "2 Side St", "Shelbyville", "62565", "A-1", "2", "9.95")
	headers := []string{"", "", "Name", "Street", "City", "Zip", "Name", "Street", "City", "Zip", "SKU", "Qty", "Price"}
	for _, c := range []struct {
		name string
		rows []cell.Row
		p    *profile.Profile
		want string
	}{
		{
			"groups, and two columns merged downwards",
			[]cell.Row{title, sparse(3, "Order #", "Order Date", "Bill To", "", "", "", "Ship To", "", "", "", "Items"), sparse(4, headers...), data},
			nil,
			"A Order #=order_number, B Order Date=order_date, C Bill To Name=bill_to.name, D Bill To Street=bill_to.street1, E Bill To City=bill_to.city, F Bill To Zip=bill_to.postal_code, " +
				"G Ship To Name=ship_to.name, H Ship To Street=ship_to.street1, I Ship To City=ship_to.city, J Ship To Zip=ship_to.postal_code, K SKU=items.sku, L Qty=items.quantity, M Price=items.unit_price",
		},
		{
			"a group of the order's own fields",
			[]cell.Row{sparse(1, "Order", "", "Bill To", "Ship To", "Line"), sparse(2, "Number", "Date", "Name", "Name", "SKU", "Qty")},
			nil,
			"A Order Number=order_number, B Order Date=order_date, C Bill To Name=bill_to.name, D Ship To Name=ship_to.name, E SKU=items.sku, F Qty=items.quantity",
		},
		{
			"named by the mapping file",
			[]cell.Row{sparse(1, "Beleg", "", "Kunde", "Ware"), sparse(2, "Nr", "Tag", "Name", "Code", "Menge")},
			&profile.Profile{Columns: map[string][]string{"Beleg Nr": {"order_number"}, "Beleg Tag": {"order_date"}, "Kunde Name": {"bill_to.name", "ship_to.name"}, "Ware Code": {"items.sku"}, "Ware Menge": {"items.quantity"}}},
			"A Beleg Nr=order_number, B Beleg Tag=order_date, C Kunde Name=bill_to.name, C Kunde Name=ship_to.name, D Ware Code=items.sku, E Ware Menge=items.quantity",
		},
		{
			"one row that will do stays alone",
			[]cell.Row{sparse(1, "Order", "", "", "", "Items"), sparse(2, "Order Number", "Order Date", "Bill To Name", "Ship To Name", "SKU", "Qty", "Remarks of ours")},
			nil,
			"A Order Number=order_number, B Order Date=order_date, C Bill To Name=bill_to.name, D Ship To Name=ship_to.name, E SKU=items.sku, F Qty=items.quantity, G Remarks of ours=",
		},
	} {
		number := c.rows[len(c.rows)-1].Num
		if number == data.Num {
			number = c.rows[len(c.rows)-2].Num
		}
		b := mapping.FindHeader(order.SalesOrders, c.rows, nil, c.p)
		if b == nil {
			t.Errorf("%s: no header was found", c.name)
			continue
		}
		got := bindings(b)
		if b.Row.Num != number || got != c.want || b.Blocked() {
			t.Errorf("%s: got row %d, blocked %v\n%s, want row %d\n%s", c.name, b.Row.Num, b.Blocked(), got, number, c.want)
			continue
		}
		again, err := mapping.NewHeader(b.Kind, b.Row, c.p)
		if err != nil || bindings(again) != bindings(b) {
			t.Errorf("%s: bound again: %v\n%s", c.name, err, bindings(again))
		}
	}
}

// TestGroupsChangeNothing keeps the plain reading: of rows that bind by themselves, and of rows
// that titles don't help.
func TestGroupsChangeNothing(t *testing.T) {
	whole := []string{"Order Number", "Order Date", "Bill To Name", "Ship To Name", "SKU", "Qty"}
	for _, c := range []struct {
		name string
		rows []cell.Row
		row  int
		want string // header of the first column
	}{
		{"header above data", []cell.Row{sparse(1, whole...), sparse(2, "Name", "Date", "Name", "Name", "SKU", "Qty")}, 1, "Order Number"},
		{"a blank row between", []cell.Row{sparse(1, "Order", "", "Bill To", "Ship To"), sparse(3, "Number", "Order Date", "Name", "Name", "SKU", "Qty")}, 3, "Number"},
		{"incomplete, and the row below is data", []cell.Row{sparse(1, "Order Number", "Order Date", "SKU", "Qty", ""), sparse(2, "SO-1", "2024-01-15", "A-1", "2", "note")}, 1, "Order Number"},
		{"a title over it all", []cell.Row{sparse(1, "Orders"), sparse(2, "Order Number", "Order Date", "SKU", "Qty")}, 2, "Order Number"},
	} {
		b := mapping.FindHeader(order.SalesOrders, c.rows, nil, nil)
		if b == nil || b.Row.Num != c.row || b.Columns[0].Header != c.want {
			t.Errorf("%s: got %+v, want row %d with %s", c.name, b, c.row, c.want)
		}
	}
}
