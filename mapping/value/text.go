package value

import (
	"bytes"
	"net/mail"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// TrimSpace takes white space off both ends: what Unicode calls space, no-break spaces, and the zero-width signs that travel with copied
// text.
func TrimSpace(b []byte) []byte {
	for len(b) > 0 {
		if b[0] > ' ' && b[0] < 0x7f {
			break
		}
		r, n := utf8.DecodeRune(b)
		if !IsInvisible(r) {
			break
		}
		b = b[n:]
	}
	for len(b) > 0 {
		if c := b[len(b)-1]; c > ' ' && c < 0x7f {
			break
		}
		r, n := utf8.DecodeLastRune(b)
		if !IsInvisible(r) {
			break
		}
		b = b[:len(b)-n]
	}
	return b
}

// IsInvisible says that a character shows nothing at the edge of a text.
func IsInvisible(r rune) bool {
	switch r {
	case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u180e', '\u00ad':
		return true
	}
	return unicode.IsSpace(r) || r < ' '
}

// IsEmail says that s is one bare address. Ordinary ones are seen at a glance; net/mail (RFC 5322) judges the rest.
func IsEmail(s []byte) bool {
	if plainEmail(s) {
		return true
	}
	if len(s) == 0 || bytes.ContainsAny(s, "<>,()") {
		return false // a name, a comment or a list, which are addresses too
	}
	a, err := mail.ParseAddress(string(s))
	return err == nil && a.Name == ""
}

// plainEmail knows name@host.tld of letters, digits and the usual signs. It says no rather than err.
func plainEmail(s []byte) bool {
	at, label := -1, 0
	for i, c := range s {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9':
			label++
		case c == '@' && at < 0 && label > 0:
			at, label = i, 0
		case c == '.' && label > 0:
			label = 0
		case at < 0 && (c == '_' || c == '+' || c == '-'):
			label++
		case c == '-' && label > 0 && i+1 < len(s) && s[i+1] != '.':
			label++
		default:
			return false
		}
	}
	return at > 0 && label > 0 && len(s) < 255
}

// AppendJSON writes s as a JSON string.
func AppendJSON(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(s[i:])
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// AppendQuoted writes s as the canonical form of a fingerprint does, which is Go's way of quoting.
func AppendQuoted(dst, s []byte) []byte {
	for _, c := range s {
		if c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return strconv.AppendQuote(dst, string([]rune(string(s))))
		}
	}
	dst = append(append(dst, '"'), s...)
	return append(dst, '"')
}
