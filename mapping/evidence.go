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

// tally counts cells to which something harmless happened: one notice a column tells of them all, where one a cell would drown the rest.
type tally struct {
	count int
	first cell.Sample
	want  string // what became of the first
}

func (t *tally) add(row int, text []byte, want string) {
	if t.count == 0 {
		t.first, t.want = cell.Sample{Row: row, Text: string(text)}, want
	}
	t.count++
}

// evidence is what pass 1 learns of one column.
type evidence struct {
	col      int
	left     value.DateReadings // the readings that fit every date so far; numbers use bits of separator in nums
	nums     value.Separators
	against  [3]cell.Sample // the first cell that ruled out each reading
	emptied  cell.Sample    // the cell that ruled out the last one
	narrowed cell.Sample    // a cell that emptied contradicts
	either   cell.Sample    // the first cell whose readings differ; with more than one reading left, it is why the column is refused
	differ   value.DateReadings
	last     []byte // the latest text, since neighbours are often equal
	lastRow  int
	currency cell.Sample
	mixed    cell.Sample // the first cell with another currency
	stripped tally
	cut      tally
	short    tally
	trimmed  tally
	zeros    tally
	fraction tally
	exponent tally
}

// observe looks at one cell that isn't blank.
func (s *slot) observe(v *converter, row int, c *cell.Cell) {
	if s.repairs != 0 {
		m := s.observeRepair(v, row, *c)
		c = &m
		if len(c.Text) == 0 {
			return
		}
	}
	switch s.field.Type {
	case catalog.DateType:
		s.observeDate(v, row, c)
	case catalog.DecimalType:
		if c.Kind == cell.Text {
			s.proof.number(row, c.Text)
		}
	case catalog.IDText, catalog.ListType:
		s.observeID(v, row, c)
	}
}

func (s *slot) observeDate(v *converter, row int, c *cell.Cell) {
	switch c.Kind {
	case cell.Text:
		s.proof.date(row, c.Text)
	case cell.Date:
		if bytes.IndexByte(c.Text, '.') < 0 && bytes.IndexByte(c.Text, 'E') < 0 {
			return
		}
		if d, ok := cell.FromSerial(c.Text, v.Source.Date1904); ok && d.Seconds != 0 {
			s.proof.cut.add(row, v.Display.Date(c.Text), "")
		}
	}
}

// date takes the evidence of one date written as text.
func (e *evidence) date(row int, text []byte) {
	if e.lastRow > 0 && bytes.Equal(text, e.last) && e.cut.count == 0 && e.short.count == 0 {
		return
	}
	e.last, e.lastRow = append(e.last[:0], text...), row
	d, ok := value.ParseDate(value.TrimSpace(text))
	if !ok {
		return
	}
	if d.Time {
		e.cut.add(row, text, "")
	}
	set := d.Readings()
	if d.Fixed {
		if d.Short {
			e.short.add(row, text, value.LongDate(d.Date))
		}
		return
	}
	if set == 0 {
		return
	}
	if d.Short {
		e.short.add(row, text, "")
	}
	e.narrowDates(row, text, &d, set)
}

func (e *evidence) narrowDates(row int, text []byte, d *value.Date, set value.DateReadings) {
	if set&(set-1) != 0 && e.left&set != 0 && differing(d, set) {
		e.differ |= set
		if e.either.Row == 0 {
			e.either = cell.Sample{Row: row, Text: string(text)}
		}
	}
	e.left = value.DateReadings(e.narrow(row, text, uint8(e.left), uint8(set)))
}

// narrow keeps the readings of left that fit a cell, and notes which cell ruled out the others.
func (e *evidence) narrow(row int, text []byte, left, set uint8) uint8 {
	if left == 0 {
		return 0
	}
	for i := range e.against {
		if set>>i&1 == 0 && e.against[i].Row == 0 {
			e.against[i] = cell.Sample{Row: row, Text: string(text)}
		}
	}
	if left&set == 0 {
		e.emptied, e.narrowed = cell.Sample{Row: row, Text: string(text)}, e.against[bits.TrailingZeros8(set)]
	}
	return left & set
}

// differing says that the readings of a date are different days; 5/5/2024 is one day either way.
func differing(d *value.Date, set value.DateReadings) bool {
	var first cell.Civil
	n := 0
	for _, o := range value.DateOrderWords {
		if set&o.Order == 0 {
			continue
		}
		c, _ := d.In(o.Order)
		if n > 0 && c != first {
			return true
		}
		first, n = c, n+1
	}
	return false
}

// number takes the evidence of one number written as text.
func (e *evidence) number(row int, text []byte) {
	n, ok := value.ParseNumber(value.TrimSpace(text))
	if !ok || n.Percent {
		return
	}
	if n.Currency != nil {
		e.stripped.add(row, text, "")
		switch {
		case e.currency.Row == 0:
			e.currency = cell.Sample{Row: row, Text: string(n.Currency)}
		case e.mixed.Row == 0 && e.currency.Text != string(n.Currency):
			e.mixed = cell.Sample{Row: row, Text: string(n.Currency)}
		}
	}
	if n.Plain {
		return
	}
	if n.Readings == value.AnySeparator {
		if e.either.Row == 0 {
			e.either = cell.Sample{Row: row, Text: string(text)}
		}
		return
	}
	e.nums = value.Separators(e.narrow(row, text, uint8(e.nums), uint8(n.Readings)))
}

