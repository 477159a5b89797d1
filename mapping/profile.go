package mapping

import (
	"ordersheet/internal/cell"
)

// Profile is a mapping file: how one customer's sheets are read. The zero Profile is a sheet without a mapping file. docs/mapping.md
// describes the file.
type Profile struct {
	Name      string // file name, for messages; empty without a file
	Kind      Kind   // empty when the file doesn't say
	Sheets    []string
	HeaderRow int // one-based; 0 is to be found

	Columns map[string][]string // header -> field paths; compared after normalising
	Letters map[string][]string // column letters -> field paths: for repeated or empty headers
	Ignore  []string            // headers that feed nothing

	Constants  map[string]Constant   // by path; they win over columns, save that tags join
	Defaults   map[string]Constant   // by path; for blank cells
	Crosswalks map[string]*Crosswalk // by path
	Formats    map[string]Reading    // by path; a zero field falls back on Reading

	Reading
	TagSeparator    string     // characters that part tags; empty is comma, semicolon, pipe and newline
	NumberSeparator string     // characters that part a purchase order's numbers; empty is semicolon and newline
	FillDown        bool       // a row whose order number is blank belongs to the order above
	Generate        bool       // number = "generate": an order without a number gets one
	TotalCheck      TotalCheck // "" is refuse
}

// Reading says how the text of dates and decimals is read. Zero fields are proven from the column's values.
type Reading struct {
	DateOrder DateOrder
	Decimal   byte // '.' or ','
}

// DateOrder is the order of day, month and year in dates written as text.
type DateOrder string

// The orders of dates.
const (
	DMY DateOrder = "DMY"
	MDY DateOrder = "MDY"
	YMD DateOrder = "YMD"
)

// TotalCheck says what an order's total that doesn't add up does.
type TotalCheck string

// The total checks.
const (
	TotalRefuse TotalCheck = "refuse"
	TotalWarn   TotalCheck = "warn"
	TotalOff    TotalCheck = "off"
)

// Constant is a value from a mapping file or from --set.
type Constant struct {
	Text string
	Kind cell.Kind // Text, Number or Bool; a date is Text in ISO form
}

// Crosswalk translates a column's values into the API's.
type Crosswalk struct {
	File   string // the CSV file it came from; empty when inline
	Strict bool   // unknown = "refuse": a value that isn't listed is refused; else it stands as it is
	values map[string]string
}

// Lookup translates a value: as it stands, else without regard to case and surrounding space.
func (c *Crosswalk) Lookup(value string) (to string, ok bool) {
	to, ok = c.values[value]
	return to, ok
}
