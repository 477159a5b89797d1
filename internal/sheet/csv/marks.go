package csv

import (
	"encoding/binary"
	"math/bits"
)

const (
	blockSize = 64
	ones      = 0x0101010101010101
	lowBits   = 0x7f * ones
	highBits  = 0x80 * ones
)

// marks finds the delimiters and line ends that end a field, 64 bytes at a time, with a bit per
// byte and the first byte in the lowest bit.
//
// The parity of the quotes alone says which of them open and which close, as long as each opening
// quote is at the beginning of a field or after another quote (the two are then one doubled quote),
// and each closing quote is at the end of a field or before another quote. That is checked for all
// 64 bytes at once. Where it isn't so, the block is irregular, and scanner reads its records byte
// by byte.
type marks struct {
	delimiter byte
	pattern   uint64 // the delimiter in each of eight bytes

	block     int    // offset of the current block
	left      uint64 // its marks that weren't used yet
	inside    uint64 // all ones if the block ends inside quotes, else 0
	edge      uint64 // 1 if its last byte ends a field or closes a quote, so that a quote may open next
	closed    uint64 // 1 if its last byte closes a quote
	irregular bool   // its quotes are ambiguous
	unescape  int    // offset, so far, of the last doubled quote or line end in quotes
}

func newMarks(delimiter byte) marks {
	return marks{delimiter: delimiter, pattern: uint64(delimiter) * ones}
}

func (m *marks) seek(data []byte, offset int) {
	m.inside, m.edge, m.closed, m.unescape = 0, 1, 0, -1
	m.at(data, offset)
}

func (m *marks) next(data []byte) { m.at(data, m.block+blockSize) }

func (m *marks) at(data []byte, offset int) {
	var (
		ends, quotes uint64
		valid        = ^uint64(0)
	)
	if offset+blockSize <= len(data) {
		ends, quotes = m.find(data[offset:])
	} else {
		var rest [blockSize]byte // NUL isn't a mark
		n := copy(rest[:], data[min(offset, len(data)):])
		ends, quotes = m.find(rest[:])
		valid = 1<<n - 1
	}
	m.block, m.irregular = offset, false
	if quotes|m.inside|m.closed == 0 {
		m.left, m.edge = ends, ends>>63
		return
	}
	in := prefixXOR(quotes) ^ m.inside // from each opening quote to before its closing quote
	opens, closes := quotes&in, quotes&^in
	out := ends &^ in
	behind := closes<<1 | m.closed
	m.irregular = opens&^((out|closes)<<1|m.edge)|behind&^(out|opens)&valid != 0
	escapes := opens & behind
	for held := ends & in; held != 0; held &= held - 1 {
		if k := bits.TrailingZeros64(held); data[offset+k] != m.delimiter {
			escapes |= 1 << k
		}
	}
	if escapes != 0 {
		m.unescape = offset + 63 - bits.LeadingZeros64(escapes)
	}
	m.left, m.edge, m.closed = out, (out|closes)>>63, closes>>63
	m.inside = -(in >> 63)
}

// prefixXOR sets each bit to the parity of the bits up to and including it.
func prefixXOR(x uint64) uint64 {
	for i := 1; i < 64; i *= 2 {
		x ^= x << i
	}
	return x
}

func (m *marks) find(b []byte) (ends, quotes uint64) {
	b = b[:blockSize]
	for i := 0; i < blockSize; i += 16 {
		e1, q1 := findIn(binary.LittleEndian.Uint64(b[i:]), m.pattern)
		e2, q2 := findIn(binary.LittleEndian.Uint64(b[i+8:]), m.pattern)
		ends = ends>>16 | e1>>56<<48 | e2&topByte
		quotes = quotes>>16 | q1>>56<<48 | q2&topByte
	}
	return ends, quotes
}

// findIn returns the field ends and the quotes among the eight bytes of x in the highest eight
// bits; the other bits are garbage. Without the highest bit of each byte, which no mark has set, a
// sum carries into that bit exactly where the byte differs, and never into the next byte. The
// product gathers these bits.
func findIn(x, delimiter uint64) (ends, quotes uint64) {
	y := x & lowBits
	quote := (y ^ '"'*ones) + lowBits
	end := ((y ^ delimiter) + lowBits) & ((y ^ '\n'*ones) + lowBits) & ((y ^ '\r'*ones) + lowBits)
	return (^(end | x) & highBits) * gatherBits, (^(quote | x) & highBits) * gatherBits
}

const (
	gatherBits = 0x0002040810204081
	topByte    = 0xff << 56
)