func (s *slot) observeID(v *converter, row int, c *cell.Cell) {
	e := &s.proof
	switch c.Kind {
	case cell.Text:
		if first, last := c.Text[0], c.Text[len(c.Text)-1]; first <= ' ' || last <= ' ' || first >= 0x7f || last >= 0x7f {
			if t := value.TrimSpace(c.Text); len(t) < len(c.Text) && len(t) > 0 {
				e.trimmed.add(row, c.Text, string(t))
			}
		}
		if i := bytes.IndexByte(c.Text, '+'); i > 1 && c.Text[i-1]|0x20 == 'e' {
			if n, ok := value.ParseNumber(c.Text); ok && bytes.IndexByte(n.Body, '+') > 0 {
				e.exponent.add(row, c.Text, "")
			}
		}
	case cell.Number:
		if c.Format != 0 {
			if zeros := v.Format(*c).Zeros; zeros > len(c.Text) {
				if out, ok := cell.AppendDecimal(nil, c.Text); ok && value.AllDigits(out) {
					e.zeros.add(row, c.Text, string(value.PadZeros(out, 0, zeros)))
				}
			}
		}
		if bytes.IndexByte(c.Text, '.') >= 0 {
			if out, ok := cell.AppendDecimal(nil, c.Text); ok && bytes.IndexByte(out, '.') >= 0 {
				e.fraction.add(row, c.Text, string(out))
			}
		}
	}
}

// settle draws the verdict of the column: the order of its dates, the separator of its decimals, or the code that refuses its doubtful texts.
func (s *slot) settle() []problem.Problem {
	out := s.settleRepairs()
	switch e := &s.proof; {
	case s.told:
	case s.field.Type == catalog.DateType:
		switch both := e.differ & e.left; {
		case e.left == 0:
			s.doubt = problem.DateMixed
		case both&(both-1) != 0:
			s.doubt = problem.DateAmbiguous
		default: // one reading is left, or no date differs between those that are
			s.order = e.left & -e.left
		}
	case s.field.Type == catalog.DecimalType:
		switch {
		case e.nums == 0:
			s.doubt = problem.DecimalMixed
		case e.nums != value.AnySeparator:
			s.sep = e.nums
		case e.either.Row != 0:
			s.doubt = problem.DecimalAmbiguous
		}
	}
	if s.doubt != "" {
		out = append(out, s.verdict())
	}
	return append(out, s.notices()...)
}

// verdict is the problem of a column that is refused, at the cell that shows it best.
func (s *slot) verdict() problem.Problem {
	e := &s.proof
	if s.doubt == problem.DateMixed || s.doubt == problem.DecimalMixed {
		return problem.New(s.doubt, append(e.clash(), "header", s.header, "field", s.path)...)
	}
	f := s.doubtful(s.doubt, value.TrimSpace([]byte(e.either.Text)))
	return problem.New(s.doubt, append(f.args, "cell", e.either.At(s.col), "field", s.path)...)
}

// clash names the two cells that contradict each other.
func (e *evidence) clash() []string {
	return []string{
		"value", e.emptied.Text, "cell", e.emptied.At(e.col),
		"other", e.narrowed.Text, "at", e.narrowed.At(e.col),
	}
}

// notices tells what was done to the column's cells, with the first of them.
func (s *slot) notices() []problem.Problem {
	e, out := &s.proof, []problem.Problem(nil)
	if e.mixed.Row != 0 {
		out = append(out, problem.New(problem.CurrencyMixed, "header", s.header, "field", s.path, "value", e.mixed.Text, "cell", e.mixed.At(s.col),
			"other", e.currency.Text, "at", e.currency.At(s.col)))
	}
	for _, t := range []struct {
		code string
		*tally
	}{
		{problem.CurrencyStripped, &e.stripped},
		{problem.TimeCut, &e.cut},
		{problem.YearShort, &e.short},
		{problem.KeyTrimmed, &e.trimmed},
		{problem.ZerosRestored, &e.zeros},
		{problem.IDFraction, &e.fraction},
		{problem.IDExponent, &e.exponent},
	} {
		if t.count == 0 {
			continue
		}
		want := t.want
		if t.code == problem.YearShort {
			if s.doubt != "" {
				continue // refused anyway
			}
			want = s.spelled(t.first.Text)
		}
		cells := strconv.Itoa(t.count) + " cells"
		if t.count == 1 {
			cells = "1 cell"
		}
		out = append(out, problem.New(t.code, "header", s.header, "field", s.path, "cell", t.first.At(s.col), "value", t.first.Text, "cells", cells, "want", want))
	}
	return out
}

// spelled writes the date that a text means in this column.
func (s *slot) spelled(text string) string {
	d, _ := value.ParseDate(value.TrimSpace([]byte(text)))
	order := s.order
	if order == 0 {
		order = d.Readings()
	}
	c, _ := d.In(order)
	return value.LongDate(c)
}
