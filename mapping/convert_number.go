package mapping

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
)

// separator is a set of readings of a number that is written as text: which sign stands before its decimals.
type separator uint8

const (
	point        separator = 1 << iota // 1,234.56
	comma                              // 1.234,56
	anySeparator = point | comma
)

// sign is the character of one reading.
func (s separator) sign() byte {
	if s == comma {
		return ','
	}
	return '.'
}

// parseSeparator reads the mapping file's decimal separator; anything else gives 0.
func parseSeparator(word string) separator {
	switch word {
	case ".", "point":
		return point
	case ",", "comma":
		return comma
	}
	return 0
}

// mostDigits bounds the digits of an amount; no money has more, and exact arithmetic stays cheap.
const mostDigits = 30

// textNumber is a number as text shows it: its sign, its currency, and its digits with their separators.
type textNumber struct {
	body     []byte // digits, separators, perhaps an exponent
	neg      bool
	percent  bool
	currency []byte    // the sign or word that was stripped
	readings separator // in which of the readings body is a number
	plain    bool      // both readings give the same value
}

// readNumber takes apart a number written as text. ok is false when it is none in any reading.
func readNumber(s []byte) (n textNumber, ok bool) {
	n.body = s
	if n.quick() {
		return n, true
	}
	if !n.strip() {
		return n, false
	}
	n.plain = true
	for _, c := range n.body {
		if c == '.' || c == ',' {
			n.plain = false
		}
	}
	for _, sep := range [...]separator{point, comma} {
		if grouped(n.body, sep.sign()) {
			n.readings |= sep
		}
	}
	return n, n.readings != 0
}

// quick knows the plainest numbers: digits with at most one point or comma that can't stand for thousands.
func (n *textNumber) quick() bool {
	at := -1
	for i, c := range n.body {
		switch {
		case c >= '0' && c <= '9':
		case (c == '.' || c == ',') && at < 0:
			at = i
		default:
			return false
		}
	}
	after := len(n.body) - at - 1
	switch {
	case len(n.body) == 0 || at == 0:
		return false
	case at < 0:
		n.readings, n.plain = anySeparator, true
	case after == 0 || after == 3 && at <= 3:
		return false
	case n.body[at] == '.':
		n.readings = point
	default:
		n.readings = comma
	}
	return true
}

// strip takes signs, brackets, currencies and percent off both ends until only the body is left.
func (n *textNumber) strip() bool {
	s, signs := n.body, 0
	for {
		s = trimOuter(s)
		if len(s) == 0 {
			return false
		}
		if s[0] == '(' && s[len(s)-1] == ')' {
			s, n.neg, signs = s[1:len(s)-1], true, signs+1
			continue
		}
		first, fn := utf8.DecodeRune(s)
		last, ln := utf8.DecodeLastRune(s)
		switch {
		case isDigit(first) && isDigit(last):
			n.body = s
			return signs <= 1
		case first == '-' || first == '−' || first == '+':
			s, n.neg, signs = s[fn:], n.neg || first != '+', signs+1
		case last == '-' || last == '−':
			s, n.neg, signs = s[:len(s)-ln], true, signs+1
		case last == '%' || last == '‰':
			s, n.percent = s[:len(s)-ln], true
		case first == '%':
			s, n.percent = s[fn:], true
		default:
			w, atEnd := currencyAt(s)
			if w == 0 || n.currency != nil {
				return n.lone(s) && signs <= 1
			}
			if atEnd {
				n.currency, s = s[len(s)-w:], s[:len(s)-w]
			} else {
				n.currency, s = s[:w], s[w:]
			}
		}
	}
}

