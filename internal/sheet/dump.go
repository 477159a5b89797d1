package sheet

import (
	"bufio"
	"fmt"
	"io"

	"ordersheet/internal/cell"
)

// DumpCells prints every cell of a file as JSON lines, one a row: {"sheet":"Orders","row":3,"c":{"A":["s","text"],"B":["n","1.5"]}}, with s for text, n for numbers, d for
// dates (their serial), b for booleans and e for errors. Hidden sheets are printed too. Of a delimited file each record that isn't blank is printed as an array of
// texts. A file that is refused may have been printed in part: the error is what counts.
func DumpCells(path string, o Options, w io.Writer) error {
	b, err := Open(path, o)
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // it was only read
	if r, ok := b.reader.(*csvReader); ok {
		return r.dump(w)
	}
	out := bufio.NewWriterSize(w, 64<<10)
	for i, s := range b.Sheets {
		var line []byte
		if _, err := b.Read(i, func(r *cell.Row) error {
			line = printRow(line[:0], s.Name, r)
			_, err := out.Write(append(line, '\n'))
			return err
		}); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("printing cells: %w", err)
	}
	return nil
}

// printRow appends a row of a sheet.
func printRow(dst []byte, sheet string, r *cell.Row) []byte {
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
		default: // a formula without a value holds nothing that could be printed
			continue
		}
		dst = fmt.Appendf(dst, `%s"%s":["%s",`, comma, cell.ColName(c.Col), kind)
		dst = append(appendASCII(dst, c.Text), ']')
		comma = ","
	}
	return append(dst, "}}"...)
}
