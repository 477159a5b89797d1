package mapping_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"ordersheet/mapping"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping/profile"
	"ordersheet/mapping/value"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestOrderPayload(t *testing.T) {
	b := pathsHeader(t, order.SalesOrders, nil, "order_number", "order_date", "order_status", "channel_id", "bill_to.name", "bill_to.postal_code", "ship_to.name",
		"ship_to.postal_code", "items.sku", "items.quantity", "items.unit_price", "total_tax", "total_shipping", "custom_fields.Priority Level",
		"custom_fields.Weight", "tags", "tags", "customer_notes", "items.tags", "total")
	rows := grid(
		row("SO-1", "@45306", "Awaiting Shipment", "#1", "Ann \"A\" Lee", "#00000:1234", "Bob", "01234", "00123", "#2", "#387.48000000000008", "1.50", "#0",
			"High", "#3", "urgent, vip", "b2b", "=not a formula", "fragile; cold", "#806.46"),
		row("SO-1", "", "", "", "", "", "", "", "A-2", "#3", "#10", "", "", "", "", "", "", "", "", ""),
	)
	rows[0].Cells[17] = cell.Cell{Col: 17, Kind: cell.Text, Text: []byte("=SUM(A1)")}
	plans, settled := plan(b, rows)
	if summary(settled) != "notice zeros_restored F2" {
		t.Errorf("settled: %s", summary(settled))
	}
	p := plans[0]
	if p.Invalid || len(p.Problems) > 0 {
		t.Fatalf("invalid: %+v", p.Problems)
	}
	var got, want any
	if err := json.Unmarshal(p.Payload, &got); err != nil {
		t.Fatalf("payload %s: %v", p.Payload, err)
	}
	const wanted = `{"channel_id":1,"order_number":"SO-1","order_date":"2024-01-15","order_status":"awaiting_shipment",
		"items":[{"sku":"00123","quantity":2,"unit_price":387.48,"tags":["fragile","cold"]},{"sku":"A-2","quantity":3,"unit_price":10}],
		"bill_to":{"name":"Ann \"A\" Lee","postal_code":"01234"},"ship_to":{"name":"Bob","postal_code":"01234"},"total_tax":1.5,"total_shipping":0,
		"customer_notes":"=SUM(A1)","tags":["urgent","vip","b2b"],"custom_fields":{"Priority Level":"High","Weight":3}}`
	if err := json.Unmarshal([]byte(wanted), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("payload (-want +got):\n%s", diff)
	}
	if !bytes.HasPrefix(p.Payload, []byte(`{"channel_id":1,"order_number":"SO-1",`)) || !bytes.Contains(p.Payload, []byte(`"unit_price":387.48,`)) {
		t.Errorf("payload isn't in the order of the catalogue, or its numbers aren't bare: %s", p.Payload)
	}
	if p.ExpectedTotal != "806.46" || p.Number != "SO-1" || p.Action != "create" {
		t.Errorf("total %s, number %s, action %s", p.ExpectedTotal, p.Number, p.Action)
	}
	if diff := cmp.Diff([]int{0, 1}, p.Items); diff != "" {
		t.Errorf("items: %s", diff)
	}
	if want, err := referenceFingerprint(p.Payload); err != nil || p.Fingerprint != want {
		t.Errorf("fingerprint %s, want %s (%v)", p.Fingerprint, want, err)
	}
}

