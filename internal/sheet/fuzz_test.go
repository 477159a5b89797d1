package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/internal/cell"
)

// pieces hands a text out in windows that grow by n bytes.
type pieces struct {
	text  []byte
	n     int
	tally tally
}

func (p *pieces) next(tail []byte) ([]byte, error) {
	n := min(p.n, len(p.text))
	buf := append(make([]byte, 2*lookahead, 2*lookahead+n), p.text[:n]...)
	p.text = p.text[n:]
	if err := p.tally.feed(buf, 2*lookahead, n == 0); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, io.EOF
	}
	return append(bytes.Clone(tail), buf[2*lookahead:]...), nil
}

// rowsOf reads a sheet from its XML, in windows that grow by n bytes.
func rowsOf(xml string, n int) (string, error) {
	table := newStringTable(1 << 20)
	for _, s := range []string{"", "one", "two words"} {
		if err := table.add([]byte(s)); err != nil {
			return "", err
		}
	}
	var out strings.Builder
	w := &workbook{limits: Limits{}.or(), table: table, formats: []cell.Format{{}, {}}, styles: []xf{{}, {1, true}}}
	x := &sheetReader{w: w, fn: func(r *cell.Row) error {
		fmt.Fprintf(&out, "%d %v", r.Num, r.Hidden)
		for _, c := range r.Cells {
			fmt.Fprintf(&out, " %d:%d:%d:%q", c.Col, c.Kind, c.Format, c.Text)
		}
		out.WriteString("\n")
		return nil
	}}
	src := &pieces{text: []byte(xml), n: n}
	s := newScanner(src, "sheet1.xml", w.limits)
	err := x.read(s)
	if err == nil {
		err = s.finish()
	}
	if err == nil {
		err = x.reconcile(src.tally)
	}
	return out.String(), err
}

const mainNS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

// FuzzXML reads rows twice: the usual way in large windows, and in tiny windows under a redeclared namespace, which keeps the reader from its short cuts. Both have to
// give the same rows, or both to refuse.
func FuzzXML(f *testing.F) {
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
	f.Fuzz(func(t *testing.T, rows string) {
		fast, errFast := rowsOf(`<worksheet xmlns="`+mainNS+`"><sheetData>`+rows+`</sheetData></worksheet>`, 1<<20)
		slow, errSlow := rowsOf(`<worksheet xmlns="`+mainNS+`"><sheetData xmlns="`+mainNS+`">`+rows+`</sheetData></worksheet>`, 7)
		if (errFast == nil) != (errSlow == nil) {
			t.Fatalf("rows %q: the short cut gives %v, the long way %v", rows, errFast, errSlow)
		}
		if errFast == nil && fast != slow {
			t.Fatalf("rows %q: the short cut gives %q, the long way %q", rows, fast, slow)
		}
	})
}

// FuzzZip opens containers; whatever is read has to be what archive/zip reads.
func FuzzZip(f *testing.F) {
	paths, err := filepath.Glob(workbooks + "/*/input.xlsx")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(file) < 7000 {
			f.Add(file)
		}
	}
	var stored bytes.Buffer
	w := zip.NewWriter(&stored)
	if p, err := w.CreateHeader(&zip.FileHeader{Name: "a.xml"}); err != nil {
		f.Fatal(err)
	} else if _, err := p.Write([]byte("<a/>")); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(stored.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) < lenEnd {
			return
		}
		l := Limits{Expanded: 4 << 20, Entries: 100}.or()
		a, err := openArchive(bytes.NewReader(file), int64(len(file)), l)
		if err != nil {
			return
		}
		theirs, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		for _, z := range theirs.File {
			p := a.find(z.Name)
			if p == nil {
				continue
			}
			in, err := a.open(p)
			if err != nil {
				continue
			}
			got, err := io.ReadAll(in)
			if err != nil {
				continue
			}
			r, err := z.Open()
			if err != nil {
				continue
			}
			want, err := io.ReadAll(r)
			if err == nil && !bytes.Equal(got, want) {
				t.Fatalf("part %q: got %q, archive/zip reads %q", z.Name, got, want)
			}
		}
	})
}

// FuzzNumberFormat reads number formats: only the first section counts, whatever stands in the second.
func FuzzNumberFormat(f *testing.F) {
	for id := range 82 {
		f.Add(builtinFormat(id))
	}
	for _, code := range []string{`[$-409]d-mmm-yy;@`, `[h]:mm`, `"Week" 0`, `[Red][>100]0.0`, `[$€-407] #,##0.00`, `yyyy\-mm\-dd`, `General"x"`, `[$-411]ge.m.d`, `AM/PM h`, `[`, `"`, `\`} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		got := parseFormat(code)
		if got.Code != code || got.Zeros > len(code) {
			t.Fatalf("format %q: got %+v", code, got)
		}
		if code != "" && strings.ContainsAny(code[len(code)-1:], `\_*`) {
			return
		}
		if two := parseFormat(code + ";@"); two.Class != got.Class {
			t.Fatalf("format %q is of class %d, with a second section of class %d", code, got.Class, two.Class)
		}
	})
}
