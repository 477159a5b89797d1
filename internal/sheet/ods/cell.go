package ods

import (
	"bytes"
	"math/big"
	"strings"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

// rawCell is a cell as it is in the file: its decoded attributes, and its text, which is what a
// spreadsheet program shows.
type rawCell struct {
	kind, value, formula []byte
	hasValue, hasFormula bool // the attributes are there
	stated               bool // value is office:string-value, which takes precedence over the text
	isError              bool // LibreOffice says so
	text                 []byte
	paragraphs           int
	format               uint16
}

func (x *rowReader) decode(raw []byte) []byte {
	start := len(x.arena)
	x.arena = ooxml.AppendDecoded(x.arena, raw)
	return x.arena[start:len(x.arena):len(x.arena)]
}

// readCell reads a cell, covered by a merged one or not, and adds it to the row as often as it is
// repeated.
func (x *rowReader) readCell() error {
	if !x.IsIn(ooxml.TableSpace, "table-cell") && !x.IsIn(ooxml.TableSpace, "covered-table-cell") {
		return x.SkipElement()
	}
	n, err := x.repeatCount("number-columns-repeated")
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
	return x.add(out, n)
}

func (x *rowReader) add(c cell.Cell, n int) error {
	if c.Kind == cell.Blank {
		x.col = min(x.col+n, 1<<30)
		return nil
	}
	if x.col >= book.MaxColumns || n > book.MaxColumns-x.col {
		return x.Damaged("row %d has more than %d columns", x.row.Num, book.MaxColumns)
	}
	if err := x.countRepeated(1, n-1); err != nil {
		return err
	}
	for range n {
		c.Col = x.col
		x.row.Cells = append(x.row.Cells, c)
		x.col++
	}
	return nil
}

// span records the merged range that begins with the cell opened last. Its rows are relative to the
// current row.
func (x *rowReader) span() error {
	cols, err := x.repeatCount("number-columns-spanned")
	if err != nil {
		return err
	}
	rows, err := x.repeatCount("number-rows-spanned")
	if err != nil || cols == 1 && rows == 1 || x.col >= book.MaxColumns {
		return err
	}
	x.spans = append(x.spans, cell.Range{Row2: rows - 1, Col1: x.col, Col2: min(x.col+cols, book.MaxColumns) - 1})
	return nil
}

func (x *rowReader) openCell() (c rawCell) {
	style := x.style
	for _, a := range x.Attrs {
		switch {
		case a.Space == ooxml.CalcSpace && string(a.Local) == "value-type":
			c.isError = string(a.Value) == "error"
		case a.Space == ooxml.TableSpace && string(a.Local) == "style-name":
			style = a.Value
		case a.Space == ooxml.TableSpace && string(a.Local) == "formula":
			c.formula, c.hasFormula = x.decode(a.Value), true
		case a.Space != ooxml.OfficeSpace:
		case string(a.Local) == "value-type":
			c.kind = x.decode(a.Value)
		case string(a.Local) == "string-value":
			c.value, c.stated = x.decode(a.Value), true
		case string(a.Local) == "value", string(a.Local) == "date-value", string(a.Local) == "time-value", string(a.Local) == "boolean-value":
			c.value, c.hasValue = x.decode(ooxml.Trim(a.Value)), true
		}
	}
	if len(style) > 0 {
		c.format = x.d.styles.index[string(style)]
	} else {
		c.format = x.columnFormat(x.col)
	}
	return c
}

// value finds the kind and the text of a cell; a cell without either stays Blank.
func (x *rowReader) value(c *rawCell, out *cell.Cell) error {
	if !isType(string(c.kind)) {
		return x.Damaged("a cell of row %d has the type %.20q", x.row.Num, c.kind)
	}
	if c.isError || c.hasFormula && isErrorName(c.text) { // older programs write it as the number 0 or as a text
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

func isType(s string) bool {
	switch s {
	case "", "string", "float", "percentage", "currency", "date", "time", "boolean":
		return true
	}
	return false
}

// untyped reads a cell without a type: blank, a formula that was never calculated, or a text.
func (x *rowReader) untyped(c *rawCell, out *cell.Cell) error {
	switch {
	case len(c.text) > 0:
		out.Kind, out.Text = cell.Text, c.text
	case c.hasFormula && c.paragraphs == 0: // an empty paragraph is an empty result
		out.Kind, out.Text = cell.Formula, bareFormula(c.formula)
	}
	return nil
}

// bareFormula returns a formula without its language and equals sign: of:=SUM([.A1:.A3]).
func bareFormula(f []byte) []byte {
	if lang, rest, ok := bytes.Cut(f, []byte(":")); ok && len(lang) < 8 && bytes.IndexByte(lang, '=') < 0 {
		f = rest
	}
	return bytes.TrimPrefix(f, []byte("="))
}

func isErrorName(b []byte) bool {
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

func (x *rowReader) number(c *rawCell, out *cell.Cell) error {
	if !cell.IsNumber(c.value) {
		return x.bad(c, "isn't a number")
	}
	// LibreOffice stores a boolean of another program as a number with a formula.
	if f := bareFormula(c.formula); string(f) == "TRUE()" || string(f) == "FALSE()" {
		return x.boolean(c, strings.ToLower(strings.TrimSuffix(string(f), "()")), out)
	}
	out.Kind = cell.Number
	class := x.d.styles.formats[c.format].Class
	switch {
	case string(c.kind) == "percentage" && class != cell.Percent:
		out.Format = percentFormat
	case string(c.kind) == "currency" && class != cell.Currency:
		out.Format = currencyFormat
	case class.IsDate():
		out.Kind = cell.Date
	}
	return nil
}

func (x *rowReader) boolean(c *rawCell, value string, out *cell.Cell) error {
	out.Kind = cell.Bool
	switch value {
	case "true":
		out.Text = []byte("TRUE")
	case "false":
		out.Text = []byte("FALSE")
	default:
		return x.bad(c, "is neither true nor false")
	}
	return nil
}

// date converts an ISO date to a serial. A day without a serial, before 1900 or after 9999, is read
// as a text.
func (x *rowReader) date(c *rawCell, out *cell.Cell) error {
	day, clock, timed := bytes.Cut(c.value, []byte("T"))
	iso := c.value
	if string(day) == "1899-12-30" && timed { // day 0, which shows only the time
		iso = clock
	}
	if out.Text = cell.SerialOfISO(iso, x.d.date1904); out.Text != nil {
		out.Kind = cell.Date
	} else if out.Kind, out.Text = cell.Text, c.value; !outOfRange(string(day)) {
		return x.bad(c, "isn't a date")
	}
	if out.Kind == cell.Date && !x.d.styles.formats[c.format].Class.IsDate() {
		if out.Format = dateFormat; timed {
			out.Format = dateTimeFormat
		}
	}
	return nil
}

// outOfRange reports whether s is a day before those that have serials, or after.
func outOfRange(s string) bool {
	if d, err := time.Parse(time.DateOnly, s); err == nil {
		return d.Year() < 1904
	}
	parts := strings.Split(strings.TrimPrefix(s, "-"), "-")
	return len(parts) == 3 && (len(parts[0]) > 4 || s[0] == '-') && len(parts[1]) == 2 && len(parts[2]) == 2 && strings.Trim(strings.Join(parts, ""), "0123456789") == ""
}

// time converts an ISO duration to days: PT06H30M00S is 0.27083333.
func (x *rowReader) time(c *rawCell, out *cell.Cell) error {
	if out.Kind, out.Text = cell.Date, durationDays(c.value); out.Text == nil {
		return x.bad(c, "isn't a time")
	}
	if !x.d.styles.formats[c.format].Class.IsDate() {
		out.Format = timeFormat
	}
	return nil
}

// durationDays converts an ISO 8601 duration to days; nil if it isn't one, or has months.
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
		if n < 1 || n > 30 || !cell.IsNumber([]byte(s[:n])) || strings.ContainsAny(s[:n], "eE+-") {
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

func (x *rowReader) bad(c *rawCell, what string) error {
	return x.Damaged("the value of cell %s, %.40q, %s", cell.A1(x.row.Num, x.col), c.value, what)
}
