package sheet

import (
	"bytes"
	"math/big"
	"strings"
	"time"

	"ordersheet/internal/cell"
)

// odsCell is a cell as the file has it: what its attributes say, decoded, in the arena; and its text, which is what a spreadsheet program shows of it.
type odsCell struct {
	kind, value, formula []byte
	hasValue, hasFormula bool // the attributes are there
	stated               bool // value is office:string-value, which goes before the text
	isError              bool // LibreOffice says so
	text                 []byte
	paragraphs           int
	format               uint16
}

// kept copies a decoded attribute into the arena.
func (x *odsReader) kept(raw []byte) []byte {
	start := len(x.arena)
	x.arena = appendDecoded(x.arena, raw)
	return x.arena[start:len(x.arena):len(x.arena)]
}

// readCell reads a cell, covered by a merged one or not, and puts it into the row as often as it stands there.
func (x *odsReader) readCell() error {
	if !x.isIn(tableSpace, "table-cell") && !x.isIn(tableSpace, "covered-table-cell") {
		return x.pass()
	}
	x.cells++
	n, err := x.times("number-columns-repeated")
	if err != nil {
		return err
	}
	if err := x.span(); err != nil {
		return err
	}
	c := x.openCell()
	if err := x.readText(&c); err != nil {
		return err
	}
	out := cell.Cell{Col: x.col, Format: c.format}
	if err := x.value(&c, &out); err != nil {
		return err
	}
	return x.put(out, n)
}

// put adds n like cells to the row, unless they are blank.
func (x *odsReader) put(c cell.Cell, n int) error {
	if c.Kind == cell.Blank {
		x.col = min(x.col+n, 1<<30)
		return nil
	}
	if x.col >= maxCols || n > maxCols-x.col {
		return x.fault("row %d has more than %d columns", x.row.Num, maxCols)
	}
	if err := x.repeat(1, n-1); err != nil {
		return err
	}
	for range n {
		c.Col = x.col
		x.row.Cells = append(x.row.Cells, c)
		x.col++
	}
	return nil
}

// span takes note of a merged range that the cell opened last begins. Its rows are counted from the row's own.
func (x *odsReader) span() error {
	cols, err := x.times("number-columns-spanned")
	if err != nil {
		return err
	}
	rows, err := x.times("number-rows-spanned")
	if err != nil || cols == 1 && rows == 1 || x.col >= maxCols {
		return err
	}
	x.spans = append(x.spans, cell.Range{Row2: rows - 1, Col1: x.col, Col2: min(x.col+cols, maxCols) - 1})
	return nil
}

// openCell reads the attributes of a cell.
func (x *odsReader) openCell() (c odsCell) {
	style := x.style
	for _, a := range x.attrs {
		switch {
		case a.space == calcSpace && string(a.local) == "value-type":
			c.isError = string(a.value) == "error"
		case a.space == tableSpace && string(a.local) == "style-name":
			style = a.value
		case a.space == tableSpace && string(a.local) == "formula":
			c.formula, c.hasFormula = x.kept(a.value), true
		case a.space != officeSpace:
		case string(a.local) == "value-type":
			c.kind = x.kept(a.value)
		case string(a.local) == "string-value":
			c.value, c.stated = x.kept(a.value), true
		case string(a.local) == "value", string(a.local) == "date-value", string(a.local) == "time-value", string(a.local) == "boolean-value":
			c.value, c.hasValue = x.kept(trimmed(a.value)), true
		}
	}
	if len(style) > 0 {
		c.format = x.d.styles.index[string(style)]
	} else {
		c.format = x.columnFormat(x.col)
	}
	return c
}

// value finds the kind and the text of a cell; the kind stays Blank when there is nothing in it.
func (x *odsReader) value(c *odsCell, out *cell.Cell) error {
	if !odsType(string(c.kind)) {
		return x.fault("a cell of row %d has the type %.20q", x.row.Num, c.kind)
	}
	if c.isError || c.hasFormula && errorName(c.text) { // older programs call it a number, 0, or a text
		if out.Kind, out.Text = cell.Error, c.text; len(c.text) == 0 {
			out.Text = []byte("#VALUE!")
		}
		return nil
	}
	switch string(c.kind) {
	case "":
		return x.untyped(c, out)
	case "string":
		out.Text = c.text
		if c.stated {
			out.Text = c.value
		}
		if len(out.Text) > 0 {
			out.Kind = cell.Text
		}
		return nil
	}
	if !c.hasValue || c.stated {
		return x.bad(c, "has a type and no value")
	}
	out.Text = c.value
	switch string(c.kind) {
	case "float", "percentage", "currency":
		return x.number(c, out)
	case "date":
		return x.date(c, out)
	case "time":
		return x.time(c, out)
	default:
		return x.boolean(c, string(c.value), out)
	}
}

// odsType says whether s is a type of cells (ODF 1.3 part 3, 19.389), or none.
func odsType(s string) bool {
	switch s {
	case "", "string", "float", "percentage", "currency", "date", "time", "boolean":
		return true
	}
	return false
}

