package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
)

// Sizes of zip headers without names (APPNOTE.TXT).
const (
	centralHeader = 46
	localHeader   = 30
)

const (
	relNS   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	rootRel = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="` + relNS + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRel = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="` + relNS + `/worksheet" Target="%s"/><Relationship Id="r2" Type="` + relNS + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
	bookXML = `<workbook xmlns="` + mainNS + `" xmlns:r="` + relNS + `"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`
)

// madeOf returns a workbook with one sheet; more are further parts.
func madeOf(t *testing.T, sheet io.Reader, target string, more ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	add := func(name string, r io.Reader) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, r); err != nil {
			t.Fatal(err)
		}
	}
	add("_rels/.rels", strings.NewReader(rootRel))
	add("xl/workbook.xml", strings.NewReader(bookXML))
	add("xl/_rels/workbook.xml.rels", strings.NewReader(fmt.Sprintf(bookRel, target)))
	add("xl/worksheets/sheet1.xml", sheet)
	for i := 0; i < len(more); i += 2 {
		add(more[i], strings.NewReader(more[i+1]))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// rowsIn wraps rows in a sheet.
func rowsIn(rows string) io.Reader {
	return strings.NewReader(`<worksheet xmlns="` + mainNS + `"><sheetData>` + rows + `</sheetData></worksheet>`)
}

// repeated returns a sheet with n times s, without keeping it in memory.
func repeated(s string, n int) io.Reader {
	chunk := strings.Repeat(s, 1000)
	rs := []io.Reader{strings.NewReader(`<worksheet xmlns="` + mainNS + `"><sheetData>`)}
	for range n / 1000 {
		rs = append(rs, strings.NewReader(chunk))
	}
	return io.MultiReader(append(rs, strings.NewReader(`</sheetData></worksheet>`))...)
}

// central finds the directory's entry of a part.
func central(file []byte, name string) []byte {
	at := bytes.LastIndex(file, []byte(name)) - centralHeader
	return file[at:]
}

// local finds the local header of a part.
func local(file []byte, name string) []byte {
	return file[bytes.Index(file, []byte(name))-localHeader:]
}

// TestHostile opens files made to exhaust or to mislead a reader. Each must be an error that says
// why, within two seconds and 200 MB.
func TestHostile(t *testing.T) {
	const sheet1, plain = "xl/worksheets/sheet1.xml", "worksheets/sheet1.xml"
	one := `<row r="1"><c r="A1" t="s"><v>0</v></c></row>`
	patched := func(file []byte, patch func(c, l []byte)) []byte {
		patch(central(file, sheet1), local(file, sheet1))
		return file
	}
	small := func() []byte {
		return madeOf(t, rowsIn(one), plain, "xl/sharedStrings.xml", `<sst xmlns="`+mainNS+`"><si><t>x</t></si></sst>`)
	}
	strings2 := func(sst string) []byte { return madeOf(t, rowsIn(one), plain, "xl/sharedStrings.xml", sst) }
	for _, c := range []struct {
		name   string
		file   func() []byte
		limits Limits
		limit  string // field of Limits that is named
		says   string
	}{
		{"bomb by ratio", func() []byte { return madeOf(t, repeated(strings.Repeat(" ", 100), 800_000), plain) }, Limits{}, "Ratio", "expands to more than 200 times"},
		{"bomb by size", func() []byte {
			return patched(small(), func(c, _ []byte) { binary.LittleEndian.PutUint32(c[24:], 0xfffffff0) })
		}, Limits{Expanded: 1 << 30}, "Expanded", "expands to more than"},
		{"size that lies", func() []byte {
			return patched(madeOf(t, repeated("<row/>", 100_000), plain), func(c, l []byte) { binary.LittleEndian.PutUint32(c[24:], 1000) })
		}, Limits{}, "", "expands to more than its size"},
		{"many entries", func() []byte { return madeOf(t, rowsIn(one), plain, manyParts(20_001)...) }, Limits{}, "Entries", "entries"},
		{"many strings", func() []byte {
			return strings2(`<sst xmlns="` + mainNS + `">` + strings.Repeat("<si><t/></si>", 100_000) + `</sst>`)
		}, Limits{SharedStrings: 50_000}, "SharedStrings", "50000 shared strings"},
		{"big small part", func() []byte {
			return madeOf(t, rowsIn(one), plain, "xl/_rels/x.rels", "", "[Content_Types].xml", "")
		}, Limits{Part: 500}, "Part", "more than 500"},
		{"billion laughs", func() []byte {
			return strings2(`<!DOCTYPE sst [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sst xmlns="` + mainNS + `"><si><t>&b;</t></si></sst>`)
		}, Limits{}, "", "DTD"},
		{"deep nesting", func() []byte { return madeOf(t, rowsIn(strings.Repeat("<a>", 1_000_000)), plain) }, Limits{}, "Depth", "nested too deep"},
		{"many attributes", func() []byte {
			var b strings.Builder
			for i := range 300 {
				fmt.Fprintf(&b, ` a%d=""`, i)
			}
			return madeOf(t, rowsIn(`<row`+b.String()+`/>`), plain)
		}, Limits{}, "", "more than 256 attributes"},
		{"endless tag", func() []byte { return madeOf(t, rowsIn(`<row a="`+strings.Repeat("x", 8<<20)), plain) }, Limits{}, "", "longer than"},
		{"huge inline cell", func() []byte {
			return madeOf(t, rowsIn(`<row><c t="inlineStr"><is><t>`+strings.Repeat("x", 2<<20)+`</t></is></c></row>`), plain)
		}, Limits{}, "CellBytes", "more text than is allowed"},
		{"huge shared cell", func() []byte {
			return strings2(`<sst xmlns="` + mainNS + `"><si><t>` + strings.Repeat("x", 2<<20) + `</t></si></sst>`)
		}, Limits{}, "CellBytes", "more text than is allowed"},
		{"huge row", func() []byte {
			return madeOf(t, rowsIn(`<row r="1">`+strings.Repeat(`<c t="inlineStr"><is><t>`+strings.Repeat("x", 1000)+`</t></is></c>`, 2000)+`</row>`), plain)
		}, Limits{RowBytes: 1 << 20}, "RowBytes", "row 1 has more than"},
		{"huge row, the usual way", func() []byte {
			var b strings.Builder
			for i := range 2000 {
				fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, cell.A1(1, i), strings.Repeat("x", 1000))
			}
			return madeOf(t, rowsIn(`<row r="1">`+b.String()+`</row>`), plain)
		}, Limits{RowBytes: 1 << 20}, "RowBytes", "row 1 has more than"},
		{"one cell a million times", func() []byte {
			return madeOf(t, rowsIn(`<row r="1">`+strings.Repeat(`<c r="A1"><v>1</v></c>`, 1_000_000)+`</row>`), plain)
		}, Limits{}, "", "more than 16384 cells"},
		{"bomb of many parts", func() []byte { return madeOf(t, rowsIn(one), plain, bigParts(4)...) }, Limits{}, "Ratio", "it expands to more than 200 times"},
		{"many sheets", func() []byte {
			return repack(small(), func(name string, b []byte) []byte {
				if name == "xl/workbook.xml" {
					return bytes.Replace(b, []byte("</sheets>"), []byte(strings.Repeat(`<sheet name="x" r:id=""/>`, 5000)+"</sheets>"), 1)
				}
				return b
			})
		}, Limits{}, "Sheets", "more than 5000 sheets"},
		{"one part for two sheets", func() []byte {
			return repack(small(), func(name string, b []byte) []byte {
				if name == "xl/workbook.xml" {
					return bytes.Replace(b, []byte("</sheets>"), []byte(`<sheet name="x" r:id="r1"/></sheets>`), 1)
				}
				return b
			})
		}, Limits{}, "", "the same part as another"},
		{"many merges", func() []byte {
			return madeOf(t, strings.NewReader(`<worksheet xmlns="`+mainNS+`"><sheetData/><mergeCells>`+strings.Repeat(`<mergeCell ref="A1:B2"/>`, 100)+`</mergeCells></worksheet>`), plain)
		}, Limits{Merges: 99}, "Merges", "more than 99 merged ranges"},
		{"rows beyond the last", func() []byte { return madeOf(t, rowsIn(`<row r="1048577"/>`), plain) }, Limits{}, "", "row 1048577"},
		{"columns beyond the last", func() []byte {
			return madeOf(t, rowsIn(`<row r="1">`+strings.Repeat("<c><v>1</v></c>", book.MaxColumns+1)+`</row>`), plain)
		}, Limits{}, "", "more than 16384 columns"},
		{"name that climbs", func() []byte { return madeOf(t, rowsIn(one), plain, "xl/../../etc/passwd", "x") }, Limits{}, "", "outside the container"},
		{"absolute name", func() []byte { return madeOf(t, rowsIn(one), plain, "/etc/passwd", "x") }, Limits{}, "", "outside the container"},
		{"name with a drive", func() []byte { return madeOf(t, rowsIn(one), plain, `C:\autoexec.bat`, "x") }, Limits{}, "", "outside the container"},
		{"one name twice", func() []byte { return madeOf(t, rowsIn(one), plain, "XL/Worksheets/SHEET1.xml", "x") }, Limits{}, "", "two entries with the same name"},
		{"overlapping entries", func() []byte {
			return patched(small(), func(c, _ []byte) { binary.LittleEndian.PutUint32(c[42:], 0) })
		}, Limits{}, "", "overlaps another"},
		{"entries in each other", func() []byte {
			return patched(small(), func(c, _ []byte) { binary.LittleEndian.PutUint32(c[20:], 180) })
		}, Limits{}, "", "overlaps another"},
		{"two names", func() []byte {
			return patched(small(), func(_, l []byte) { l[localHeader] = 'X' })
		}, Limits{}, "", "differs from the zip directory"},
		{"zip password", func() []byte {
			return patched(small(), func(c, l []byte) { c[8] |= 1; l[6] |= 1 })
		}, Limits{}, "", "zip password"},
		{"other packing", func() []byte { return patched(small(), func(c, l []byte) { c[10], l[8] = 12, 12 }) }, Limits{}, "", "method 12"},
		{"relation that climbs", func() []byte { return madeOf(t, rowsIn(one), "../../../../etc/passwd") }, Limits{}, "", "points outside the file"},
		{"sheet in another file", func() []byte { return madeOf(t, rowsIn(one), `http://example.org/" TargetMode="External`) }, Limits{}, "", "in another file"},
		{"sheet that is missing", func() []byte { return madeOf(t, rowsIn(one), "worksheets/sheet9.xml") }, Limits{}, "", "is missing"},
		{"no strings", func() []byte { return madeOf(t, rowsIn(one), plain) }, Limits{}, "", "it has none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hostile.xlsx")
			if err := os.WriteFile(path, c.file(), 0o600); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			err := DumpCells(path, Options{Limits: c.limits}, io.Discard)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			var r *UnreadableError
			if !errors.As(err, &r) {
				t.Fatalf("got %v, want a *UnreadableError", err)
			}
			if rs := r.Remedies(); c.limit != "" && (len(rs) != 1 || !strings.HasSuffix(err.Error(), "(limit "+rs[0].Value+")")) {
				t.Errorf("got %q with the remedies %v, want the limit in both", err, rs)
			}
			if !strings.Contains(err.Error(), c.says) || r.Limit != c.limit {
				t.Errorf("got %q (limit %q), want it to say %q (limit %q)", err, r.Limit, c.says, c.limit)
			}
			if all := after.TotalAlloc - before.TotalAlloc; took > 2*time.Second || all > 200<<20 {
				t.Errorf("took %v and %d bytes", took, all)
			}
		})
	}
}

