package value

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"

	"ordersheet/internal/cell"
)

// Separators is a set of readings of a number in text: which character separates its decimals.
type Separators uint8

// The readings of a number.
const (
	Point        Separators = 1 << iota // 1,234.56
	Comma                               // 1.234,56
	AnySeparator = Point | Comma
)

// String returns the character of one reading, as a mapping file names it.
func (s Separators) String() string {
	switch s {
	case Point:
		return "."
	case Comma:
		return ","
	}
	return ""
}

// maxDigits bounds the digits of an amount. No money has more, and exact arithmetic stays cheap.
const maxDigits = 30

// Number is a number in text.
type Number struct {
	Body     []byte // digits, separators, perhaps an exponent
	neg      bool
	Percent  bool
	Currency []byte     // the sign or word that was stripped
	Readings Separators // in which Body is a number
	Plain    bool       // both readings give the same value
}

// ParseNumber reads a number written as text. ok is false if it isn't one in any reading.
func ParseNumber(s []byte) (n Number, ok bool) {
	n.Body = s
	if n.quick() {
		return n, true
	}
	if !n.strip() {
		return n, false
	}
	n.Plain = !bytes.ContainsAny(n.Body, ".,")
	for _, sep := range [...]Separators{Point, Comma} {
		if n.isNumber(sep) {
			n.Readings |= sep
		}
	}
	return n, n.Readings != 0
}

// quick reads the plainest numbers: digits with at most one point or comma that can't separate
// thousands.
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

