package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ordersheet/internal/cell"
)

const odsMime = "application/vnd.oasis.opendocument.spreadsheet"

// odsHead opens content.xml.
const odsHead = `<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" ` +
	`xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" ` +
	`xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" ` +
	`xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">`

// odsStyled has the styles z5 (at least five digits), pct, day and off (a hidden sheet).
const odsStyled = `<office:automatic-styles><number:number-style style:name="N5"><number:number number:decimal-places="0" number:min-integer-digits="5"/></number:number-style>` +
	`<number:percentage-style style:name="NP"><number:number number:decimal-places="1" number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>` +
	`<number:date-style style:name="ND"><number:day/><number:text>.</number:text><number:month/></number:date-style>` +
	`<style:style style:name="z5" style:family="table-cell" style:data-style-name="N5"/><style:style style:name="child" style:family="table-cell" style:parent-style-name="z5"/>` +
	`<style:style style:name="pct" style:family="table-cell" style:data-style-name="NP"/><style:style style:name="day" style:family="table-cell" style:data-style-name="ND"/>` +
	`<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>`

// odsOf writes an OpenDocument file with this content.xml, and further parts.
func odsOf(t *testing.T, content string, more ...string) string {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	parts := append([]string{"mimetype", odsMime, "META-INF/manifest.xml", "<manifest/>", "content.xml", content}, more...)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "orders.ods")
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// odsTable returns content.xml with one sheet of these rows.
func odsTable(rows string) string {
	return odsHead + odsStyled + `<office:body><office:spreadsheet><table:table table:name="S">` + rows + `</table:table></office:spreadsheet></office:body></office:document-content>`
}

// listRows lists the cells of a sheet, one row per line.
func listRows(b *Book, i int) (string, Extent, error) {
	var out strings.Builder
	ext, err := b.Read(i, func(r *cell.Row) error {
		fmt.Fprintf(&out, "%d", r.Num)
		if r.Hidden {
			out.WriteString(" hidden")
		}
		for _, c := range r.Cells {
			fmt.Fprintf(&out, " %s=%s:%q", cell.ColName(c.Col), c.Kind, c.Text)
			if f := b.Formats[c.Format]; f.Class != cell.General {
				fmt.Fprintf(&out, "/%d", f.Class)
				if f.Zeros > 0 {
					fmt.Fprintf(&out, "z%d", f.Zeros)
				}
			}
		}
		out.WriteString("\n")
		return nil
	})
	return out.String(), ext, err
}

