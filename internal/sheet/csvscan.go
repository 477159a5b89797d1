package sheet

import (
	"encoding/binary"
	"math/bits"

	"ordersheet/internal/cell"
)

// csvScan cuts text into records by RFC 4180, with what real files do beside it: any of CR, LF and CRLF ends a record; a quote inside a field that doesn't begin with one
// is text; what stands between a closing quote and the next delimiter is text too; a CRLF inside quotes is one line break, LF. It looks at eight bytes at a time and
// stops only at delimiters, quotes and line ends.
type csvScan struct {
	marks csvMarks

	// The record, when cut has given its length.
	cells  []cell.Cell // those that aren't blank
	width  int         // its fields; 0 for a blank line
	breaks int         // line breaks inside its quotes
	dirty  []int       // indices in cells: the text isn't yet freed of its quotes
	tails  []int       // indices in cells: there was text behind the closing quote

	// Where it stopped, when cut has given 0.
	start  int  // offset of the field that isn't over
	quoted bool // its quote is open
}

// csvQuotes is where the scan stands inside one field.
type csvQuotes struct {
	began  bool // the field begins with a quote
	open   bool // it isn't closed
	dirty  bool // what stands between isn't the value: doubled quotes, CRLF
	closed int  // offset of the last quote that closed
}

// see takes note of the quote at offset k in the field that begins at start. A doubled quote closes and opens again.
func (q *csvQuotes) see(k, start int) {
	switch {
	case q.open:
		q.open, q.closed = false, k
	case k == start:
		q.began, q.open = true, true
	case q.began && k == q.closed+1:
		q.open, q.dirty = true, true
	}
}

// cut finds the record at the beginning of data and returns its length, line end included, or 0 when data doesn't hold all of it; last says that nothing follows data.
func (s *csvScan) cut(data []byte, last bool) int {
	s.dirty, s.tails, s.breaks = s.dirty[:0], s.tails[:0], 0
	var q csvQuotes
	cells, marks, start, col := s.cells[:0], s.marks, 0, 0
	for i := 0; i < len(data); i += 8 {
		for m := marks.find(csvWord(data, i)); m != 0; m &= m - 1 {
			k := i + bits.TrailingZeros64(m)>>3
			c := data[k]
			if c == '"' {
				q.see(k, start)
				continue
			}
			if q.open {
				s.inside(data, k, &q)
				continue
			}
			if q.began {
				cells = s.quotedCell(cells, col, start, data[:k], &q)
			} else if k > start {
				cells = append(cells, cell.Cell{Col: col, Kind: cell.Text, Text: data[start:k:k]})
			}
			start = k + 1
			col++
			if c == marks.delimiter {
				continue
			}
			if c == '\r' && start == len(data) && !last { // the LF may be what comes next
				s.cells, s.start, s.quoted = cells, k, false
				return 0
			}
			if k == 0 {
				col = 0
			}
			if c == '\r' && start < len(data) && data[start] == '\n' {
				start++
			}
			s.cells, s.width = cells, col
			return start
		}
	}
	s.cells, s.start, s.quoted = cells, start, q.open
	if !last || q.open || len(data) == 0 {
		return 0
	}
	return s.lastField(data, start, col, &q)
}

// lastField ends the record at the end of the text, where no line end stands.
func (s *csvScan) lastField(data []byte, start, col int, q *csvQuotes) int {
	if q.began {
		s.cells = s.quotedCell(s.cells, col, start, data, q)
	} else if len(data) > start {
		s.cells = append(s.cells, cell.Cell{Col: col, Kind: cell.Text, Text: data[start:len(data):len(data)]})
	}
	s.width = col + 1
	return len(data)
}

// quotedCell adds the field that begins with the quote at data[start] and ends with data, and clears q for the next one. Text with anything to drop or to replace in it is
// only marked: the record may be scanned again before it is whole, so its bytes must stay.
func (s *csvScan) quotedCell(cells []cell.Cell, col, start int, data []byte, q *csvQuotes) []cell.Cell {
	text, tail := data[start:len(data):len(data)], q.closed != len(data)-1
	switch {
	case tail:
		s.tails = append(s.tails, len(cells))
		fallthrough
	case q.dirty:
		s.dirty = append(s.dirty, len(cells))
	case len(text) == 2:
		*q = csvQuotes{}
		return cells
	default:
		text = text[1 : len(text)-1 : len(text)-1]
	}
	*q = csvQuotes{}
	return append(cells, cell.Cell{Col: col, Kind: cell.Text, Text: text})
}

// inside takes note of a line break in quotes at offset k; a delimiter there means nothing.
func (s *csvScan) inside(data []byte, k int, q *csvQuotes) {
	switch {
	case data[k] == '\r':
		s.breaks++
		q.dirty = q.dirty || k+1 < len(data) && data[k+1] == '\n'
	case data[k] == '\n' && data[k-1] != '\r':
		s.breaks++
	}
}

// settle gives the marked cells of a whole record their values, in place.
func (s *csvScan) settle() {
	for _, i := range s.dirty {
		s.cells[i].Text = csvUnquote(s.cells[i].Text)
	}
}

// csvUnquote turns a field that begins with a quote into its value, in place.
func csvUnquote(raw []byte) []byte {
	out, open, i := raw[:0], true, 1
	for ; i < len(raw) && open; i++ {
		switch {
		case raw[i] == '"' && i+1 < len(raw) && raw[i+1] == '"':
			out = append(out, '"')
			i++
		case raw[i] == '"':
			open = false
		case raw[i] == '\r' && i+1 < len(raw) && raw[i+1] == '\n':
		default:
			out = append(out, raw[i])
		}
	}
	return append(out, raw[i:]...)
}

// csvMarks finds the bytes that mean something, eight at a time.
type csvMarks struct {
	delimiter byte
	pattern   uint64 // the delimiter in each of eight bytes
}

const (
	csvOnes = 0x0101010101010101
	csvLow  = 0x7f * csvOnes
	csvHigh = 0x80 * csvOnes
)

func newCSVMarks(delimiter byte) csvMarks {
	return csvMarks{delimiter: delimiter, pattern: uint64(delimiter) * csvOnes}
}

// find sets the highest bit of each byte of x that is the delimiter, a quote, CR or LF, and clears all others. With the highest bits out of the way (no mark has one) the sum
// carries into it exactly where the byte differs from the mark, and never into the next byte.
func (m csvMarks) find(x uint64) uint64 {
	y := x & csvLow
	differs := ((y ^ m.pattern) + csvLow) & ((y ^ '"'*csvOnes) + csvLow) & ((y ^ '\n'*csvOnes) + csvLow) & ((y ^ '\r'*csvOnes) + csvLow)
	return ^(differs | x) & csvHigh
}

// csvWord loads the eight bytes at data[i:], the first in the lowest place, with zeros past the end.
func csvWord(data []byte, i int) uint64 {
	if i+8 <= len(data) {
		return binary.LittleEndian.Uint64(data[i:])
	}
	var rest [8]byte
	copy(rest[:], data[i:])
	return binary.LittleEndian.Uint64(rest[:])
}
