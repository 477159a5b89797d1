package sheet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"ordersheet/internal/cell"
)

// jsonlReader reads a file of JSON objects, one a line (jsonlines.org), as exports are written: the keys are the header, in row 1, and the
// object on line n is row n+1. Texts, numbers and booleans are cells of their kinds; a list or an object is the text of its JSON.
type jsonlReader struct {
	name   string
	f      *os.File
	size   int64
	limits Limits
	keys   []string
	index  map[string]int
}

// isJSONL says that a file begins with a JSON object.
func isJSONL(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte(utf8BOM)), " \t\r\n")
	rest, ok := bytes.CutPrefix(head, []byte("{"))
	rest = bytes.TrimLeft(rest, " \t")
	return ok && len(rest) > 0 && rest[0] == '"' && bytes.Contains(rest, []byte(`":`))
}

// openJSONL reads the file once for its keys: any line may bring a new one.
func openJSONL(name string, f *os.File, size int64, l Limits) (*Book, error) {
	r := &jsonlReader{name: name, f: f, size: size, limits: l, index: map[string]int{}}
	err := r.lines(func(line int, object []byte) error {
		return r.fields(line, object, func(key string, _ json.RawMessage) error {
			if _, known := r.index[key]; !known {
				r.index[key] = len(r.keys)
				r.keys = append(r.keys, key)
			}
			if len(r.keys) > csvColumns {
				return r.refuse(line, fmt.Sprintf("brings the file to more than %d keys", csvColumns))
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return &Book{Name: name, Container: "jsonl", Sheets: []Sheet{{}}, Formats: []cell.Format{{Code: "General"}}, reader: r}, nil
}

func (r *jsonlReader) refuse(line int, what string) error {
	return &RefusedError{File: r.name, Place: fmt.Sprintf("line %d", line), What: what, Hint: "a .jsonl file has one JSON object a line, as an export writes it"}
}

// lines calls fn with each line that isn't blank.
func (r *jsonlReader) lines(fn func(line int, object []byte) error) error {
	in := bufio.NewScanner(io.NewSectionReader(r.f, 0, r.size))
	in.Buffer(make([]byte, 64<<10), r.limits.RowBytes)
	line := 0
	for in.Scan() {
		line++
		text := in.Bytes()
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte(utf8BOM))
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		if err := fn(line, text); err != nil {
			return err
		}
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return &RefusedError{File: r.name, Place: fmt.Sprintf("line %d", line+1), What: "is too long", Limit: "RowBytes"}
	}
	if in.Err() != nil {
		return fmt.Errorf("reading %s: %w", r.name, in.Err())
	}
	return nil
}

// fields calls fn with the keys and values of an object.
func (r *jsonlReader) fields(line int, object []byte, fn func(key string, value json.RawMessage) error) error {
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return r.refuse(line, "isn't a JSON object")
	}
	for dec.More() {
		key, err := dec.Token()
		var value json.RawMessage
		if err == nil {
			err = dec.Decode(&value)
		}
		if err != nil {
			return r.refuse(line, "isn't a whole JSON object")
		}
		if err := fn(key.(string), value); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return r.refuse(line, "isn't a whole JSON object")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return r.refuse(line, "has something after its JSON object")
	}
	return nil
}

func (r *jsonlReader) read(_ int, fn func(*cell.Row) error) (e Extent, err error) {
	row := cell.Row{Num: 1}
	for i, k := range r.keys {
		row.Cells = append(row.Cells, cell.Cell{Col: i, Kind: cell.Text, Text: []byte(k)})
	}
	if err := r.row(&e, &row, fn); err != nil {
		return e, err
	}
	cells := make([]cell.Cell, len(r.keys))
	err = r.lines(func(line int, object []byte) error {
		clear(cells)
		err := r.fields(line, object, func(key string, value json.RawMessage) error {
			col := r.index[key]
			if cells[col].Text != nil {
				return r.refuse(line, fmt.Sprintf("has the key %q twice", key))
			}
			c, err := jsonCell(value)
			if err == nil && len(c.Text) > r.limits.CellBytes {
				return &RefusedError{File: r.name, Place: fmt.Sprintf("line %d, %s", line, key), What: "is too long", Limit: "CellBytes"}
			}
			c.Col = col
			cells[col] = c
			return err
		})
		if err != nil {
			return err
		}
		row.Num, row.Cells = line+1, row.Cells[:0]
		for _, c := range cells {
			if c.Kind != cell.Blank {
				row.Cells = append(row.Cells, c)
			}
		}
		return r.row(&e, &row, fn)
	})
	return e, err
}

// row gives out a row that isn't blank.
func (r *jsonlReader) row(e *Extent, row *cell.Row, fn func(*cell.Row) error) error {
	if len(row.Cells) == 0 {
		return nil
	}
	e.Rows, e.Cells, e.LastRow = e.Rows+1, e.Cells+len(row.Cells), row.Num
	return fn(row)
}

// jsonCell is a JSON value as a cell. Its text isn't nil.
func jsonCell(value json.RawMessage) (cell.Cell, error) {
	c := cell.Cell{Kind: cell.Text, Text: value}
	switch value[0] {
	case '"':
		var s string
		if err := json.Unmarshal(value, &s); err != nil {
			return c, fmt.Errorf("reading a text: %w", err)
		}
		c.Text = []byte(s)
		if s == "" {
			c.Kind = cell.Blank
		}
	case 'n':
		c.Kind = cell.Blank
	case 't', 'f':
		c.Kind, c.Text = cell.Bool, bytes.ToUpper(value)
	case '{', '[':
	default:
		c.Kind = cell.Number
	}
	return c, nil
}

func (r *jsonlReader) close() error { return r.f.Close() }