// TestOneCell changes one cell of a good order and says what must be found where.
func TestOneCell(t *testing.T) {
	good := func() [][]string {
		return [][]string{row("SO-1", "2024-01-15", "pending", "#1", "#7", "A-1", "#2", "#5"), row("SO-1", "", "", "", "", "A-2", "#1", "#1")}
	}
	for _, c := range []struct {
		cell, text, want string
	}{
		{"A2", " SO-1\u00a0", ""},
		{"B2", "", "error required_missing B2"},
		{"B2", "@45306", ""},
		{"B2", "@45306.75", ""},
		{"B2", "@60", "error date_invalid B2"},
		{"B2", "soon", "error date_invalid B2"},
		{"B2", "#45306", "error date_from_number B2"},
		{"B2", "45306", "error date_from_number B2"},
		{"B2", "#20240115", ""},
		{"B2", "15/01/2024", ""},
		{"B2", "03/04/2024", "error date_ambiguous B2"},
		{"B2", "05/05/2024", ""},
		{"B2", "31/02/2024", "error date_invalid B2"},
		{"B2", "?TRUE", "error date_invalid B2"},
		{"B2", "!#REF!", "error error_value B2"},
		{"B2", "=TODAY()", "error formula_uncached B2"},
		{"B3", "2024-01-16", "error order_cells_differ B3"},
		{"B3", "2024-01-15", ""},
		{"B3", "@45306", ""},
		{"C2", "On Hold", ""},
		{"C2", "ON-HOLD", ""},
		{"C2", "canceled", "error value_not_allowed C2"},
		{"C2", "", "error required_missing C2"},
		{"C3", "PENDING", ""},
		{"C3", "shipped", "error order_cells_differ C3"},
		{"D2", "1.0", ""},
		{"D2", "#1.5", "error integer_invalid D2"},
		{"D2", "one", "error integer_invalid D2"},
		{"D2", "1,000", "error integer_invalid D2"},
		{"D2", "#1234567890123456", "error identifier_digits_lost D2"},
		{"D2", "!#N/A", "error error_value D2"},
		{"D2", "   ", "error required_missing D2"},
		{"E2", "", "error required_missing A2; error required_missing A2"},
		{"E2", "!#N/A", "error error_value E2"},
		{"F2", "", "error required_missing F2"},
		{"F2", "#00000:123", ""},
		{"F2", "#0.00E+00:123000", ""},
		{"F2", "#12.5", ""},
		{"F2", "#1234567890123456", "error identifier_digits_lost F2"},
		{"F2", "#1.23E+20", "error identifier_digits_lost F2"},
		{"F2", "@45352", "error identifier_from_date F2"},
		{"F2", "A-2", "notice sku_repeated F3"},
		{"F3", "A-1", "notice sku_repeated F3"},
		{"G2", "", "error required_missing G2"},
		{"G2", "#0", "error number_too_low G2"},
		{"G2", "#-1", "error number_too_low G2"},
		{"G2", "#0.5", ""},
		{"G2", "1,5", ""},
		{"G2", "1.5", ""},
		{"G2", "1,500", "error decimal_ambiguous G2"},
		{"G2", "5%", "error number_percent G2"},
		{"G2", "#0%:0.05", "error number_percent G2"},
		{"G2", "two", "error number_invalid G2"},
		{"G2", "@45306", "error number_from_date G2"},
		{"G2", "?TRUE", "error number_invalid G2"},
		{"G2", "1234567890123456789012345678901", "error number_too_long G2"},
		{"H2", "", "error required_missing H2"},
		{"H2", "#0", ""},
		{"H2", "$5.00", ""},
		{"H2", "-5.00", "error number_too_low H2"},
		{"H2", "=A1*2", "error formula_uncached H2"},
		{"H3", "#0%:0.1", "error number_percent H3"},
	} {
		b := pathsHeader(t, order.SalesOrders, nil, basic...)
		texts := good()
		r, col, _ := cell.ParseA1(c.cell)
		texts[r-2][col] = c.text
		if c.text == "=TODAY()" || c.text == "=A1*2" {
			texts[r-2][col] = c.text
		}
		plans, _ := plan(b, grid(texts...))
		if len(plans) != 1 {
			t.Errorf("%s = %q: %d orders, want 1", c.cell, c.text, len(plans))
			continue
		}
		p := plans[0]
		if got := summary(p.Problems); got != c.want {
			t.Errorf("%s = %q: %s, want %s", c.cell, c.text, got, c.want)
		}
		if p.Invalid != strings.Contains(c.want, "error") || p.Invalid != (p.Payload == nil) {
			t.Errorf("%s = %q: invalid is %v, payload %s", c.cell, c.text, p.Invalid, p.Payload)
		}
		for _, q := range p.Problems {
			if q.File != "orders.xlsx" || q.Sheet != "Orders" || q.Header == "" || q.Field == "" || q.OrderNumber != "SO-1" || q.Message == "" {
				t.Errorf("%s = %q: a part of the problem is missing: %+v", c.cell, c.text, q)
			}
			if strings.ContainsAny(q.Message+q.Hint+q.Expected, "{}") {
				t.Errorf("%s = %q: the text has a gap: %+v", c.cell, c.text, q)
			}
		}
	}
}