// strip removes signs, brackets, currencies and percent signs from both ends until only the body is
// left.
func (n *Number) strip() bool {
	s, signs := n.Body, 0
	for {
		if s = TrimSpace(s); len(s) == 0 {
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
			rest := n.stripCurrency(s)
			if rest == nil { // .5 and 5. begin or end with the decimal separator
				n.Body = s
				separated := isSeparator(first) && isDigit(last) || isDigit(first) && isSeparator(last)
				return separated && signs <= 1
			}
			s = rest
		}
	}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isSeparator(r rune) bool { return r == '.' || r == ',' }

// stripCurrency removes a currency sign or word from either end of s; nil if there is none, or a
// second one.
func (n *Number) stripCurrency(s []byte) []byte {
	if n.Currency != nil {
		return nil
	}
	inCurrency := func(r rune) bool { return unicode.Is(unicode.Sc, r) || unicode.IsLetter(r) }
	rest := bytes.TrimLeftFunc(s, inCurrency)
	if w := len(s) - len(rest); w > 0 && len(rest) > 0 && isCurrency(s[:w]) {
		if bytes.HasPrefix(rest, []byte(". ")) { // kr. 5
			w++
		}
		n.Currency = s[:w]
		return s[w:]
	}
	rest = bytes.TrimRightFunc(bytes.TrimSuffix(s, []byte{'.'}), inCurrency)
	if w := len(rest); w > 0 && w < len(s) && isCurrency(s[w:]) {
		n.Currency = s[w:]
		return rest
	}
	return nil
}

// isCurrency knows the signs of Unicode's class Sc, alone or with a letter or two (US$), the codes
// of ISO 4217, and the words that price lists use.
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

// parts splits the body in one reading. Each part is without its separator.
func (n *Number) parts(sep Separators) (whole, decimals, exponent []byte) {
	whole = n.Body
	if i := bytes.IndexAny(whole, "eE"); i >= 0 {
		whole, exponent = whole[:i], whole[i+1:]
	}
	whole, decimals, _ = bytes.Cut(whole, []byte(sep.String()))
	return whole, decimals, exponent
}

// isNumber reports whether the body is a number in one reading: groups of three digits (or, with
// commas, the Indian two) between one kind of thousands separator, decimals, an exponent.
func (n *Number) isNumber(sep Separators) bool {
	whole, decimals, exponent := n.parts(sep)
	if exponent != nil {
		digits := bytes.TrimLeft(exponent, "+-")
		if len(exponent)-len(digits) > 1 || len(digits) > 2 || !AllDigits(digits) {
			return false
		}
	}
	switch {
	case len(decimals) > 0 && !AllDigits(decimals):
		return false
	case len(whole) == 0:
		return len(decimals) > 0
	}
	return isGrouped(whole)
}

// isGrouped checks the groups of a whole number's digits.
func isGrouped(whole []byte) bool {
	at := bytes.IndexFunc(whole, func(r rune) bool { return !isDigit(r) })
	if at < 0 {
		return true
	}
	separator, size := utf8.DecodeRune(whole[at:])
	switch separator {
	case '.', ',', ' ', '\'', '\u2019', '\u00a0', '\u202f', '\u2009', '\u2007', '_', '٬':
	default:
		return false
	}
	if at == 0 || at > 3 || whole[0] == '0' { // no one groups behind a zero
		return false
	}
	groups := bytes.Split(whole[at+size:], whole[at:at+size])
	three, two := true, separator == ',' && at <= 2
	for i, g := range groups {
		last := i == len(groups)-1
		three, two = three && len(g) == 3, two && (len(g) == 2 && !last || len(g) == 3 && last)
		if !AllDigits(g) {
			return false
		}
	}
	return three || two
}

// AppendDecimal appends the number in one reading, without needless zeros. ok is false if it has
// too many digits.
func (n *Number) AppendDecimal(dst []byte, sep Separators) (out []byte, ok bool) {
	whole, decimals, exponent := n.parts(sep)
	if !AllDigits(whole) { // thousands separators
		whole = bytes.Map(func(r rune) rune {
			if isDigit(r) {
				return r
			}
			return -1
		}, whole)
	}
	if exponent != nil {
		return n.appendExponent(dst, string(whole)+"."+string(decimals)+"e"+string(exponent))
	}
	if len(whole)+len(decimals) > maxDigits {
		return dst, false
	}
	whole, decimals = bytes.TrimLeft(whole, "0"), bytes.TrimRight(decimals, "0")
	if len(whole)+len(decimals) == 0 {
		return append(dst, '0'), true
	}
	if n.neg {
		dst = append(dst, '-')
	}
	if len(whole) == 0 {
		dst = append(dst, '0')
	}
	dst = append(dst, whole...)
	if len(decimals) > 0 {
		dst = append(append(dst, '.'), decimals...)
	}
	return dst, true
}

func (n *Number) appendExponent(dst []byte, text string) ([]byte, bool) {
	d, err := decimal.NewFromString(text)
	if err != nil || d.Exponent() < -maxDigits || d.NumDigits()+max(0, int(d.Exponent())) > maxDigits {
		return dst, false
	}
	if n.neg {
		d = d.Neg()
	}
	return append(dst, d.String()...), true
}

// AppendUnambiguous appends the number of a cell if it has one reading only.
func AppendUnambiguous(dst []byte, c cell.Cell) (out []byte, ok bool) {
	switch c.Kind {
	case cell.Number:
		return cell.AppendDecimal(dst, c.Text)
	case cell.Text:
		n, ok := ParseNumber(TrimSpace(c.Text))
		if n.Plain {
			n.Readings = Point
		}
		if !ok || n.Percent || n.Readings == AnySeparator {
			return dst, false
		}
		return n.AppendDecimal(dst, n.Readings)
	}
	return dst, false
}

// PadZeros gives the whole number that begins at start its leading zeros, up to width digits.
func PadZeros(dst []byte, start, width int) []byte {
	lacks := width - (len(dst) - start)
	if lacks <= 0 || !AllDigits(dst[start:]) {
		return dst
	}
	return slices.Insert(dst, start, bytes.Repeat([]byte{'0'}, lacks)...)
}

// WholeDigits counts the digits before the point of a number's text.
func WholeDigits(text []byte) int {
	whole, _, _ := bytes.Cut(bytes.TrimPrefix(text, []byte{'-'}), []byte{'.'})
	if !AllDigits(whole) || bytes.ContainsAny(text, "eE") {
		out, _ := cell.AppendDecimal(nil, text)
		whole, _, _ = bytes.Cut(bytes.TrimPrefix(out, []byte{'-'}), []byte{'.'})
	}
	return len(whole)
}

// AllDigits reports whether s consists of ASCII digits and isn't empty.
func AllDigits(s []byte) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(s) > 0
}

// Atoi returns the value of digits that are known to be few.
func Atoi(s []byte) int {
	n := 0
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

// HasLeadingZero reports whether a text begins with a zero that a number would lose.
func HasLeadingZero(t []byte) bool { return len(t) > 1 && t[0] == '0' && isDigit(rune(t[1])) }
