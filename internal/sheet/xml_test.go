package sheet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

func inUTF16(s string, order binary.AppendByteOrder, mark bool) string {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// TestSheetXML reads sheets in the many ways in which they may be written. Invalid XML is an error.
func TestSheetXML(t *testing.T) {
	sheet := func(rows string) string {
		return `<worksheet xmlns="` + mainNS + `"><sheetData>` + rows + `</sheetData></worksheet>`
	}
	row := `<row r="1"><c r="A1" t="inlineStr"><is><t>Zürich 😀</t></is></c><c r="B1"><v>1.50</v></c></row>`
	const want = `{"A":["s","Zürich 😀"],"B":["n","1.50"]}`
	for _, c := range []struct{ name, xml, cells, unreadable string }{
		{"plain", sheet(row), want, ""},
		{"byte order mark", "\ufeff" + sheet(row), want, ""},
		{"UTF-16 LE", inUTF16(`<?xml version="1.0" encoding="UTF-16"?>`+sheet(row), binary.LittleEndian, true), want, ""},
		{"UTF-16 BE", inUTF16(sheet(row), binary.BigEndian, true), want, ""},
		{"UTF-16 without a mark", inUTF16(sheet(row), binary.LittleEndian, false), want, ""},
		{"Latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?>" + sheet("<row><c t=\"str\"><v>Z\xfcrich</v></c></row>"), `{"A":["s","Zürich"]}`, ""},
		{"strict namespace", strings.Replace(sheet(row), mainNS, "http://purl.oclc.org/ooxml/spreadsheetml/main", 1), want, ""},
		{"single quotes, spaces, comments", "<worksheet xmlns='" + mainNS + "' >\n<!-- <row> -->\n<sheetData ><row ><c t = 'str' ><v>a<!-- - -->b</v ></c></row></sheetData></worksheet >\n<!-- end -->", `{"A":["s","ab"]}`, ""},
		{"CDATA and references", sheet("<row><c t=\"str\"><v><![CDATA[<c>&]]>&#65;&#x1F600;&lt;\r\n</v></c></row>"), `{"A":["s","\u003cc\u003e\u0026A😀\u003c\n"]}`, ""},
		{"alternatives", sheet(`<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x"><row><c><v>1</v></c></row></mc:Choice><mc:Fallback>` + row + `</mc:Fallback></mc:AlternateContent>`), want, ""},
		{"extensions", strings.Replace(sheet(row), "</sheetData>", `</sheetData><extLst><ext xmlns:z="urn:z"><z:row><z:c/><z:v>1</z:v></z:row></ext></extLst>`, 1), want, ""},
		{"number with an exponent", sheet(`<row r="1"><c r="A1"><v>-1.5E-7</v></c><c r="B1"><v> 2 </v></c></row>`), `{"A":["n","-1.5E-7"],"B":["n","2"]}`, ""},
		{"values that are blank", sheet(`<row r="1"><c r="A1"><v></v></c><c r="B1" t="str"><v/></c><c r="C1" s="0"/><c r="D1" t="b"><v>0</v></c></row>`), `{"D":["b",false]}`, ""},

		{"half a surrogate", inUTF16("<worksheet>", binary.LittleEndian, true) + "\x00\xd8<\x00", "", "surrogate"},
		{"bad UTF-8", sheet("<row><c t=\"str\"><v>Z\xfcrich</v></c></row>"), "", "UTF-8"},
		{"other charset", "<?xml version='1.0' encoding='EBCDIC'?>" + sheet(row), "", "charset"},
		{"noncharacter", sheet("<row>\uffff</row>"), "", "XML forbids"},
		{"forbidden reference", sheet(`<row><c t="str"><v>&#8;</v></c></row>`), "", "unknown entity"},
		{"crossed tags", sheet(`<row><c><v>1</c></v></row>`), "", "is closed by"},
		{"attribute twice", sheet(`<row r="1" r="1"/>`), "", "twice"},
		{"attribute without quotes", sheet(`<row r=1/>`), "", "quotes"},
		{"attributes without a space", sheet(`<row r="1"ht="2"/>`), "", "well-formed"},
		{"prefix without a namespace", sheet(`<z:row/>`), "", "isn't declared"},
		{"text between cells", sheet(`<row>x<c/></row>`), "", "where none may be"},
		{"text behind the end", sheet(row) + "x", "", "outside of the root"},
		{"two roots", sheet(row) + sheet(row), "", "second root"},
		{"nothing", "", "", "no XML"},
		{"cut", sheet(row)[:150], "", "ends within"},
		{"another document", `<html xmlns="urn:x"/>`, "", "isn't a sheet"},
		{"two tables of cells", strings.Replace(sheet(row), "</sheetData>", "</sheetData><sheetData/>", 1), "", "two sheetData"},
		{"bad boolean", sheet(`<row><c t="b"><v>2</v></c></row>`), "", "neither true nor false"},
		{"bad date", sheet(`<row><c t="d"><v>soon</v></c></row>`), "", "isn't a date"},
	} {
		path := filepath.Join(t.TempDir(), "sheet.xlsx")
		if err := os.WriteFile(path, madeOf(t, strings.NewReader(c.xml), "worksheets/sheet1.xml"), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := DumpCells(path, Options{}, &out)
		if c.unreadable != "" {
			var r *UnreadableError
			if !errors.As(err, &r) || !strings.Contains(err.Error(), c.unreadable) {
				t.Errorf("%s: got %v, want an error that says %q", c.name, err, c.unreadable)
			}
			continue
		}
		got, want := dumped(t, out.Bytes()), dumped(t, []byte(`{"sheet":"S","row":1,"c":`+c.cells+"}\n"))
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, want)
		}
	}
}

// TestLargeCharsets reads a sheet of many blocks in three charsets: the rows are the same.
func TestLargeCharsets(t *testing.T) {
	rows := strings.ReplaceAll(manyRows(30_000, ""), "some text", "Zürich, Genève")
	xml := `<worksheet xmlns="` + mainNS + `"><sheetData>` + rows + `</sheetData></worksheet>`
	var latin []byte
	for _, r := range xml {
		latin = append(latin, byte(r))
	}
	var want []byte
	for _, text := range []string{xml, inUTF16(xml, binary.LittleEndian, true), inUTF16(xml, binary.BigEndian, false), `<?xml version="1.0" encoding="iso-8859-1"?>` + string(latin)} {
		path := filepath.Join(t.TempDir(), "sheet.xlsx")
		if err := os.WriteFile(path, madeOf(t, strings.NewReader(text), "worksheets/sheet1.xml"), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := DumpCells(path, Options{}, &out); err != nil {
			t.Fatalf("%.40q: %v", text, err)
		}
		if want == nil {
			want = bytes.Clone(out.Bytes())
		}
		if len(want) == 0 || !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%.40q: reads %d bytes otherwise than the %d in UTF-8", text, out.Len(), len(want))
		}
	}
}
