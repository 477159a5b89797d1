package sheet

import (
	"math/bits"

	"ordersheet/internal/cell"
)

// csvScan cuts text into records by RFC 4180, with what real files do beside it: any of CR, LF and CRLF ends a record; a quote inside a field that doesn't begin with one
// is text; what stands between a closing quote and the next delimiter is text too; a CRLF inside quotes is one line break, LF.
type csvScan struct {
	marks csvMarks
	slow  int // offset up to which records are read byte by byte

	// The record, when cut has found its end.
	cells  []cell.Cell // those that aren't blank
	width  int         // its fields; 0 for a blank line
	breaks int         // line breaks inside its quotes, known when it is settled
	dirty  []int       // indices in cells: the text may not be the value yet
	tails  int         // cells with text behind their closing quote

	// Where cut stopped, when it hasn't.
	start int  // offset of the field that isn't over
	open  bool // its quote isn't closed
}

// seek goes to the offset where a record begins.
func (s *csvScan) seek(data []byte, offset int) {
	s.slow = 0
	s.marks.seek(data, offset)
}

// cut finds the end of the record that begins at the offset from (where the one before ended, or seek has gone) and returns the offset behind its line end, or 0 when data
// doesn't hold all of it. last says that nothing follows data.
func (s *csvScan) cut(data []byte, from int, last bool) int {
	s.cells, s.dirty, s.tails, s.breaks = s.cells[:0], s.dirty[:0], 0, 0
	m := &s.marks
	if s.slow > 0 || m.odd {
		return s.cutSlowly(data, from, last)
	}
	start, col, left := from, 0, m.left
	for {
		for left == 0 {
			if m.block+csvBlock >= len(data) {
				m.left, s.start, s.open = 0, start, m.inside != 0
				return s.atEnd(data, from, col, last)
			}
			if m.next(data); m.odd {
				return s.cutSlowly(data, from, last)
			}
			left = m.left
		}
		k := m.block + bits.TrailingZeros64(left)
		left &= left - 1
		switch {
		case k == start:
		case data[start] != '"':
			s.add(col, data[start:k:k])
		case start <= m.twist:
			s.addQuoted(col, data[start:k:k])
		case k-start > 2:
			s.add(col, data[start+1:k-1:k-1])
		}
		start = k + 1
		col++
		if data[k] != m.delimiter {
			m.left = left
			return s.atLineEnd(data, from, k, col, last)
		}
	}
}

// atLineEnd ends a record of so many fields at the line end at offset k.
func (s *csvScan) atLineEnd(data []byte, from, k, fields int, last bool) int {
	s.width = fields
	if k == from {
		s.width = 0
	}
	if data[k] == '\n' {
		return k + 1
	}
	if k+1 == len(data) && !last { // an LF may come next
		s.start, s.open = k, false
		return 0
	}
	if k+1 == len(data) || data[k+1] != '\n' {
		return k + 1
	}
	m := &s.marks
	if m.left == 0 { // the LF is the first byte of the next block
		m.next(data)
	}
	m.left &= m.left - 1
	return k + 2
}

// atEnd ends a record at the end of the text, where no line end stands.
func (s *csvScan) atEnd(data []byte, from, col int, last bool) int {
	if !last || s.open || from == len(data) {
		return 0
	}
	text := data[s.start:len(data):len(data)]
	if len(text) > 0 && text[0] == '"' {
		s.addQuoted(col, text)
	} else if len(text) > 0 {
		s.add(col, text)
	}
	s.width = col + 1
	return len(data)
}

// add adds a cell. It sets field by field: that is half the time of an append. A record that is wider than any sheet will be refused, so its cells aren't all kept.
func (s *csvScan) add(col int, text []byte) {
	n := len(s.cells)
	if n == cap(s.cells) {
		if n > csvColumns {
			return
		}
		s.cells = append(s.cells, cell.Cell{})
	}
	s.cells = s.cells[:n+1]
	c := &s.cells[n]
	c.Col, c.Kind, c.Format, c.Text = col, cell.Text, 0, text
}

// addQuoted adds the field with the raw text, which begins with a quote. It is only marked: the record may be cut again before it is whole,
// so its bytes must stay.
func (s *csvScan) addQuoted(col int, raw []byte) {
	if len(raw) > 2 {
		s.dirty = append(s.dirty, len(s.cells))
		s.add(col, raw)
	}
}

// settle gives the marked cells of a whole record their values, in place, and counts the line breaks in them.
func (s *csvScan) settle() {
	for _, i := range s.dirty {
		text, breaks := csvUnquote(s.cells[i].Text)
		s.cells[i].Text = text
		s.breaks += breaks
	}
}
