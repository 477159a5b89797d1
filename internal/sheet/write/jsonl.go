package write

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"ordersheet/internal/cell"
)

// jsonlOutput is a file of JSON objects, one a line (jsonlines.org). Each has all headers as its
// keys, in their order, with null for a blank cell. Numbers keep their digits.
type jsonlOutput struct {
	out  *bufio.Writer
	keys [][]byte // quoted, with the colon
	line []byte
}

func newJSONLOutput(w io.Writer) *jsonlOutput {
	return &jsonlOutput{out: bufio.NewWriterSize(w, 64<<10)}
}

func (o *jsonlOutput) Sheet(_ string, columns []Column) error {
	if o.keys != nil {
		return errOneSheet
	}
	for _, c := range columns {
		o.keys = append(o.keys, append(quoteJSON(c.Header), ':'))
	}
	return nil
}

func (o *jsonlOutput) Rows(rows ...[]Value) error {
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
			return fmt.Errorf("writing a row: %w", err)
		}
	}
	return nil
}

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
		dst, _ = cell.AppendDecimal(dst, []byte(v.text)) // such as .5 or +5; Number has checked it
		return dst
	}
	return append(dst, quoteJSON(v.text)...)
}

// quoteJSON returns a text as JSON, without escapes for <, > and &.
func quoteJSON(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // neither a buffer nor a text can fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (o *jsonlOutput) Close() error {
	if err := o.out.Flush(); err != nil {
		return fmt.Errorf("writing the last rows: %w", err)
	}
	return nil
}

func (o *jsonlOutput) Abort() {}