func TestColumnEvidence(t *testing.T) {
	for _, c := range []struct {
		name    string
		profile profile.Profile
		dates   []string
		settled string
		want    string // the order dates, or the problem codes
	}{
		{"day first is proven below", profile.Profile{}, []string{"03/04/2024", "25/12/2024"}, "", "2024-04-03 2024-12-25"},
		{"month first is proven above", profile.Profile{}, []string{"12/25/2024", "03/04/2024"}, "", "2024-12-25 2024-03-04"},
		{"two readings remain", profile.Profile{}, []string{"2024-01-01", "03/04/2024", "04/05/2024"}, "error date_ambiguous B3", "2024-01-01 date_ambiguous date_ambiguous"},
		{"the file says", profile.Profile{Reading: profile.Reading{DateOrder: value.DayFirst}}, []string{"03/04/2024", "13/13/2024"}, "", "2024-04-03 date_invalid"},
		{"the file says, other letters", profile.Profile{Reading: profile.Reading{DateOrder: value.MonthFirst}}, []string{"03/04/2024", "25/12/2024"}, "", "2024-03-04 date_invalid"},
		{"contradiction", profile.Profile{}, []string{"03/04/2024", "25/12/2024", "12/25/2024"}, "error date_mixed B4", "date_mixed date_mixed date_mixed"},
		{"no difference", profile.Profile{}, []string{"05/05/2024", "06/06/2024"}, "", "2024-05-05 2024-06-06"},
		{"date cells need no evidence", profile.Profile{}, []string{"@45306", "2024-01-16"}, "", "2024-01-15 2024-01-16"},
		{"names of months", profile.Profile{}, []string{"Jan 5, 2024", "6-Feb-2024"}, "", "2024-01-05 2024-02-06"},
		{"time of day", profile.Profile{}, []string{"@45306.5", "2024-01-16 10:00"}, "notice time_cut B2", "2024-01-15 2024-01-16"},
		{"two digits", profile.Profile{}, []string{"25/12/31", "25/12/24"}, "error date_ambiguous B2", "date_ambiguous date_ambiguous"},
		{"two digits, year first", profile.Profile{}, []string{"99/12/31", "24/01/02"}, "warning year_two_digits B2", "1999-12-31 2024-01-02"},
		{"equal texts in a row", profile.Profile{}, []string{"03/04/2024", "03/04/2024", "13/04/2024"}, "", "2024-04-03 2024-04-03 2024-04-13"},
	} {
		b := pathsHeader(t, order.SalesOrders, &c.profile, basic...)
		var texts [][]string
		for i, d := range c.dates {
			texts = append(texts, row(fmt.Sprint("SO-", i), d, "pending", "#1", "#7", "A-1", "#2", "#5"))
		}
		plans, settled := plan(b, grid(texts...))
		if got := summary(settled); got != c.settled {
			t.Errorf("%s: settled %s, want %s", c.name, got, c.settled)
		}
		if got := outcomes(plans, "order_date"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		for i, p := range plans {
			if p.Invalid && (p.Problems[0].Value != c.dates[i] || p.Problems[0].Cell != cell.A1(i+2, 1)) {
				t.Errorf("%s: the problem shows %q in %s, want %q in row %d", c.name, p.Problems[0].Value, p.Problems[0].Cell, c.dates[i], i+2)
			}
		}
		for _, p := range settled {
			if strings.ContainsAny(p.Message+p.Hint, "{}") || p.Sheet != "Orders" {
				t.Errorf("%s: the text has a gap: %+v", c.name, p)
			}
		}
	}
}

// outcomes gives one value of each order, or the code that made it invalid.
func outcomes(plans []mapping.Planned, name string) string {
	var out []string
	for _, p := range plans {
		if p.Invalid {
			out = append(out, p.Problems[0].Code)
			continue
		}
		var v map[string]any
		d := json.NewDecoder(bytes.NewReader(p.Payload))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			out = append(out, err.Error())
			continue
		}
		out = append(out, fmt.Sprint(v[name]))
	}
	return strings.Join(out, " ")
}

