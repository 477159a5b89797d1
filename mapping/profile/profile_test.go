package profile

import (
	"bytes"
	_ "embed"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/value"
)

//go:embed testdata/whole.toml
var wholeProfile string

var profileFiles = fstest.MapFS{
	"codes/countries.csv": {Data: []byte("\ufefffrom;to;note\r\nGermany;DE;x\r\n\"Côte d'Ivoire\";CI;\r\n")},
	"bad-header.csv":      {Data: []byte("From,To\na,b\n")},
	"twice.csv":           {Data: []byte("from,to\na,b\na,c\n")},
	"cases.csv":           {Data: []byte("from,to\na,b\nA,c\n")},
	"ragged.csv":          {Data: []byte("from,to\na\n")},
	"empty.csv":           {Data: nil},
}

func parse(t *testing.T, text string) *Profile {
	t.Helper()
	p, err := Parse("m.toml", strings.NewReader(text), profileFiles)
	if err != nil {
		t.Fatalf("parsing a mapping file: %v", err)
	}
	return p
}

func TestParse(t *testing.T) {
	got := parse(t, wholeProfile)
	text := func(s string) Constant { return Constant{s, cell.Text} }
	want := &Profile{
		Name: "m.toml", Kind: order.SalesOrders, Sheets: []string{"January", "February"}, HeaderRow: 3, Ignore: []string{"Margin", "Row"},
		Reading: Reading{DateOrder: value.DayFirst, Decimal: value.Comma, Repair: value.RepairsGiven | value.RepairSpaces | value.RepairDashes}, TagSeparator: "|", NumberSeparator: ";", FillDown: true, Generate: true, TotalCheck: TotalWarn,
		Mode: order.Upsert, Clear: "-", ReplacePayments: true, Historical: true,
		Columns: map[string][]string{
			"Order Ref": {"order_number"}, "Client": {"bill_to.name", "ship_to.name"}, "Artikel": {"sku"}, "bill_to.street1": {"bill_to.street2"},
		},
		HeaderOrder: []string{"Order Ref", "Client", "Artikel", "bill_to.street1"},
		Letters:     map[string][]string{"F": {"tags"}, "G": nil},
		Constants: map[string]Constant{
			"channel_id": {"3", cell.Number}, "custom_fields.Package Count": {"2.5", cell.Number}, "gift": {"TRUE", cell.Bool}, "tags": text("import\n2026"),
		},
		Defaults: map[string]Constant{"order_status": text("pending"), "order_date": text("2026-01-31"), "bill_to.country": text("US")},
		Formats: map[string]Reading{
			"ship_date": {DateOrder: value.MonthFirst, Repair: value.RepairsGiven}, "items.unit_price": {Decimal: value.Point}, "sku": {Repair: value.RepairsGiven | value.RepairZeros, Width: 8},
		},
		ValueMappings: map[string]*ValueMapping{
			"order_status": {
				Strict: true, values: map[string]string{"Paid": "processing", "Sent out": "shipped"},
				folded: map[string]string{"paid": "processing", "sent out": "shipped"},
			},
			"bill_to.country": {
				File: "codes/countries.csv", values: map[string]string{"Germany": "DE", "Côte d'Ivoire": "CI"},
				folded: map[string]string{"germany": "DE", "côte d'ivoire": "CI"},
			},
		},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(ValueMapping{})); d != "" {
		t.Errorf("profile (-want +got):\n%s", d)
	}
}

// Mapping files written before [values] had that name say [crosswalks].
func TestParseCrosswalks(t *testing.T) {
	for table, want := range map[string]string{
		"[crosswalks.sku]\nunknown = \"refuse\"\nvalues = {a = \"b\"}\n":                "b",
		"[crosswalks.sku]\nvalues = {a = \"b\"}\n[values.tags]\nvalues = {a = \"c\"}\n": "b",
	} {
		p := parse(t, "version = 1\n"+table)
		var out bytes.Buffer
		if err := p.Encode(&out); err != nil {
			t.Fatal(err)
		}
		again := parse(t, out.String())
		if got, ok := again.ValueMappings["sku"].Lookup("A"); got != want || !ok || strings.Contains(out.String(), "crosswalks") {
			t.Errorf("%s: A is mapped to %q, %v, want %s; written as\n%s", table, got, ok, want, out.String())
		}
	}
}

