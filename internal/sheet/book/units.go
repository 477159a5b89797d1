package book

import (
	"io"
	"unicode/utf8"
)

// UnitReader passes on a text in UTF-16 or UTF-32 up to the first unit that isn't a character,
// which the decoders of x/text would replace by U+FFFD without an error.
type UnitReader struct {
	Src       io.Reader
	Wide      int   // bytes of a unit
	BigEndian bool  // else little-endian
	Invalid   error // what Read returns at a unit that isn't a character
	Cut       error // what Read returns if the text ends within a character

	high bool // the previous unit was the first half of a surrogate pair
	have [4]byte
	n    int // bytes in have
}

// Read implements io.Reader.
func (u *UnitReader) Read(p []byte) (int, error) {
	n, err := u.Src.Read(p)
	if good, ok := u.check(p[:n]); !ok {
		return good, u.Invalid
	}
	if err == io.EOF && (u.n != 0 || u.high) {
		err = u.Cut
	}
	return n, err
}

// check returns how many bytes come before the first unit that isn't a character.
func (u *UnitReader) check(b []byte) (good int, ok bool) {
	from := 0
	// Quickly skip what isn't near a surrogate, in either byte order.
	for u.Wide == 2 && u.n == 0 && !u.high && from+2 <= len(b) && b[from]&0xf8 != 0xd8 && b[from+1]&0xf8 != 0xd8 {
		from += 2
	}
	for i := from; i < len(b); i++ {
		u.have[u.n] = b[i]
		if u.n++; u.n < u.Wide {
			continue
		}
		u.n = 0
		if _, ok := u.Next(u.have[:u.Wide]); !ok {
			return max(0, i+1-u.Wide), false
		}
	}
	return len(b), true
}

// Next returns the next unit, b, and whether it may follow the previous one.
func (u *UnitReader) Next(b []byte) (unit uint32, ok bool) {
	for i := range b {
		j := i
		if u.BigEndian {
			j = len(b) - 1 - i
		}
		unit |= uint32(b[j]) << (8 * i)
	}
	low := unit >= 0xdc00 && unit <= 0xdfff
	high := unit >= 0xd800 && unit <= 0xdbff
	if u.Wide == 4 {
		return unit, unit <= utf8.MaxRune && !low && !high
	}
	ok = low == u.high
	u.high = high
	return unit, ok
}
