package mapping

import (
	"bytes"
	"math/bits"
	"strconv"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"
)

// evidence is what a Scan learns about one column.
type evidence struct {
	dates       value.DateReadings // that fit all dates in text so far
	separators  value.Separators   // that fit all numbers in text so far
	against     [3]cell.Sample     // the first cell that rules out each reading
	last        cell.Sample        // the cell that ruled out the last reading
	contradicts cell.Sample        // a cell that contradicts last
	ambiguous   cell.Sample        // the first cell whose readings differ
	differing   value.DateReadings // the readings of all such cells
	text        []byte             // the latest date, since neighbors are often equal
	currency    cell.Sample
	mixed       cell.Sample       // the first cell with another currency
	counts      map[string]*count // by the code of a notice, or the word of a repair
}

// counted are the codes of the notices about cells to which something harmless was done.
var counted = []string{
	problem.CurrencyStripped, problem.TimeCut, problem.YearShort, problem.KeyTrimmed, problem.ZerosRestored, problem.IDFraction, problem.IDExponent,
}

// count counts cells to which something harmless was done. One notice for a column tells about all
// of them.
type count struct {
	n     int
	first cell.Sample
	want  string // what the first one became
}

func (c *count) add(row int, text []byte, want string) {
	if c.n == 0 {
		c.first, c.want = cell.Sample{Row: row, Text: string(text)}, want
	}
	c.n++
}

// count counts a cell under a code or a word.
func (e *evidence) count(what string, row int, text []byte, want string) {
	n := e.counts[what]
	if n == nil {
		n = &count{}
		e.counts[what] = n
	}
	n.add(row, text, want)
}

func cellCount(n int) string {
	if n == 1 {
		return "1 cell"
	}
	return strconv.Itoa(n) + " cells"
}

// observe looks at one cell of the column that isn't blank.
func (c *column) observe(d value.Display, row int, x *cell.Cell) {
	if c.Repair != 0 {
		repaired := c.repair(d, row, *x)
		if x = &repaired; len(x.Text) == 0 {
			return
		}
	}
	switch c.field.Type {
	case catalog.DateType:
		switch x.Kind {
		case cell.Text:
			c.evidence.observeDate(row, x.Text)
		case cell.Date:
			if bytes.IndexByte(x.Text, '.') < 0 && bytes.IndexByte(x.Text, 'E') < 0 {
				return
			}
			if date, ok := cell.FromSerial(x.Text, d.Source.Date1904); ok && date.Seconds != 0 {
				c.evidence.count(problem.TimeCut, row, d.Date(x.Text), "")
			}
		}
	case catalog.DecimalType:
		if x.Kind == cell.Text {
			c.evidence.observeNumber(row, x.Text)
		}
	case catalog.IDText, catalog.ListType:
		c.evidence.observeID(d, row, x)
	}
}

func (e *evidence) observeDate(row int, text []byte) {
	if len(e.text) > 0 && bytes.Equal(text, e.text) && len(e.counts) == 0 {
		return
	}
	e.text = append(e.text[:0], text...)
	d, ok := value.ParseDate(value.TrimSpace(text))
	if !ok {
		return
	}
	if d.Time {
		e.count(problem.TimeCut, row, text, "")
	}
	set := d.Readings()
	if d.Short && (d.Fixed || set != 0) {
		e.count(problem.YearShort, row, text, "")
	}
	if d.Fixed || set == 0 {
		return
	}
	if set&(set-1) != 0 && e.dates&set != 0 && readingsDiffer(&d, set) {
		e.differing |= set
		if e.ambiguous.Row == 0 {
			e.ambiguous = cell.Sample{Row: row, Text: string(text)}
		}
	}
	e.dates = narrow(e, row, text, e.dates, set)
}

// narrow returns the readings in possible that fit a cell, and notes which cell rules out the
// others.
func narrow[T ~uint8](e *evidence, row int, text []byte, possible, fit T) T {
	if possible == 0 {
		return 0
	}
	for i := range e.against {
		if fit>>i&1 == 0 && e.against[i].Row == 0 {
			e.against[i] = cell.Sample{Row: row, Text: string(text)}
		}
	}
	if possible&fit == 0 {
		e.last, e.contradicts = cell.Sample{Row: row, Text: string(text)}, e.against[bits.TrailingZeros8(uint8(fit))]
	}
	return possible & fit
}

// readingsDiffer reports whether the readings of a date are different days; 5/5/2024 is one day.
func readingsDiffer(d *value.Date, set value.DateReadings) bool {
	var first cell.Civil
	n := 0
	for _, o := range value.DateOrders {
		if set&o.Order == 0 {
			continue
		}
		date, _ := d.In(o.Order)
		if n > 0 && date != first {
			return true
		}
		first, n = date, n+1
	}
	return false
}

