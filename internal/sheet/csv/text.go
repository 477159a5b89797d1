package csv

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"ordersheet/internal/sheet/book"

	"golang.org/x/text/transform"
)

// textReader reads the text of a delimited file in any charset as UTF-8. It returns an error before
// the first byte that isn't a character, or is NUL: a book.UnreadableError without a place, which
// recordReader adds. Read needs room for eight bytes.
type textReader struct {
	src     io.Reader // UTF-8, or decoded to it
	charset textCharset
	guessed bool // the charset was decided by elimination, not by a byte order mark or the user
	decoded bool // src returns only valid UTF-8
	carry   [utf8.UTFMax]byte
	carried int // bytes of an incomplete character, in carry
}

func newTextReader(raw io.Reader, c textCharset) *textReader {
	t := &textReader{src: raw, charset: c}
	if c.enc != nil {
		t.decode(raw)
	}
	return t
}

func (t *textReader) decode(raw io.Reader) {
	switch {
	case t.charset.unit > 0:
		raw = &book.UnitReader{
			Src: raw, Wide: t.charset.unit, BigEndian: t.charset.big,
			Invalid: &book.UnreadableError{What: "isn't " + t.charset.name + " text", Hint: "the file is damaged: export it again"},
			Cut:     &book.UnreadableError{What: "ends in the middle of a character", Hint: "the file is incomplete: export it again"},
		}
	case t.guessed:
		raw = &guessReader{src: raw}
	}
	t.src, t.decoded = transform.NewReader(raw, t.charset.enc.NewDecoder()), true
}

// Read implements io.Reader.
func (t *textReader) Read(p []byte) (int, error) {
	n := copy(p, t.carry[:t.carried])
	t.carried = 0
	m, err := t.src.Read(p[n:])
	b := p[:n+m]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b, err = b[:i], &book.UnreadableError{
			What: "has a NUL byte, which no text has", Hint: "the file is damaged, or it isn't a delimited text file: export it again",
		}
	}
	good := asciiLength(b)
	if good < len(b) && err == nil { // a character may continue after b
		n := incomplete(b)
		t.carried = copy(t.carry[:], b[len(b)-n:])
		b = b[:len(b)-n]
	}
	switch {
	case good >= len(b):
		return len(b), err
	case t.charset.name == "" && !t.decide(b[good:], err):
		return good, nil
	case t.decoded:
		return t.checkDecoded(b, err)
	}
	return t.checkUTF8(b, good, err)
}

// decide decides between UTF-8 and Windows-1252 at the first bytes beyond ASCII, from the rest of
// the buffer (256 KiB): Windows-1252 if it has more invalid bytes than valid characters of UTF-8.
// It returns false if b has to be read again, decoded.
func (t *textReader) decide(b []byte, err error) bool {
	valid, invalid := countUTF8(b)
	if invalid <= valid {
		t.charset.name = "utf-8"
		return true
	}
	t.charset, t.guessed = windows1252(), true
	again := io.Reader(bytes.NewReader(slices.Concat(b, t.carry[:t.carried])))
	t.carried = 0
	if err != nil {
		t.decode(io.MultiReader(again, endReader{err}))
	} else {
		t.decode(io.MultiReader(again, t.src))
	}
	return false
}

func countUTF8(b []byte) (valid, invalid int) {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if n > 1 {
			valid++
		} else if r == utf8.RuneError {
			invalid++
		}
		b = b[n:]
		b = b[asciiLength(b):]
	}
	return valid, invalid
}

// checkUTF8 returns an error at the first byte that isn't UTF-8. The first good bytes are.
func (t *textReader) checkUTF8(b []byte, good int, err error) (int, error) {
	if utf8.Valid(b[good:]) {
		return len(b), err
	}
	for good < len(b) {
		r, n := utf8.DecodeRune(b[good:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		good += n
	}
	return good, &book.UnreadableError{
		What:   fmt.Sprintf("has the byte 0x%02X, which isn't UTF-8, while the text before it is", b[good]),
		Option: "charset", Hint: "export the file again as UTF-8, or set its charset",
	}
}

// checkDecoded returns an error for U+FFFD, which the decoders of older charsets write for bytes
// that aren't characters.
func (t *textReader) checkDecoded(b []byte, err error) (int, error) {
	if t.charset.unit > 0 {
		return len(b), err
	}
	if i := bytes.Index(b, []byte(string(utf8.RuneError))); i >= 0 {
		return i, &book.UnreadableError{What: "isn't text in the charset " + t.charset.name, Option: "charset", Hint: "export the file as UTF-8, or set its charset"}
	}
	return len(b), err
}

// incomplete returns how many bytes at the end of b begin an incomplete character.
func incomplete(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if last := b[len(b)-i:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return i
		}
	}
	return 0
}

func asciiLength(b []byte) int {
	i := 0
	for ; i+32 <= len(b); i += 32 {
		w := b[i : i+32]
		if (binary.LittleEndian.Uint64(w)|binary.LittleEndian.Uint64(w[8:])|binary.LittleEndian.Uint64(w[16:])|binary.LittleEndian.Uint64(w[24:]))&highBits != 0 {
			break
		}
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

type endReader struct{ err error }

func (e endReader) Read([]byte) (int, error) { return 0, e.err }

// guessReader checks the guess that the text is Windows-1252: five bytes aren't characters of it,
// and a text in it is hardly ever valid UTF-8. The decoder accepts both.
type guessReader struct {
	src            io.Reader
	valid, invalid int // what countUTF8 finds
}

// Read implements io.Reader.
func (r *guessReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	b := p[:n]
	for i := asciiLength(b); i < len(b); i += 1 + asciiLength(b[i+1:]) {
		switch c := b[i]; c {
		case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
			return i, &book.UnreadableError{
				What: fmt.Sprintf("is neither UTF-8 nor Windows-1252: it has the byte 0x%02X", c), Option: "charset", Hint: "export the file as UTF-8, or set its charset",
			}
		}
	}
	valid, invalid := countUTF8(b)
	if r.valid, r.invalid = r.valid+valid, r.invalid+invalid; err == io.EOF && r.valid > r.invalid {
		return len(b), &book.UnreadableError{
			What: "is a mixture of UTF-8 and another charset", Option: "charset", Hint: "export the file again as UTF-8, or set its charset",
		}
	}
	return len(b), err
}

func (t *textReader) charsetName() string {
	if t.charset.name == "" {
		return "utf-8"
	}
	return t.charset.name
}
