// Package inspect says what a file holds: its sheets, what each column would feed, the types of its
// cells, what a spreadsheet did to the data, and which orders an import would find invalid. It
// reads the file to its end, needs no account and writes nothing.
package inspect

import (
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
	"ordersheet/mapping"
	"ordersheet/mapping/profile"

	"ordersheet/mapping/detect"
)

// Config says how a file is to be inspected.
type Config struct {
	Kind    order.Kind       // empty: inferred from the headers
	Profile *profile.Profile // nil: no mapping file
	Sheet   string           // the one sheet to inspect, hidden or not; empty: every visible one
	Today   cell.Civil       // dates far from it are suspicious
}

// File is what a file holds.
type File struct {
	File      string            `json:"file"`
	Container string            `json:"container"`
	Date1904  bool              `json:"date1904"`
	Report    bool              `json:"report"` // written by ordersheet
	Dialect   *Dialect          `json:"dialect,omitempty"`
	Notes     []problem.Problem `json:"notes"`
	Sheets    []Sheet           `json:"sheets"`
}

// Dialect is how a delimited file is written.
type Dialect struct {
	Charset   string   `json:"charset"`
	BOM       bool     `json:"bom"`
	Delimiter string   `json:"delimiter"`
	LineEnds  []string `json:"line_ends"` // CRLF, LF, CR: most frequent first
	Gzip      bool     `json:"gzip"`
}

// Sheet is one sheet. The fields from Rows on are empty for a sheet that wasn't read or holds no
// orders.
type Sheet struct {
	Name       string               `json:"name"`
	State      string               `json:"state"`
	Chart      bool                 `json:"chart"`
	Read       bool                 `json:"read"`
	LeftOut    string               `json:"left_out,omitempty"` // why it isn't read
	Rows       int                  `json:"rows"`               // that hold a value
	LastRow    int                  `json:"last_row"`
	Cells      int                  `json:"cells"`
	HiddenRows int                  `json:"hidden_rows"`
	Merges     []string             `json:"merges"`
	Tables     []Table              `json:"tables"`
	Kind       order.Kind           `json:"kind,omitempty"`
	AlsoKind   order.Kind           `json:"also_kind,omitempty"` // the headers fit both
	HeaderRow  int                  `json:"header_row,omitempty"`
	Columns    []mapping.Column     `json:"columns"`
	Missing    []string             `json:"missing"`
	Types      []detect.ColumnTypes `json:"types"`
	Findings   []detect.Finding     `json:"findings"`
	Orders     OrderCounts          `json:"orders"`
	Problems   []ProblemCount       `json:"problems"` // what an import would report
	Notes      []problem.Problem    `json:"notes"`
}

// Table is a table object of a sheet.
type Table struct {
	Name  string `json:"name"`
	Range string `json:"range"`
}

// OrderCounts is how many orders a sheet holds. Only an import can check orders whose rows are
// scattered, and those of a sheet with merged cells.
type OrderCounts struct {
	Found     int `json:"found"`
	Invalid   int `json:"invalid"`
	NotJudged int `json:"not_judged"`
}

// ProblemCount is how often one kind of problem occurs, and the first of them.
type ProblemCount struct {
	problem.Problem
	Count int `json:"count"`
}

// Read inspects all sheets of a book.
func Read(b *sheet.Book, cfg Config) (*File, error) {
	f := &File{
		File: b.Name, Container: b.Container, Date1904: b.Date1904, Report: b.Report,
		Notes: orEmpty(b.Notes), Sheets: []Sheet{},
	}
	in := inspector{Config: cfg, book: b}
	for i := range b.Sheets {
		s, err := in.sheet(i)
		if err != nil {
			return nil, err
		}
		f.Sheets = append(f.Sheets, s)
	}
	if d := b.Dialect; in.delimited() { // complete only now that the file has been read
		f.Dialect = &Dialect{d.Charset, d.BOM, string(d.Delimiter), orEmpty(d.LineEnds), d.Gzip}
	}
	return f, nil
}

// orEmpty makes JSON say [] for nothing.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
