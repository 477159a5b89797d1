// Package jsonl reads files of JSON objects, one a line (jsonlines.org), as exports are written.
package jsonl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
)

const byteOrderMark = "\ufeff"

// reader reads the rows of a file. The keys are the header in row 1, and the object on line n is
// row n+1. Texts, numbers and booleans are cells of their kinds; a list or an object is the text of
// its JSON.
type reader struct {
	src    io.ReaderAt
	size   int64
	limits book.Limits
	keys   []string
	index  map[string]int
}

// Detect reports whether a file begins with a JSON object.
func Detect(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), " \t\r\n")
	rest, ok := bytes.CutPrefix(head, []byte("{"))
	rest = bytes.TrimLeft(rest, " \t")
	return ok && len(rest) > 0 && rest[0] == '"' && bytes.Contains(rest, []byte(`":`))
}

// Open reads the file once for its keys, since any line may have a new one.
func Open(src io.ReaderAt, size int64, l book.Limits) (*book.Book, error) {
	r := &reader{src: src, size: size, limits: l, index: map[string]int{}}
	err := r.lines(func(line int, object []byte) error {
		return fields(line, object, func(key string, _ json.RawMessage) error {
			if _, known := r.index[key]; !known {
				r.index[key] = len(r.keys)
				r.keys = append(r.keys, key)
			}
			if len(r.keys) > book.MaxColumns {
				return badLine(line, fmt.Sprintf("brings the file to more than %d keys", book.MaxColumns))
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return &book.Book{Container: "jsonl", Sheets: []book.Sheet{{}}, Formats: []cell.Format{{Code: "General"}}, Rows: r}, nil
}

func badLine(line int, what string) error {
	return &book.UnreadableError{Place: fmt.Sprintf("line %d", line), What: what, Hint: "a .jsonl file has one JSON object per line, as an export writes it"}
}

func (r *reader) lines(fn func(line int, object []byte) error) error {
	in := bufio.NewScanner(io.NewSectionReader(r.src, 0, r.size))
	in.Buffer(make([]byte, 64<<10), r.limits.RowBytes)
	line := 0
	for in.Scan() {
		line++
		text := in.Bytes()
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte(byteOrderMark))
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		if err := fn(line, text); err != nil {
			return err
		}
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return book.OverLimit("RowBytes", "is too long").At(fmt.Sprintf("line %d", line+1))
	}
	if in.Err() != nil {
		return fmt.Errorf("reading the lines: %w", in.Err())
	}
	return nil
}

func fields(line int, object []byte, fn func(key string, value json.RawMessage) error) error {
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return badLine(line, "isn't a JSON object")
	}
	for dec.More() {
		key, err := dec.Token()
		var value json.RawMessage
		if err == nil {
			err = dec.Decode(&value)
		}
		if err != nil {
			return badLine(line, "isn't a complete JSON object")
		}
		if err := fn(key.(string), value); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return badLine(line, "isn't a complete JSON object")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return badLine(line, "has something after its JSON object")
	}
	return nil
}

// ReadRows reads the rows.
func (r *reader) ReadRows(_ int, fn func(*cell.Row) error) (e book.Extent, err error) {
	row := cell.Row{Num: 1}
	for i, k := range r.keys {
		row.Cells = append(row.Cells, cell.Cell{Col: i, Kind: cell.Text, Text: []byte(k)})
	}
	if err := passRow(&e, &row, fn); err != nil {
		return e, err
	}
	cells := make([]cell.Cell, len(r.keys))
	err = r.lines(func(line int, object []byte) error {
		clear(cells)
		err := fields(line, object, func(key string, value json.RawMessage) error {
			col := r.index[key]
			if cells[col].Text != nil {
				return badLine(line, fmt.Sprintf("has the key %q twice", key))
			}
			c, err := jsonCell(value)
			if err == nil && len(c.Text) > r.limits.CellBytes {
				return book.OverLimit("CellBytes", "is too long").At(fmt.Sprintf("line %d, %s", line, key))
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
		return passRow(&e, &row, fn)
	})
	return e, err
}

func passRow(e *book.Extent, row *cell.Row, fn func(*cell.Row) error) error {
	if len(row.Cells) == 0 {
		return nil
	}
	e.Count(row)
	return fn(row)
}

// jsonCell returns a JSON value as a cell, whose text isn't nil.
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
