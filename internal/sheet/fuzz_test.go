package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"ordersheet/internal/cell"
)

const mainNS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

// blockSize is how many bytes of a part the readers get at once.
const blockSize = 128 << 10

// readParts reads the first sheet of a container with these parts, given by name and content.
func readParts(t *testing.T, l Limits, parts ...string) (string, error) {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: parts[i]}) // not compressed, for speed
		if err == nil {
			_, err = io.WriteString(w, parts[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := OpenReader(bytes.NewReader(file.Bytes()), int64(file.Len()), "fuzz.xlsx", Options{Limits: l})
	if err != nil {
		return "", err
	}
	defer b.Close()
	var out strings.Builder
	_, err = b.Read(0, func(r *cell.Row) error {
		fmt.Fprintf(&out, "%d %v", r.Num, r.Hidden)
		for i, c := range r.Cells {
			if i > 0 && r.Cells[i-1].Col >= c.Col || c.Kind == cell.Blank || (c.Kind == cell.Number || c.Kind == cell.Date) && !cell.IsNumber(c.Text) {
				t.Fatalf("row %d: cell %d has %s %q", r.Num, c.Col, c.Kind, c.Text)
			}
			fmt.Fprintf(&out, " %d:%d:%d:%q", c.Col, c.Kind, c.Format, c.Text)
		}
		out.WriteString("\n")
		return nil
	})
	return out.String(), err
}

// padded puts a comment between head and rows, so that a block ends within the rows, after their
// first at bytes.
func padded(head, rows string, at int) string {
	return head + "<!--" + strings.Repeat(" ", blockSize-len(head)-len("<!---->")-at) + "-->" + rows
}

// FuzzXLSX reads rows in several ways: in one block with the fast path, and without it (the
// namespace is declared again) in two blocks. All must give the same rows, or an error.
func FuzzXLSX(f *testing.F) {
	for _, rows := range []string{
		`<row r="1" spans="1:3"><c r="A1" t="s"><v>1</v></c><c r="B1" s="1"><v>45306.5</v></c><c r="C1" t="b"><v>1</v></c></row>`,
		`<row r="2" hidden="1"><c r="A2" t="inlineStr"><is><t>a &amp; b</t></is></c><c r="B2" t="inlineStr"><is><t xml:space="preserve"> _x000D_ </t></is></c></row>`,
		`<row><c><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1&amp;"x"</f><v>ab</v></c></row><row r="9"/>`,
		`<row r="3"><c r="XFD3" s="0" t="n"><v>-1.5E-7</v></c></row>`, `<row r="1"><c r="B1"><f>1+1</f></c><c r="A1"><v>1</v></c></row>`,
		`<row r="1"><c r="A1" t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r><rPh><t>x</t></rPh></is></c></row>`, `<!-- <row> --><row r="1"><c r="A1" t="str"><v><![CDATA[<c>]]></v></c></row>`,
		`<row r="1"><c r="A1" t="d"><v>2024-01-15T12:00:00</v></c></row>`, "<row r=\"1\">\n  <c r=\"A1\"\ts=\"1\" />\r\n</row>", `<row r="1"><c r="A1" t="s"><v>9</v></c></row>`, `<row r="1"><c r="A1"><v>1</v></c>`,
	} {
		f.Add(rows)
	}
	const head, tail = `<worksheet xmlns="` + mainNS + `"><sheetData>`, `</sheetData></worksheet>`
	read := func(t *testing.T, sheet string) (string, error) {
		return readParts(t, Limits{}, "_rels/.rels", rootRel, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", fmt.Sprintf(bookRel, "worksheets/sheet1.xml"),
			"xl/sharedStrings.xml", `<sst xmlns="`+mainNS+`"><si><t/></si><si><t>one</t></si><si><t>two words</t></si></sst>`,
			"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/s.xml" ContentType="a/spreadsheetml.styles+xml"/></Types>`,
			"xl/s.xml", `<styleSheet xmlns="`+mainNS+`"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
			"xl/worksheets/sheet1.xml", sheet)
	}
	f.Fuzz(func(t *testing.T, rows string) {
		if len(rows) > blockSize/2 {
			return
		}
		want, wantErr := read(t, head+rows+tail)
		compare := func(way, sheet string) {
			got, err := read(t, sheet)
			if (err == nil) != (wantErr == nil) || err == nil && got != want {
				t.Fatalf("rows %q, %s: got %q, %v; in one block %q, %v", rows, way, got, err, want, wantErr)
			}
		}
		again := `<worksheet xmlns="` + mainNS + `"><sheetData xmlns="` + mainNS + `">`
		compare("without the fast path", again+rows+tail)
		for i := 1; i < 4; i++ {
			at := i * len(rows) / 4
			compare(fmt.Sprint("in two blocks at ", at), padded(head, rows+tail, at))
			compare(fmt.Sprint("without the fast path, in two blocks at ", at), padded(again, rows+tail, at))
		}
	})
}