func (e *evidence) observeNumber(row int, text []byte) {
	n, ok := value.ParseNumber(value.TrimSpace(text))
	if !ok || n.Percent {
		return
	}
	if n.Currency != nil {
		e.count(problem.CurrencyStripped, row, text, "")
		switch {
		case e.currency.Row == 0:
			e.currency = cell.Sample{Row: row, Text: string(n.Currency)}
		case e.mixed.Row == 0 && e.currency.Text != string(n.Currency):
			e.mixed = cell.Sample{Row: row, Text: string(n.Currency)}
		}
	}
	switch {
	case n.Plain:
	case n.Readings != value.AnySeparator:
		e.separators = narrow(e, row, text, e.separators, n.Readings)
	case e.ambiguous.Row == 0:
		e.ambiguous = cell.Sample{Row: row, Text: string(text)}
	}
}

func (e *evidence) observeID(d value.Display, row int, x *cell.Cell) {
	switch x.Kind {
	case cell.Text:
		if first, last := x.Text[0], x.Text[len(x.Text)-1]; first <= ' ' || last <= ' ' || first >= 0x7f || last >= 0x7f {
			if t := value.TrimSpace(x.Text); len(t) < len(x.Text) && len(t) > 0 {
				e.count(problem.KeyTrimmed, row, x.Text, string(t))
			}
		}
		if i := bytes.IndexByte(x.Text, '+'); i > 1 && x.Text[i-1]|0x20 == 'e' {
			if n, ok := value.ParseNumber(x.Text); ok && bytes.IndexByte(n.Body, '+') > 0 {
				e.count(problem.IDExponent, row, x.Text, "")
			}
		}
	case cell.Number:
		if x.Format != 0 {
			if zeros := d.Format(*x).Zeros; zeros > len(x.Text) {
				if out, ok := cell.AppendDecimal(nil, x.Text); ok && value.AllDigits(out) {
					e.count(problem.ZerosRestored, row, x.Text, string(value.PadZeros(out, 0, zeros)))
				}
			}
		}
		if bytes.IndexByte(x.Text, '.') >= 0 {
			if out, ok := cell.AppendDecimal(nil, x.Text); ok && bytes.IndexByte(out, '.') >= 0 {
				e.count(problem.IDFraction, row, x.Text, string(out))
			}
		}
	}
}

// finalize decides how the column's values are read, and returns what is worth knowing about them.
func (c *column) finalize() []problem.Problem {
	out := c.finalizeRepairs()
	e := &c.evidence
	switch {
	case c.given:
	case c.field.Type == catalog.DateType:
		switch both := e.differing & e.dates; {
		case e.dates == 0:
			c.doubt = problem.DateMixed
		case both&(both-1) != 0:
			c.doubt = problem.DateAmbiguous
		default: // one reading is left, or those that are left don't differ
			c.DateOrder = e.dates & -e.dates
		}
	case c.field.Type == catalog.DecimalType:
		switch {
		case e.separators == 0:
			c.doubt = problem.DecimalMixed
		case e.separators != value.AnySeparator:
			c.Decimal = e.separators
		case e.ambiguous.Row != 0:
			c.doubt = problem.DecimalAmbiguous
		}
	}
	switch c.doubt {
	case "":
	case problem.DateMixed, problem.DecimalMixed:
		out = append(out, problem.New(c.doubt, append(e.contradiction(c.col), "header", c.header, "field", c.path)...))
	default:
		wrong := c.ambiguous(c.doubt, value.TrimSpace([]byte(e.ambiguous.Text)))
		out = append(out, problem.New(c.doubt, append(wrong.args, "cell", e.ambiguous.At(c.col), "field", c.path)...))
	}
	return append(out, c.notices()...)
}

// contradiction names the two cells of column col that contradict each other.
func (e *evidence) contradiction(col int) []string {
	return []string{"value", e.last.Text, "cell", e.last.At(col), "other", e.contradicts.Text, "at", e.contradicts.At(col)}
}

// notices tells what was done to the column's cells.
func (c *column) notices() []problem.Problem {
	e, out := &c.evidence, []problem.Problem(nil)
	if e.mixed.Row != 0 {
		out = append(out, problem.New(problem.CurrencyMixed, "header", c.header, "field", c.path, "value", e.mixed.Text, "cell", e.mixed.At(c.col),
			"other", e.currency.Text, "at", e.currency.At(c.col)))
	}
	for _, code := range counted {
		n := e.counts[code]
		if n == nil || code == problem.YearShort && c.doubt != "" { // the dates are invalid anyway
			continue
		}
		if code == problem.YearShort {
			n.want = c.longDate(n.first.Text)
		}
		out = append(out, c.notice(code, n))
	}
	return out
}

// notice tells about counted cells.
func (c *column) notice(code string, n *count, args ...string) problem.Problem {
	return problem.New(code, append(args, "header", c.header, "field", c.path, "cell", n.first.At(c.col), "value", n.first.Text,
		"cells", cellCount(n.n), "want", n.want)...)
}

// longDate writes out the date that a text means in this column.
func (c *column) longDate(text string) string {
	d, _ := value.ParseDate(value.TrimSpace([]byte(text)))
	order := c.DateOrder
	if order == 0 {
		order = d.Readings()
	}
	date, _ := d.In(order)
	return value.LongDate(date)
}