// TestODSCells reads single rows.
func TestODSCells(t *testing.T) {
	row := func(s string) string { return "<table:table-row>" + s + "</table:table-row>" }
	typed := func(kind, attrs, text string) string {
		return row(`<table:table-cell office:value-type="` + kind + `" ` + attrs + `><text:p>` + text + `</text:p></table:table-cell>`)
	}
	for _, c := range []struct{ name, rows, want string }{
		{"float", typed("float", `office:value="0387.4800"`, "387"), `1 A=number:"0387.4800"` + "\n"},
		{"percentage", typed("percentage", `office:value="0.5" table:style-name="pct"`, "50%"), `1 A=number:"0.5"/2` + "\n"},
		{"percentage without a style", typed("percentage", `office:value="0.5"`, "50%"), `1 A=number:"0.5"/2` + "\n"},
		{"currency", typed("currency", `office:currency="EUR" office:value="9.5"`, "9,50 €"), `1 A=number:"9.5"/3` + "\n"},
		{"boolean", typed("boolean", `office:boolean-value="true"`, "WAHR"), `1 A=boolean:"TRUE"` + "\n"},
		{"boolean of another program", typed("float", `table:formula="of:=FALSE()" office:value="0"`, "FALSE"), `1 A=boolean:"FALSE"` + "\n"},
		{"date", typed("date", `office:date-value="2024-01-15"`, "15.1."), `1 A=date:"45306"/6` + "\n"},
		{"moment", typed("date", `office:date-value="2024-01-15T06:00:00"`, "15.1."), `1 A=date:"45306.25"/8` + "\n"},
		{"day before all serials", typed("date", `office:date-value="1815-06-18"`, "18.6."), `1 A=text:"1815-06-18"` + "\n"},
		{"time", typed("time", `office:time-value="PT30H00M00S"`, "30:00"), `1 A=date:"1.25"/7` + "\n"},
		{"time below zero", typed("time", `office:time-value="-PT0H36M00S"`, "-0:36"), `1 A=date:"-0.025"/7` + "\n"},
		{"number in a date style", typed("float", `office:value="45306" table:style-name="day"`, "15.1."), `1 A=date:"45306"/6` + "\n"},
		{"zeros", typed("float", `office:value="123" table:style-name="z5"`, "00123"), `1 A=number:"123"/1z5` + "\n"},
		{"zeros of the style's parent", typed("float", `office:value="123" table:style-name="child"`, "00123"), `1 A=number:"123"/1z5` + "\n"},
		{"zeros of the column", `<table:table-column table:number-columns-repeated="2"/><table:table-column table:default-cell-style-name="z5"/>` +
			row(`<table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="float" office:value="7"/>`), `1 C=number:"7"/1z5` + "\n"},
		{
			"paragraphs", row(`<table:table-cell office:value-type="string"><text:p>a<text:s text:c="3"/>b<text:tab/>c</text:p><text:p>d<text:line-break/><text:span>e <text:a>f&amp;g</text:a></text:span></text:p></table:table-cell>`),
			`1 A=text:"a   b\tc\nd\ne f&g"` + "\n",
		},
		{
			"annotation, drawing", row(`<table:table-cell office:value-type="string"><office:annotation><text:p>no</text:p></office:annotation><text:p>yes<draw:frame><text:p>no</text:p></draw:frame></text:p></table:table-cell>`),
			`1 A=text:"yes"` + "\n",
		},
		{"annotation alone", row(`<table:table-cell><office:annotation><text:p>no</text:p></office:annotation></table:table-cell>`), ""},
		{"string value", typed("string", `office:string-value=" x  y&#10;"`, "x y"), `1 A=text:" x  y\n"` + "\n"},
		{"error", typed("string", `office:string-value="" calcext:value-type="error" table:formula="of:=#N/A"`, "#N/A"), `1 A=error:"#N/A"` + "\n"},
		{"error of older programs", typed("string", `table:formula="of:=foo("`, "Err:502"), `1 A=error:"Err:502"` + "\n"},
		{"error called a number", typed("float", `office:value="0" table:formula="oooc:=1/0"`, "#DIV/0!"), `1 A=error:"#DIV/0!"` + "\n"},
		{"text that looks like an error", typed("string", ``, "#N/A"), `1 A=text:"#N/A"` + "\n"},
		{"formula without a value", row(`<table:table-cell table:formula="of:=SUM([.B1:.B3])"/>`), `1 A=formula without a value:"SUM([.B1:.B3])"` + "\n"},
		{"formula with an empty text", row(`<table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>`), ""},
		{
			"rows and columns repeated", `<table:table-row table:number-rows-repeated="3"/><table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="1"/></table:table-row>` +
				`<table:table-row table:number-rows-repeated="2000000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`,
			"4 A=number:\"1\" B=number:\"1\"\n5 A=number:\"1\" B=number:\"1\"\n",
		},
		{
			"groups and hidden rows", `<table:table-header-rows>` + typed("string", "", "H") + `</table:table-header-rows><table:table-row-group><table:table-row table:visibility="filter"><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table-row-group>`,
			"1 A=text:\"H\"\n2 hidden A=number:\"1\"\n",
		},
		{"a table within a cell", row(`<table:table-cell office:value-type="string"><table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table><text:p>y</text:p></table:table-cell>`), "1 A=text:\"y\"\n"},
	} {
		b, err := Open(odsOf(t, odsTable(c.rows)), Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got, _, err := listRows(b, 0); err != nil || got != c.want || b.Container != "ods" {
			t.Errorf("%s: got %q, %v (%s), want %q", c.name, got, err, b.Container, c.want)
		}
		b.Close()
	}
}

// TestODSBook reads what a spreadsheet has besides its cells.
func TestODSBook(t *testing.T) {
	table := func(name, attrs, rows string) string {
		return `<table:table table:name="` + name + `" ` + attrs + `>` + rows + `</table:table>`
	}
	merged := `<table:table-row><table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="2" office:value-type="string"><text:p>x</text:p></table:table-cell><table:covered-table-cell/></table:table-row>` +
		`<table:table-row><table:covered-table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="float" office:value="2"/></table:table-row>`
	b, err := Open(odsOf(t, odsHead+odsStyled+`<office:body><office:spreadsheet><table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>`+
		table("Notes &amp; more", "", "")+table("'file:///prices.ods'#Prices", "", merged)+table("Orders", "", merged)+table("Old", `table:style-name="off"`, merged)+
		`<table:named-expressions><table:named-range table:name="ordersheet_report"/></table:named-expressions></office:spreadsheet></office:body></office:document-content>`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var got []string
	for _, s := range b.Sheets {
		got = append(got, s.Name+" "+s.State.String())
	}
	if want := []string{"Notes & more visible", "Orders visible", "Old hidden"}; !slices.Equal(got, want) || !b.Date1904 || !b.Report {
		t.Errorf("got %q, 1904 %v, report %v, want %q and both", got, b.Date1904, b.Report, want)
	}
	rows, ext, err := listRows(b, 1)
	if want := "1 A=text:\"x\"\n2 C=number:\"2\"\n"; err != nil || rows != want {
		t.Errorf("rows: got %q, %v, want %q", rows, err, want)
	}
	if ext.Rows != 2 || ext.Cells != 2 || ext.LastRow != 2 || len(ext.Merges) != 1 || ext.Merges[0] != (cell.Range{Row1: 1, Row2: 2, Col2: 1}) {
		t.Errorf("extent: got %+v", ext)
	}
	if rows, _, err := listRows(b, 0); err != nil || rows != "" {
		t.Errorf("an empty sheet: got %q, %v", rows, err)
	}
}

// TestODSUnreadable opens files that can't be read. Each error must say why.
func TestODSUnreadable(t *testing.T) {
	cells := func(attrs string) string {
		return odsTable(`<table:table-row><table:table-cell ` + attrs + `/></table:table-row>`)
	}
	text := odsHead + `<office:body><office:text/></office:body></office:document-content>`
	for _, c := range []struct {
		name, content string
		more          []string
		limit, says   string
	}{
		{"password", "", []string{"META-INF/documentsignatures.xml", "", "encrypted-package", "x"}, "", "password"},
		{"a text", text, nil, "", "not a spreadsheet (ODS)"},
		{"no sheet part", odsHead + `</office:document-content>`, nil, "", "has no spreadsheet"},
		{"rows without end", odsTable(`<table:table-row table:number-rows-repeated="1000000000"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>`), nil, "", "a sheet has at most 1048576"},
		{"cells without end", odsTable(`<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row>`), nil, "Repeated", "limit repeated"},
		{"columns without end", cells(`table:number-columns-repeated="16385" office:value-type="float" office:value="1"`), nil, "", "more than 16384 columns"},
		{"spaces without end", odsTable(`<table:table-row><table:table-cell office:value-type="string"><text:p><text:s text:c="2000000000"/></text:p></table:table-cell></table:table-row>`), nil, "CellBytes", "more text than is allowed"},
		{"minus one row", odsTable(`<table:table-row table:number-rows-repeated="-1"/>`), nil, "", "number-rows-repeated"},
		{"a number that is none", cells(`office:value-type="float" office:value="1,5"`), nil, "", "isn't a number"},
		{"no value", cells(`office:value-type="float"`), nil, "", "no value"},
		{"a day that never was", cells(`office:value-type="date" office:date-value="2024-02-31"`), nil, "", "isn't a date"},
		{"a time that is none", cells(`office:value-type="time" office:time-value="PTxH"`), nil, "", "isn't a time"},
		{"a type that is none", cells(`office:value-type="colour" office:value="1"`), nil, "", "has the type"},
		{"a DTD", "<!DOCTYPE x>" + odsTable(""), nil, "", "DTD"},
	} {
		b, err := Open(odsOf(t, c.content, c.more...), Options{})
		if err == nil {
			_, _, err = listRows(b, 0)
			b.Close()
		}
		var r *UnreadableError
		if !errors.As(err, &r) || !strings.Contains(err.Error(), c.says) || r.Limit != c.limit || r.Hint == "" && r.Limit == "" {
			t.Errorf("%s: got %v (%+v), want it to say %q, limit %q", c.name, err, r, c.says, c.limit)
		}
	}
	path := filepath.Join(t.TempDir(), "flat.fods")
	if err := os.WriteFile(path, []byte(strings.Replace(odsTable(""), "document-content", "document", 2)), 0o600); err != nil {
		t.Fatal(err)
	}
	var r *UnreadableError
	if _, err := Open(path, Options{}); !errors.As(err, &r) || !strings.Contains(r.Hint, "save it as .xlsx") {
		t.Errorf("a flat file: got %v (%+v), want the hint to save it as .xlsx", err, r)
	}
}

// odsChanges has the cells that LibreOffice changed when it wrote the .ods of a case; "" = removed.
var odsChanges = map[string]string{
	"xlsxwriter-kinds Formulas!A3": "n 1",                  // =1=1: a boolean without a boolean format is a number
	"xlsxwriter-kinds Formulas!B2": "e Err:522",            // an array formula that was given values by hand is worked out again
	"xlsxwriter-kinds Formulas!B3": "s plain bold & plain", // likewise
	"xlsxwriter-kinds Formulas!C2": "s   kept \n ",         // a tab at the beginning is dropped
	"xlsxwriter-kinds Formulas!C3": "s a",                  // control characters are dropped
	"xlsxwriter-kinds Formulas!A5": "*",                    // =TODAY()
}

// TestODSAsXLSX compares each .ods of the cases with the .xlsx that it was made from.
func TestODSAsXLSX(t *testing.T) {
	paths, err := filepath.Glob(workbooks + "/*/input.ods")
	if err != nil || len(paths) < 5 {
		t.Fatalf("found %d workbooks, %v", len(paths), err)
	}
	for _, path := range paths {
		name := filepath.Base(filepath.Dir(path))
		var got, want bytes.Buffer
		if err := DumpCells(path, Options{}, &got); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := DumpCells(strings.TrimSuffix(path, "ods")+"xlsx", Options{}, &want); err != nil {
			t.Fatal(err)
		}
		g, w := kindly(t, got.Bytes()), kindly(t, want.Bytes())
		for at, v := range g {
			if _, ok := w[at]; !ok {
				t.Errorf("%s %s: got %.60q, want nothing", name, at, v)
			}
		}
		for at, v := range w {
			if changed, ok := odsChanges[name+" "+at]; ok {
				v = changed
			}
			if g[at] != v && v != "*" {
				t.Errorf("%s %s: got %.60q, want %.60q", name, at, g[at], v)
			}
		}
	}
}

// kindly returns the cells of a dump with their kinds, and the serials of dates with ten decimal
// places, since an .ods has only their seconds.
func kindly(t *testing.T, lines []byte) map[string]string {
	cells := dumped(t, lines)
	for at, v := range cells {
		if _, decimals, ok := strings.Cut(v, "."); ok && len(decimals) > 10 && strings.HasPrefix(v, "n ") {
			cells[at] = v[:len(v)-len(decimals)+9]
		}
	}
	return cells
}

// odsDamages are kinds of damage to content.xml, which is compressed again with correct checksums.
var odsDamages = map[string]func(r *rand.Rand, xml string) string{
	"cut":                func(r *rand.Rand, xml string) string { return xml[:r.IntN(len(xml))] },
	"control byte":       func(r *rand.Rand, xml string) string { return spliced(r, xml, "\x01") },
	"not UTF-8":          func(r *rand.Rand, xml string) string { return spliced(r, xml, "\xff") },
	"unknown entity":     odsReplaced(`<text:p>`, `<text:p>&nbsp;`),
	"missing end tag":    odsReplaced(`</table:table-cell>|</text:p>`, ``),
	"missing end of row": odsReplaced(`</table:table-row>`, ``),
	"number":             odsReplaced(`office:value="[^"]*"`, `office:value="1x"`),
	"type":               odsReplaced(`office:value-type="[^"]*"`, `office:value-type="zz"`),
	"columns repeated":   odsReplaced(`columns-repeated="[0-9]+"`, `columns-repeated="x"`),
	"attribute twice":    odsReplaced(`office:value-type="[^"]*"`, `$0 $0`),
	"prefix undeclared":  odsReplaced(`<text:p>`, `<text:p nope:x="1">`),
}

func spliced(r *rand.Rand, xml, s string) string {
	at := 60 + r.IntN(len(xml)-60)
	return xml[:at] + s + xml[at:]
}

func odsReplaced(pattern, by string) func(*rand.Rand, string) string {
	re := regexp.MustCompile(pattern)
	by = strings.ReplaceAll(by, "$0", "${0}")
	return func(r *rand.Rand, xml string) string {
		all := re.FindAllStringSubmatchIndex(xml, -1)
		if len(all) == 0 {
			return ""
		}
		m := all[r.IntN(len(all))]
		return xml[:m[0]] + string(re.ExpandString(nil, by, xml, m)) + xml[m[1]:]
	}
}

// TestODSNeverReadShort damages spreadsheets. Each copy must be an error or have exactly the cells
// of the original.
func TestODSNeverReadShort(t *testing.T) {
	paths, _ := filepath.Glob(workbooks + "/*/input.ods")
	copies := 0
	try := func(name string, file []byte, whole string, must bool) {
		path := filepath.Join(t.TempDir(), "copy.ods")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		copies++
		var out bytes.Buffer
		err := DumpCells(path, Options{}, &out)
		var r *UnreadableError
		switch {
		case err == nil && (must || out.String() != whole):
			t.Errorf("%s: read, same: %v", name, out.String() == whole)
		case err != nil && (!errors.As(err, &r) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: got %v, want a *UnreadableError on one line", name, err)
		}
	}
	for n, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var whole bytes.Buffer
		if err := DumpCells(path, Options{}, &whole); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(uint64(n), 7))
		for i := range 4 {
			for kind, damage := range odsDamages {
				done := false
				c := repack(file, func(name string, b []byte) []byte {
					if name != "content.xml" {
						return b
					}
					bad := damage(r, string(b))
					done = bad != ""
					return []byte(bad)
				})
				if done {
					try(fmt.Sprintf("%s, %s, copy %d", path, kind, i), c, whole.String(), true)
				}
			}
			flipped := bytes.Clone(file)
			flipped[r.IntN(len(file))] ^= 1 << r.IntN(8)
			try(path+", one bit flipped", flipped, whole.String(), false)
			crc := bytes.Clone(file)
			binary.LittleEndian.PutUint32(central(crc, "content.xml")[16:], r.Uint32())
			try(path+", wrong checksum", crc, whole.String(), true)
			try(path+", cut", file[:5+r.IntN(len(file)-5)], whole.String(), true)
		}
	}
	if t.Logf("%d copies of %d workbooks", copies, len(paths)); copies < 200 {
		t.Errorf("made %d copies, want at least 200", copies)
	}
}

// FuzzODS reads rows in one block and in two: both must give the same rows, or an error.
func FuzzODS(f *testing.F) {
	for _, rows := range []string{
		`<table:table-row><table:table-cell office:value-type="float" office:value="1.50"><text:p>1,5</text:p></table:table-cell><table:table-cell table:number-columns-repeated="3"/></table:table-row>`,
		`<table:table-row table:number-rows-repeated="3"><table:table-cell office:value-type="string" table:number-columns-spanned="2"><text:p>a<text:s text:c="3"/>&amp;</text:p><text:p/></table:table-cell><table:covered-table-cell/></table:table-row>`,
		`<table:table-row table:visibility="collapse"><table:table-cell office:value-type="date" office:date-value="2024-01-15T06:00:00" table:style-name="day"/><table:table-cell office:value-type="time" office:time-value="PT1H2M3.5S"/></table:table-row>`,
		`<table:table-row><table:table-cell table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell><table:table-cell table:formula="of:=A1"/></table:table-row>`,
		`<table:table-row-group><table:table-row><table:table-cell office:value-type="boolean" office:boolean-value="true"><office:annotation><text:p>x</text:p></office:annotation></table:table-cell></table:table-row></table:table-row-group>`,
	} {
		f.Add(rows)
	}
	f.Fuzz(func(t *testing.T, rows string) {
		if len(rows) > blockSize/2 {
			return
		}
		read := func(content string) (string, error) {
			return readParts(t, Limits{Repeated: 10_000}, "mimetype", odsMime, "content.xml", content)
		}
		content := odsTable(rows)
		at := strings.Index(content, `<table:table `)
		want, wantErr := read(content)
		for i := 1; i < 4; i++ {
			end := i * len(content[at:]) / 4
			if got, err := read(padded(content[:at], content[at:], end)); (err == nil) != (wantErr == nil) || err == nil && got != want {
				t.Fatalf("rows %q: in one block %q, %v; in two at %d %q, %v", rows, want, wantErr, end, got, err)
			}
		}
	})
}
