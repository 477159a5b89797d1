package mapping

import (
	"bytes"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"ordersheet/internal/cell"

	"ordersheet/mapping/value"
)

// days1462 lie between the two date systems of spreadsheets, of 1900 and 1904.
const days1462 = 1462

// mend repairs one cell and says which repairs changed it. The cell that it returns has text of its own if it was changed.
func (s *slot) mend(v *converter, c cell.Cell) (out cell.Cell, did value.Repairs) {
	switch c.Kind {
	case cell.Text:
		return s.mendText(c)
	case cell.Number:
		if s.repairs&value.RepairZeros != 0 && s.width > 0 {
			if digits := v.listedAs(c, c.Text); len(digits) < s.width && allDigits(digits) {
				c.Kind, c.Text, c.Format = cell.Text, padZeros(bytes.Clone(digits), 0, s.width), 0
				return c, value.RepairZeros
			}
		}
	case cell.Date:
		if s.repairs&(value.RepairPlus1462|value.RepairMinus1462|value.RepairSwapped) != 0 {
			return s.mendDate(v, c)
		}
	}
	return c, 0
}

func (s *slot) mendText(c cell.Cell) (out cell.Cell, did value.Repairs) {
	text := c.Text
	apply := func(bit value.Repairs, fn func([]byte) []byte) {
		if s.repairs&bit == 0 {
			return
		}
		if t := fn(text); !bytes.Equal(t, text) {
			text, did = t, did|bit
		}
	}
	apply(value.RepairMojibake, unmojibake)
	apply(value.RepairSpaces, plainSpaces)
	apply(value.RepairDashes, plainDashes)
	apply(value.RepairExponents, writtenOut)
	apply(value.RepairDotZero, withoutDotZero)
	apply(value.RepairZeros, func(t []byte) []byte {
		if t = trimOuter(t); s.width == 0 || len(t) >= s.width || !allDigits(t) {
			return text
		}
		return padZeros(bytes.Clone(t), 0, s.width)
	})
	c.Text = text
	if s.repairs&value.RepairNumbers != 0 {
		if n, ok := sureNumber(nil, c); ok && !zeroLed(trimOuter(text)) && wholeDigits(n) <= 15 {
			c.Kind, c.Text, did = cell.Number, n, did|value.RepairNumbers
		}
	}
	return c, did
}

// zeroLed says that a text of digits begins with a zero that a number would lose.
func zeroLed(t []byte) bool { return len(t) > 1 && t[0] == '0' && isDigit(rune(t[1])) }

// mendDate moves a date cell; it becomes the text of its new date.
func (s *slot) mendDate(v *converter, c cell.Cell) (cell.Cell, value.Repairs) {
	d, ok := cell.FromSerial(c.Text, v.src.Date1904)
	if !ok {
		return c, 0
	}
	did, t := value.Repairs(0), time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
	switch {
	case s.repairs&value.RepairPlus1462 != 0:
		t, did = t.AddDate(0, 0, days1462), value.RepairPlus1462
	case s.repairs&value.RepairMinus1462 != 0:
		t, did = t.AddDate(0, 0, -days1462), value.RepairMinus1462
	}
	d = cell.Civil{Year: t.Year(), Month: int(t.Month()), Day: t.Day()}
	if s.repairs&value.RepairSwapped != 0 && d.Day <= 12 && d.Day != d.Month {
		d.Day, d.Month = d.Month, d.Day
		did |= value.RepairSwapped
	}
	if did == 0 {
		return c, 0
	}
	c.Kind, c.Text = cell.Text, appendCivil(nil, d)
	return c, did
}

// plainSpaces makes odd spaces plain, drops what shows nothing, and joins runs of spaces.
func plainSpaces(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			out = append(out, byte(r))
		case zeroWidth(r):
		case r == ' ' || oddSpace(r):
			if len(out) == 0 || out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

func zeroWidth(r rune) bool {
	switch r {
	case '\u200b', '\u2060', '\ufeff', '\u180e', '\u00ad', '\u200e', '\u200f':
		return true
	}
	return false
}

// oddSpace knows the spaces of Unicode's class Zs but the plain one.
func oddSpace(r rune) bool {
	return r == '\u00a0' || r == '\u1680' || r >= '\u2000' && r <= '\u200a' || r == '\u202f' || r == '\u205f' || r == '\u3000'
}

// plainDashes turns signs that look like a hyphen into one.
func plainDashes(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if oddDash(r) {
			return '-'
		}
		return r
	}, text)
}

func oddDash(r rune) bool {
	return r >= '\u2010' && r <= '\u2015' || r == '\u2212' || r == '\u2043' || r == '\ufe58' || r == '\ufe63' || r == '\uff0d'
}

// withoutDotZero takes .0 off a whole number.
func withoutDotZero(text []byte) []byte {
	t := trimOuter(text)
	whole, decimals, ok := bytes.Cut(t, []byte{'.'})
	if !ok || !allDigits(whole) || len(decimals) == 0 || len(bytes.Trim(decimals, "0")) > 0 {
		return text
	}
	return whole
}

// cutShort takes apart a text such as 4.00638E+12: how many digits it shows, and how many it stood for.
func cutShort(t []byte) (shown, meant int, ok bool) {
	i := bytes.IndexAny(t, "eE")
	if i < 1 || i+3 > len(t) || t[i+1] != '+' || !allDigits(t[i+2:]) || len(t)-i > 5 {
		return 0, 0, false
	}
	whole, decimals, dotted := bytes.Cut(t[:i], []byte{'.'})
	if !allDigits(whole) || len(whole) != 1 || dotted && !allDigits(decimals) {
		return 0, 0, false
	}
	return 1 + len(decimals), 1 + atoi(t[i+2:]), true
}

// writtenOut writes an identifier with an exponent in full if it shows all its digits.
func writtenOut(text []byte) []byte {
	t := trimOuter(text)
	shown, meant, ok := cutShort(t)
	if !ok || shown != meant {
		return text
	}
	i := bytes.IndexAny(t, "eE")
	return bytes.ReplaceAll(t[:i], []byte{'.'}, nil)
}

// unmojibake puts text right that is UTF-8 once read as windows-1252, piece by piece: a cell may hold sound letters beside.
func unmojibake(text []byte) []byte {
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
