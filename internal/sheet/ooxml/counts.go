package ooxml

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"ordersheet/internal/sheet/book"
)

// tags counts the tags that hold rows, cells, values and texts. A part is counted twice: by lexer,
// which knows nothing of elements and looks for a '<' and a name, and by Scanner, tag by tag. So a
// Scanner that has missed or made up one is noticed.
type tags struct{ rows, cells, values, texts int }

// add counts a tag by its local name.
func (t *tags) add(local []byte) {
	switch string(local) {
	case "row", "table-row":
		t.rows++
	case "c", "table-cell", "covered-table-cell":
		t.cells++
	case "v", "is", "p":
		t.values++
	case "si", "t":
		t.texts++
	}
}

// addAll counts what looks like a tag in a comment, a CDATA section or an instruction, as lexer
// does.
func (t *tags) addAll(section []byte) {
	for i, c := range section {
		if c == '<' {
			t.addFirst(section[i:])
		}
	}
}

// addFirst counts the tag that b begins with, if it is one.
func (t *tags) addFirst(b []byte) {
	start := 1
	for i := 1; i < min(len(b), lookahead); i++ {
		switch b[i] {
		case ':':
			start = i + 1
		case '>', ' ', '/', '\n', '\r', '\t':
			t.add(b[start:i])
			return
		}
	}
}

// lookahead is how many bytes from a '<' on are needed: the longest name that counts, with its
// prefix.
const lookahead = 64

// lexer sees each byte of a part before the Scanner does. It counts tags, and finds what XML
// doesn't allow anywhere: control characters, and invalid UTF-8.
type lexer struct {
	tags tags
	rest []byte
}

// feed reads more text, which begins at buf[at]. Before at, buf has at least lookahead+4 bytes of
// scratch space.
func (x *lexer) feed(buf []byte, at int, last bool) error {
	from := at - len(x.rest)
	copy(buf[from:], x.rest)
	b := buf[from:]
	end := len(b)
	if !last {
		end = max(len(b)-lookahead, 0)
		for k := 0; k < utf8.UTFMax && end > 0 && !utf8.RuneStart(b[end]); k++ {
			end--
		}
	}
	if err := x.read(b, end); err != nil {
		return err
	}
	x.rest = append(x.rest[:0], b[end:]...)
	return nil
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// read reads b[:end], eight bytes at a time.
func (x *lexer) read(b []byte, end int) error {
	var high uint64
	i := 0
	for ; i+8 <= end; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		high |= w
		if (w-ones*0x20)&^w&highs != 0 { // a byte below 0x20
			if err := checkControls(b[i : i+8]); err != nil {
				return err
			}
		}
		y := w ^ ones*'<'
		m := ^((y&^highs + (^uint64(0) &^ highs)) | y | ^uint64(highs)) // 0x80 in each byte that is a '<'
		for ; m != 0; m &= m - 1 {
			x.tags.addFirst(b[i+bits.TrailingZeros64(m)>>3:])
		}
	}
	for ; i < end; i++ {
		high |= uint64(b[i]) << 56
		if b[i] == '<' {
			x.tags.addFirst(b[i:])
		} else if err := checkControls(b[i : i+1]); err != nil {
			return err
		}
	}
	if high&highs == 0 {
		return nil
	}
	return checkText(b[:end])
}

// checkText finds invalid UTF-8 and the two noncharacters that XML forbids (XML 1.0, production 2).
func checkText(b []byte) error {
	if !utf8.Valid(b) {
		return book.Damaged("its text isn't valid UTF-8")
	}
	if bytes.Contains(b, []byte("\xef\xbf\xbe")) || bytes.Contains(b, []byte("\xef\xbf\xbf")) {
		return book.Damaged("it holds a character that XML forbids")
	}
	return nil
}

func checkControls(b []byte) error {
	for _, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return book.Damaged("it holds the control character %#02x", c)
		}
	}
	return nil
}