// lone accepts a body that begins or ends with its decimal separator: .5 and 5.
func (n *textNumber) lone(s []byte) bool {
	first, last := s[0], s[len(s)-1]
	n.body = s
	return (first == '.' || first == ',') && isDigit(rune(last)) || isDigit(rune(first)) && (last == '.' || last == ',') && len(s) > 1
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// currencyAt finds a currency sign or word at either end of s and returns how many bytes it takes.
func currencyAt(s []byte) (width int, atEnd bool) {
	n := 0
	for n < len(s) {
		r, w := utf8.DecodeRune(s[n:])
		if !currencyPart(r) {
			break
		}
		n += w
	}
	if n > 0 && n < len(s) && isCurrency(s[:n]) {
		if bytes.HasPrefix(s[n:], []byte(". ")) { // kr. 5
			n++
		}
		return n, false
	}
	n = len(s)
	for n > 0 {
		r, w := utf8.DecodeLastRune(s[:n])
		if !currencyPart(r) && !(r == '.' && n == len(s)) {
			break
		}
		n -= w
	}
	if n > 0 && n < len(s) && isCurrency(s[n:]) {
		return len(s) - n, true
	}
	return 0, false
}

func currencyPart(r rune) bool { return unicode.Is(unicode.Sc, r) || unicode.IsLetter(r) }

// isCurrency knows the signs of Unicode's class Sc, alone or after a letter or two (US$), the codes of ISO 4217, and the words that stand on
// price lists.
func isCurrency(s []byte) bool {
	if r, _ := utf8.DecodeLastRune(s); unicode.Is(unicode.Sc, r) {
		return utf8.RuneCount(s) <= 3
	}
	if r, _ := utf8.DecodeRune(s); unicode.Is(unicode.Sc, r) {
		return utf8.RuneCount(s) <= 4
	}
	switch string(bytes.ToLower(bytes.TrimSuffix(s, []byte{'.'}))) {
	case "kr", "fr", "sfr", "zł", "zl", "kč", "kc", "ft", "lei", "лв", "руб", "р", "rs", "rm", "rp", "tl", "dhs", "din", "kn", "euro", "eur":
		return true
	}
	if len(s) != 3 {
		return false
	}
	_, err := currency.ParseISO(string(s))
	return err == nil
}

// grouped says that body is a number when dec stands before its decimals: digits in groups of three (or, with commas, the Indian two)
// between one kind of thousands separator, then perhaps decimals, then perhaps an exponent.
func grouped(body []byte, dec byte) bool {
	whole, rest, hasDec := bytes.Cut(body, []byte{dec})
	if i := bytes.IndexAny(rest, "eE"); i >= 0 {
		if !exponent(rest[i+1:]) {
			return false
		}
		rest = rest[:i]
	} else if i := bytes.IndexAny(whole, "eE"); i >= 0 {
		if hasDec || !exponent(whole[i+1:]) {
			return false
		}
		whole = whole[:i]
	}
	for _, c := range rest {
		if c < '0' || c > '9' {
			return false
		}
	}
	if len(whole) == 0 {
		return len(rest) > 0
	}
	return thousands(whole)
}

func exponent(s []byte) bool {
	if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return allDigits(s) && len(s) <= 2
}

// thousands checks the groups of a whole number's digits.
func thousands(s []byte) bool {
	var sizes [16]int
	groups, size, sep, zero := 0, 0, rune(0), s[0] == '0'
	for len(s) > 0 {
		r, w := utf8.DecodeRune(s)
		s = s[w:]
		if isDigit(r) {
			size++
			continue
		}
		if !thousandsSign(r) || sep != 0 && r != sep || size == 0 || groups == len(sizes)-1 {
			return false
		}
		sep, sizes[groups], size, groups = r, size, 0, groups+1
	}
	if groups == 0 {
		return size > 0
	}
	if size != 3 || sizes[0] > 3 || zero { // no one groups behind a zero
		return false
	}
	three, two := true, sep == ',' && sizes[0] <= 2
	for _, n := range sizes[1:groups] {
		three, two = three && n == 3, two && n == 2
	}
	return three || two
}

func thousandsSign(r rune) bool {
	switch r {
	case '.', ',', ' ', '\'', '\u2019', '\u00a0', '\u202f', '\u2009', '\u2007', '_', '٬':
		return true
	}
	return false
}

// appendDecimal writes the number in one reading: sign, digits, point, digits; no needless zeros. ok is false when it has too many digits.
func (n *textNumber) appendDecimal(dst []byte, sep separator) (out []byte, ok bool) {
	start := len(dst)
	if n.neg {
		dst = append(dst, '-')
	}
	first, dec, digits := len(dst), sep.sign(), 0
	for _, c := range n.body {
		switch {
		case c >= '0' && c <= '9':
			digits++
			dst = append(dst, c)
		case c == dec:
			dst = append(dst, '.')
		case c == 'e' || c == 'E':
			return n.withExponent(dst[:start], sep)
		}
	}
	if digits > mostDigits {
		return dst[:start], false
	}
	return tidyDecimal(dst, start, first), true
}

// tidyDecimal takes needless zeros off the number whose sign may stand at start and whose digits start at first.
func tidyDecimal(dst []byte, start, first int) []byte {
	whole := bytes.IndexByte(dst[first:], '.')
	if whole >= 0 {
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
		if dst[len(dst)-1] == '.' {
			dst = dst[:len(dst)-1]
		} else if whole == 0 {
			dst = append(dst, 0)
			copy(dst[first+1:], dst[first:])
			dst[first] = '0'
		}
	}
	zeros := 0
	for first+zeros+1 < len(dst) && dst[first+zeros] == '0' && dst[first+zeros+1] != '.' {
		zeros++
	}
	dst = append(dst[:first], dst[first+zeros:]...)
	if len(dst) == first || len(dst) == first+1 && dst[first] == '0' {
		return append(dst[:start], '0')
	}
	return dst
}

func (n *textNumber) withExponent(dst []byte, sep separator) ([]byte, bool) {
	text := make([]byte, 0, len(n.body)+1)
	if n.neg {
		text = append(text, '-')
	}
	for _, c := range n.body {
		switch {
		case c == sep.sign():
			text = append(text, '.')
		case c < 0x80 && c != ',' && c != '.' && c != ' ' && c != '\'' && c != '_':
			text = append(text, c)
		}
	}
	d, err := decimal.NewFromString(string(text))
	if err != nil || d.Exponent() < -mostDigits || d.NumDigits()+max(0, int(d.Exponent())) > mostDigits {
		return dst, false
	}
	return append(dst, d.String()...), true
}
