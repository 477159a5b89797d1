package mapping_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"

	"ordersheet/mapping/profile"

	"github.com/google/go-cmp/cmp"
)

// readWhole reads the mapping file that uses every setting.
func readWhole(t *testing.T) *profile.Profile {
	t.Helper()
	text, err := os.ReadFile("profile/testdata/whole.toml")
	if err != nil {
		t.Fatal(err)
	}
	return parseText(t, string(text))
}

func parseText(t *testing.T, text string) *profile.Profile {
	t.Helper()
	p, err := profile.Parse("m.toml", strings.NewReader(text), os.DirFS("profile/testdata"))
	if err != nil {
		t.Fatalf("parsing a mapping file: %v", err)
	}
	return p
}

func TestSet(t *testing.T) {
	p := readWhole(t)
	for _, a := range []string{"Channel ID=4", "custom_fields.Package Count=7", "date_order=ymd", "total_check=off", "sku=A=B", "mode=delete", "clear=*", "payments=merge"} {
		if err := p.Set(a); err != nil {
			t.Fatalf("Set(%s): %v", a, err)
		}
	}
	got := map[string]string{}
	for name, c := range p.Constants {
		got[catalog.Resolve(order.SalesOrders, name)] = c.Text
	}
	want := map[string]string{"channel_id": "4", "custom_fields.Package Count": "7", "gift": "TRUE", "tags": "import\n2026", "items.sku": "A=B"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("constants (-want +got):\n%s", d)
	}
	read, _ := profile.ByField(order.SalesOrders, p.Formats, "ship_date")
	dates := read.DateOrder
	if dates == 0 {
		dates = p.DateOrder
	}
	if dates != value.YearFirst || p.TotalCheck != profile.TotalOff || p.Mode != order.Delete || p.Clear != "*" || p.ReplacePayments {
		t.Errorf("settings by Set: %v, %v, %v, %v, %v", dates, p.TotalCheck, p.Mode, p.Clear, p.ReplacePayments)
	}
	for a, want := range map[string]string{
		"channel_id": "want field=value", "=3": "want field=value", "channel_id=": "the value is missing", "chanel_id=3": `did you mean "channel_id"?`,
		"total=3": "never sent", "id=3": "never sent", "date_order=x": "date_order is", "supplier_id=3": "no field is called",
	} {
		if err := p.Set(a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Set(%s) = %v, want %s", a, err, want)
		}
	}
	var both profile.Profile
	if err := both.Set("supplier_id=3"); err != nil {
		t.Fatal(err)
	}
	if found := mapping.FindHeader("", []cell.Row{headerRow(1, "Order Number", "Order Date", "SKU", "Qty", "Price")}, nil, &both); found.Kind != order.PurchaseOrders || found.Also != "" {
		t.Errorf("--set supplier_id gives %s, also %q; want purchase orders", found.Kind, found.Also)
	}
}

func TestProfileInHeader(t *testing.T) {
	p := readWhole(t)
	p.Historical = false
	b := newHeader(t, order.SalesOrders, p, "order ref", "Client", "ARTIKEL", "Margin", "Order Status", "", "Price", "ship_date", "Bill To Country", "Price", "quantity")
	var got []string
	for _, c := range b.Columns {
		got = append(got, cell.ColName(c.Col)+" "+c.Path+" "+string(c.How))
	}
	want := []string{
		"A order_number mapping file", "B bill_to.name mapping file", "B ship_to.name mapping file", "C items.sku mapping file", "D  ignored",
		"E order_status normalised", "F tags mapping file", "G  ignored", "H ship_date exact", "I bill_to.country normalised", "J items.unit_price synonym",
		"K items.quantity exact",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("columns (-want +got):\n%s", d)
	}
	orders, _ := plan(b, grid(
		row("SO-1", "Ann", "A-1", "", " SENT OUT", "", "", "03/04/2024", "", "1.5", "1"),
		row("SO-2", "Ann", "A-1", "", "", "", "", "", "", "2.5", "1")))
	for i, want := range []string{"shipped 2024-03-04 1.5", "pending <nil> 2.5"} {
		j := orders[i].Created
		if got := payloadAt(t, j, "order_status") + " " + payloadAt(t, j, "ship_date") + " " + payloadAt(t, j, "items.unit_price"); got != want {
			t.Errorf("order %d: %s, want %s (%s)", i, got, want, summary(orders[i].Problems))
		}
	}
	var codes []string
	for _, x := range b.Problems() {
		codes = append(codes, x.Code+" "+x.Header)
	}
	if d := cmp.Diff([]string{problem.ColumnAbsent + " bill_to.street1"}, codes); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
	if _, err := mapping.NewHeader(order.PurchaseOrders, headerRow(1, "a"), p); err == nil {
		t.Error("a mapping file for sales orders was taken for purchase orders")
	}
}

func TestWriteMapping(t *testing.T) {
	var p profile.Profile
	if err := p.Set("channel_id=3"); err != nil {
		t.Fatal(err)
	}
	headers := []string{"Order #", "Memo", "Tag", "Tag", "Weather", "Channel ID", "Item Code", "sku"}
	b := newHeader(t, order.SalesOrders, &p, headers...)
	var out bytes.Buffer
	if err := b.WriteMapping(&out); err != nil {
		t.Fatal(err)
	}
	again := newHeader(t, order.SalesOrders, parseText(t, out.String()), headers...)
	for i, c := range again.Columns {
		if c.Path != b.Columns[i].Path {
			t.Errorf("%s: %q after writing and reading, was %q\n%s", c.Header, c.Path, b.Columns[i].Path, out.String())
		}
		if c.Path != "" && c.How != mapping.ByFile {
			t.Errorf("%s: mapped by %s, want the mapping file", c.Header, c.How)
		}
	}
	for _, want := range []string{
		`"Order #" = "order_number"`, `# "Memo" = ["customer_notes", "internal_notes"] # column B: perhaps`, `C = "tags" # "Tag"`, `# "Weather" = ...`,
		`# "Channel ID" is ignored: channel_id is set for all orders`, "#   order_date (such as 2026-01-15)", `"channel_id" = "3"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the mapping file lacks %s:\n%s", want, out.String())
		}
	}
}
