package mapping_test

import (
	"strings"
	"testing"

	"ordersheet/internal/order"
	"ordersheet/mapping/profile"
)

// A column headed like an order's total often holds the totals of lines.
func TestTotalsOfLines(t *testing.T) {
	paths := append(append([]string(nil), basic...), "total_shipping", "total")
	line := func(number, qty, price, shipping, total string) []string {
		if shipping == "" {
			return row(number, "2024-01-15", "pending", "#1", "#7", "SKU"+qty+price, qty, price, "", total)
		}
		return row(number, "2024-01-15", "pending", "#1", "#7", "SKU"+qty+price, qty, price, shipping, total)
	}
	for _, c := range []struct {
		name    string
		rule    profile.TotalCheck
		rows    [][]string
		settled string
		orders  []string
	}{
		{
			"of lines", "",
			[][]string{
				line("A", "#2", "#5", "", "#10"), line("A", "#3", "#1.333", "", "4.00"), line("B", "#1", "#7", "#5", "#7"), line("B", "#1", "#8", "", "#8"),
				line("C", "#1", "#9", "#5", "#9"),
			},
			"notice total_of_lines J3",
			[]string{"", "", ""},
		},
		{
			"of lines, equal ones", "",
			[][]string{line("A", "#2", "#5", "", "#10"), line("A", "#2", "#5", "", "#10")},
			"notice total_of_lines J3",
			[]string{"notice sku_repeated F3"},
		},
		{
			"of orders", "", [][]string{
				line("A", "#2", "#5", "#1", "#14"), line("A", "#3", "#1", "", "#14"), line("B", "#1", "#7", "", "#15"), line("B", "#1", "#8", "", ""),
			}, "", []string{"", ""},
		},
		{
			"of orders, one wrong", "",
			[][]string{line("A", "#2", "#5", "", "#13"), line("A", "#3", "#1", "", "#31"), line("B", "#1", "#7", "", "#8")},
			"",
			[]string{"error total_rows_differ J3", "error total_differs J4"},
		},
		{
			"warned of only", profile.TotalWarn,
			[][]string{line("A", "#2", "#5", "", "#13"), line("A", "#3", "#1", "", "#31")},
			"",
			[]string{"warning total_rows_differ_warning J3"},
		},
		{"off", profile.TotalOff, [][]string{line("A", "#2", "#5", "", "#13"), line("A", "#3", "#1", "", "#31")}, "", []string{""}},
		{
			"of lines, scattered", "",
			[][]string{line("A", "#2", "#5", "", "#10"), line("B", "#1", "#7", "", "#7"), line("A", "#3", "#1", "", "#3")},
			"",
			[]string{"notice total_of_lines_order J2", ""},
		},
	} {
		b := pathsHeader(t, order.SalesOrders, &profile.Profile{TotalCheck: c.rule}, paths...)
		plans, settled := plan(b, grid(c.rows...))
		if got := summary(settled); got != c.settled {
			t.Errorf("%s: settled %q, want %q", c.name, got, c.settled)
		}
		for i, p := range plans {
			if got := summary(p.Problems); got != c.orders[i] || p.Invalid != strings.Contains(got, "error") {
				t.Errorf("%s: order %s says %q, want %q", c.name, p.Number, got, c.orders[i])
			}
		}
	}
}

// In a column of line totals, a wrong one is said of its line.
func TestTotalOfOneLineDiffers(t *testing.T) {
	b := pathsHeader(t, order.SalesOrders, nil, append(append([]string(nil), basic...), "total")...)
	var rows [][]string
	for range 12 {
		rows = append(rows, row("A", "2024-01-15", "pending", "#1", "#7", "S", "#2", "#5", "#10"))
	}
	rows[11][8], rows[5][8] = "#12", ""
	plans, settled := plan(b, grid(rows...))
	if got := summary(settled); got != "notice total_of_lines I3" {
		t.Errorf("settled %q", got)
	}
	if got := summary(plans[0].Problems); !strings.HasPrefix(got, "notice sku_repeated") || !strings.HasSuffix(got, "error line_total_differs I13") {
		t.Errorf("the order says %q", got)
	}
}
