// Package cell holds the words that every room of the house uses for a spreadsheet: a cell with its kind, a row, an address, and a
// problem that points at a cell. It reads nothing and writes nothing; sheet fills these types, mapping and ledger consume them.
package cell

import "bytes"

// Kind says what a cell holds. A cell is never turned into displayed text and parsed again: its kind travels with it.
type Kind uint8

// The kinds of cells.
const (
	Blank   Kind = iota // no value
	Text                // text, as it stands
	Number              // a number; Text holds its decimal digits as the file has them
	Date                // a number whose format shows a date or a time; Text holds the serial's decimal digits as the file has them
	Bool                // Text holds TRUE or FALSE
	Error               // an error value; Text holds its name, such as #N/A
	Formula             // a formula without a cached value; Text holds the formula without its equals sign
)

// String names the kind in the words a user reads.
func (k Kind) String() string {
	switch k {
	case Text:
		return "text"
	case Number:
		return "number"
	case Date:
		return "date"
	case Bool:
		return "boolean"
	case Error:
		return "error"
	case Formula:
		return "formula without a value"
	default:
		return "blank"
	}
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
	Num    int // one-based row number as the spreadsheet shows it; for a CSV file the number of the record, the header being one too
	Hidden bool
	Cells  []Cell
}

// At returns the cell in the zero-based column col, or a Blank cell with that column.
func (r *Row) At(col int) Cell {
	lo, hi := 0, len(r.Cells)
	if col < hi && r.Cells[col].Col == col { // dense rows, the common case
		return r.Cells[col]
	}
	for lo < hi {
		mid := (lo + hi) / 2
		if r.Cells[mid].Col < col {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(r.Cells) && r.Cells[lo].Col == col {
		return r.Cells[lo]
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

// Class sorts number formats by what they say about a value.
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

// Format is what a number format says about the values it shows.
type Format struct {
	Code  string `json:"code"`
	Class Class  `json:"class"`
	Zeros int    `json:"zeros,omitempty"` // for codes of zeros only, such as 00000: how many; identifiers get their zeros back from it
}

// Source is one sheet of one file, as much as the rest of the program needs to know of it without opening it again.
type Source struct {
	File     string   `json:"file"`  // base name
	Sheet    string   `json:"sheet"` // sheet name; empty for a delimited file
	Date1904 bool     `json:"date1904,omitempty"`
	Formats  []Format `json:"formats,omitempty"` // Cell.Format indexes it
	Merges   []Range  `json:"merges,omitempty"`  // known once the sheet has been read to its end
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
