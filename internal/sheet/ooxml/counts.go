package ooxml

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"ordersheet/internal/sheet/book"
)

// Counts counts the tags of a part that matter. It sees each byte before the Scanner does, and
// finds what XML doesn't allow anywhere (control characters, invalid UTF-8). It knows nothing of
// elements, so a reader that compares its own counts with these notices what it has missed.
type Counts struct {
	Rows, Cells, Values int // tags row, c, v and is
	Items, Texts        int // tags si and t
	ODSRows, ODSCells   int // tags table-row, table-cell and covered-table-cell
	Paragraphs          int // tags p

	mode byte // inside a comment '-', a CDATA section ']', a processing instruction '?'; 0 outside
	run  int  // consecutive closing characters of the mode
	rest []byte
}

// lookahead is how many bytes after a '<' are needed: the longest name that counts, with its
// prefix.
const lookahead = 64

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// feed reads more text, which begins at buf[at]. Before at, buf has at least lookahead+4 bytes of
// scratch space.
func (t *Counts) feed(buf []byte, at int, last bool) error {
	from := at - len(t.rest)
	copy(buf[from:], t.rest)
	b := buf[from:]
	end := len(b)
	if !last {
		end = max(len(b)-lookahead, 0)
		for k := 0; k < utf8.UTFMax && end > 0 && !utf8.RuneStart(b[end]); k++ {
			end--
		}
	}
	if err := t.read(b, end); err != nil {
		return err
	}
	t.rest = append(t.rest[:0], b[end:]...)
	return nil
}

func (t *Counts) read(b []byte, end int) error {
	var high uint64
	for i := 0; i < end; {
		if t.mode != 0 {
			if err := checkControls(b[i:end]); err != nil {
				return err
			}
			high = highs
			i = t.skip(b, i, end)
			continue
		}
		var err error
		if i, err = t.words(b, i, end, &high); err != nil {
			return err
		}
		for ; i < end && t.mode == 0; i++ {
			high |= uint64(b[i]) << 56
			if b[i] < 0x20 {
				if err := checkControls(b[i : i+1]); err != nil {
					return err
				}
			}
			if b[i] == '<' && t.tag(b[i:]) {
				i++ // past the ! or ? too
			}
		}
	}
	if high&highs != 0 {
		return checkText(b[:end])
	}
	return nil
}

// words reads eight bytes at a time, up to the last few of b[:end] or to where something other than
// a tag begins.
func (t *Counts) words(b []byte, i, end int, high *uint64) (int, error) {
	for ; i+8 <= end; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		*high |= w
		if (w-ones*0x20)&^w&highs != 0 { // a byte below 0x20
			if err := checkControls(b[i : i+8]); err != nil {
				return i, err
			}
		}
		y := w ^ ones*'<'
		m := ^((y&^highs + (^uint64(0) &^ highs)) | y | ^uint64(highs)) // 0x80 in each byte that is a '<'
		for ; m != 0; m &= m - 1 {
			if at := i + bits.TrailingZeros64(m)>>3; t.tag(b[at:]) {
				return at + 2, nil
			}
		}
	}
	return i, nil
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

func (t *Counts) skip(b []byte, i, end int) int {
	for ; i < end; i++ {
		switch {
		case b[i] == t.mode:
			t.run++
		case b[i] == '>' && (t.run >= 2 || t.mode == '?' && t.run >= 1):
			t.mode, t.run = 0, 0
			return i + 1
		default:
			t.run = 0
		}
	}
	return i
}

// tag counts the tag that b begins with; special means that a comment or the like begins instead.
func (t *Counts) tag(b []byte) (special bool) {
	if len(b) < 4 {
		return false
	}
	switch b[1] {
	case '/':
		return false
	case 'c':
		if endsName(b[2]) {
			t.Cells++
			return false
		}
	case 'v':
		if endsName(b[2]) {
			t.Values++
			return false
		}
	case '?':
		t.mode, t.run = '?', 0
		return true
	case '!':
		t.mode, t.run = '-', -2 // the two of the opening don't count
		if bytes.HasPrefix(b, []byte("<![CDATA[")) {
			t.mode, t.run = ']', 0
		}
		return true
	}
	t.name(b[1:min(len(b), lookahead)])
	return false
}

// name counts a tag by its local name.
func (t *Counts) name(b []byte) {
	start := 0
	for i, c := range b {
		if c == ':' {
			start = i + 1
		} else if endsName(c) {
			t.count(b[start:i])
			return
		}
	}
}

func (t *Counts) count(local []byte) {
	switch string(local) {
	case "row":
		t.Rows++
	case "c":
		t.Cells++
	case "v", "is":
		t.Values++
	case "si":
		t.Items++
	case "t":
		t.Texts++
	case "table-row":
		t.ODSRows++
	case "table-cell", "covered-table-cell":
		t.ODSCells++
	case "p":
		t.Paragraphs++
	}
}

func endsName(c byte) bool {
	return c == '>' || c == ' ' || c == '/' || c == '\n' || c == '\r' || c == '\t' || c == 0
}