func TestDecimalEvidence(t *testing.T) {
	for _, c := range []struct {
		name    string
		decimal value.Separators
		taxes   []string
		settled string
		want    string
	}{
		{"point is proven", 0, []string{"1,234", "1.5"}, "", "1234 1.5"},
		{"comma is proven", 0, []string{"1,234", "12,5"}, "", "1.234 12.5"},
		{"comma is proven by points", 0, []string{"1,234", "1.234,50"}, "", "1.234 1234.5"},
		{"two readings remain", 0, []string{"1,234", "12"}, "error decimal_ambiguous B2", "decimal_ambiguous 12"},
		{"the file says point", value.Point, []string{"1,234", "12,5"}, "", "1234 number_invalid"},
		{"the file says comma", value.Comma, []string{"1,234", "12,5"}, "", "1.234 12.5"},
		{"contradiction", 0, []string{"12.5", "12,5", "7"}, "error decimal_mixed B3", "decimal_mixed decimal_mixed 7"},
		{"numbers need no evidence", 0, []string{"#1234.5", "12,5"}, "", "1234.5 12.5"},
		{"currencies", 0, []string{"$5.00", "$6.50"}, "notice currency_stripped B2", "5 6.5"},
		{"two currencies", 0, []string{"$5.00", "€6.50"}, "warning currency_mixed B3; notice currency_stripped B2", "5 6.5"},
		{"apostrophes and spaces", 0, []string{"1'234.50", "1\u00a0234.5"}, "", "1234.5 1234.5"},
	} {
		paths := append([]string{"order_number", "total_tax"}, basic[1:]...)
		b := pathsHeader(t, order.SalesOrders, &profile.Profile{Reading: profile.Reading{Decimal: c.decimal}}, paths...)
		var texts [][]string
		for i, d := range c.taxes {
			texts = append(texts, row(fmt.Sprint("SO-", i), d, "2024-01-15", "pending", "#1", "#7", "A-1", "#2", "#5"))
		}
		plans, settled := plan(b, grid(texts...))
		if got := summary(settled); got != c.settled {
			t.Errorf("%s: settled %s, want %s", c.name, got, c.settled)
		}
		if got := outcomes(plans, "total_tax"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestIdentifierNotices(t *testing.T) {
	b := pathsHeader(t, order.SalesOrders, nil, basic...)
	_, settled := plan(b, grid(
		row(" SO-1", "2024-01-15", "pending", "#1", "#7", "#00000:12", "#2", "#5"), row("SO-2", "2024-01-15", "pending", "#1", "#7", "#12.5", "#2", "#5"),
		row("SO-3\u00a0", "2024-01-15", "pending", "#1", "#7", "1.23E+05", "#2", "#5")))
	want := "notice key_trimmed A2; notice zeros_restored F2; warning identifier_fraction F3; warning identifier_exponent F4"
	if got := summary(settled); got != want {
		t.Errorf("settled %s, want %s", got, want)
	}
	if !strings.Contains(settled[0].Message, "2 cells") {
		t.Errorf("the notice doesn't count both cells: %s", settled[0].Message)
	}
}

func TestAddresses(t *testing.T) {
	paths := append([]string{"bill_to.name", "bill_to.city", "ship_to.name", "ship_to.city"}, basic...)
	for _, c := range []struct {
		cells []string // bill name, bill city, ship name, ship city, company
		want  string
	}{
		{row("Ann", "", "Bob", "", ""), ""},
		{row("", "", "Bob", "", ""), "error required_missing A2"},
		{row("Ann", "Oslo", "", "Rome", ""), "error required_missing C2"},
		{row("", "", "", "", "#7"), ""},
		{row("", "", "", "Rome", "#7"), "error required_missing C2"},
		{row("", "", "", "", ""), "error required_missing A2; error required_missing C2"},
	} {
		b := pathsHeader(t, order.SalesOrders, nil, paths...)
		texts := append(append([]string(nil), c.cells[:4]...), "SO-1", "2024-01-15", "pending", "#1", c.cells[4], "A-1", "#2", "#5")
		plans, _ := plan(b, grid(texts))
		if got := summary(plans[0].Problems); got != c.want {
			t.Errorf("%q: %s, want %s", c.cells, got, c.want)
		}
		if has := bytes.Contains(plans[0].Payload, []byte("bill_to")); !plans[0].Invalid && has != (c.cells[0] != "") {
			t.Errorf("%q: payload %s", c.cells, plans[0].Payload)
		}
	}
}

func TestAddressNeedsACell(t *testing.T) {
	p := &profile.Profile{
		Defaults:  map[string]profile.Constant{"bill_to.country": text("US"), "ship_to.name": text("Reception")},
		Constants: map[string]profile.Constant{"ship_to.country": text("US")},
	}
	b := pathsHeader(t, order.SalesOrders, p, append([]string{"bill_to.name", "ship_to.name", "ship_to.city"}, basic...)...)
	plans, _ := plan(b, grid(
		row("", "", "", "SO-1", "2024-01-15", "pending", "#1", "#7", "A-1", "#2", "#5"), row("Ann", "", "", "SO-2", "2024-01-15", "pending", "#1", "", "A-1", "#2", "#5"),
		row("", "", "Rome", "SO-3", "2024-01-15", "pending", "#1", "#7", "A-1", "#2", "#5")))
	for i, want := range []string{
		`"company_id":7}`, `"bill_to":{"name":"Ann","country":"US"},"ship_to":{"name":"Reception","country":"US"}}`,
		`"company_id":7,"ship_to":{"name":"Reception","city":"Rome","country":"US"}}`,
	} {
		if got := string(plans[i].Payload); !strings.HasSuffix(got, want) {
			t.Errorf("payload %s, want the end %s (%s)", got, want, summary(plans[i].Problems))
		}
	}
}

func TestConstantShipTo(t *testing.T) {
	p := &profile.Profile{Constants: map[string]profile.Constant{"ship_to.city": text("Oslo")}}
	b := pathsHeader(t, order.PurchaseOrders, p, "order_numbers", "order_date", "supplier_id", "items.sku", "items.quantity", "items.unit_price")
	plans, _ := plan(b, grid(row("PO-1", "2024-01-15", "#4", "A-1", "#2", "#5")))
	if got := string(plans[0].Payload); !strings.Contains(got, `"ship_to":{"city":"Oslo"}`) {
		t.Errorf("payload %s: %s", got, summary(plans[0].Problems))
	}
}

func TestTotals(t *testing.T) {
	paths := append([]string{"total", "total_tax", "total_shipping"}, basic...)
	for _, c := range []struct {
		total, tax, shipping, quantity, price string
		rule                                  profile.TotalCheck
		expected, want                        string
	}{
		{"#12.5", "#1", "#1.5", "#2", "#5", "", "12.5", ""},
		{"#12.51", "#1", "#1.5", "#2", "#5", "", "12.5", ""},
		{"#12.49", "#1", "#1.5", "#2", "#5", "", "12.5", ""},
		{"#12.52", "#1", "#1.5", "#2", "#5", "", "12.5", "error total_differs A2"},
		{"#12.52", "#1", "#1.5", "#2", "#5", profile.TotalWarn, "12.5", "warning total_differs_warning A2"},
		{"#12.52", "#1", "#1.5", "#2", "#5", profile.TotalOff, "12.5", ""},
		{"#0", "", "", "#2", "#5", "", "10", "error total_differs A2"},
		{"", "", "", "#0.333", "#0.3333333", "", "0.1109999889", ""},
		{"", "", "", "123456789012345678901", "1.000000001", profile.TotalRefuse, "123456789135802467913.345678901", ""},
		{"123456789135802467913.35", "", "", "123456789012345678901", "1.000000001", "", "123456789135802467913.345678901", ""},
		{"#92233720368.55", "#1", "", "#92233720367", "#1", "", "92233720368", "error total_differs A2"},
		{"", "", "", "#99999999999", "#99999.99", "", "9999998999900000.01", ""},
		{"", "", "", "x", "#1", "", "", "error number_invalid J2"},
	} {
		b := pathsHeader(t, order.SalesOrders, &profile.Profile{TotalCheck: c.rule}, paths...)
		plans, _ := plan(b, grid(row(c.total, c.tax, c.shipping, "SO-1", "2024-01-15", "pending", "#1", "#7", "A-1", c.quantity, c.price)))
		if got := summary(plans[0].Problems); got != c.want || plans[0].ExpectedTotal != c.expected {
			t.Errorf("%+v: %s, total %s", c, got, plans[0].ExpectedTotal)
		}
		if c.want == "error total_differs A2" && c.total == "#12.52" && !strings.Contains(plans[0].Problems[0].Message, "12.5,") {
			t.Errorf("the message doesn't show both sums: %s", plans[0].Problems[0].Message)
		}
	}
}

func TestRowsWithoutNumber(t *testing.T) {
	b := pathsHeader(t, order.SalesOrders, nil, basic...)
	plans, _ := plan(b, grid(
		row("SO-1", "2024-01-15", "pending", "#1", "#7", "A-1", "#2", "#5"), row("", "", "", "", "", "A-2", "#2", "#5"), row("!#N/A", "", "", "", "", "A-3", "#2", "#5")))
	if got := summary(plans[1].Problems); len(plans) != 3 || got != "error order_number_missing A3" || !plans[1].Invalid {
		t.Errorf("%d plans, the second: %s", len(plans), got)
	}
	if got := summary(plans[2].Problems); got != "error error_value A4" {
		t.Errorf("the third: %s", got)
	}
}

// TestOrderConcurrently plans orders in several goroutines at once, as the importer does.
func TestOrderConcurrently(t *testing.T) {
	orders := wideRows(60, true)
	p, _ := scan(pathsHeader(t, order.SalesOrders, nil, wideOrder...), slices.Concat(orders...))
	var want []mapping.Planned
	for n, rows := range orders {
		want = append(want, p.Order(n, rows))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n, rows := range orders {
				if diff := cmp.Diff(want[n], p.Order(n, rows)); diff != "" {
					t.Errorf("order %d differs when planned among others:\n%s", n, diff)
				}
			}
		})
	}
	wg.Wait()
}

func TestFillDown(t *testing.T) {
	b := pathsHeader(t, order.SalesOrders, &profile.Profile{FillDown: true}, basic...)
	plans, _ := plan(b, grid(
		row("", "", "", "", "", "A-0", "#2", "#5"), row("SO-1", "2024-01-15", "pending", "#1", "#7", "A-1", "#2", "#5"), row("", "", "", "", "", "A-2", "#2", "#5"),
		row("!#N/A", "2024-01-15", "pending", "#1", "#7", "A-1", "#2", "#5"), row("", "", "", "", "", "A-4", "#2", "#5")))
	if len(plans) != 4 || plans[0].Invalid || len(plans[0].Items) != 2 {
		t.Fatalf("%d plans, the first with lines %v: %s", len(plans), plans[0].Items, summary(plans[0].Problems))
	}
	sc := b.Scan(source)
	for i, r := range grid(row("\u00a0"), row("", "", "", "", "", "", "", "", "see above"), row("", "", "", "", "", "", "#0")) {
		if _, skip := sc.Skip(&r); skip != (i < 2) {
			t.Errorf("row %d: Skip reports %v", r.Num, skip)
		}
	}
	for i, want := range []string{"error order_number_missing A2", "error error_value A5", "error order_number_missing A6"} {
		if got := summary(plans[i+1].Problems); got != want {
			t.Errorf("row without a number %d: %s, want %s", i, got, want)
		}
	}
}

func TestOrderCellsOnlyOnFirstRow(t *testing.T) {
	b := pathsHeader(t, order.SalesOrders, nil, basic...)
	plans, _ := plan(b, grid(row("SO-1", "2024-01-15", "pending", "#1", "#7"), row("SO-1", "", "", "", "", "A-1", "#2", "#5"), row("SO-1"),
		row("SO-2", "2024-01-15", "pending", "#1", "#7")))
	if diff := cmp.Diff([]int{1}, plans[0].Items); diff != "" || plans[0].Invalid {
		t.Errorf("items %s: %s", diff, summary(plans[0].Problems))
	}
	if got := summary(plans[1].Problems); got != "error order_without_lines F5" {
		t.Errorf("an order without lines: %s", got)
	}
}

func TestPurchaseOrder(t *testing.T) {
	b := pathsHeader(t, order.PurchaseOrders, nil, "order_numbers", "order_date", "supplier_id", "items.sku", "items.quantity", "items.unit_price",
		"payments.payment_date", "payments.payment_type", "payments.paid_amount", "total_shipping_cost", "ship_to.city", "order_numbers")
	rows := grid(
		row("PO-1; X-9", "@45306", "#4", "A-1", "#2", "#5", "@45306", "Credit Card", "#10.5", "#1.25", "Oslo", "Z-1"),
		row("PO-1; X-9", "", "", "A-2", "#1", "#1", "", "", "", "", "", ""),
		row("PO-1;X-9", "", "", "", "", "", "@45307", "cash", "#1", "", "", ""),
		row("PO-2", "@45306", "#4", "A-1", "#2", "#5", "", "cash", "#0.001", "", "", ""))
	plans, _ := plan(b, rows)
	if len(plans) != 2 || plans[0].Invalid {
		t.Fatalf("%d plans: %+v", len(plans), plans[0].Problems)
	}
	const want = `"payments":[{"payment_date":"2024-01-15","payment_type":"credit_card","paid_amount":10.5},{"payment_date":"2024-01-16","payment_type":"cash","paid_amount":1}]`
	if got := string(plans[0].Payload); !strings.Contains(got, want) || !strings.Contains(got, `"order_numbers":["PO-1","X-9","Z-1"]`) || !strings.Contains(got, `"ship_to":{"city":"Oslo"}`) {
		t.Errorf("payload %s", got)
	}
	if diff := cmp.Diff([]string{"PO-1", "X-9", "Z-1"}, plans[0].Numbers); diff != "" || plans[0].Number != "PO-1" || plans[0].ExpectedTotal != "12.25" {
		t.Errorf("numbers %v, number %s, total %s", plans[0].Numbers, plans[0].Number, plans[0].ExpectedTotal)
	}
	if got := summary(plans[1].Problems); got != "error number_too_low I5; error required_missing G5" {
		t.Errorf("the second order: %s", got)
	}
	if want, err := referenceFingerprint(plans[0].Payload); err != nil || plans[0].Fingerprint != want {
		t.Errorf("fingerprint %s, want %s (%v)", plans[0].Fingerprint, want, err)
	}
}

func TestGeneratedNumber(t *testing.T) {
	b := pathsHeader(t, order.PurchaseOrders, &profile.Profile{Generate: true}, "order_numbers", "order_date", "supplier_id", "items.sku", "items.quantity", "items.unit_price")
	rows := grid(row("", "@45306", "#4", "A-1", "#2", "#5"), row("!#N/A", "@45306", "#4", "A-1", "#2", "#5"))
	plans, _ := plan(b, rows)
	p := plans[0]
	if p.Invalid || !strings.HasPrefix(p.Number, "GEN-") || !strings.HasSuffix(p.Number, "-2") || !bytes.Contains(p.Payload, []byte(`"order_numbers":["`+p.Number+`"]`)) {
		t.Errorf("%s: %s %+v", p.Number, p.Payload, p.Problems)
	}
	if got := summary(p.Problems); got != "notice order_number_generated A2" {
		t.Errorf("problems: %s", got)
	}
	bare := pathsHeader(t, order.PurchaseOrders, &profile.Profile{Generate: true}, "", "order_date", "supplier_id", "items.sku", "items.quantity", "items.unit_price")
	if other, _ := plan(bare, rows[:1]); other[0].Invalid || other[0].Number != p.Number {
		t.Errorf("without a column: %s %+v", other[0].Number, other[0].Problems)
	}
	if again, _ := plan(b, rows); again[0].Number != p.Number {
		t.Errorf("the second number is %s, want %s again", again[0].Number, p.Number)
	}
	if got := summary(plans[1].Problems); !plans[1].Invalid || got != "error error_value A3" {
		t.Errorf("an error for a number: %s", got)
	}
}

func TestConstantsAndDefaults(t *testing.T) {
	p := &profile.Profile{
		Constants: map[string]profile.Constant{
			"channel_id": text("3"), "tags": text("migrated"),
			"custom_fields.Old": {Text: "true", Kind: cell.Bool}, "custom_fields.N": {Text: "7", Kind: cell.Number},
		},
		Defaults: map[string]profile.Constant{"order_status": text("completed"), "items.quantity": text("1")},
	}
	b := pathsHeader(t, order.SalesOrders, p, "order_number", "order_date", "order_status", "company_id", "items.sku", "items.quantity", "items.unit_price", "tags")
	plans, settled := plan(b, grid(row("SO-1", "2024-01-15", "", "#7", "A-1", "", "#5", "old"), row("SO-2", "2024-01-15", "pending", "#7", "A-1", "#4", "#5", "")))
	if len(settled) > 0 || plans[0].Invalid {
		t.Fatalf("settled %v, problems %+v", settled, plans[0].Problems)
	}
	for _, want := range []string{
		`"channel_id":3`, `"order_status":"completed"`, `"quantity":1,`, `"tags":["old","migrated"]`, `"custom_fields":{"N":7,"Old":true}`,
	} {
		if !bytes.Contains(plans[0].Payload, []byte(want)) {
			t.Errorf("payload %s lacks %s", plans[0].Payload, want)
		}
	}
	if got := string(plans[1].Payload); !strings.Contains(got, `"tags":["migrated"]`) || !strings.Contains(got, `"quantity":4`) || !strings.Contains(got, `"pending"`) {
		t.Errorf("payload %s", got)
	}
	b = pathsHeader(t, order.SalesOrders, &profile.Profile{Constants: map[string]profile.Constant{"tags": text("a, b\nc")}}, basic...)
	if plans, _ = plan(b, grid(row("SO-1", "2024-01-15", "pending", "#1", "#7", "A-1", "#2", "#5"))); !bytes.Contains(plans[0].Payload, []byte(`"tags":["a, b","c"]`)) {
		t.Errorf("payload %s", plans[0].Payload)
	}
	b = pathsHeader(t, order.SalesOrders, &profile.Profile{Constants: map[string]profile.Constant{"ship_date": text("tomorrow")}}, basic...)
	if _, settled = plan(b, nil); summary(settled) != "error constant_invalid " {
		t.Errorf("settled %v", settled)
	}
}

func TestValueMapping(t *testing.T) {
	p := &profile.Profile{ValueMappings: map[string]*profile.ValueMapping{
		"order_status": valueMappingOf(t, false, map[string]string{"offen": "pending"}),
		"channel_id":   valueMappingOf(t, true, map[string]string{"Web": "12", "7": "8"}),
		"tags":         valueMappingOf(t, false, map[string]string{"alt": "old", "x": ""}),
	}}
	b := pathsHeader(t, order.SalesOrders, p, append(append([]string(nil), basic...), "tags")...)
	plans, _ := plan(b, grid(row("SO-1", "2024-01-15", "offen", " Web ", "#7", "A-1", "#2", "#5", "ALT, b, x"),
		row("SO-2", "2024-01-15", "Shipped", "Shop", "#7", "A-1", "#2", "#5"), row("SO-3", "2024-01-15", "Shipped", "#7", "#7", "A-1", "#2", "#5")))
	if got := string(plans[0].Payload); !strings.HasPrefix(got, `{"channel_id":12,`) || !strings.Contains(got, `"pending"`) || !strings.Contains(got, `"tags":["old","b"]`) {
		t.Errorf("payload %s: %+v", got, plans[0].Problems)
	}
	if got := string(plans[2].Payload); !strings.HasPrefix(got, `{"channel_id":8,`) {
		t.Errorf("payload %s: %+v", got, plans[2].Problems)
	}
	if got := summary(plans[1].Problems); got != "error value_not_in_crosswalk D3" {
		t.Errorf("problems: %s", got)
	}
}

func valueMappingOf(t *testing.T, strict bool, values map[string]string) *profile.ValueMapping {
	t.Helper()
	c, err := profile.NewValueMapping(values)
	if err != nil {
		t.Fatal(err)
	}
	c.Strict = strict
	return c
}

// numbered lists n different names.
func numbered(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestLimits(t *testing.T) {
	paths := append([]string{"customer_po_number", "customer_email", "tags"}, basic...)
	for _, c := range []struct {
		col  int
		text string
		want string
	}{
		{0, strings.Repeat("é", 255), ""},
		{0, strings.Repeat("é", 256), "error text_too_long A2"},
		{0, "#123456789012345", ""},
		{1, "ann@example.com", ""},
		{1, "ann", "error email_invalid B2"},
		{2, strings.Repeat("x", 255) + ",y", ""},
		{2, "y," + strings.Repeat("x", 256), "error text_too_long C2"},
		{2, strings.Join(strings.Fields(fmt.Sprint(numbered(1001))), ","), "error list_too_long C2"},
	} {
		b := pathsHeader(t, order.SalesOrders, nil, paths...)
		texts := row("", "", "", "SO-1", "2024-01-15", "pending", "#1", "#7", "A-1", "#2", "#5")
		texts[c.col] = c.text
		plans, _ := plan(b, grid(texts))
		if got := summary(plans[0].Problems); got != c.want {
			t.Errorf("column %d = %.20q: %s, want %s", c.col, c.text, got, c.want)
		}
	}
}

func TestLocateColumn(t *testing.T) {
	b := pathsHeader(t, order.SalesOrders, nil, "order_number", "bill_to.name", "bill_to.city", "items.sku", "items.quantity", "custom_fields.Priority Level",
		"custom_fields.v1.2", "tags", "items.custom_fields.Size")
	po := pathsHeader(t, order.PurchaseOrders, nil, "order_numbers", "items.product_id", "payments.paid_amount")
	for _, c := range []struct {
		b    *mapping.Header
		path string
		col  int
		item int
		ok   bool
	}{
		{b, "items.2.product", 3, 2, true},
		{b, "items.0.sku", 3, 0, true},
		{b, "items.1.quantity", 4, 1, true},
		{b, "items.1", 3, 1, true},
		{b, "items", 3, -1, true},
		{b, "bill_to.name", 1, -1, true},
		{b, "bill_to", 1, -1, true},
		{b, "order_number", 0, -1, true},
		{b, "order_numbers.0", 0, -1, true},
		{b, "custom_fields.Priority Level", 5, -1, true},
		{b, "custom_fields.v1.2", 6, -1, true},
		{b, "custom_fields", 5, -1, true},
		{b, "tags.1", 7, -1, true},
		{b, "items.3.custom_fields.Size", 8, 3, true},
		{b, "items.7.unit_price", 0, 7, false},
		{b, "nonsense", 0, -1, false},
		{b, "", 0, -1, false},
		{po, "order_numbers.0", 0, -1, true},
		{po, "order_number", 0, -1, true},
		{po, "items.4.product", 1, 4, true},
		{po, "items.4.sku", 1, 4, true},
		{po, "payments.0.paid_amount", 2, -1, true},
	} {
		col, item, ok := mapping.LocateColumn(c.b.Kind, c.b.Columns, c.path)
		if ok != c.ok || item != c.item || ok && col.Col != c.col {
			t.Errorf("LocateColumn(%s) = %d, %d, %v; want %d, %d, %v", c.path, col.Col, item, ok, c.col, c.item, c.ok)
		}
	}
}

// anyCell draws a cell as sheets have them, good and bad.
func anyCell(col int) *rapid.Generator[string] {
	good := [][]string{
		{"2024-01-15", "@45306", "25/12/2024"},
		{"pending", "Shipped"},
		{"#1", "2"},
		{"#7", ""},
		{"A-1", "A-2", "#00000:12", "é\x01\"", "\u2028"},
		{"#2", "3", "#0.125"},
		{"#5", "9.99", "#387.48000000000008", "€7.50"},
		{"x", "a;b,c|a", ""},
		{"", "#3", "<&>", "?TRUE", "@45306.5"},
		{"", "Ann"},
		{"", "Bob"},
	}
	bad := []string{"", "!#N/A", "=A1", "??", "#0%:0.5", "#12345678901234567", "-"}
	return rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 19).Draw(t, "bad") == 0 {
			return rapid.SampledFrom(bad).Draw(t, "cell")
		}
		return rapid.SampledFrom(good[col]).Draw(t, "cell")
	})
}

