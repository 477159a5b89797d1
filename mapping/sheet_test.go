package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping"
	"ordersheet/mapping/grouping"
	"ordersheet/mapping/profile"
)

var bothKinds = []order.Kind{order.SalesOrders, order.PurchaseOrders}

// source is the sheet that the rows of the tests come from.
var source = &cell.Source{File: "orders.xlsx", Sheet: "Orders", Formats: []cell.Format{
	{},
	{Code: "00000", Class: cell.Decimal, Zeros: 5},
	{Code: "0%", Class: cell.Percent},
	{Code: "yyyy-mm-dd", Class: cell.DateOnly},
	{Code: "0.00E+00", Class: cell.Scientific},
	{Code: "h:mm", Class: cell.TimeOnly},
}}

// headerRow returns a row of text cells; an empty text is no cell.
func headerRow(num int, texts ...string) cell.Row {
	r := cell.Row{Num: num}
	for i, t := range texts {
		if t != "" {
			r.Cells = append(r.Cells, cell.Cell{Col: i, Kind: cell.Text, Text: []byte(t)})
		}
	}
	return r
}

// newHeader returns the header with the given texts in row 1.
func newHeader(t testing.TB, kind order.Kind, p *profile.Profile, texts ...string) *mapping.Header {
	t.Helper()
	h, err := mapping.NewHeader(kind, headerRow(1, texts...), p)
	if err != nil {
		t.Fatalf("matching %q: %v", texts, err)
	}
	return h
}

// pathsHeader returns a header whose columns A, B, C ... feed the given fields. Each header text is
// "H " and the path.
func pathsHeader(t testing.TB, kind order.Kind, p *profile.Profile, paths ...string) *mapping.Header {
	t.Helper()
	q := profile.Profile{}
	if p != nil {
		q = *p
	}
	q.Letters = map[string][]string{}
	texts := make([]string, len(paths))
	for i, path := range paths {
		if path != "" {
			q.Letters[cell.ColName(i)], texts[i] = []string{path}, "H "+path
		}
	}
	return newHeader(t, kind, &q, texts...)
}

// grid returns rows, the first being row 2. A text may begin with a sign for its kind: #12 is a
// number, #00000:12 one with that format, @45306 a date, !#N/A an error, ?TRUE a boolean, =A1 a
// formula without a value; \ comes before a text that begins with such a sign.
func grid(rows ...[]string) []cell.Row {
	kinds := map[byte]cell.Kind{'#': cell.Number, '@': cell.Date, '!': cell.Error, '?': cell.Bool, '=': cell.Formula, '\\': cell.Text}
	var out []cell.Row
	for i, texts := range rows {
		r := cell.Row{Num: i + 2}
		for col, text := range texts {
			if text == "" {
				continue
			}
			c := cell.Cell{Col: col, Kind: cell.Text, Text: []byte(text)}
			if kind, ok := kinds[text[0]]; ok {
				c.Kind, c.Text = kind, []byte(text[1:])
				if code, rest, ok := strings.Cut(text[1:], ":"); ok && kind == cell.Number {
					for n, f := range source.Formats {
						if f.Code == code {
							c.Format, c.Text = uint16(n), []byte(rest)
						}
					}
				}
			}
			r.Cells = append(r.Cells, c)
		}
		out = append(out, r)
	}
	return out
}

func row(cells ...string) []string { return cells }

// scan runs the first pass over rows.
func scan(h *mapping.Header, rows []cell.Row) (*mapping.Plan, []problem.Problem) {
	s := h.Scan(source)
	for i := range rows {
		s.Add(&rows[i])
	}
	return s.Finish()
}

// plan runs both passes over rows. It returns the orders in the order of their first rows, and then
// the rows without an order number.
func plan(h *mapping.Header, rows []cell.Row) (orders []mapping.Planned, found []problem.Problem) {
	p, found := scan(h, rows)
	groups := make([][]cell.Row, p.Groups().Len())
	for i := range rows {
		if n := p.Groups().Of(i); n != grouping.None {
			groups[n] = append(groups[n], rows[i])
		}
	}
	for n := range groups {
		orders = append(orders, p.Order(n, groups[n]))
	}
	for i := range rows {
		if p.Groups().Of(i) == grouping.None {
			orders = append(orders, p.Order(grouping.None, rows[i:i+1]))
		}
	}
	return orders, found
}

// summary lists problems as severity code cell.
func summary(problems []problem.Problem) string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, fmt.Sprintf("%s %s %s", p.Severity, p.Code, p.Cell))
	}
	return strings.Join(lines, "; ")
}

// basic are the fields that every sales order needs.
var basic = []string{"order_number", "order_date", "order_status", "channel_id", "company_id", "items.sku", "items.quantity", "items.unit_price"}

// text is a constant of a mapping file.
func text(s string) profile.Constant { return profile.Constant{Text: s, Kind: cell.Text} }