// untyped is a cell that says no type: blank, a formula that was never worked out, or a text.
func (x *odsReader) untyped(c *odsCell, out *cell.Cell) error {
	switch {
	case len(c.text) > 0:
		out.Kind, out.Text = cell.Text, c.text
	case c.hasFormula && c.paragraphs == 0: // an empty paragraph is an empty text that was worked out
		out.Kind, out.Text = cell.Formula, bareFormula(c.formula)
	}
	return nil
}

// bareFormula is a formula without the name of its language and its equals sign: of:=SUM([.A1:.A3]).
func bareFormula(f []byte) []byte {
	if lang, rest, ok := bytes.Cut(f, []byte(":")); ok && len(lang) < 8 && bytes.IndexByte(lang, '=') < 0 {
		f = rest
	}
	return bytes.TrimPrefix(f, []byte("="))
}

// errorName says whether a shown text is the name of an error.
func errorName(b []byte) bool {
	if len(b) < 4 || b[0] != '#' && b[0] != 'E' {
		return false
	}
	switch s := string(b); s {
	case "#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!":
		return true
	default:
		code, ok := strings.CutPrefix(s, "Err:")
		return ok && len(code) == 3 && strings.Trim(code, "0123456789") == ""
	}
}

func (x *odsReader) number(c *odsCell, out *cell.Cell) error {
	if !isNumber(c.value) {
		return x.bad(c, "isn't a number")
	}
	if f := bareFormula(c.formula); string(f) == "TRUE()" || string(f) == "FALSE()" { // how LibreOffice keeps a boolean of another program
		return x.boolean(c, strings.ToLower(strings.TrimSuffix(string(f), "()")), out)
	}
	out.Kind = cell.Number
	class := x.d.styles.formats[c.format].Class
	switch {
	case string(c.kind) == "percentage" && class != cell.Percent:
		out.Format = odsPercent
	case string(c.kind) == "currency" && class != cell.Currency:
		out.Format = odsCurrency
	case isDate(class):
		out.Kind = cell.Date
	}
	return nil
}

func (x *odsReader) boolean(c *odsCell, value string, out *cell.Cell) error {
	out.Kind = cell.Bool
	switch value {
	case "true":
		out.Text = trueText
	case "false":
		out.Text = falseText
	default:
		return x.bad(c, "is neither true nor false")
	}
	return nil
}

// date reads an ISO date into a serial. A day that no serial stands for, before 1900 or after 9999, stays the text that it is.
func (x *odsReader) date(c *odsCell, out *cell.Cell) error {
	day, clock, timed := bytes.Cut(c.value, []byte("T"))
	iso := c.value
	if string(day) == "1899-12-30" && timed { // day 0, which shows the time alone
		iso = clock
	}
	if out.Text = isoSerial(iso, x.d.date1904); out.Text != nil {
		out.Kind = cell.Date
	} else if out.Kind, out.Text = cell.Text, c.value; !far(string(day)) {
		return x.bad(c, "is no date")
	}
	if out.Kind == cell.Date && !isDate(x.d.styles.formats[c.format].Class) {
		if out.Format = odsDate; timed {
			out.Format = odsDateTime
		}
	}
	return nil
}

// far says whether s is a day before those that have serials, or after.
func far(s string) bool {
	if d, err := time.Parse(time.DateOnly, s); err == nil {
		return d.Year() < 1904
	}
	parts := strings.Split(strings.TrimPrefix(s, "-"), "-")
	return len(parts) == 3 && (len(parts[0]) > 4 || s[0] == '-') && len(parts[1]) == 2 && len(parts[2]) == 2 && strings.Trim(strings.Join(parts, ""), "0123456789") == ""
}

// time reads an ISO duration into days: PT06H30M00S is 0.27083333.
func (x *odsReader) time(c *odsCell, out *cell.Cell) error {
	if out.Kind, out.Text = cell.Date, durationDays(c.value); out.Text == nil {
		return x.bad(c, "is no time")
	}
	if !isDate(x.d.styles.formats[c.format].Class) {
		out.Format = odsTime
	}
	return nil
}

// durationDays turns a duration of ISO 8601 into days; nil if it is none, or one of months.
func durationDays(b []byte) []byte {
	s, negative := strings.CutPrefix(string(b), "-")
	s, ok := strings.CutPrefix(s, "P")
	days := new(big.Rat)
	for s != "" && ok {
		if s[0] == 'T' {
			s = s[1:]
			continue
		}
		n := strings.IndexAny(s, "DHMS")
		seconds := map[byte]int64{'D': 86400, 'H': 3600, 'M': 60, 'S': 1}
		if n < 1 || n > 30 || !isNumber([]byte(s[:n])) || strings.ContainsAny(s[:n], "eE+-") {
			return nil
		}
		part, _ := new(big.Rat).SetString(s[:n])
		days.Add(days, part.Mul(part, big.NewRat(seconds[s[n]], 86400)))
		s = s[n+1:]
	}
	if !ok || len(b) < 3 {
		return nil
	}
	text := days.FloatString(15)
	if text = strings.TrimRight(strings.TrimRight(text, "0"), "."); text == "" {
		text = "0"
	}
	if negative {
		text = "-" + text
	}
	return []byte(text)
}

func (x *odsReader) bad(c *odsCell, what string) error {
	return x.fault("the value of cell %s, %.40q, %s", cell.A1(x.row.Num, x.col), c.value, what)
}
