package value

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// PlainSpaces makes odd spaces plain, drops what shows nothing, and joins runs of spaces.
func PlainSpaces(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			out = append(out, byte(r))
		case IsZeroWidth(r):
		case r == ' ' || IsOddSpace(r):
			if len(out) == 0 || out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// IsZeroWidth reports whether a character is invisible.
func IsZeroWidth(r rune) bool {
	switch r {
	case '\u200b', '\u2060', '\ufeff', '\u180e', '\u00ad', '\u200e', '\u200f':
		return true
	}
	return false
}

// IsOddSpace knows the spaces of Unicode's class Zs but the plain one.
func IsOddSpace(r rune) bool {
	return r == '\u00a0' || r == '\u1680' || r >= '\u2000' && r <= '\u200a' || r == '\u202f' || r == '\u205f' || r == '\u3000'
}

// PlainDashes turns signs that look like a hyphen into one.
func PlainDashes(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if IsOddDash(r) {
			return '-'
		}
		return r
	}, text)
}

// IsOddDash reports whether a character only looks like a hyphen.
func IsOddDash(r rune) bool {
	return r >= '\u2010' && r <= '\u2015' || r == '\u2212' || r == '\u2043' || r == '\ufe58' || r == '\ufe63' || r == '\uff0d'
}

// TrimDotZero takes .0 off a whole number.
func TrimDotZero(text []byte) []byte {
	t := TrimSpace(text)
	whole, decimals, ok := bytes.Cut(t, []byte{'.'})
	if !ok || !AllDigits(whole) || len(decimals) == 0 || len(bytes.Trim(decimals, "0")) > 0 {
		return text
	}
	return whole
}

// ParseExponent takes apart a text such as 4.00638E+12: how many digits it shows, and how many it stood for.
func ParseExponent(t []byte) (shown, meant int, ok bool) {
	i := bytes.IndexAny(t, "eE")
	if i < 1 || i+3 > len(t) || t[i+1] != '+' || !AllDigits(t[i+2:]) || len(t)-i > 5 {
		return 0, 0, false
	}
	whole, decimals, dotted := bytes.Cut(t[:i], []byte{'.'})
	if !AllDigits(whole) || len(whole) != 1 || dotted && !AllDigits(decimals) {
		return 0, 0, false
	}
	return 1 + len(decimals), 1 + Atoi(t[i+2:]), true
}

// ExpandExponent writes an identifier with an exponent in full if it shows all its digits.
func ExpandExponent(text []byte) []byte {
	t := TrimSpace(text)
	shown, meant, ok := ParseExponent(t)
	if !ok || shown != meant {
		return text
	}
	i := bytes.IndexAny(t, "eE")
	return bytes.ReplaceAll(t[:i], []byte{'.'}, nil)
}

// FixMojibake puts text right that is UTF-8 once read as windows-1252, piece by piece: a cell may hold sound letters beside.
func FixMojibake(text []byte) []byte {
	var out, raw []byte
	done, start := 0, -1
	flush := func(end int) {
		if start >= 0 && len(raw) > 1 && utf8.Valid(raw) {
			out = append(append(out, text[done:start]...), raw...)
			done = end
		}
		raw, start = raw[:0], -1
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		b, ok := byte(0), false
		if r >= utf8.RuneSelf && r != utf8.RuneError {
			if b, ok = charmap.Windows1252.EncodeRune(r); !ok && r < 0xa0 {
				b, ok = byte(r), true // five bytes that windows-1252 leaves free
			}
		}
		switch {
		case !ok:
			flush(i)
		case start < 0:
			start, raw = i, append(raw, b)
		default:
			raw = append(raw, b)
		}
		i += n
	}
	flush(len(text))
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}

// HasLeadingZero says that a text of digits begins with a zero that a number would lose.
func HasLeadingZero(t []byte) bool { return len(t) > 1 && t[0] == '0' && IsDigit(rune(t[1])) }
