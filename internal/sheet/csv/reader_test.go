package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
)

// readTable reads the records that aren't blank lines, with all their fields.
func readTable(r *recordReader) (table [][]string, err error) {
	for {
		more, err := r.next()
		if err != nil || !more {
			return table, err
		}
		if r.width == 0 {
			continue
		}
		fields := make([]string, r.width)
		for _, c := range r.cells {
			fields[c.Col] = string(c.Text)
		}
		table = append(table, fields)
	}
}

// waysToRead returns recordReaders that get the same text in different ways.
func waysToRead(text string, delimiter byte) map[string]*recordReader {
	ways := map[string]*recordReader{
		"at once":       newRecordReader(strings.NewReader(text), len(text)+bufferSlack+1, 1<<20),
		"bytewise":      newRecordReader(strings.NewReader(text), len(text)+bufferSlack+1, 1<<20),
		"small buffer":  newRecordReader(strings.NewReader(text), 2*bufferSlack, 1<<20),
		"byte for byte": newRecordReader(iotest.OneByteReader(strings.NewReader(text)), 100, 1<<20),
	}
	for _, r := range ways {
		r.setDelimiter(delimiter)
	}
	ways["bytewise"].bytewise = math.MaxInt
	return ways
}

func TestRecords(t *testing.T) {
	long := strings.Repeat("x", 100)
	for name, c := range map[string]struct {
		text string
		want [][]string
	}{
		"line ends":                {"a,b\nc,d\r\ne,f\rg,h", [][]string{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}}},
		"no line end at the end":   {"a,b\nc,", [][]string{{"a", "b"}, {"c", ""}}},
		"blank lines":              {"\n\r\n\ra\n\n", [][]string{{"a"}}},
		"blank fields":             {",,\n\"\"\n", [][]string{{"", "", ""}, {""}}},
		"quotes":                   {`"a","b,c","d""e",""""` + "\n", [][]string{{"a", "b,c", `d"e`, `"`}}},
		"line breaks in quotes":    {"\"a\nb\",\"c\r\nd\",\"e\rf\"\r\n", [][]string{{"a\nb", "c\nd", "e\rf"}}},
		"quotes in the middle":     {`5" pipe,a "b" c, "d"` + "\nx", [][]string{{`5" pipe`, `a "b" c`, ` "d"`}, {"x"}}},
		"text behind quotes":       {`"a"b,"c""d"e"f,g` + "\nx", [][]string{{"ab", `c"de"f`, "g"}, {"x"}}},
		"backslashes mean nothing": {`"a\","b"` + "\n", [][]string{{`a\`, "b"}}},
		"quotes over blocks": {
			`"` + long + `","` + long + `""` + long + `",` + long + `"` + "\n" + `"` + long + "\n" + `"`,
			[][]string{{long, long + `"` + long, long + `"`}, {long + "\n"}},
		},
		"a line end over blocks": {strings.Repeat("y", 63) + "\r\nz\n", [][]string{{strings.Repeat("y", 63)}, {"z"}}},
		"letters":                {"é,ß\n漢,😀\n", [][]string{{"é", "ß"}, {"漢", "😀"}}},
		"spaces are text":        {" , \t\n", [][]string{{" ", " \t"}}},
		"nothing":                {"", nil},
	} {
		for way, r := range waysToRead(c.text, ',') {
			got, err := readTable(r)
			if err != nil {
				t.Errorf("%s, %s: %v", name, way, err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s, %s: records of %q (-want +got):\n%s", name, way, c.text, diff)
			}
		}
	}
}

// readFile reads the content of a file: its rows as `number: A=text B=text`.
func readFile(name string, content []byte, o book.Options) (rows []string, e book.Extent, d book.Dialect, err error) {
	o.Limits = o.Limits.WithDefaults()
	b, err := Open(bytes.NewReader(content), int64(len(content)), name, o)
	if err != nil {
		return nil, e, d, err
	}
	e, err = b.Read(0, func(r *cell.Row) error {
		line := fmt.Sprint(r.Num, ":")
		for _, c := range r.Cells {
			line += fmt.Sprintf(" %s=%s", cell.ColName(c.Col), c.Text)
		}
		rows = append(rows, line)
		return nil
	})
	return rows, e, b.Dialect, err
}

func TestRowNumbers(t *testing.T) {
	rows, e, d, err := readFile("a.csv", []byte("sep=;\r\n\r\nnumber;note\r\n1;\"two\r\nlines\"\r\n;\r\n2;;;\r\n"), book.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2: A=number B=note", "3: A=1 B=two\nlines", "5: A=2"}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if e.Rows != 3 || e.Cells != 5 || e.LastRow != 5 || d.Delimiter != ';' {
		t.Errorf("got %+v with delimiter %q, want 3 rows, 5 cells, last row 5, delimiter ;", e, d.Delimiter)
	}
}

func TestCharsets(t *testing.T) {
	const text = "Größe,Preis €\r\n“größer”,漢字 😀\r\n"
	const western = "Größe,Preis €\r\n“größer”,Œuvre\r\n"
	utf16 := func(e unicode.Endianness, bom unicode.BOMPolicy) []byte {
		b, err := unicode.UTF16(e, bom).NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	utf32be, _ := utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM).NewEncoder().Bytes([]byte(text))
	utf32le, _ := utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewEncoder().Bytes([]byte(text))
	cp1252, _ := charmap.Windows1252.NewEncoder().Bytes([]byte(western))
	macintosh, _ := charmap.Macintosh.NewEncoder().Bytes([]byte(western))
	late := bytes.Repeat([]byte("plain,ascii\n"), 100_000)
	for name, c := range map[string]struct {
		content []byte
		charset string
		want    book.Dialect
		rows    string // all of them, or the last one
	}{
		"UTF-8":                {[]byte(text), "", book.Dialect{Charset: "utf-8"}, text},
		"UTF-8 with BOM":       {[]byte("\ufeff" + text), "", book.Dialect{Charset: "utf-8", BOM: true}, text},
		"UTF-8 with two BOMs":  {[]byte("\ufeff\ufeff" + text), "", book.Dialect{Charset: "utf-8", BOM: true}, text},
		"a BOM before a quote": {[]byte("\ufeff\"a\",b\r\n"), "", book.Dialect{Charset: "utf-8", BOM: true}, "a,b\r\n"},
		"UTF-16LE with BOM":    {utf16(unicode.LittleEndian, unicode.UseBOM), "", book.Dialect{Charset: "utf-16le", BOM: true}, text},
		"UTF-16BE with BOM":    {utf16(unicode.BigEndian, unicode.UseBOM), "", book.Dialect{Charset: "utf-16be", BOM: true}, text},
		"UTF-16LE":             {utf16(unicode.LittleEndian, unicode.IgnoreBOM), "", book.Dialect{Charset: "utf-16le"}, text},
		"UTF-16BE":             {utf16(unicode.BigEndian, unicode.IgnoreBOM), "", book.Dialect{Charset: "utf-16be"}, text},
		"UTF-32BE":             {utf32be, "", book.Dialect{Charset: "utf-32be"}, text},
		"UTF-32LE with BOM":    {utf32le, "", book.Dialect{Charset: "utf-32le", BOM: true}, text},
		"Windows-1252":         {cp1252, "", book.Dialect{Charset: "windows-1252"}, western},
		"Windows-1252 by name": {cp1252, "CP1252", book.Dialect{Charset: "cp1252"}, western},
		"Macintosh by name":    {macintosh, "macintosh", book.Dialect{Charset: "macintosh"}, western},
		"Latin-1 late":         {append(late, "caf\xe9,\xfcber\n"...), "", book.Dialect{Charset: "windows-1252"}, "café,über\r\n"},
		"UTF-8 late":           {append(late, "café,über\n"...), "", book.Dialect{Charset: "utf-8"}, "café,über\r\n"},
		"Latin-1 at the end of a buffer": {
			append(bytes.Repeat([]byte("x"), sampleSize-bufferSlack-3), "\ny\xe9t\xe9,\xe0\n"...), "", book.Dialect{Charset: "windows-1252"}, "yété,à\r\n",
		},
		"UTF-16LE, Chinese":       {[]byte("\x2dN,\x00\x87e\n\x00W[,\x00&{\n\x00"), "", book.Dialect{Charset: "utf-16le"}, "中,文\r\n字,符\r\n"},
		"the mark wins over name": {[]byte("\ufeff" + text), "windows-1252", book.Dialect{Charset: "utf-8", BOM: true}, text},
	} {
		rows, _, d, err := readFile("a.csv", c.content, book.Options{Charset: c.charset})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.want.Delimiter, c.want.LineEnds = ',', d.LineEnds
		if !cmp.Equal(d, c.want) {
			t.Errorf("%s: dialect %+v, want %+v", name, d, c.want)
		}
		want := strings.Split(strings.TrimSuffix(c.rows, "\r\n"), "\r\n")
		for i, row := range rows[len(rows)-len(want):] {
			a, b, _ := strings.Cut(want[i], ",")
			if w := fmt.Sprintf("%d: A=%s B=%s", len(rows)-len(want)+i+1, a, b); row != w {
				t.Errorf("%s: row %q, want %q", name, row, w)
			}
		}
	}
}

func TestUnreadable(t *testing.T) {
	packed := compress(t, []byte("a,b\n1,2\n"))
	cut, flipped := packed[:len(packed)-9], bytes.Clone(packed)
	flipped[len(flipped)-6] ^= 1
	many := compress(t, bytes.Repeat([]byte(strings.Repeat(",", 1023)+"\n"), 40<<10))
	for name, c := range map[string]struct {
		content string
		o       book.Options
		want    string // of the error
	}{
		"a NUL byte":                   {"a,b\r\n\"1\n2\",x\x00y\r\n", book.Options{}, "line 3, byte 5: has a NUL byte"},
		"a NUL character":              {"\xfe\xff\x00a\x00,\x00b\x00\r\x00\n\x00c\x00\x00", book.Options{}, "line 2, character 2: has a NUL byte"},
		"a quote that stays open":      {"a,b\n1,2\n3,\"4\n5,6\n7,8\n", book.Options{}, "line 3, byte 3: has a quote that is never closed"},
		"a quote open for too long":    {"a,b\n1,\"2\n" + strings.Repeat("3,4\n", 1<<19), book.Options{}, "line 2, byte 3: has a quote that isn't closed within 1048576 bytes"},
		"a large cell":                 {"a,b\n1," + strings.Repeat("x", 200) + "\n", book.Options{Limits: book.Limits{CellBytes: 100}}, "line 2, byte 3: has a cell of more than 100 bytes"},
		"a large record":               {"a\n" + strings.Repeat("x,", 1<<19), book.Options{Limits: book.Limits{CellBytes: 1000}}, "line 2, byte 1: has a record of more than 16000 bytes"},
		"a wide record":                {"a\n" + strings.Repeat("x,", 10<<20), book.Options{}, "line 2, byte 1: has a record of 10485761 fields"},
		"too many columns":             {strings.Repeat(",", 20000) + "x", book.Options{}, "line 1, byte 1: has a record of 20001 fields"},
		"UTF-8, then something else":   {"é,ü\nà,è\nx,\xe9\n", book.Options{}, "line 3, byte 3: has the byte 0xE9, which isn't UTF-8"},
		"UTF-8 behind something else":  {"a,\xe9\n" + strings.Repeat("a,b\n", 1<<17) + "é,è\n", book.Options{}, "is a mixture of UTF-8 and another charset"},
		"a NUL like a line of UTF-16":  {"ab\n\x00cd", book.Options{}, "line 2, byte 1: has a NUL byte"},
		"UTF-8 cut in a character":     {"é,ü,\xe2\x82", book.Options{Charset: "utf-8"}, "line 1, byte 7: has the byte 0xE2"},
		"no charset we know":           {"a,b\nx,\x8fy\xe9\n", book.Options{}, "line 2, character 3: is neither UTF-8 nor Windows-1252: it has the byte 0x8F"},
		"UTF-16 cut in a character":    {"\xff\xfea\x00,\x00b", book.Options{}, "line 1, character 3: ends in the middle of a character"},
		"half a surrogate pair":        {"\xff\xfea\x00,\x00\x00\xd8b\x00", book.Options{}, "line 1, character 3: isn't utf-16le text"},
		"bytes that name no character": {"a,\x81\x20\n", book.Options{Charset: "shift_jis"}, "line 1, character 3: isn't text in the charset shift_jis"},
		"an unknown charset":           {"a", book.Options{Charset: "klingon"}, `the charset "klingon" is unknown`},
		"a delimiter that can't be":    {"a", book.Options{Delimiter: '"'}, "can't be used"},
		"binary data":                  {"\x1a\x45\xdf\xa3\x01\x02\x03\x04\x05", book.Options{}, "isn't text"},
		"binary data, packed":          {string(compress(t, []byte("PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00"))), book.Options{}, "its content isn't text"},
		"a cut gzip":                   {string(cut), book.Options{}, "is incomplete"},
		"a gzip with a wrong CRC":      {string(flipped), book.Options{}, "doesn't match the checksum"},
		"a gzip that is too large":     {string(many), book.Options{Limits: book.Limits{Expanded: 1 << 20}}, "expands to more than 1048576 bytes"},
		"a gzip that is too small":     {string(many), book.Options{Limits: book.Limits{Ratio: 20}}, "expands to more than 20 times its size"},
	} {
		_, _, _, err := readFile("a.csv", []byte(c.content), c.o)
		var unreadable *book.UnreadableError
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		} else if errors.As(err, &unreadable) && (unreadable.Hint == "") {
			t.Errorf("%s: %+v has no hint", name, unreadable)
		}
	}
}

func compress(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGzip(t *testing.T) {
	content := append(compress(t, []byte("a;b\n1;2\n")), compress(t, []byte("3;4\n"))...) // two members: gzip files may be joined
	rows, _, d, err := readFile("a.csv.gz", content, book.Options{})
	if want := []string{"1: A=a B=b", "2: A=1 B=2", "3: A=3 B=4"}; err != nil || !cmp.Equal(rows, want) || !d.Gzip || d.Delimiter != ';' {
		t.Errorf("got %q, %+v, %v; want %q", rows, d, err, want)
	}
}

func TestTruncatedMeanwhile(t *testing.T) {
	b, err := Open(strings.NewReader("a,b\n"), 8, "a.csv", book.Options{Limits: book.Limits{}.WithDefaults()})
	if err == nil {
		_, err = b.Read(0, func(*cell.Row) error { return nil })
	}
	if err == nil || !strings.Contains(err.Error(), "became shorter") {
		t.Errorf("reading a file that was truncated meanwhile: %v", err)
	}
}

func TestDetectDelimiter(t *testing.T) {
	for text, want := range map[string]rune{
		"a,b,c\n1,2,3\n":                                          ',',
		"a;b;c\n1;2,5;3,5\n2;1,5;2\n":                             ';',
		"1,5;2,5\n3,5;4,5\n":                                      ';',
		"a\tb\n1,5\t2;3\n":                                        '\t',
		"a|b\n1|2\n":                                              '|',
		"id,tags\n1,a;b;c\n2,d;e;f\n3,g;h;i\n":                    ',',
		"id,tags\n1,\"a;b\"\n2,\"d;e\"\n":                         ',',
		"id;address\n1;\"Street 1, Town\"\n2;\"Lane 2, X\"\n":     ';',
		"Orders, printed today\n\nnumber;sku;qty\n1;a;2\n2;b;3\n": ';',
		"one\ntwo\nthree\n":                                       ',',
		"2024-01-15 10:00;a\n2024-01-16 11:00;b\n":                ';',
		"a;b;c;;;\n1;2;3;;;\n":                                    ';',
		"\"sku;name\";qty\n\"1;2\";3\n":                           ';',
		"number|name|note\n1|Ann, Bob|x\n2|Eve, Dan|y; z\n":       '|',
		"1.234,50;10\n2.345,60;20\n":                              ';',
		"a,b\n\"x\ny\",2\n\"z\n\",3":                              ',',
		"sep=^\na^b\n":                                            '^',
		"\"sep=|\"\na,b|c\n":                                      '|',
		"sep=\na,b\n":                                             ',',
	} {
		_, _, d, err := readFile("a.csv", []byte(text), book.Options{})
		if err != nil || d.Delimiter != want {
			t.Errorf("delimiter of %q: %q, %v; want %q", text, d.Delimiter, err, want)
		}
	}
}

func TestNotes(t *testing.T) {
	var b strings.Builder
	b.WriteString("Orders of March\n\nnumber,sku,qty\n")
	for i := range 200 {
		switch i {
		case 50, 150, 151, 152, 153, 154:
			b.WriteString("1,a\n")
		case 100:
			b.WriteString("1,a,2,x\n")
		case 101:
			b.WriteString("1,a,2,,\n")
		case 102:
			b.WriteString("1,\"a\"b,2\n")
		case 103:
			b.WriteString("1,\"a" + strings.Repeat("\n", 60) + "\",2\n")
		default:
			b.WriteString("1,a,2\n")
		}
	}
	_, e, _, err := readFile("a.csv", []byte(b.String()), book.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range e.Notes {
		got = append(got, fmt.Sprintf("%s %s %s %s: %s", p.Severity, p.Code, p.Cell, p.Value, p.Message))
	}
	want := []string{
		"warning row_short A54 6: rows 54, 154, 155, 156, 157 and 1 more have fewer fields than the 3 that most rows have",
		"warning row_long A104 1: row 104 has text in more fields than the 3 that most rows have",
		"warning quote_inside A106 1: row 106 has text after a closing quote",
		"warning quote_long A107 1: row 107 has more than 50 line breaks in quotes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// Memory doesn't grow with the file or its anomalies.
func TestAnomaliesBounded(t *testing.T) {
	var a anomalies
	r := &recordReader{}
	for i := range 100_000 {
		r.record, r.width = i+1, 1+i%5000
		r.cells = []cell.Cell{{Col: i % (1 + i%5000)}}
		a.add(r)
	}
	if len(a.shapes) > maxShapes+2 || len(a.widths) > maxShapes+2 {
		t.Errorf("%d shapes and %d widths are kept, want at most %d", len(a.shapes), len(a.widths), maxShapes+2)
	}
	for _, p := range a.notes() {
		if len(p.Message) > 200 {
			t.Errorf("note of %d bytes: %s", len(p.Message), p.Message)
		}
	}
}

func TestStopsWithTheCallersError(t *testing.T) {
	b, err := Open(strings.NewReader("a\nb\nc\n"), 6, "a.csv", book.Options{Limits: book.Limits{}.WithDefaults()})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	_, err = b.Read(0, func(*cell.Row) error {
		if n++; n == 2 {
			return io.ErrShortWrite
		}
		return nil
	})
	if err != io.ErrShortWrite || n != 2 {
		t.Errorf("stopped after %d rows with %v, want 2 and the error unchanged", n, err)
	}
	if e, err := b.Read(0, func(*cell.Row) error { return nil }); err != nil || e.Rows != 3 {
		t.Errorf("reading again gave %d rows, %v; want 3", e.Rows, err)
	}
}
