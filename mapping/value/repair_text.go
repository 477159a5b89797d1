package value

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// RepairOf returns the repair that a character calls for: RepairSpaces, RepairDashes, or 0. Spaces
// are those of Unicode's class Zs but the plain one, and characters without a width.
func RepairOf(r rune) Repairs {
	switch {
	case r < utf8.RuneSelf:
		return 0
	case isZeroWidth(r), unicode.Is(unicode.Zs, r):
		return RepairSpaces
	case r >= '\u2010' && r <= '\u2015', r == '\u2212', r == '\u2043', r == '\ufe58', r == '\ufe63', r == '\uff0d':
		return RepairDashes
	}
	return 0
}

func isZeroWidth(r rune) bool {
	switch r {
	case '\u200b', '\u2060', '\ufeff', '\u180e', '\u00ad', '\u200e', '\u200f':
		return true
	}
	return false
}

// plainSpaces replaces other spaces with plain ones, drops characters without a width, and joins
// runs of spaces.
func plainSpaces(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		switch {
		case isZeroWidth(r):
		case r == ' ' || RepairOf(r) == RepairSpaces:
			if len(out) == 0 || out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// plainDashes replaces characters that look like a hyphen with one.
func plainDashes(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if RepairOf(r) == RepairDashes {
			return '-'
		}
		return r
	}, text)
}

// trimDotZero removes .0 from a whole number.
func trimDotZero(text []byte) []byte {
	whole, decimals, ok := bytes.Cut(TrimSpace(text), []byte{'.'})
	if !ok || !AllDigits(whole) || len(decimals) == 0 || len(bytes.Trim(decimals, "0")) > 0 {
		return text
	}
	return whole
}

// ParseExponent reads a text such as 4.00638E+12: how many digits it shows, and how many the number
// has.
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

// expandExponent writes an identifier with an exponent in full if it shows all its digits.
func expandExponent(text []byte) []byte {
	t := TrimSpace(text)
	shown, meant, ok := ParseExponent(t)
	if !ok || shown != meant {
		return text
	}
	i := bytes.IndexAny(t, "eE")
	return bytes.ReplaceAll(t[:i], []byte{'.'}, nil)
}

// fixMojibake repairs text that is UTF-8 but was read as windows-1252. It does so piece by piece,
// since a cell may hold other letters too.
func fixMojibake(text []byte) []byte {
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
