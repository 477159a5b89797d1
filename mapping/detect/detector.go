// Package detect finds what spreadsheets and other programs did to the data of a sheet: lost zeros,
// swapped dates, text in the wrong charset. It looks at cells and number formats only, column by
// column, and says how it knows. mapping runs it during an import, inspect shows all it finds.
package detect

import (
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"
)

// The codes of what a spreadsheet, or a program on the way, did to data. They are stable.
const (
	FoundZeros     = "leading_zeros_lost"
	FoundDigits    = "digits_lost"
	FoundExponent  = "exponent"
	FoundDotZero   = "dot_zero"
	FoundCodeDate  = "code_turned_into_date"
	FoundShortYear = "two_digit_years"
	Found1462      = "dates_off_by_1462"
	FoundSwapped   = "day_month_swapped"
	FoundMixed     = "mixed_date_orders"
	FoundNumText   = "numbers_as_text"
	FoundSpaces    = "odd_spaces"
	FoundDashes    = "odd_dashes"
	FoundMojibake  = "mojibake"
	FoundLost      = "characters_lost"
	FoundCut       = "cell_cut_off"
	FoundFormula   = "formula_uncached"
	FoundError     = "error_value"
)

// Finding is one thing that was done to one column of a sheet.
type Finding struct {
	Code     string           `json:"code"`
	Severity problem.Severity `json:"severity"`
	Column   string           `json:"column"` // its letters
	Header   string           `json:"header,omitempty"`
	Field    string           `json:"field,omitempty"` // what the column feeds
	Count    int              `json:"count"`           // cells that it was done to
	Of       int              `json:"of"`              // cells of the column that hold a value
	Cells    []string         `json:"cells"`           // such as D17 and D20:D31, at most 64 of them
	More     int              `json:"more,omitempty"`  // cells beyond those
	Examples []Example        `json:"examples,omitempty"`
	Message  string           `json:"message"`          // what was done
	Evidence string           `json:"evidence"`         // how it shows
	Repair   string           `json:"repair,omitempty"` // the word for repair = [...] in a mapping file; empty when nothing safe can be done
	Write    string           `json:"write,omitempty"`  // the lines for the mapping file
	Advice   string           `json:"advice"`           // what to do otherwise
}

// Example is one cell of a finding.
type Example struct {
	Cell     string `json:"cell"`
	Value    string `json:"value"`
	Repaired string `json:"repaired,omitempty"`
}

// ColumnTypes counts what one column of a sheet holds.
type ColumnTypes struct {
	Column string         `json:"column"`
	Header string         `json:"header,omitempty"`
	Field  string         `json:"field,omitempty"`
	Cells  int            `json:"cells"`
	Types  map[string]int `json:"types"` // by cell.Kind in words
}

// Options are what the detector can't see in the cells.
type Options struct {
	Delimited bool       // the file has no types: numbers are text there
	Today     cell.Civil // orders of a later year are odd; zero if it isn't known
	Silent    bool       // look only for what a conversion doesn't report
}

// Detector finds what spreadsheets did to the data of one sheet, column by column. It keeps a
// bounded amount of each column, whatever the number of rows. Columns that feed a field are judged
// by the field's type, others by their header and their values.
type Detector struct {
	src       *cell.Source
	o         Options
	display   value.Display
	cols      []*column   // by column
	countries map[int]int // the column of the country of each column of postal codes
	dates     []dayAt     // the dates of the current row
	pairs     map[[2]int]*datePair
	today     int // in days from 1970; 0 if it isn't known
}

// role says what a column is for.
type role uint8

const (
	anyRole role = iota
	idRole
	numberRole
	dateRole
	wordRole  // statuses, e-mail addresses, tags
	proseRole // names, addresses, notes
)

// MappedColumn is a column of the sheet and the path of the field that it feeds.
type MappedColumn struct {
	Col  int // zero-based
	Path string
}

// New returns a detector for the rows below a sheet's header. columns may be nil.
func New(src *cell.Source, kind order.Kind, header cell.Row, columns []MappedColumn, o Options) *Detector {
	if src == nil {
		src = &cell.Source{}
	}
	d := &Detector{src: src, o: o, display: value.Display{Source: src}, countries: map[int]int{}, pairs: map[[2]int]*datePair{}}
	if o.Today.Year > 0 {
		d.today = daysOf(o.Today)
	}
	for i := range header.Cells {
		c := &header.Cells[i]
		if text := catalog.CleanHeader(c.Text); text != "" {
			s := d.column(c.Col)
			s.header, s.role, s.ends = text, roleOfHeader(text), headerHas(text, endWords...)
		}
	}
	for _, c := range columns {
		s := d.column(c.Col)
		if f := catalog.FieldByPath(kind, c.Path); f != nil && s.field == "" {
			s.field, s.role = c.Path, roleOf(f.Type, s.role)
		}
	}
	d.findCountries(columns)
	return d
}

// column returns the state of a column.
func (d *Detector) column(col int) *column {
	for len(d.cols) <= col {
		d.cols = append(d.cols, nil)
	}
	if d.cols[col] == nil {
		d.cols[col] = &column{col: col, delimited: d.o.Delimited, dates: dateProof{buckets: map[int]*places{}}}
	}
	return d.cols[col]
}

// Row looks at one row.
func (d *Detector) Row(r *cell.Row) {
	d.dates = d.dates[:0]
	for i := range r.Cells {
		c := &r.Cells[i]
		if len(c.Text) == 0 {
			continue
		}
		s := d.column(c.Col)
		s.kinds[c.Kind]++
		if d.o.Silent && s.skipped(c.Kind) {
			continue
		}
		switch c.Kind {
		case cell.Text:
			s.text(d, r, c)
		case cell.Number:
			s.number(d, r, c)
		case cell.Date:
			s.date(d, r, c)
		case cell.Error:
			s.found(markError).add(r.Num, c.Text)
		case cell.Formula:
			s.found(markFormula).add(r.Num, d.display.Cell(*c))
		}
	}
	if len(d.dates) > 1 {
		d.pairDates(r.Num)
	}
}

// skipped reports whether a conversion reports all that is odd about such cells of a column.
func (s *column) skipped(k cell.Kind) bool {
	return s.role == numberRole || s.field == "" || k == cell.Error || k == cell.Formula || k == cell.Date && s.role != dateRole
}

// Types counts what each column holds.
func (d *Detector) Types() []ColumnTypes {
	out := []ColumnTypes{}
	for _, s := range d.cols {
		if s == nil {
			continue
		}
		t := ColumnTypes{Column: cell.ColName(s.col), Header: s.header, Field: s.field, Types: map[string]int{}}
		for k, n := range s.kinds {
			if n > 0 {
				t.Types[cell.Kind(k).String()] = n
				t.Cells += n
			}
		}
		out = append(out, t)
	}
	return out
}