var wide = []string{
	"order_number", "order_date", "order_status", "channel_id", "company_id", "items.sku", "items.quantity", "items.unit_price", "tags", "custom_fields.é \"x\"",
	"bill_to.name", "ship_to.name",
}

// TestOrdersDontTouch: however the rows of different orders are scattered, each order's plan is the
// same but for the rows' numbers.
func TestOrdersDontTouch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var texts [][]string
		for n := range rapid.IntRange(1, 4).Draw(t, "orders") {
			for range rapid.IntRange(1, 4).Draw(t, "lines") {
				r := []string{fmt.Sprint("SO-", n)}
				for col := range len(wide) - 1 {
					r = append(r, anyCell(col).Draw(t, "text"))
				}
				texts = append(texts, r)
			}
		}
		plain := pathsHeader(quiet{}, order.SalesOrders, nil, wide...)
		rows := grid(texts...)
		want, _ := plan(plain, rows)

		// Deal the rows of the orders out at random, each order's rows in their order.
		queues := map[string][]cell.Row{}
		var names []string
		for _, r := range rows {
			name := string(r.Cells[0].Text)
			if queues[name] == nil {
				names = append(names, name)
			}
			queues[name] = append(queues[name], r)
		}
		var scattered []cell.Row
		for len(scattered) < len(rows) {
			name := rapid.SampledFrom(names).Draw(t, "next")
			if q := queues[name]; len(q) > 0 {
				scattered, queues[name] = append(scattered, q[0]), q[1:]
			}
		}
		other := pathsHeader(quiet{}, order.SalesOrders, nil, wide...)
		got, _ := plan(other, scattered)
		byNumber := func(plans []mapping.Planned) map[string]mapping.Planned {
			m := map[string]mapping.Planned{}
			for _, p := range plans {
				m[p.Number] = p
			}
			return m
		}
		if diff := cmp.Diff(byNumber(want), byNumber(got)); diff != "" {
			t.Fatalf("scattered rows change an order (-together +scattered):\n%s", diff)
		}
		for _, p := range got {
			checkPlan(t, p, scattered)
		}
	})
}

