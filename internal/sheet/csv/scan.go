package csv

import (
	"math/bits"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
)

// scanner splits text into records by RFC 4180, and as real files have them: any of CR, LF and CRLF
// ends a record; a quote inside a field that doesn't begin with one is text; what is between a
// closing quote and the next delimiter is text too; a CRLF inside quotes is one line break, LF.
type scanner struct {
	marks    marks
	bytewise int // offset up to which records are read byte by byte

	// The record, if split has found its end.
	cells  []cell.Cell // those that aren't blank
	width  int         // its fields; 0 for a blank line
	breaks int         // line breaks inside its quotes, after unquoteCells
	quoted []int       // indices in cells of texts that have to be unquoted
	tails  int         // cells with text after their closing quote

	// Where split stopped, if it hasn't.
	start int  // offset of the incomplete field
	open  bool // its quote isn't closed
}

func (s *scanner) seek(data []byte, offset int) {
	s.bytewise = 0
	s.marks.seek(data, offset)
}

// split splits the record that begins at the offset from (where the previous one ended, or seek has
// gone) and returns the offset after its line end, or 0 if data doesn't hold all of it. last means
// that nothing follows data.
func (s *scanner) split(data []byte, from int, last bool) int {
	s.cells, s.quoted, s.tails, s.breaks = s.cells[:0], s.quoted[:0], 0, 0
	m := &s.marks
	if s.bytewise > 0 || m.irregular {
		return s.splitBytewise(data, from, last)
	}
	start, col, left := from, 0, m.left
	for {
		for left == 0 {
			if m.block+blockSize >= len(data) {
				m.left, s.start, s.open = 0, start, m.inside != 0
				return s.atEnd(data, from, col, last)
			}
			if m.next(data); m.irregular {
				return s.splitBytewise(data, from, last)
			}
			left = m.left
		}
		k := m.block + bits.TrailingZeros64(left)
		left &= left - 1
		switch {
		case k == start:
		case data[start] != '"':
			s.add(col, data[start:k:k])
		case start <= m.unescape:
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

func (s *scanner) atLineEnd(data []byte, from, k, fields int, last bool) int {
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

func (s *scanner) atEnd(data []byte, from, col int, last bool) int {
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

// add adds a cell. Setting the fields one by one takes half the time of an append. A record that is
// too wide will be an error, so its further cells are dropped.
func (s *scanner) add(col int, text []byte) {
	n := len(s.cells)
	if n == cap(s.cells) {
		if n > book.MaxColumns {
			return
		}
		s.cells = append(s.cells, cell.Cell{})
	}
	s.cells = s.cells[:n+1]
	c := &s.cells[n]
	c.Col, c.Kind, c.Format, c.Text = col, cell.Text, 0, text
}

// addQuoted adds a field whose raw text begins with a quote. It isn't unquoted yet, since the
// record may be split again before it is complete.
func (s *scanner) addQuoted(col int, raw []byte) {
	if len(raw) > 2 {
		s.quoted = append(s.quoted, len(s.cells))
		s.add(col, raw)
	}
}

// unquoteCells unquotes the cells of a complete record, in place, and counts the line breaks in
// them.
func (s *scanner) unquoteCells() {
	for _, i := range s.quoted {
		text, breaks := unquote(s.cells[i].Text)
		s.cells[i].Text = text
		s.breaks += breaks
	}
}
