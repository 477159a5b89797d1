package detect

import (
	"bytes"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/value"
)

// mark is one thing that single cells show. What whole columns show is known only at the end.
type mark uint8

const (
	markError mark = iota
	markFormula
	markSpaces
	markDashes
	markMojibake
	markLost
	markCut
	markDotZero
	markDecimal // an identifier with any other fraction
	markExponent
	markLongNumber
	markRounded // a long number with six significant digits
	markLongText
	markLongIntact // text of more than 15 digits whose last ones aren't all zero
	markDate       // a date cell
	markBareDate   // a date cell that shows no year, or no day
	markTitleDate  // text such as 1-Mar
	markTextDate   // text that is a date of day, month and year
	markTextNumber
	markPlainText
	markShortPostal // a postal code that is too short for the country beside it
	marks
)

// column is what the detector knows about one column.
type column struct {
	col    int
	header string
	field  string
	role   role
	postal bool
	// The most digits that postal codes of the column's countries have, and of those countries
	// whose codes are short here.
	postalWide, postalShort int

	ends      bool // dates are the ends of terms
	delimited bool // the file has no types
	wordy     int  // texts without a digit
	kinds     [cell.Formula + 1]int
	marks     [marks]*places
	widths    *widths
	dates     dateProof
}

const (
	mostRuns    = 64 // of cells that a finding names
	mostSamples = 3
)

// places collects cells of one column: runs of neighbors, and a few examples.
type places struct {
	count   int
	runs    [][2]int
	beyond  int
	samples []cell.Sample
}

func (p *places) add(row int, text []byte) {
	p.count++
	if n := len(p.runs); n > 0 && p.beyond == 0 && p.runs[n-1][1] == row-1 {
		p.runs[n-1][1] = row
	} else if n < mostRuns {
		p.runs = append(p.runs, [2]int{row, row})
	} else {
		p.beyond++
	}
	if len(p.samples) < mostSamples && (len(p.samples) == 0 || p.samples[len(p.samples)-1].Text != string(text)) {
		p.samples = append(p.samples, cell.Sample{Row: row, Text: problem.Shorten(string(text))})
	}
}

func (p *places) n() int {
	if p == nil {
		return 0
	}
	return p.count
}

func (s *column) found(m mark) *places {
	if s.marks[m] == nil {
		s.marks[m] = &places{}
	}
	return s.marks[m]
}

// shape is what a text consists of.
type shape struct {
	digits int
	high   bool // something beyond ASCII
	letter int  // ASCII letters
	signs  int  // any other ASCII: . , / -
}

func shapeOf(text []byte) shape {
	var f shape
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			f.digits++
		case c >= 0x80:
			f.high = true
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			f.letter++
		default:
			f.signs++
		}
	}
	return f
}

const (
	// cellLimit is how many characters a cell holds, in units of UTF-16 (Excel specifications and
	// limits).
	cellLimit = 32767
	// longest is as long as anything but prose gets.
	longest = 40
)

// text looks at a text cell.
func (s *column) text(d *Detector, r *cell.Row, c *cell.Cell) {
	text := c.Text
	if s.role == proseRole || s.role == wordRole || d.o.Silent && s.role == anyRole {
		if len(text) < cellLimit && text[0] != '#' && !slices.ContainsFunc(text, func(c byte) bool { return c >= 0x80 }) {
			return
		}
	}
	f := shapeOf(text)
	if f.high {
		if d.o.Silent { // a conversion trims both ends, and says so
			if text = value.TrimSpace(text); len(text) == 0 {
				return
			}
		}
		s.high(r.Num, text)
	}
	if len(text) > longest {
		if len(text) >= cellLimit && len(utf16.Encode([]rune(string(text)))) == cellLimit {
			s.found(markCut).add(r.Num, text[:40])
		}
		return
	}
	if text[0] == '#' && isErrorText(text) {
		s.found(markError).add(r.Num, text)
		return
	}
	if f.digits == 0 {
		s.wordy++
	}
	if f.digits == 0 || s.role == proseRole || s.role == wordRole {
		s.found(markPlainText).count++
		return
	}
	s.textWithDigits(d, r, c.Col, text, f)
}

// textWithDigits looks at a text that may be a number, a date or an identifier.
func (s *column) textWithDigits(d *Detector, r *cell.Row, col int, text []byte, f shape) {
	switch {
	case f.digits == len(text):
		s.digits(d, r, text)
	case s.role != dateRole:
		s.oddNumber(r.Num, text, f)
	}
	if s.role == dateRole || s.role == anyRole && f.signs >= 2 {
		s.textDate(d, r.Num, col, text)
	}
	s.numeric(r.Num, text, f)
}

// numeric sorts texts into numbers and others.
func (s *column) numeric(row int, text []byte, f shape) {
	if s.role == numberRole || s.role == anyRole && (f.letter == 0 || f.high) && !value.HasLeadingZero(text) {
		if n, ok := value.ParseNumber(value.TrimSpace(text)); ok && !n.Percent {
			s.found(markTextNumber).add(row, text)
			return
		}
	}
	s.found(markPlainText).count++
}

