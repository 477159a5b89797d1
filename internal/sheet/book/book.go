// Package book holds what the readers of all spreadsheet formats share: an open file as a Book of
// sheets, the limits of what a file may cost, and the error for a file that can't be read. The
// package sheet passes these types on to the rest of the program.
package book

import (
	"errors"
	"fmt"
	"io"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
)

// What a sheet can hold (Excel specifications and limits).
const (
	MaxRows    = 1 << 20
	MaxColumns = 1 << 14
)

// ReportMark is the defined name that marks a workbook as one of our own reports.
const ReportMark = "ordersheet_report"

// Options say how a file is read. The zero value reads any file that needs no password, within the
// default limits.
type Options struct {
	Password  string // of an encrypted workbook; empty = none
	Limits    Limits // zero fields = defaults
	Delimiter rune   // of a delimited file; 0 = detected from the content
	Charset   string // of a delimited file, such as windows-1252; empty = detected from the content
}

// Book is an open file: a workbook, or a delimited file as a workbook with one sheet without a
// name.
type Book struct {
	Name      string  // base name of the file
	Container string  // xlsx, ods, csv or jsonl
	Dialect   Dialect // of a delimited file
	Sheets    []Sheet
	Date1904  bool
	Formats   []cell.Format     // Cell.Format indexes it; 0 is General
	Report    bool              // the workbook is one of our own reports
	Notes     []problem.Problem // about the file as a whole

	Rows    RowReader
	Closers []io.Closer // what Close closes, in this order
}

// RowReader reads the rows of a Book. Each container has its own.
type RowReader interface {
	// ReadRows does what Book.Read says.
	ReadRows(sheet int, fn func(*cell.Row) error) (Extent, error)
}

// Dialect says how a delimited file writes its records.
type Dialect struct {
	Charset   string // such as utf-8 or windows-1252; plain ASCII is utf-8
	BOM       bool   // the file begins with a byte order mark
	Delimiter rune
	LineEnds  []string // those of CRLF, LF and CR that occur, the most frequent first; known after Read
	Gzip      bool     // the file is compressed
}

// State says whether a sheet is visible.
type State uint8

// The states of a sheet. Only a macro can show one that is very hidden.
const (
	Visible State = iota
	Hidden
	VeryHidden
)

// String returns the state in the words for users.
func (s State) String() string {
	switch s {
	case Hidden:
		return "hidden"
	case VeryHidden:
		return "very hidden"
	default:
		return "visible"
	}
}

// Sheet is one sheet of a book, in the order of the tabs.
type Sheet struct {
	Name   string // empty for a delimited file
	State  State
	Chart  bool // a chart or a dialog, which has no cells
	Tables []cell.Table
}

// Extent says what a sheet holds, once it has been read to its end.
type Extent struct {
	Rows       int // with at least one cell that isn't blank
	Cells      int // that aren't blank
	HiddenRows int // of Rows: hidden by hand or by a filter
	LastRow    int // number of the last of Rows
	Merges     []cell.Range
	Notes      []problem.Problem // about this sheet
}

// Count adds a row.
func (e *Extent) Count(r *cell.Row) {
	e.Rows++
	e.Cells += len(r.Cells)
	e.LastRow = r.Num
	if r.Hidden {
		e.HiddenRows++
	}
}

// Close removes temporary files, and closes the file if the book was opened by its path.
func (b *Book) Close() error {
	var errs []error
	for _, c := range b.Closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Read streams the rows of sheet i that have at least one cell that isn't blank, in rising row
// numbers. A row and its bytes are valid only inside fn; an error from fn ends the reading and is
// returned unchanged. The rows can be trusted only if Read returns no error: only then has the
// sheet been read to its end, with matching checksums and counts. Only one sheet is read at a time.
func (b *Book) Read(i int, fn func(*cell.Row) error) (Extent, error) {
	if i < 0 || i >= len(b.Sheets) {
		return Extent{}, fmt.Errorf("reading sheet %d of %d: there is no such sheet", i+1, len(b.Sheets))
	}
	e, err := b.Rows.ReadRows(i, fn)
	for n := range e.Notes {
		e.Notes[n].File, e.Notes[n].Sheet = b.Name, b.Sheets[i].Name
	}
	return e, Locate(err, b.Name, b.Sheets[i].Name)
}
