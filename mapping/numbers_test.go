package mapping_test

import (
	"slices"
	"testing"

	"ordersheet/internal/order"
	"ordersheet/mapping/profile"
)

func TestEachNumber(t *testing.T) {
	for _, c := range []struct {
		name    string
		kind    order.Kind
		profile *profile.Profile
		paths   []string
		row     []string
		want    []string
	}{
		{"one", "purchase-orders", nil, []string{"order_numbers"}, []string{"P1"}, []string{"P1"}},
		{"several in a cell", "purchase-orders", nil, []string{"order_numbers"}, []string{"P1; P2\nP3;"}, []string{"P1", "P2", "P3"}},
		{"several columns", "purchase-orders", nil, []string{"order_numbers", "items.sku", "order_numbers"}, []string{"P1", "MUG", "P2;P3"}, []string{"P1", "P2", "P3"}},
		{"another sign", "purchase-orders", &profile.Profile{NumberSeparator: "/"}, []string{"order_numbers"}, []string{"P1/P2;P3"}, []string{"P1", "P2;P3"}},
		{"a number cell", "purchase-orders", nil, []string{"order_numbers"}, []string{"#00000:12"}, []string{"00012"}},
		{"blank", "purchase-orders", nil, []string{"order_numbers"}, []string{""}, nil},
		{"an error", "purchase-orders", nil, []string{"order_numbers"}, []string{"!#N/A"}, nil},
		{"a sales order", "sales-orders", nil, []string{"order_number"}, []string{"S1;S2"}, []string{"S1;S2"}},
	} {
		b := pathsHeader(t, c.kind, c.profile, c.paths...)
		rows := grid(c.row)
		p, _ := scan(b, rows)
		var got []string
		p.EachNumber(&rows[0], func(n []byte) { got = append(got, string(n)) })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: numbers of %q = %q, want %q", c.name, c.row, got, c.want)
		}
	}
}
