package sheet

import (
	"bufio"
	"fmt"
	"strings"
)

// CSVWriter writes the rows of a delimited file as RFC 4180 has it: commas, UTF-8 without a byte order mark, records ended by CRLF, quotes
// where they are needed. A text that a spreadsheet would take for a formula is defused (Defuse).
type CSVWriter struct {
	pending   *PendingFile
	out       *bufio.Writer
	line      int
	delimiter byte
	special   string // what must stand in quotes
	fused     bool   // texts that look like formulas are left as they are
}

// CreateCSV starts a delimited file that will stand at path once Close has returned without an error.
func CreateCSV(path string) (*CSVWriter, error) {
	pending, err := CreateFile(path)
	if err != nil {
		return nil, err
	}
	return newCSVWriter(pending, ','), nil
}

func newCSVWriter(pending *PendingFile, delimiter byte) *CSVWriter {
	return &CSVWriter{pending: pending, out: bufio.NewWriterSize(pending, 64<<10), delimiter: delimiter, special: "\"\r\n" + string(delimiter)}
}

// Line returns the number of the last record written.
func (c *CSVWriter) Line() int { return c.line }

// Row writes the next record. Marks, links and formats are left out; a date is written as yyyy-mm-dd.
func (c *CSVWriter) Row(values ...Value) error {
	for i := range values {
		if i > 0 {
			_ = c.out.WriteByte(c.delimiter) // the buffer keeps its first error for the last write
		}
		text := values[i].text
		if t := values[i].typ; !c.fused && (t == textValue || t == formulaValue) {
			text = Defuse(text)
		}
		c.field(text, len(values) == 1)
	}
	c.line++
	if _, err := c.out.WriteString("\r\n"); err != nil {
		return fmt.Errorf("writing %s: %w", c.pending.path, err)
	}
	return nil
}

// field writes one field. A field that is alone and empty is quoted: its record would be a blank line, which many readers skip.
func (c *CSVWriter) field(s string, alone bool) {
	if !strings.ContainsAny(s, c.special) && !edgeSpace(s) && (s != "" || !alone) {
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

// edgeSpace says that a text begins or ends with a blank, which some readers cut off when it isn't quoted.
func edgeSpace(s string) bool {
	return s != "" && (s[0] == ' ' || s[0] == '\t' || s[len(s)-1] == ' ' || s[len(s)-1] == '\t')
}

// Close completes the file and gives it its name. After an error nothing of it is left.
func (c *CSVWriter) Close() error {
	defer c.pending.Abort()
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("writing %s: %w", c.pending.path, err)
	}
	return c.pending.Close()
}

// Abort gives the file up and leaves nothing behind. After Close it does nothing, so it can be deferred.
func (c *CSVWriter) Abort() { c.pending.Abort() }
