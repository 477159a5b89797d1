package sheet

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/csv"
)

// DumpCells prints every cell of a file as JSON lines, one per row:
//
//	{"sheet":"Orders","row":3,"c":{"A":["s","text"],"B":["n","1.5"]}}
//
// with s for text, n for numbers, d for dates (their serial), b for booleans and e for errors.
// Hidden sheets are printed too. A record of a delimited file is an array of texts. If a file can't
// be read, a part of it may have been printed; only the error counts.
func DumpCells(path string, o Options, w io.Writer) error {
	b, err := Open(path, o)
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // it was only read
	out := bufio.NewWriterSize(w, 64<<10)
	if r, ok := b.Rows.(*csv.Reader); ok {
		err = dumpRecords(r, out)
	} else {
		err = dumpSheets(b, out)
	}
	if e := out.Flush(); err == nil && e != nil { // after an error too: it may help to find the place
		err = fmt.Errorf("printing cells: %w", e)
	}
	return err
}

func dumpSheets(b *Book, out *bufio.Writer) error {
	for i, s := range b.Sheets {
		var line []byte
		if _, err := b.Read(i, func(r *cell.Row) error {
			line = appendRow(line[:0], s.Name, r)
			_, err := out.Write(append(line, '\n'))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func dumpRecords(r *csv.Reader, out *bufio.Writer) error {
	var line []byte
	return r.Records(func(fields [][]byte) error {
		line = append(line[:0], '[')
		for i, f := range fields {
			if i > 0 {
				line = append(line, ',')
			}
			line = appendASCII(line, f)
		}
		_, err := out.Write(append(line, ']', '\n'))
		return err
	})
}

func appendRow(dst []byte, sheet string, r *cell.Row) []byte {
	dst = append(dst, `{"sheet":`...)
	dst = appendASCII(dst, []byte(sheet))
	dst = fmt.Appendf(dst, `,"row":%d,"c":{`, r.Num)
	comma := ""
	for _, c := range r.Cells {
		kind := ""
		switch c.Kind {
		case cell.Text:
			kind = "s"
		case cell.Number:
			kind = "n"
		case cell.Date:
			kind = "d"
		case cell.Bool:
			dst = fmt.Appendf(dst, `%s"%s":["b",%t]`, comma, cell.ColName(c.Col), string(c.Text) == "TRUE")
			comma = ","
			continue
		case cell.Error:
			kind = "e"
		default: // a formula without a value has nothing to print
			continue
		}
		dst = fmt.Appendf(dst, `%s"%s":["%s",`, comma, cell.ColName(c.Col), kind)
		dst = append(appendASCII(dst, c.Text), ']')
		comma = ","
	}
	return append(dst, "}}"...)
}

// appendASCII appends text as a JSON string of ASCII characters.
func appendASCII(dst, text []byte) []byte {
	quoted, _ := json.Marshal(string(text)) // a string can't fail
	for len(quoted) > 0 {
		c, n := utf8.DecodeRune(quoted)
		quoted = quoted[n:]
		switch {
		case c < utf8.RuneSelf:
			dst = append(dst, byte(c))
		case c > 0xffff:
			c -= 0x10000
			dst = appendEscape(appendEscape(dst, 0xd800+c>>10), 0xdc00+c&0x3ff)
		default:
			dst = appendEscape(dst, c)
		}
	}
	return dst
}

func appendEscape(dst []byte, c rune) []byte {
	dst = append(dst, `\u`...)
	for i := 12; i >= 0; i -= 4 {
		dst = strconv.AppendInt(dst, int64(c>>i)&0xf, 16)
	}
	return dst
}