func TestEncodeRoundTrip(t *testing.T) {
	for _, text := range []string{wholeProfile, "version = 1\n", "version = 1\n[columns]\n\"a\\\"b\\\\c\\u0001\\t\" = \"sku\"\n"} {
		want := parse(t, text)
		var b bytes.Buffer
		if err := want.Encode(&b); err != nil {
			t.Fatal(err)
		}
		got := parse(t, b.String())
		if d := cmp.Diff(want, got, cmp.AllowUnexported(ValueMapping{})); d != "" {
			t.Errorf("after writing and reading (-want +got):\n%s\n%s", d, b.String())
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"version = 1\nkind = \"sales-orders\"\n\ncolums = 3\n", `line 4, column 1: unknown key "colums"`},
		{"version = 1\n[values.sku]\nvalue = {}\n", `line 3, column 1: unknown key "values.sku.value"`},
		{"version = 1\n[formats.order_date]\norder = 1\n", `line 3, column 1: unknown key "formats.order_date.order"`},
		{"", `the file says version 0`},
		{"# mine\nversion = 2\n", `line 2, column 1: the file says version 2; this program reads version 1`},
		{"version = 1\nkind = \"orders\"\n", `line 2, column 1: kind is "orders"`},
		{"version = 1\nfill_down = \"yes\"\n", `line 2, column 13`},
		{"version = 1\n  date_order = \"mmy\"\n", `line 2, column 3: date_order is "mmy"; want "dmy", "mdy" or "ymd"`},
		{"version = 1\ndecimal_separator = \";\"\n", `line 2, column 1: decimal_separator`},
		{"version = 1\nnumber = \"make\"\n", `line 2, column 1: number is "make"`},
		{"version = 1\ntotal_check = \"no\"\n", `line 2, column 1: total_check is "no"`},
		{"version = 1\nmode = \"change\"\n", `line 2, column 1: mode is "change"; want "create", "update", "upsert" or "delete"`},
		{"version = 1\nclear = \" \"\n", `line 2, column 1: clear is " "`},
		{"version = 1\n payments = \"add\"\n", `line 2, column 2: payments is "add"; want "merge" or "replace"`},
		{"version = 1\nprofile = \"old\"\n", `line 2, column 1: profile is "old"; want "historical"`},
		{"version = 1\n[constants]\ncommand = \"UPDATE\"\n", `line 3, column 1: constants: command differs from order to order`},
		{"version = 1\ntag_separator = \"a\"\n", `line 2, column 1: tag_separator`},
		{"version = 1\nrepair = [\"zeros\"]\n", `line 2, column 1: no repair is called "zeros"; there are leading_zeros`},
		{"version = 1\nrepair = \"spaces\"\n", `line 2, column 10`},
		{"version = 1\nrepair = [\"dates_plus_1462\", \"dates_minus_1462\"]\n", `line 2, column 1: dates can't be moved both`},
		{"version = 1\n[formats.sku]\nwidth = 99\n", `line 3, column 1: formats.sku: width is 99`},
		{"version = 1\nheader_row = -1\n", `line 2, column 1: header_row`},
		{"version = 1\n[columns]\n\"A\" = \"sku\"\n\"B C\" = \"skuu\"\n", `line 4, column 1: columns: "B C" feeds "skuu", which isn't a field`},
		{"version = 1\nkind = \"purchase\"\n[columns]\nA = \"bill_to.name\"\n", `line 4, column 1: columns: "A" feeds "bill_to.name"`},
		{"version = 1\n[columns]\nA = 3\n", `line 3, column 1: columns: "A" feeds 3`},
		{"version = 1\n[columns]\n\"**\" = \"sku\"\n", `line 3, column 1: columns: "**" has no letter`},
		{"version = 1\n[letters]\nA1 = \"sku\"\n", `line 3, column 1: letters: "A1" isn't a column`},
		{"version = 1\n[constants]\nchanel_id = 1\n", `line 3, column 1: constants: no field is called "chanel_id"`},
		{"version = 1\n[constants]\nbill_to.nam = \"x\"\n", `line 3, column 1: constants: no field is called "bill_to.nam"`},
		{"version = 1\n[defaults]\norder_status = \"\"\n", `line 3, column 1: defaults: order_status can't be ""`},
		{"version = 1\n[formats.weather]\n", `line 2, column 2: formats: no field`},
		{"version = 1\n[formats.order_date]\ndate_order = \"x\"\n", `line 3, column 1: formats.order_date: date_order is "x"`},
		{"version = 1\n[values.weather]\n", `line 2, column 2: values: no field`},
		{"version = 1\n[values.sku]\n", `line 2, column 2: values.sku: it has neither values nor file`},
		{"version = 1\n[values.sku]\nfile = \"a\"\nvalues = {a = \"b\"}\n", `it has both file and values`},
		{"version = 1\n[values.sku]\nunknown = \"x\"\nvalues = {a = \"b\"}\n", `unknown is "x"`},
		{"version = 1\n[values.sku]\nvalues = {a = \"b\", A = \"c\"}\n", `case doesn't matter`},
		{"version = 1\n[values.sku]\nfile = \"../x.csv\"\n", `in the folder of the mapping file`},
		{"version = 1\n[values.sku]\nfile = \"none.csv\"\n", `reading none.csv: open none.csv: file does not exist`},
		{"version = 1\n[values.sku]\nfile = \"bad-header.csv\"\n", `its header must have one column "from", and is "From,To"`},
		{"version = 1\n[values.sku]\nfile = \"twice.csv\"\n", `row 3: "a" is mapped to both "b" and "c"`},
		{"version = 1\n[values.sku]\nfile = \"cases.csv\"\n", `case doesn't matter`},
		{"version = 1\n[values.sku]\nfile = \"ragged.csv\"\n", `wrong number of fields`},
		{"version = 1\n[values.sku]\nfile = \"empty.csv\"\n", `reading its header`},
		{"version = 1\n[crosswalks.weather]\n", `line 2, column 2: crosswalks: no field`},
		{
			"version = 1\n[values.sku]\nvalues = {a = \"b\"}\n[crosswalks.\"items.sku\"]\nvalues = {c = \"d\"}\n",
			`line 4, column 2: items.sku has value mappings under both [values] and [crosswalks]`,
		},
		{"version = 1\n= 3\n", `line 2, column 1`},
	} {
		_, err := Parse("m.toml", strings.NewReader(c.text), profileFiles)
		var pe *Error
		if !errors.As(err, &pe) || !strings.HasPrefix(err.Error(), "mapping file m.toml") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestErrorHints(t *testing.T) {
	for text, want := range map[string]string{
		"version = 1\ncolums = 3\n":                     `did you mean "columns"?`,
		"version = 1\n[constants]\nchanel_id = 1\n":     `did you mean "channel_id"?`,
		"version = 1\n[columns]\nA = \"bill_to.nam\"\n": `did you mean "bill_to.name"?`,
	} {
		_, err := Parse("m.toml", strings.NewReader(text), nil)
		var pe *Error
		if !errors.As(err, &pe) || pe.Hint != want {
			t.Errorf("%q: got %#v, want the hint %s", text, pe, want)
		}
	}
}

// A mapping file is either read, and equal after writing and reading it again, or an error that
// names it.
func FuzzParse(f *testing.F) {
	f.Add(wholeProfile)
	f.Add("version = 1\n[columns]\n'a'.\"b\" = ['sku', \"tags\"]\n[[x]]\n")
	f.Add("version = 1\n[constants]\n\"custom_fields.\\u00e9\" = 1e400\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse("m.toml", strings.NewReader(text), profileFiles)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "mapping file m.toml") {
				t.Fatalf("the error doesn't name the file: %v", err)
			}
			return
		}
		var b bytes.Buffer
		if err := p.Encode(&b); err != nil {
			t.Fatal(err)
		}
		again, err := Parse("m.toml", &b, profileFiles)
		if err != nil {
			t.Fatalf("reading what was written of %q: %v", text, err)
		}
		if d := cmp.Diff(p, again, cmp.AllowUnexported(ValueMapping{}), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("after writing and reading %q (-want +got):\n%s", text, d)
		}
	})
}