// checkPlan holds what is true of every plan: its fingerprint is that of its payload, and its
// problems name cells of its own rows.
func checkPlan(t *rapid.T, p mapping.Planned, rows []cell.Row) {
	if p.Invalid != (p.Payload == nil) {
		t.Fatalf("invalid is %v with the payload %s", p.Invalid, p.Payload)
	}
	if !p.Invalid {
		want, err := referenceFingerprint(p.Payload)
		if err != nil || want != p.Fingerprint {
			t.Fatalf("fingerprint %s, want %s (%v) for %s", p.Fingerprint, want, err, p.Payload)
		}
	}
	for _, q := range p.Problems {
		num, col, ok := cell.ParseA1(q.Cell)
		if !ok {
			t.Fatalf("a problem without a cell: %+v", q)
		}
		for _, r := range rows {
			if r.Num != num {
				continue
			}
			if number := r.At(0); string(number.Text) != p.Number {
				t.Fatalf("order %s has a problem in a row of order %s: %+v", p.Number, number.Text, q)
			}
			c := r.At(col)
			shows := string(value.Display{Source: source}.Cell(c))
			if q.Value != "" && q.Code != problem.NumberPercent && !strings.HasPrefix(shows, strings.TrimSuffix(q.Value, "…")) {
				t.Fatalf("the problem shows %q, the cell holds %q: %+v", q.Value, c.Text, q)
			}
		}
	}
}

// quiet stands for a test where only a failure to set up is of interest.
type quiet struct{ testing.TB }

func (quiet) Helper() {}

func (quiet) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// An order with the id 5 isn't the order with the number "id 5".
func TestIDsAreNotNumbers(t *testing.T) {
	h := pathsHeader(t, order.SalesOrders, &profile.Profile{Mode: order.Update}, "id", "order_number", "internal_notes")
	orders, _ := plan(h, grid(row("#5", "", "a"), row("", "id 5", "b"), row("", "5", "c")))
	if len(orders) != 3 {
		t.Fatalf("%d orders, want 3", len(orders))
	}
	for i, want := range []string{
		`5 "" {"internal_notes":"a"}`, `0 "id 5" {"order_number":"id 5","internal_notes":"b"}`, `0 "5" {"order_number":"5","internal_notes":"c"}`,
	} {
		o := orders[i]
		if got := fmt.Sprintf("%d %q %s", o.ID, o.Number, o.Payload); got != want {
			t.Errorf("order %d: %s, want %s (%s)", i, got, want, summary(o.Problems))
		}
	}
}