// high looks at a text with characters beyond ASCII.
func (s *column) high(row int, text []byte) {
	if bytes.Contains(text, []byte("\ufffd")) {
		s.found(markLost).add(row, text)
	}
	if isMojibake(text) {
		s.found(markMojibake).add(row, text)
		return
	}
	if s.role != idRole && s.role != wordRole && (s.role != anyRole || len(text) > longest) {
		return
	}
	others, repairs := false, value.Repairs(0)
	for _, r := range string(text) {
		repair := value.RepairOf(r)
		repairs |= repair
		others = others || r >= utf8.RuneSelf && repair == 0
	}
	if s.role == anyRole && (others || !bytes.ContainsAny(text, "0123456789")) {
		return // words, perhaps with the spaces and dashes of good typesetting
	}
	if repairs&value.RepairSpaces != 0 {
		s.found(markSpaces).add(row, text)
	}
	if repairs&value.RepairDashes != 0 && s.role != wordRole {
		s.found(markDashes).add(row, text)
	}
}

// repairedBy reports whether a repair changes a text.
func repairedBy(r value.Repairs, text []byte) bool {
	_, done := r.ApplyText(cell.Cell{Kind: cell.Text, Text: text}, 0)
	return done != 0
}

// isMojibake reports whether a text has letters that were read in the wrong charset. Only a text
// with a character that begins such a sequence is looked at closely.
func isMojibake(text []byte) bool {
	for i := 0; i+1 < len(text); i++ {
		if text[i] == 0xc3 && (text[i+1] >= 0x82 && text[i+1] <= 0xb4) { // U+00C2 to U+00F4, what UTF-8 begins with
			return repairedBy(value.RepairMojibake, text)
		}
	}
	return false
}

// isErrorText reports whether a text is the name of an error as spreadsheets write it into text
// files, in several languages, or the signs of a column that was too narrow.
func isErrorText(text []byte) bool {
	switch string(bytes.TrimSpace(text)) {
	case "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#BEZUG!", "#NV", "#WERT!", "#ZAHL!", "#VALEUR!", "#NOM?", "#¡REF!":
		return true
	}
	return len(text) > 3 && len(bytes.Trim(text, "#")) == 0
}

// oddNumber looks at a text of digits and a few signs or letters, in a column that isn't known to
// hold dates.
func (s *column) oddNumber(row int, text []byte, f shape) {
	if s.role == numberRole {
		return
	}
	t := value.TrimSpace(text)
	switch {
	case f.letter == 1:
		if shown, meant, ok := value.ParseExponent(t); ok && meant > shown && meant >= 6 || ok && meant >= 11 {
			s.found(markExponent).add(row, text)
		}
	case f.letter == 0 && f.signs == 1 && bytes.IndexByte(t, '.') > 0 && s.role == idRole:
		if repairedBy(value.RepairDotZero, t) {
			s.found(markDotZero).add(row, text)
		} else {
			s.found(markDecimal).count++
		}
	case f.letter == 3 && isTitleDate(t):
		s.found(markTitleDate).add(row, text)
	case f.letter == 0 && f.signs >= 2 && s.role == idRole:
		if v, ok := value.ParseDate(t); ok && isPlainDate(t, &v) {
			s.found(markTextDate).add(row, text)
		}
	}
}

// isPlainDate reports whether a text is a date with a year of four digits, as programs write a date
// cell.
func isPlainDate(t []byte, d *value.Date) bool {
	return (d.Width[0] == 4 || d.Width[2] == 4) && bytes.Count(t, []byte{'.'})%2 == 0 && d.Readings() != 0
}

// isTitleDate reports whether a text is a date such as 1-Mar, 01-Mar or Mar-01, as spreadsheets
// show it. Codes that people write have other capitals.
func isTitleDate(t []byte) bool {
	day, month, _ := bytes.Cut(t, []byte{'-'})
	if value.AllDigits(month) {
		day, month = month, day
	}
	if len(day) > 2 || !value.AllDigits(day) || len(month) != 3 || month[0] < 'A' || month[0] > 'Z' || month[1] < 'a' || month[2] < 'a' {
		return false
	}
	_, ok := value.ParseDate(append(bytes.Clone(t), "-2000"...))
	return ok
}

// number looks at a number cell.
func (s *column) number(d *Detector, r *cell.Row, c *cell.Cell) {
	if s.role != idRole && s.role != anyRole {
		return
	}
	if value.WholeDigits(c.Text) > 15 {
		s.found(markLongNumber).add(r.Num, c.Text)
		return
	}
	if s.role == idRole {
		if text := d.display.Number(*c, c.Text); value.AllDigits(text) {
			s.digits(d, r, text)
		}
	}
}
