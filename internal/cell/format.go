package cell

import "strings"

// ParseFormat finds out what a number format says about the values it shows. Its first section
// counts, which is the one for positive numbers.
func ParseFormat(code string) Format {
	f := Format{Code: code}
	var p formatParts
	p.scan(code)
	f.Class = p.class()
	if f.Class == Decimal && strings.Trim(code, "0") == "" {
		f.Zeros = len(code)
	}
	return f
}

// formatParts is what the first section of a number format contains.
type formatParts struct {
	date, time, elapsed, digit, percent, currency, exponent, fraction, text, general bool

	minutes bool // an m, which means months unless there is a time too
}

func (p *formatParts) class() Class {
	switch {
	case p.elapsed:
		return Elapsed
	case p.time && p.date:
		return DateAndTime
	case p.time:
		return TimeOnly
	case p.date || p.minutes:
		return DateOnly
	case p.general:
		return General
	case p.percent:
		return Percent
	case p.exponent:
		return Scientific
	case p.fraction && p.digit:
		return Fraction
	case p.currency:
		return Currency
	case p.digit:
		return Decimal
	case p.text:
		return AsText
	}
	return General
}

// scan reads the first section. Literals, padding, colors, conditions and locales say nothing about
// the kind of value.
func (p *formatParts) scan(code string) {
	for i := 0; i < len(code); i++ {
		switch c := code[i] | 0x20; {
		case code[i] == ';':
			return
		case code[i] == '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return
			}
			p.symbol(code[i+1 : i+1+end])
			i += end + 1
		case code[i] == '\\' || code[i] == '_' || code[i] == '*':
			if i++; i < len(code) && code[i-1] == '\\' {
				p.symbol(code[i:])
			}
		case code[i] == '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return
			}
			p.bracket(code[i+1 : i+end])
			i += end
		case c == 'g' && strings.HasPrefix(strings.ToLower(code[i:]), "general"):
			p.general = true
			i += len("general") - 1
		case c == 'a' && p.readAMPM(code[i:]):
			i += strings.IndexAny(code[i:], "mMpP")
		case c == 'e' && i+1 < len(code) && (code[i+1] == '+' || code[i+1] == '-'):
			p.exponent = true
			i++
		default:
			p.letter(c, code[i:])
		}
	}
}

func (p *formatParts) letter(c byte, rest string) {
	switch c {
	case 'y', 'd', 'e', 'b', 'g':
		p.date = true
	case 'm':
		p.minutes = true
	case 'h', 's':
		p.time = true
	case '0' | 0x20, '?' | 0x20, '#' | 0x20:
		p.digit = true
	case '%' | 0x20:
		p.percent = true
	case '/' | 0x20:
		p.fraction = true
	case '@' | 0x20:
		p.text = true
	default:
		p.symbol(rest)
	}
}

func (p *formatParts) readAMPM(s string) bool {
	s = strings.ToLower(s)
	ok := strings.HasPrefix(s, "am/pm") || strings.HasPrefix(s, "a/p")
	p.time = p.time || ok
	return ok
}

// bracket reads what is in brackets: an elapsed time, or a currency with its locale. Colors and
// conditions are ignored.
func (p *formatParts) bracket(s string) {
	low := strings.ToLower(s)
	switch {
	case low == "":
	case strings.Trim(low, "h") == "", strings.Trim(low, "m") == "", strings.Trim(low, "s") == "":
		p.elapsed = true
	case low[0] == '$':
		name, _, _ := strings.Cut(s[1:], "-")
		p.currency = p.currency || name != ""
	}
}

// currencySigns are the signs that make a literal a currency.
const currencySigns = "$€£¥₹₽₩₺₪฿₫₴₦"

func (p *formatParts) symbol(s string) {
	if strings.ContainsAny(s, currencySigns) {
		p.currency = true
	}
}