// bigParts returns n parts of 20 MB each that compress to nearly nothing.
func bigParts(n int) (parts []string) {
	blanks := strings.Repeat(" ", 20<<20)
	for i := range n {
		parts = append(parts, fmt.Sprintf("x/%d", i), blanks)
	}
	return parts
}

func manyParts(n int) (parts []string) {
	for i := range n {
		parts = append(parts, fmt.Sprintf("x/%d", i), "")
	}
	return parts
}

// TestHarmless reads what only looks hostile: a million unused strings, a million empty rows, links
// to other files.
func TestHarmless(t *testing.T) {
	read := func(file []byte) (rows int) {
		path := filepath.Join(t.TempDir(), "harmless.xlsx")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		ext, err := b.Read(0, func(*cell.Row) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		return ext.Rows
	}
	start := time.Now()
	strings1M := `<sst xmlns="` + mainNS + `">` + strings.Repeat("<si><t/></si>", 1_000_000) + `</sst>`
	if n := read(madeOf(t, rowsIn(`<row r="1"><c r="A1"><v>1</v></c></row>`), "worksheets/sheet1.xml", "xl/sharedStrings.xml", strings1M)); n != 1 {
		t.Errorf("with unused strings: got %d rows, want 1", n)
	}
	if n := read(madeOf(t, repeated("<row/>", 1_000_000), "worksheets/sheet1.xml")); n != 0 {
		t.Errorf("empty rows: got %d rows, want 0", n)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestOtherFormats opens files that aren't workbooks. The error must say what they are.
func TestOtherFormats(t *testing.T) {
	ole := func(stream string) []byte {
		b := make([]byte, 2048)
		copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
		for i, u := range utf16.Encode([]rune(stream)) {
			binary.LittleEndian.PutUint16(b[1024+2*i:], u)
		}
		b[1024+64], b[1024+66] = byte(2*len(stream)+2), 2
		return b
	}
	with := func(parts ...string) []byte {
		var buf bytes.Buffer
		z := zip.NewWriter(&buf)
		for _, p := range parts {
			if _, err := z.Create(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	whole := madeOf(t, rowsIn(""), "worksheets/sheet1.xml")
	for _, c := range []struct {
		name string
		file []byte
		says string
	}{
		{"a.xls", ole("Workbook"), "Excel 97-2003 workbook (XLS)"},
		{"b.xlsx", ole("EncryptedPackage"), "password"},
		{"c.xls", ole("WordDocument"), "Word"},
		{"d.xls", ole("Other"), "OLE2"},
		{"e.xls", []byte("\x09\x08\x10\x00\x00\x06"), "XLS"},
		{"f.xlsb", with("xl/workbook.bin"), "XLSB"},
		{"g.numbers", with("Index/Document.iwa"), "Numbers"},
		{"h.ods", with("mimetype", "content.xml"), "no XML"},
		{"i.docx", with("word/document.xml"), "Word"},
		{"j.zip", with("x.txt"), "without a workbook"},
		{"k.xls", []byte("<html><table><tr><td>1</td></tr></table></html>"), "HTML"},
		{"l.xlsx", []byte("\ufeff\n<!DOCTYPE html>\n"), "HTML"},
		{"m.xml", []byte(`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>`), "Excel 2003 XML spreadsheet"},
		{"n.xlsx", []byte("a,b\n1,2\n"), "delimited text"},
		{"o.xlsx", []byte("%PDF-1.7"), "PDF"},
		{"p.xlsx", nil, "empty"},
		{"q.csv", nil, "empty"},
		{"r.xlsx", whole[:len(whole)/2], "no end record"},
		{"s.xlsx", whole[:len(whole)-1], "no end record"},
		{"t.xlsx", []byte("PK\x03\x04"), "no end record"},
		{"u.xlsx", bytes.Repeat([]byte{0, 7}, 5000), "not a workbook"},
		{"v.slk", []byte("ID;PWXL;N;E\n"), "SYLK"},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := Open(path, Options{})
		var r *UnreadableError
		if !errors.As(err, &r) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), c.name) || r.Hint == "" {
			t.Errorf("%s: got %v, %v (%+v), want it to say %q and a hint", c.name, b, err, r, c.says)
		}
	}
}

// TestUnusualButValid reads what some programs write: a local header without sizes and checksum,
// and strings and styles that only the list of content types names. The result of a division by
// zero is an error value, not damage.
func TestUnusualButValid(t *testing.T) {
	const types = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Override PartName="/xl/a.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/xl/b.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`
	const rel = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="` + relNS + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
	cells := `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45306</v></c><c r="C1"><v>NaN</v></c><c r="D1"><v>-Infinity</v></c></row>`
	file := madeOf(t, rowsIn(cells), "worksheets/sheet1.xml", "[Content_Types].xml", types,
		"xl/a.xml", `<styleSheet xmlns="`+mainNS+`"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/b.xml", `<sst xmlns="`+mainNS+`"><si><t>x</t></si></sst>`)
	file = repack(file, func(name string, b []byte) []byte {
		if name == "xl/_rels/workbook.xml.rels" {
			return []byte(rel)
		}
		return b
	})
	l := local(file, "xl/worksheets/sheet1.xml")
	l[6] &^= 8
	clear(l[14:26])
	path := filepath.Join(t.TempDir(), "unusual.xlsx")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := DumpCells(path, Options{}, &out)
	want := `{"sheet":"S","row":1,"c":{"A":["s","x"],"B":["d","45306"],"C":["e","NaN"],"D":["e","-Infinity"]}}` + "\n"
	if err != nil || out.String() != want {
		t.Errorf("got %s, %v, want %s", out.String(), err, want)
	}
}
