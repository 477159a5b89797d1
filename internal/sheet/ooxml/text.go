package ooxml

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// textPiece is how many bytes of a long text are one token.
const textPiece = 32 << 10

// readText reads text up to the next tag, or a piece of it, never split within an entity or a line
// end.
func (s *Scanner) readText() error {
	n := 0
	for {
		b := s.buf[s.pos:]
		if i := bytes.IndexByte(b[n:], '<'); i >= 0 {
			n += i
			break
		}
		if n = len(b); n >= textPiece {
			n = safeCut(b)
			break
		}
		if ok, err := s.More(); err != nil {
			return err
		} else if !ok {
			break
		}
	}
	s.text, s.cdata = s.buf[s.pos:s.pos+n], false
	if bytes.IndexByte(s.text, '&') >= 0 {
		if bad := BadEntity(s.text); bad != "" {
			return s.Damaged("there is %s", bad)
		}
	}
	if bytes.Contains(s.text, []byte("]]>")) {
		return s.Damaged("there is ]]> in a text")
	}
	s.pos += n
	return nil
}

func safeCut(b []byte) int {
	n := len(b)
	if i := bytes.LastIndexByte(b[n-16:], '&'); i >= 0 {
		n = n - 16 + i
	}
	for n > 0 && (b[n-1] == ']' || b[n-1] == '\r') && len(b)-n < 1024 {
		n--
	}
	return n
}

// BadEntity describes the first & in raw that doesn't begin an entity; empty if there is none.
func BadEntity(raw []byte) string {
	for {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			return ""
		}
		raw = raw[i:]
		_, n := entity(raw)
		if n == 0 {
			return "an unknown entity, " + strconv.Quote(string(raw[:min(len(raw), 12)]))
		}
		raw = raw[n:]
	}
}

var entities = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}

// entity reads the entity or character reference that b begins with; n is 0 if there is none.
func entity(b []byte) (r rune, n int) {
	end := bytes.IndexByte(b[:min(len(b), 14)], ';')
	if end < 2 {
		return 0, 0
	}
	name := string(b[1:end])
	if c, ok := entities[name]; ok {
		return c, end + 1
	}
	if name[0] != '#' || len(name) < 2 {
		return 0, 0
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil || digits[0] == '+' || !isChar(rune(v)) {
		return 0, 0
	}
	return rune(v), end + 1
}

// isChar reports whether XML allows the character (XML 1.0, production 2).
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= utf8.MaxRune
}

// AppendText appends the text found last, with entities decoded and line ends as LF (XML 1.0,
// 2.11).
func (s *Scanner) AppendText(dst []byte) []byte {
	if s.cdata {
		return appendLines(dst, s.text)
	}
	return AppendDecoded(dst, s.text)
}

// AppendDecoded appends raw text whose entities were checked, decoded.
func AppendDecoded(dst, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			return appendLines(dst, raw)
		}
		dst = appendLines(dst, raw[:i])
		r, n := entity(raw[i:])
		if n == 0 { // can't happen, since it was checked
			return dst
		}
		dst = utf8.AppendRune(dst, r)
		raw = raw[i+n:]
	}
}

func appendLines(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '\r')
		if i < 0 {
			return append(dst, b...)
		}
		dst = append(append(dst, b[:i]...), '\n')
		if b = b[i+1:]; len(b) > 0 && b[0] == '\n' {
			b = b[1:]
		}
	}
}

// AppendUnescaped appends b with _xHHHH_ decoded, which workbooks write for characters that XML
// can't hold (ECMA-376 part 1, 22.9.2.19). Two escapes that form a surrogate pair are one
// character.
func AppendUnescaped(dst, b []byte) []byte {
	for {
		i := bytes.Index(b, []byte("_x"))
		if i < 0 {
			return append(dst, b...)
		}
		r, ok := xEscape(b[i:])
		if !ok {
			dst, b = append(dst, b[:i+2]...), b[i+2:]
			continue
		}
		dst, b = append(dst, b[:i]...), b[i+lenEscape:]
		if utf16.IsSurrogate(r) {
			if low, ok := xEscape(b); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
				r, b = utf16.DecodeRune(r, low), b[lenEscape:]
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
}

const lenEscape = len("_x0000_")

func xEscape(b []byte) (r rune, ok bool) {
	if len(b) < lenEscape || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(v), err == nil
}

// Trim returns b without white space at its ends.
func Trim(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }
