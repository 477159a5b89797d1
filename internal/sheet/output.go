package sheet

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"ordersheet/internal/cell"
)

// Format is a kind of file that rows can be written to, named as the ending of its files' names.
type Format string

// The formats.
const (
	XLSX  Format = "xlsx"
	CSV   Format = "csv"
	TSV   Format = "tsv"
	JSONL Format = "jsonl" // a JSON object a row, its keys the headers
)

// FormatOf tells a format from a file's name.
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

// Output is a file of rows in the making: sheets one after the other, rows one after the other. No row is kept in memory, and the same rows
// give the same bytes.
type Output interface {
	// Sheet ends the sheet before and starts the next. Only a workbook holds several.
	Sheet(name string, columns []Column) error
	// Rows adds rows that belong together, such as an order's: they stand on one sheet, as long as one can hold them. The values may be
	// changed afterwards.
	Rows(rows ...[]Value) error
	// Sidecar is the path of the file beside this one that holds the values too long for a cell; empty when there are none.
	Sidecar() string
	// Close completes the file and gives it its name, after that of its sidecar. After an error nothing of it is left.
	Close() error
	// Abort gives the file up and leaves nothing behind. After Close it does nothing, so it can be deferred.
	Abort()
}

// OutputOptions say how a file is written. The zero value is right for most.
type OutputOptions struct {
	To        io.Writer // the file goes here instead of to its path, as it is written
	Tee       io.Writer // gets every byte of the file as well, such as for a checksum
	Delimiter byte      // of a CSV file; 0 = comma
	BOM       bool      // a CSV or TSV file begins with a byte order mark, by which Excel knows that it is UTF-8
	Formulas  bool      // texts in a CSV or TSV file that a spreadsheet takes for formulas are left as they are, without Defuse's apostrophe
	Title     string    // in a workbook's properties
}

// CreateOutput starts a file that will stand at path once Close has returned without an error.
func CreateOutput(path string, f Format, o OutputOptions) (Output, error) {
	pending := streamTo(o.To)
	if o.To == nil {
		var err error
		if pending, err = CreateFile(path); err != nil {
			return nil, err
		}
	}
	pending.tee = o.Tee
	out, err := newOutput(pending, f, o)
	if err != nil {
		pending.Abort()
		return nil, err
	}
	return out, nil
}

func newOutput(pending *PendingFile, f Format, o OutputOptions) (Output, error) {
	switch f {
	case XLSX:
		w, err := newWorkbook(pending)
		if err != nil {
			return nil, err
		}
		w.Describe(o.Title, time.Time{})
		return &bookOutput{book: w, long: longValues{beside: pending}}, nil
	case CSV, TSV:
		return newDelimited(pending, f, o)
	case JSONL:
		return newObjects(pending), nil
	}
	return nil, fmt.Errorf("writing %s: there is no format %q", pending.path, f)
}

// bookOutput is a workbook. Rows past the end of a sheet go on in a further one of the same columns.
type bookOutput struct {
	book    *Workbook
	sheet   *SheetWriter
	name    string
	part    int
	columns []Column
	long    longValues
}

func (b *bookOutput) Sheet(name string, columns []Column) (err error) {
	b.name, b.part, b.columns = name, 1, columns
	b.sheet, err = b.book.Sheet(name, Layout{Columns: columns})
	return err
}

func (b *bookOutput) Rows(rows ...[]Value) error {
	if b.sheet.Line()+len(rows) > bottomRow && len(rows) < bottomRow {
		if err := b.goOn(); err != nil {
			return err
		}
	}
	for _, values := range rows {
		if b.sheet.Line() == bottomRow {
			if err := b.goOn(); err != nil {
				return err
			}
		}
		if err := b.row(values); err != nil {
			return err
		}
	}
	return nil
}

func (b *bookOutput) goOn() (err error) {
	b.part++
	b.sheet, err = b.book.Sheet(fmt.Sprintf("%s (%d)", b.name, b.part), Layout{Columns: b.columns})
	return err
}

func (b *bookOutput) row(values []Value) error {
	for i := range values {
		n, yes := overLong(values[i].text)
		if !yes {
			continue
		}
		header := ""
		if i < len(b.columns) {
			header = b.columns[i].Header
		}
		at := longValue{Sheet: b.sheet.name, Cell: cell.A1(b.sheet.Line()+1, i), Header: header, Value: values[i].text}
		mark, err := b.long.add(at, n)
		if err != nil {
			return err
		}
		values[i] = Text(mark)
	}
	return b.sheet.Row(values...)
}

func (b *bookOutput) Sidecar() string { return b.long.path }

func (b *bookOutput) Close() error {
	defer b.Abort()
	if err := b.long.close(); err != nil {
		return err
	}
	return b.book.Close()
}

func (b *bookOutput) Abort() {
	b.long.abort()
	b.book.Abort()
}
