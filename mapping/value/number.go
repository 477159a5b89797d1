package value

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"ordersheet/internal/cell"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
)

// Separators is a set of readings of a number that is written as text: which sign stands before its decimals.
type Separators uint8

// The readings of a number.
const (
	Point        Separators = 1 << iota // 1,234.56
	Comma                               // 1.234,56
	AnySeparator = Point | Comma
)

// Sign is the character of one reading.
func (s Separators) Sign() byte {
	if s == Comma {
		return ','
	}
	return '.'
}

// ParseSeparator reads the mapping file's decimal separator; anything else gives 0.
func ParseSeparator(word string) Separators {
	switch word {
	case ".", "point":
		return Point
	case ",", "comma":
		return Comma
	}
	return 0
}

// mostDigits bounds the digits of an amount; no money has more, and exact arithmetic stays cheap.
const mostDigits = 30

// Number is a number as text shows it: its sign, its currency, and its digits with their separators.
type Number struct {
	Body     []byte // digits, separators, perhaps an exponent
	neg      bool
	Percent  bool
	Currency []byte     // the sign or word that was stripped
	Readings Separators // in which of the readings body is a number
	Plain    bool       // both readings give the same value
}

// ParseNumber takes apart a number written as text. ok is false when it is none in any reading.
func ParseNumber(s []byte) (n Number, ok bool) {
	n.Body = s
	if n.quick() {
		return n, true
	}
	if !n.strip() {
		return n, false
	}
	n.Plain = true
	for _, c := range n.Body {
		if c == '.' || c == ',' {
			n.Plain = false
		}
	}
	for _, sep := range [...]Separators{Point, Comma} {
		if grouped(n.Body, sep.Sign()) {
			n.Readings |= sep
		}
	}
	return n, n.Readings != 0
}

// quick knows the plainest numbers: digits with at most one point or comma that can't stand for thousands.
func (n *Number) quick() bool {
	at := -1
	for i, c := range n.Body {
		switch {
		case c >= '0' && c <= '9':
		case (c == '.' || c == ',') && at < 0:
			at = i
		default:
			return false
		}
	}
	after := len(n.Body) - at - 1
	switch {
	case len(n.Body) == 0 || at == 0:
		return false
	case at < 0:
		n.Readings, n.Plain = AnySeparator, true
	case after == 0 || after == 3 && at <= 3:
		return false
	case n.Body[at] == '.':
		n.Readings = Point
	default:
		n.Readings = Comma
	}
	return true
}

// strip takes signs, brackets, currencies and percent off both ends until only the body is left.
func (n *Number) strip() bool {
	s, signs := n.Body, 0
	for {
		s = TrimSpace(s)
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
		case IsDigit(first) && IsDigit(last):
			n.Body = s
			return signs <= 1
		case first == '-' || first == '−' || first == '+':
			s, n.neg, signs = s[fn:], n.neg || first != '+', signs+1
		case last == '-' || last == '−':
			s, n.neg, signs = s[:len(s)-ln], true, signs+1
		case last == '%' || last == '‰':
			s, n.Percent = s[:len(s)-ln], true
		case first == '%':
			s, n.Percent = s[fn:], true
		default:
			w, atEnd := currencyAt(s)
			if w == 0 || n.Currency != nil {
				return n.lone(s) && signs <= 1
			}
			if atEnd {
				n.Currency, s = s[len(s)-w:], s[:len(s)-w]
			} else {
				n.Currency, s = s[:w], s[w:]
			}
		}
	}
}

// lone accepts a body that begins or ends with its decimal separator: .5 and 5.
func (n *Number) lone(s []byte) bool {
	first, last := s[0], s[len(s)-1]
	n.Body = s
	return (first == '.' || first == ',') && IsDigit(rune(last)) || IsDigit(rune(first)) && (last == '.' || last == ',') && len(s) > 1
}

// IsDigit reports whether r is an ASCII digit.
func IsDigit(r rune) bool { return r >= '0' && r <= '9' }

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
	return AllDigits(s) && len(s) <= 2
}

// thousands checks the groups of a whole number's digits.
func thousands(s []byte) bool {
	var sizes [16]int
	groups, size, sep, zero := 0, 0, rune(0), s[0] == '0'
	for len(s) > 0 {
		r, w := utf8.DecodeRune(s)
		s = s[w:]
		if IsDigit(r) {
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

// AppendDecimal writes the number in one reading: sign, digits, point, digits; no needless zeros. ok is false when it has too many digits.
func (n *Number) AppendDecimal(dst []byte, sep Separators) (out []byte, ok bool) {
	start := len(dst)
	if n.neg {
		dst = append(dst, '-')
	}
	first, dec, digits := len(dst), sep.Sign(), 0
	for _, c := range n.Body {
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

func (n *Number) withExponent(dst []byte, sep Separators) ([]byte, bool) {
	text := make([]byte, 0, len(n.Body)+1)
	if n.neg {
		text = append(text, '-')
	}
	for _, c := range n.Body {
		switch {
		case c == sep.Sign():
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

// AppendUnambiguous appends the number of a cell if it has one reading only.
func AppendUnambiguous(dst []byte, c cell.Cell) (out []byte, ok bool) {
	switch c.Kind {
	case cell.Number:
		return AppendNumber(dst, c.Text)
	case cell.Text:
		n, ok := ParseNumber(TrimSpace(c.Text))
		readings := n.Readings
		if n.Plain {
			readings = Point
		}
		if !ok || n.Percent || readings == AnySeparator {
			return dst, false
		}
		return n.AppendDecimal(dst, readings)
	}
	return dst, false
}
