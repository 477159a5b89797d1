// Package sheet reads and writes spreadsheets as streams: workbooks and delimited files come out as rows of typed cells, rows of values go in as workbooks. It reads
// a file whole or refuses it, and never guesses at what damage may have taken away. It knows nothing of orders; importer, exporter and cli call it. Reading is our own,
// from the bytes of the container up; writing stands on excelize.
package sheet

import (
	"fmt"
	"os"
	"path/filepath"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
)

// Options say how a file is read. The zero value reads anything that needs no password, within the default limits.
type Options struct {
	Password  string // of an encrypted workbook; empty = none
	Limits    Limits // zero fields = defaults
	Delimiter rune   // of a delimited file; 0 = found from the content
	Charset   string // of a delimited file, such as windows-1252; empty = found from the content
}

// Book is an open file: one workbook, or one delimited file that counts as a workbook with one nameless sheet.
type Book struct {
	Name      string  // base name of the file
	Container string  // xlsx, ods, csv or jsonl
	Dialect   Dialect // of a delimited file
	Sheets    []Sheet
	Date1904  bool
	Formats   []cell.Format     // Cell.Format indexes it; 0 is General
	Report    bool              // the workbook carries the mark of our own reports
	Notes     []problem.Problem // what a user should know about the file as a whole

	reader reader
}

// reader is what stands behind a Book: one for each kind of container.
type reader interface {
	// read streams the rows of sheet i; see Book.Read.
	read(i int, fn func(*cell.Row) error) (Extent, error)
	close() error
}

// State says whether a sheet is shown.
type State uint8

// The states of a sheet. A very hidden one can be shown only by a macro.
const (
	Visible State = iota
	Hidden
	VeryHidden
)

// String names the state in the words a user reads.
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

// Sheet is one sheet of a book, in the order of its tabs.
type Sheet struct {
	Name   string // empty for a delimited file
	State  State
	Chart  bool // a chart or a dialog: it has no cells, and reading it gives no row
	Tables []cell.Table
}

// Extent is what a sheet turned out to hold once it was read to its end.
type Extent struct {
	Rows       int // with at least one cell that isn't blank
	Cells      int // that aren't blank
	HiddenRows int // of Rows: hidden by hand or by a filter
	LastRow    int // number of the last of Rows
	Merges     []cell.Range
	Notes      []problem.Problem // what a user should know about this sheet
}

// Open opens a file for reading. What it is, is told from its content, never from its name. What can't be read gives a *RefusedError.
func Open(path string, o Options) (*Book, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	b, err := openFile(path, f, o)
	if err != nil {
		_ = f.Close() // the refusal is what counts
		return nil, err
	}
	b.Name = filepath.Base(path)
	return b, nil
}

// Close closes the file.
func (b *Book) Close() error { return b.reader.close() }

// Read streams the rows of sheet i that hold at least one cell that isn't blank, in rising row numbers. A row and its bytes are valid only inside fn; an error from
// fn ends the reading and is returned as it is. The rows are to be trusted only when Read returns without an error: only then has the sheet been read to its end,
// with checksums and counts in agreement. One sheet is read at a time.
func (b *Book) Read(i int, fn func(*cell.Row) error) (Extent, error) {
	if i < 0 || i >= len(b.Sheets) {
		return Extent{}, fmt.Errorf("reading sheet %d of %d: there is no such sheet", i+1, len(b.Sheets))
	}
	return b.reader.read(i, fn)
}
