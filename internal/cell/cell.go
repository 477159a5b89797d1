// Package cell holds the types that the whole program uses for spreadsheets: a cell with its kind,
// a row, an address, a number format, a date. It reads and writes no files; sheet fills these
// types.
package cell

import (
	"bytes"
	"slices"
)

// Kind says what a cell holds. A cell is never converted to displayed text and parsed again.
type Kind uint8

// The kinds of cells.
const (
	Blank   Kind = iota // no value
	Text                // text, unchanged
	Number              // a number; Text holds its digits as in the file
	Date                // a number whose format shows a date or a time; Text holds the serial's digits as in the file
	Bool                // Text holds TRUE or FALSE
	Error               // an error value; Text holds its name, such as #N/A
	Formula             // a formula without a cached value; Text holds the formula without its equals sign
)

// String returns the kind in the words for users.
func (k Kind) String() string {
	return [...]string{"blank", "text", "number", "date", "boolean", "error", "formula without a value"}[k]
}

// Cell is one cell that isn't blank.
type Cell struct {
	Col    int    // zero-based column
	Kind   Kind   // what Text holds
	Format uint16 // index into Source.Formats; 0 is General
	Text   []byte // valid only until the row's owner reads its next row
}

// Row is one row of a sheet: its cells that aren't blank, in rising columns.
type Row struct {
	Num    int // one-based row number as the spreadsheet shows it; in a CSV file the number of the record, with the header as 1
	Hidden bool
	Cells  []Cell
}

// At returns the cell in the zero-based column col, or a Blank cell with that column.
func (r *Row) At(col int) Cell {
	if col < len(r.Cells) && r.Cells[col].Col == col { // dense rows, the common case
		return r.Cells[col]
	}
	if i, ok := slices.BinarySearchFunc(r.Cells, col, func(c Cell, col int) int { return c.Col - col }); ok {
		return r.Cells[i]
	}
	return Cell{Col: col}
}

// Clone returns a copy of the row that stays valid.
func (r *Row) Clone() Row {
	out := Row{Num: r.Num, Hidden: r.Hidden, Cells: make([]Cell, len(r.Cells))}
	for i, c := range r.Cells {
		c.Text = bytes.Clone(c.Text)
		out.Cells[i] = c
	}
	return out
}

// Class is what a number format says about a value.
type Class uint8

// The classes of number formats.
const (
	General Class = iota
	Decimal
	Percent
	Currency
	Scientific
	Fraction
	DateOnly
	TimeOnly
	DateAndTime
	Elapsed // [h]:mm and its like: a duration, not a time of day
	AsText  // @
)

// IsDate reports whether a number with such a format is a date or a time.
func (c Class) IsDate() bool {
	return c == DateOnly || c == TimeOnly || c == DateAndTime || c == Elapsed
}

// Format is a number format and what it says about the values it shows.
type Format struct {
	Code  string `json:"code"`
	Class Class  `json:"class"`
	Zeros int    `json:"zeros,omitempty"` // how many, in a code of only zeros such as 00000; identifiers are padded to it
}

// Source is one sheet of one file, as far as it can be described without opening it again.
type Source struct {
	File     string   `json:"file"`  // base name
	Sheet    string   `json:"sheet"` // sheet name; empty for a delimited file
	Date1904 bool     `json:"date1904,omitempty"`
	Formats  []Format `json:"formats,omitempty"` // Cell.Format indexes it
	Merges   []Range  `json:"merges,omitempty"`  // known after the sheet was read to its end
}

// Table is a table object on a sheet.
type Table struct {
	Name      string
	Range     Range // header and totals included
	HasHeader bool  // its first row is a header
	HasTotals bool  // its last row holds totals, not data
}

// Range is a rectangle of cells, both corners included: one-based rows, zero-based columns.
type Range struct {
	Row1, Col1, Row2, Col2 int
}
