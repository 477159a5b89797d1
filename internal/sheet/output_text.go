package sheet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"

	"ordersheet/internal/cell"
)

// delimited is a CSV or TSV file.
type delimited struct {
	csv     *CSVWriter
	started bool
}

func newDelimited(pending *PendingFile, f Format, o OutputOptions) (*delimited, error) {
	delimiter := byte('\t')
	if f == CSV {
		delimiter = ','
		if o.Delimiter != 0 {
			delimiter = o.Delimiter
		}
		if !canDelimit(rune(delimiter)) {
			return nil, fmt.Errorf("the delimiter %q can't be used: it must be one ASCII character other than a quote and a line end", delimiter)
		}
	}
	d := &delimited{csv: newCSVWriter(pending, delimiter)}
	d.csv.fused = o.Formulas
	if o.BOM {
		_, _ = d.csv.out.WriteString(utf8BOM) // as in Row
	}
	return d, nil
}

func (d *delimited) Sheet(_ string, columns []Column) error {
	if d.started {
		return oneSheet(d.csv.pending.path)
	}
	d.started = true
	header := make([]Value, len(columns))
	for i, c := range columns {
		header[i] = Text(c.Header)
	}
	return d.csv.Row(header...)
}

func oneSheet(path string) error {
	return fmt.Errorf("writing %s: such a file holds one sheet; write a workbook (.xlsx)", path)
}

func (d *delimited) Rows(rows ...[]Value) error {
	for _, values := range rows {
		if err := d.csv.Row(values...); err != nil {
			return err
		}
	}
	return nil
}

func (d *delimited) Sidecar() string { return "" }
func (d *delimited) Close() error    { return d.csv.Close() }
func (d *delimited) Abort()          { d.csv.Abort() }

// objects is a file of JSON objects, one a line (jsonlines.org): each has all headers as its keys, in their order, with null for a blank cell.
// Numbers have the digits that they were given.
type objects struct {
	pending *PendingFile
	out     *bufio.Writer
	keys    [][]byte // quoted, with colon
	line    []byte
}

func newObjects(pending *PendingFile) *objects {
	return &objects{pending: pending, out: bufio.NewWriterSize(pending, 64<<10)}
}

func (o *objects) Sheet(_ string, columns []Column) error {
	if o.keys != nil {
		return oneSheet(o.pending.path)
	}
	for _, c := range columns {
		o.keys = append(o.keys, append(quoted(c.Header), ':'))
	}
	return nil
}

func (o *objects) Rows(rows ...[]Value) error {
	for _, values := range rows {
		o.line = append(o.line[:0], '{')
		for i, key := range o.keys {
			if i > 0 {
				o.line = append(o.line, ',')
			}
			o.line = append(o.line, key...)
			o.line = appendJSON(o.line, &values[i])
		}
		o.line = append(o.line, '}', '\n')
		if _, err := o.out.Write(o.line); err != nil {
			return fmt.Errorf("writing %s: %w", o.pending.path, err)
		}
	}
	return nil
}

// appendJSON writes a value as JSON.
func appendJSON(dst []byte, v *Value) []byte {
	switch v.typ {
	case blankValue:
		return append(dst, "null"...)
	case boolValue:
		if v.text == "TRUE" {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case numberValue:
		if json.Valid([]byte(v.text)) {
			return append(dst, v.text...)
		}
		dst, _ = cell.AppendDecimal(dst, []byte(v.text)) // such as .5 or +5; Number has seen to it that it is one
		return dst
	}
	return append(dst, quoted(v.text)...)
}

// quoted is a text as JSON, with <, > and & as they are.
func quoted(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a buffer never fails, nor does a text
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (o *objects) Sidecar() string { return "" }

func (o *objects) Close() error {
	defer o.pending.Abort()
	if err := o.out.Flush(); err != nil {
		return fmt.Errorf("writing %s: %w", o.pending.path, err)
	}
	return o.pending.Close()
}

func (o *objects) Abort() { o.pending.Abort() }
