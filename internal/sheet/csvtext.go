package sheet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// csvText reads the text of a delimited file in any charset as UTF-8 and gives an error before the first byte that isn't a character, or is NUL. Such an error is a
// *RefusedError without a place: who counts lines adds it. Read needs room for eight bytes.
type csvText struct {
	src     io.Reader // UTF-8, or decoded to it
	charset csvCharset
	guessed bool // the charset was settled by elimination, not by a mark or the user
	decoded bool // src gives nothing but valid UTF-8
	carry   [utf8.UTFMax]byte
	carried int // bytes of a character that wasn't whole, in carry
}

func newCSVText(raw io.Reader, c csvCharset) *csvText {
	t := &csvText{src: raw, charset: c}
	if c.enc != nil {
		t.decode(raw)
	}
	return t
}

// decode puts the decoder of the charset between raw and the text.
func (t *csvText) decode(raw io.Reader) {
	t.src = transform.NewReader(&csvRaw{src: raw, charset: t.charset, guessed: t.guessed, units: csvUnits{wide: t.charset.unit, big: t.charset.big}}, t.charset.enc.NewDecoder())
	t.decoded = true
}

// Read implements io.Reader.
func (t *csvText) Read(p []byte) (int, error) {
	n := copy(p, t.carry[:t.carried])
	t.carried = 0
	m, err := t.src.Read(p[n:])
	b := p[:n+m]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b, err = b[:i], &RefusedError{
			What: "has a NUL byte, which no text has", Hint: "the file is damaged, or it isn't a delimited text file: export it again",
		}
	}
	good := asciiLength(b)
	if good < len(b) && err == nil { // a character may go on behind b
		n := unfinished(b)
		t.carried = copy(t.carry[:], b[len(b)-n:])
		b = b[:len(b)-n]
	}
	switch {
	case good >= len(b):
		return len(b), err
	case t.charset.name == "" && !t.settle(b[good:], err):
		return good, nil
	case t.decoded:
		return t.undecoded(b, err)
	}
	return t.valid(b, good, err)
}

// settle decides between UTF-8 and Windows-1252 where the first bytes beyond ASCII stand, from all that is at hand (a buffer, 256 KiB): Windows-1252 if more bytes of it
// are wrong for UTF-8 than characters are right. It gives false when b has to be read again, decoded.
func (t *csvText) settle(b []byte, err error) bool {
	right, wrong := countUTF8(b)
	if wrong <= right {
		t.charset.name = "utf-8"
		return true
	}
	t.charset, t.guessed = csvWindows1252(), true
	again := io.Reader(bytes.NewReader(slices.Concat(b, t.carry[:t.carried])))
	t.carried = 0
	if err != nil {
		t.decode(io.MultiReader(again, csvEnd{err}))
	} else {
		t.decode(io.MultiReader(again, t.src))
	}
	return false
}

// countUTF8 counts the characters beyond ASCII in b that are UTF-8 and the bytes that aren't.
func countUTF8(b []byte) (right, wrong int) {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if n > 1 {
			right++
		} else if r == utf8.RuneError {
			wrong++
		}
		b = b[n:]
		b = b[asciiLength(b):]
	}
	return right, wrong
}

// valid cuts b at the first byte that isn't UTF-8. The first good bytes are known to be.
func (t *csvText) valid(b []byte, good int, err error) (int, error) {
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
	return good, &RefusedError{
		What: fmt.Sprintf("has the byte 0x%02X, which isn't UTF-8, while what stands before it is", b[good]),
		Hint: "export the file again as UTF-8, or name its charset",
	}
}

// undecoded refuses text with U+FFFD, which the decoders of the older charsets put where bytes stand for nothing.
func (t *csvText) undecoded(b []byte, err error) (int, error) {
	if t.charset.unit > 0 {
		return len(b), err
	}
	if i := bytes.Index(b, []byte(string(utf8.RuneError))); i >= 0 {
		return i, &RefusedError{What: "isn't text in the charset " + t.charset.name, Hint: "export the file as UTF-8, or name its charset"}
	}
	return len(b), err
}

// unfinished says how many bytes at the end of b begin a character that goes on behind it.
func unfinished(b []byte) int {
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

// asciiLength says how many bytes from the beginning of b are ASCII.
func asciiLength(b []byte) int {
	i := 0
	for ; i+32 <= len(b); i += 32 {
		w := b[i : i+32]
		if (binary.LittleEndian.Uint64(w)|binary.LittleEndian.Uint64(w[8:])|binary.LittleEndian.Uint64(w[16:])|binary.LittleEndian.Uint64(w[24:]))&csvHigh != 0 {
			break
		}
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// csvEnd is a reader at its end.
type csvEnd struct{ err error }

func (e csvEnd) Read([]byte) (int, error) { return 0, e.err }

// csvRaw looks at the bytes of a charset on their way to its decoder, and stops at what the decoder would take without a word.
type csvRaw struct {
	src          io.Reader
	charset      csvCharset
	guessed      bool
	units        csvUnits
	right, wrong int // of a guessed charset: what would be UTF-8, and what wouldn't
}

// Read implements io.Reader.
func (r *csvRaw) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	switch {
	case r.charset.unit > 0:
		return r.checkUnits(p[:n], err)
	case r.guessed:
		return r.checkGuess(p[:n], err)
	}
	return n, err
}

func (r *csvRaw) checkUnits(b []byte, err error) (int, error) {
	good, ok := r.units.see(b)
	if !ok {
		return good, &RefusedError{What: "isn't " + r.charset.name + " text", Hint: "the file is damaged: export it again"}
	}
	if err == io.EOF && !r.units.whole() {
		return len(b), &RefusedError{What: "ends in the middle of a character", Hint: "the file is cut off: export it again"}
	}
	return len(b), err
}

// checkGuess holds what comes against the guess that it is Windows-1252: there are five bytes that it has no characters for, and text of its own is hardly ever UTF-8.
func (r *csvRaw) checkGuess(b []byte, err error) (int, error) {
	for i := asciiLength(b); i < len(b); i += 1 + asciiLength(b[i+1:]) {
		switch c := b[i]; c {
		case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
			return i, &RefusedError{
				What: fmt.Sprintf("is neither UTF-8 nor Windows-1252: it has the byte 0x%02X", c), Hint: "export the file as UTF-8, or name its charset",
			}
		}
	}
	right, wrong := countUTF8(b)
	if r.right, r.wrong = r.right+right, r.wrong+wrong; err == io.EOF && r.right > r.wrong {
		return len(b), &RefusedError{
			What: "is a mixture of UTF-8 and another charset", Hint: "export the file again as UTF-8, or name its charset",
		}
	}
	return len(b), err
}

// name names the charset as far as the text has been read; plain ASCII is UTF-8.
func (t *csvText) name() string {
	if t.charset.name == "" {
		return "utf-8"
	}
	return t.charset.name
}
