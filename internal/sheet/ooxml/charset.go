package ooxml

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"ordersheet/internal/sheet/book"

	"golang.org/x/text/encoding/charmap"
)

// The charsets of parts. XML requires UTF-8 and UTF-16; some exporters write the single-byte ones.
const (
	utf8Text    = "utf-8"
	utf16LE     = "utf-16le"
	utf16BE     = "utf-16be"
	latin1      = "iso-8859-1"
	windows1252 = "windows-1252"
)

// detectCharset detects the charset of a part from its first bytes (XML 1.0, appendix F).
func detectCharset(first []byte) (string, error) {
	switch {
	case bytes.HasPrefix(first, []byte{0xff, 0xfe}), bytes.HasPrefix(first, []byte{'<', 0}):
		return utf16LE, nil
	case bytes.HasPrefix(first, []byte{0xfe, 0xff}), bytes.HasPrefix(first, []byte{0, '<'}):
		return utf16BE, nil
	}
	switch name := declared(first); name {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return utf8Text, nil
	case latin1, "latin1", "latin-1":
		return latin1, nil
	case windows1252, "cp1252":
		return windows1252, nil
	default:
		return "", &book.UnreadableError{What: fmt.Sprintf("has text in the charset %q, and only UTF-8, UTF-16 and Latin-1 can be read", name)}
	}
}

func declared(first []byte) string {
	first = bytes.TrimPrefix(first, []byte("\xef\xbb\xbf"))
	end := bytes.Index(first, []byte("?>"))
	if !bytes.HasPrefix(first, []byte("<?xml")) || end < 0 {
		return ""
	}
	_, after, ok := strings.Cut(string(first[:end]), "encoding")
	if !ok {
		return ""
	}
	after = strings.TrimLeft(after, " \t\r\n=")
	if after == "" {
		return ""
	}
	name, _, _ := strings.Cut(after[1:], after[:1])
	return strings.ToLower(name)
}

// decoder decodes UTF-16 or a single-byte charset to UTF-8. Half a surrogate pair is an error.
type decoder struct {
	r       io.Reader
	charset string
	in      []byte // not yet decoded
	buf     [4096]byte
	eof     bool
	start   bool
}

func newDecoder(charset string, r io.Reader) *decoder {
	return &decoder{r: r, charset: charset, start: true}
}

// Read returns complete characters; b must have room for a few.
func (d *decoder) Read(b []byte) (n int, err error) {
	for n+utf8.UTFMax <= len(b) {
		r, size, err := d.rune()
		if err != nil {
			return n, err
		}
		d.in = d.in[size:]
		if d.start && r == 0xfeff { // the byte order mark
			d.start = false
			continue
		}
		d.start = false
		n += utf8.EncodeRune(b[n:], r)
	}
	if n == 0 {
		return 0, io.ErrShortBuffer
	}
	return n, nil
}

func (d *decoder) rune() (r rune, size int, err error) {
	if err := d.fill(4); err != nil {
		return 0, 0, err
	}
	switch {
	case len(d.in) == 0:
		return 0, 0, io.EOF
	case d.charset == latin1:
		return rune(d.in[0]), 1, nil
	case d.charset == windows1252:
		return charmap.Windows1252.DecodeByte(d.in[0]), 1, nil
	case len(d.in) < 2:
		return 0, 0, book.Damaged("it ends within a character")
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if d.charset == utf16BE {
		order = binary.BigEndian
	}
	r = rune(order.Uint16(d.in))
	if !utf16.IsSurrogate(r) {
		return r, 2, nil
	}
	if len(d.in) >= 4 {
		if r = utf16.DecodeRune(r, rune(order.Uint16(d.in[2:]))); r != utf8.RuneError {
			return r, 4, nil
		}
	}
	return 0, 0, book.Damaged("it holds half a UTF-16 surrogate pair")
}

func (d *decoder) fill(n int) error {
	for len(d.in) < n && !d.eof {
		k := copy(d.buf[:], d.in)
		m, err := d.r.Read(d.buf[k:])
		d.in = d.buf[:k+m]
		if err == io.EOF {
			d.eof = true
		} else if err != nil {
			return err
		}
	}
	return nil
}
