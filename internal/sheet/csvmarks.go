package sheet

import (
	"encoding/binary"
	"math/bits"
)

const (
	csvBlock = 64
	csvOnes  = 0x0101010101010101
	csvLow   = 0x7f * csvOnes
	csvHigh  = 0x80 * csvOnes
)

// csvMarks finds the delimiters and line ends that end a field, in blocks of 64 bytes with a bit a byte, the first byte in the lowest bit.
//
// Which quotes open and which close follows from their number alone as long as each one that opens stands at the beginning of a field or behind another quote (so that the
// two are one doubled quote), and each one that closes stands at the end of a field or before another quote. Whether they do is checked for all 64 bytes at once; where
// they don't, the block is odd, and csvScan reads its records byte by byte.
type csvMarks struct {
	delimiter byte
	pattern   uint64 // the delimiter in each of eight bytes

	block  int    // offset of the block at hand
	left   uint64 // its marks that haven't been looked at
	inside uint64 // all ones when the block ends inside quotes, else 0
	edge   uint64 // 1 when its last byte ends a field or closes a quote: a quote may open next
	closed uint64 // 1 when its last byte closes a quote
	odd    bool   // its quotes don't say what they mean
	twist  int    // offset of the last quote, in the blocks so far, that is doubled, or of the last line end in quotes
}

func newCSVMarks(delimiter byte) csvMarks {
	return csvMarks{delimiter: delimiter, pattern: uint64(delimiter) * csvOnes}
}

// seek goes to the offset where a record begins.
func (m *csvMarks) seek(data []byte, offset int) {
	m.inside, m.edge, m.closed, m.twist = 0, 1, 0, -1
	m.at(data, offset)
}

// next goes to the block behind the one at hand.
func (m *csvMarks) next(data []byte) { m.at(data, m.block+csvBlock) }

// at finds the marks in the block at an offset.
func (m *csvMarks) at(data []byte, offset int) {
	var (
		ends, quotes uint64
		valid        = ^uint64(0)
	)
	if offset+csvBlock <= len(data) {
		ends, quotes = m.find(data[offset:])
	} else {
		var rest [csvBlock]byte // NUL is no mark
		n := copy(rest[:], data[min(offset, len(data)):])
		ends, quotes = m.find(rest[:])
		valid = 1<<n - 1
	}
	m.block, m.odd = offset, false
	if quotes|m.inside|m.closed == 0 {
		m.left, m.edge = ends, ends>>63
		return
	}
	in := prefixXOR(quotes) ^ m.inside // from a quote that opens to before the one that closes
	opens, closes := quotes&in, quotes&^in
	out := ends &^ in
	behind := closes<<1 | m.closed
	m.odd = opens&^((out|closes)<<1|m.edge)|behind&^(out|opens)&valid != 0
	twists := opens & behind
	for held := ends & in; held != 0; held &= held - 1 {
		if k := bits.TrailingZeros64(held); data[offset+k] != m.delimiter {
			twists |= 1 << k
		}
	}
	if twists != 0 {
		m.twist = offset + 63 - bits.LeadingZeros64(twists)
	}
	m.left, m.edge, m.closed = out, (out|closes)>>63, closes>>63
	m.inside = -(in >> 63)
}

// prefixXOR sets each bit to the parity of the bits up to and with it.
func prefixXOR(x uint64) uint64 {
	for i := 1; i < 64; i *= 2 {
		x ^= x << i
	}
	return x
}

// find returns the field ends and the quotes in the first 64 bytes of b.
func (m *csvMarks) find(b []byte) (ends, quotes uint64) {
	b = b[:csvBlock]
	for i := 0; i < csvBlock; i += 16 {
		e1, q1 := findIn(binary.LittleEndian.Uint64(b[i:]), m.pattern)
		e2, q2 := findIn(binary.LittleEndian.Uint64(b[i+8:]), m.pattern)
		ends = ends>>16 | e1>>56<<48 | e2&csvTop
		quotes = quotes>>16 | q1>>56<<48 | q2&csvTop
	}
	return ends, quotes
}

// findIn returns the field ends and the quotes among the eight bytes of x, in the highest eight bits; below is rubbish. With the highest bit of each byte out of the way (no
// mark has it) a sum carries into it exactly where the byte differs, and never into the next byte. The product gathers these bits.
func findIn(x, delimiter uint64) (ends, quotes uint64) {
	y := x & csvLow
	quote := (y ^ '"'*csvOnes) + csvLow
	end := ((y ^ delimiter) + csvLow) & ((y ^ '\n'*csvOnes) + csvLow) & ((y ^ '\r'*csvOnes) + csvLow)
	return (^(end | x) & csvHigh) * csvGather, (^(quote | x) & csvHigh) * csvGather
}

const (
	csvGather = 0x0002040810204081
	csvTop    = 0xff << 56
)
