package ooxml

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"ordersheet/internal/sheet/book"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
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

// newDecoder decodes UTF-16 or a single-byte charset to UTF-8.
func newDecoder(charset string, r io.Reader) io.Reader {
	endian := unicode.LittleEndian
	switch charset {
	case latin1:
		return charmap.ISO8859_1.NewDecoder().Reader(r)
	case windows1252:
		return charmap.Windows1252.NewDecoder().Reader(r)
	case utf16BE:
		endian = unicode.BigEndian
	}
	return unicode.UTF16(endian, unicode.IgnoreBOM).NewDecoder().Reader(&book.UnitReader{
		Src: r, Wide: 2, BigEndian: charset == utf16BE,
		Invalid: book.Damaged("it holds half a UTF-16 surrogate pair"), Cut: book.Damaged("it ends within a character"),
	})
}
