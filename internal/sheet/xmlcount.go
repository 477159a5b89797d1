package sheet

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// tally looks at each byte of a part before the scanner does: it refuses what XML doesn't allow in any place (control characters, text that isn't UTF-8), and counts
// the tags that matter. It knows nothing of elements, so its counts are an independent witness against the scanner's.
type tally struct {
	rows, cells, values int // tags row, c, v and is
	items, texts        int // tags si and t
	odsRows, odsCells   int // tags table-row, table-cell and covered-table-cell
	paragraphs          int // tags p

	mode byte // inside a comment '-', a CDATA section ']', a processing instruction '?'; 0 outside
	run  int  // how many of the mode's closing characters have been seen in a row
	cut  []byte
}

// lookahead is how many bytes behind a '<' are looked at: the longest name that counts, with its prefix.
const lookahead = 64

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// feed takes the text that follows: buf from at on. What lies before at in buf is scratch space of at least lookahead+4 bytes.
func (t *tally) feed(buf []byte, at int, last bool) error {
	from := at - len(t.cut)
	copy(buf[from:], t.cut)
	b := buf[from:]
	end := len(b)
	if !last {
		end = max(len(b)-lookahead, 0)
		for k := 0; k < utf8.UTFMax && end > 0 && !utf8.RuneStart(b[end]); k++ {
			end--
		}
	}
	if err := t.look(b, end); err != nil {
		return err
	}
	t.cut = append(t.cut[:0], b[end:]...)
	return nil
}

// look checks b[:end]; tags that begin there may reach beyond it.
func (t *tally) look(b []byte, end int) error {
	var high uint64
	for i := 0; i < end; {
		if t.mode != 0 {
			if err := controls(b[i:end]); err != nil {
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
				if err := controls(b[i : i+1]); err != nil {
					return err
				}
			}
			if b[i] == '<' && t.tag(b[i:]) {
				i++ // past the ! or ? too
			}
		}
	}
	if high&highs != 0 {
		return validText(b[:end])
	}
	return nil
}

// words looks at eight bytes at a time, up to the last few of b[:end] or to where something else than a tag begins.
func (t *tally) words(b []byte, i, end int, high *uint64) (int, error) {
	for ; i+8 <= end; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		*high |= w
		if (w-ones*0x20)&^w&highs != 0 { // a byte below 0x20
			if err := controls(b[i : i+8]); err != nil {
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

// validText refuses what isn't UTF-8, and the two noncharacters that XML forbids (XML 1.0, production 2).
func validText(b []byte) error {
	if !utf8.Valid(b) {
		return damaged("is damaged: its text isn't valid UTF-8")
	}
	if bytes.Contains(b, []byte("\xef\xbf\xbe")) || bytes.Contains(b, []byte("\xef\xbf\xbf")) {
		return damaged("is damaged: it holds a character that XML forbids")
	}
	return nil
}

// controls refuses control characters.
func controls(b []byte) error {
	for _, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return damaged("is damaged: it holds the control character %#02x", c)
		}
	}
	return nil
}

// skip passes over the rest of a comment, a CDATA section or a processing instruction.
func (t *tally) skip(b []byte, i, end int) int {
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

// tag counts the tag that b begins with; special says that something else than a tag begins here, which skip has to pass over.
func (t *tally) tag(b []byte) (special bool) {
	if len(b) < 4 {
		return false
	}
	switch b[1] {
	case '/':
		return false
	case 'c':
		if ends(b[2]) {
			t.cells++
			return false
		}
	case 'v':
		if ends(b[2]) {
			t.values++
			return false
		}
	case '?':
		t.mode, t.run = '?', 0
		return true
	case '!':
		t.mode, t.run = '-', -2 // the two of the opening don't close it
		if bytes.HasPrefix(b, []byte("<![CDATA[")) {
			t.mode, t.run = ']', 0
		}
		return true
	}
	t.name(b[1:min(len(b), lookahead)])
	return false
}

// name counts a tag by its local name.
func (t *tally) name(b []byte) {
	start := 0
	for i, c := range b {
		if c == ':' {
			start = i + 1
		} else if ends(c) {
			t.count(b[start:i])
			return
		}
	}
}

func (t *tally) count(local []byte) {
	switch string(local) {
	case "row":
		t.rows++
	case "c":
		t.cells++
	case "v", "is":
		t.values++
	case "si":
		t.items++
	case "t":
		t.texts++
	case "table-row":
		t.odsRows++
	case "table-cell", "covered-table-cell":
		t.odsCells++
	case "p":
		t.paragraphs++
	}
}

// ends says that c ends a name.
func ends(c byte) bool {
	return c == '>' || c == ' ' || c == '/' || c == '\n' || c == '\r' || c == '\t' || c == 0
}
