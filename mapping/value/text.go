package value

import (
	"bytes"
	"net/mail"
	"unicode"
)

// TrimSpace removes white space from both ends: what Unicode calls space, no-break spaces, and the
// zero-width characters that come with copied text.
func TrimSpace(b []byte) []byte {
	visible := func(c byte) bool { return c > ' ' && c < 0x7f }
	if n := len(b); n == 0 || visible(b[0]) && visible(b[n-1]) {
		return b
	}
	return bytes.TrimFunc(b, isInvisible)
}

// isInvisible reports whether a character shows nothing at either end of a text.
func isInvisible(r rune) bool {
	switch r {
	case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u180e', '\u00ad':
		return true
	}
	return unicode.IsSpace(r) || r < ' '
}

// IsEmail reports whether s is one bare address, as net/mail (RFC 5322) reads it.
func IsEmail(s []byte) bool {
	if isPlainEmail(s) { // nearly all are, and this takes a twentieth of the time
		return true
	}
	if len(s) == 0 || bytes.ContainsAny(s, "<>,()") {
		return false // a name, a comment or a list, which are addresses too
	}
	a, err := mail.ParseAddress(string(s))
	return err == nil && a.Name == ""
}

// isPlainEmail reports whether s consists of a name and a host of letters, digits and the usual
// signs. Other texts may be addresses too.
func isPlainEmail(s []byte) bool {
	host, length := false, 0 // of the part between periods
	for _, c := range s {
		switch {
		case isLetter(c), isDigit(rune(c)), c == '_', c == '+', c == '-':
			length++
		case c == '.' && length > 0:
			length = 0
		case c == '@' && length > 0 && !host:
			host, length = true, 0
		default:
			return false
		}
	}
	return host && length > 0
}
