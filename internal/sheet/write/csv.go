package write

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
)

// CSVWriter writes a delimited file by RFC 4180: commas, UTF-8 without a byte order mark, records
// that end with CRLF, quotes only where needed. A text that a spreadsheet would take for a formula
// is escaped by EscapeFormula.
type CSVWriter struct {
	out       *bufio.Writer
	line      int
	delimiter byte
	end       string // of a record
	special   string // the characters that need quotes
	formulas  bool   // texts that look like formulas are written unescaped
	started   bool   // the header was written
}

// NewCSV starts a delimited file that is written to w.
func NewCSV(w io.Writer) *CSVWriter { return newDelimited(w, ',') }

// NewUnixCSV is NewCSV for programs on Unix, which expect LF alone at the end of a record.
func NewUnixCSV(w io.Writer) *CSVWriter {
	c := NewCSV(w)
	c.end = "\n"
	return c
}

func newDelimited(w io.Writer, delimiter byte) *CSVWriter {
	return &CSVWriter{out: bufio.NewWriterSize(w, 64<<10), delimiter: delimiter, end: "\r\n", special: "\"\r\n" + string(delimiter)}
}

func newCSVOutput(w io.Writer, f Format, o OutputOptions) (*CSVWriter, error) {
	delimiter := byte('\t')
	if f == CSV {
		delimiter = cmp.Or(o.Delimiter, ',')
	}
	if c := delimiter; c != '\t' && (c < ' ' || c >= 0x7f || c == '"') {
		return nil, fmt.Errorf("the delimiter %q can't be used: it must be one ASCII character other than a quote or a line end", c)
	}
	c := newDelimited(w, delimiter)
	c.formulas = o.Formulas
	if o.BOM {
		_, _ = c.out.WriteString("\ufeff") // as in Row
	}
	return c, nil
}

// Sheet writes the header. A delimited file has one sheet.
func (c *CSVWriter) Sheet(_ string, columns []Column) error {
	if c.started {
		return errOneSheet
	}
	c.started = true
	header := make([]Value, len(columns))
	for i, col := range columns {
		header[i] = Text(col.Header)
	}
	return c.Row(header...)
}

// Rows writes records.
func (c *CSVWriter) Rows(rows ...[]Value) error {
	for _, values := range rows {
		if err := c.Row(values...); err != nil {
			return err
		}
	}
	return nil
}

// Abort does nothing.
func (c *CSVWriter) Abort() {}

// Line returns the number of the last record written.
func (c *CSVWriter) Line() int { return c.line }

// Row writes the next record. Marks, links and formats are left out; a date is yyyy-mm-dd.
func (c *CSVWriter) Row(values ...Value) error {
	for i := range values {
		if i > 0 {
			_ = c.out.WriteByte(c.delimiter) // the buffer returns its first error from the last write too
		}
		text := values[i].text
		if t := values[i].typ; !c.formulas && (t == textValue || t == formulaValue) {
			text = EscapeFormula(text)
		}
		c.field(text, len(values) == 1)
	}
	c.line++
	if _, err := c.out.WriteString(c.end); err != nil {
		return fmt.Errorf("writing row %d: %w", c.line, err)
	}
	return nil
}

// field writes one field. An empty field that is alone is quoted, since many readers skip a blank
// line.
func (c *CSVWriter) field(s string, alone bool) {
	if !strings.ContainsAny(s, c.special) && !startsOrEndsBlank(s) && (s != "" || !alone) {
		_, _ = c.out.WriteString(s) // as in Row
		return
	}
	_ = c.out.WriteByte('"')
	for {
		before, after, found := strings.Cut(s, `"`)
		_, _ = c.out.WriteString(before)
		if !found {
			break
		}
		_, _ = c.out.WriteString(`""`)
		s = after
	}
	_ = c.out.WriteByte('"')
}

// startsOrEndsBlank reports whether a text has a blank at either end, which some readers drop
// unless it is quoted.
func startsOrEndsBlank(s string) bool {
	return s != "" && (s[0] == ' ' || s[0] == '\t' || s[len(s)-1] == ' ' || s[len(s)-1] == '\t')
}

// Close writes what is still in the buffer. It doesn't close the writer.
func (c *CSVWriter) Close() error {
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("writing the last rows: %w", err)
	}
	return nil
}
