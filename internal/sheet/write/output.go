package write

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"ordersheet/internal/cell"
)

// Format is a file format for rows, named by the extension of its files.
type Format string

// The formats.
const (
	XLSX  Format = "xlsx"
	CSV   Format = "csv"
	TSV   Format = "tsv"
	JSONL Format = "jsonl" // a JSON object per row, with the headers as keys
)

// FormatOf returns the format that a file name's extension stands for.
func FormatOf(path string) (f Format, ok bool) {
	return ParseFormat(strings.TrimPrefix(filepath.Ext(path), "."))
}

// ParseFormat reads a format's name.
func ParseFormat(name string) (f Format, ok bool) {
	switch f = Format(strings.ToLower(name)); f {
	case XLSX, CSV, TSV, JSONL:
		return f, true
	}
	return "", false
}

// Output writes rows in one of the formats, sheet by sheet and row by row. It keeps no row in
// memory, and the same rows give the same bytes.
type Output interface {
	// Sheet ends the current sheet and starts the next. Only a workbook has several.
	Sheet(name string, columns []Column) error
	// Rows adds rows that belong together, such as those of one order. They are written to one
	// sheet if a sheet can hold them. The values may be changed afterwards.
	Rows(rows ...[]Value) error
	// Close completes the output. It doesn't close the writer.
	Close() error
	// Abort removes temporary files. After Close it does nothing, so it can be deferred.
	Abort()
}

// OutputOptions say how rows are written. The zero value is right for most.
type OutputOptions struct {
	Delimiter byte   // of a CSV file; 0 = comma
	BOM       bool   // a CSV or TSV file begins with a byte order mark, which tells Excel that it is UTF-8
	Formulas  bool   // texts in a CSV or TSV file are written without EscapeFormula
	Title     string // in a workbook's properties

	// LongValues opens the file for values that are too long for a workbook's cell, when the first
	// one comes; the cell names that file. nil = such a value is an error.
	LongValues func() (w io.Writer, name string, err error)
}

// NewOutput starts an output that is written to w.
func NewOutput(w io.Writer, f Format, o OutputOptions) (Output, error) {
	switch f {
	case XLSX:
		book, err := NewWorkbook(w)
		if err != nil {
			return nil, err
		}
		book.SetProperties(o.Title, time.Time{})
		return &workbookOutput{book: book, long: longValues{open: o.LongValues}}, nil
	case CSV, TSV:
		return newCSVOutput(w, f, o)
	case JSONL:
		return newJSONLOutput(w), nil
	}
	return nil, fmt.Errorf("there is no file format %q", f)
}

// errOneSheet is what a second sheet gets in a format that has no sheets.
var errOneSheet = errors.New("the format holds one sheet; write a workbook (.xlsx) instead")

// workbookOutput is a workbook. Rows past the last row of a sheet continue in another sheet with
// the same columns.
type workbookOutput struct {
	book    *Workbook
	sheet   *SheetWriter
	name    string
	part    int
	columns []Column
	long    longValues
}

func (b *workbookOutput) Sheet(name string, columns []Column) (err error) {
	b.name, b.part, b.columns = name, 1, columns
	b.sheet, err = b.book.Sheet(name, Layout{Columns: columns})
	return err
}

func (b *workbookOutput) Rows(rows ...[]Value) error {
	if b.sheet.Line()+len(rows) > lastRow && len(rows) < lastRow {
		if err := b.nextPart(); err != nil {
			return err
		}
	}
	for _, values := range rows {
		if b.sheet.Line() == lastRow {
			if err := b.nextPart(); err != nil {
				return err
			}
		}
		if err := b.row(values); err != nil {
			return err
		}
	}
	return nil
}

func (b *workbookOutput) nextPart() (err error) {
	b.part++
	b.sheet, err = b.book.Sheet(fmt.Sprintf("%s (%d)", b.name, b.part), Layout{Columns: b.columns})
	return err
}

func (b *workbookOutput) row(values []Value) error {
	for i := range values {
		n, over := isTooLong(values[i].text)
		if !over {
			continue
		}
		header := ""
		if i < len(b.columns) {
			header = b.columns[i].Header
		}
		at := longValue{Sheet: b.sheet.name, Cell: cell.A1(b.sheet.Line()+1, i), Header: header, Value: values[i].text}
		text, err := b.long.add(at, n)
		if err != nil {
			return err
		}
		values[i] = Text(text)
	}
	return b.sheet.Row(values...)
}

func (b *workbookOutput) Close() error { return b.book.Close() }
func (b *workbookOutput) Abort()       { b.book.Abort() }
