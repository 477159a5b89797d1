package sheet

import (
	"strings"

	"ordersheet/internal/cell"
)

// builtinFormats are the codes of the formats that a workbook needn't spell out (ECMA-376 part 1, 18.8.30). Those from 27 on depend on the language of the
// spreadsheet program: in Chinese, Japanese and Korean 27-36 and 50-58 are dates, in Thai 59-81 repeat the western ones with Thai digits.
var builtinFormats = map[int]string{
	0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: `"$"#,##0_);\("$"#,##0\)`, 6: `"$"#,##0_);[Red]\("$"#,##0\)`, 7: `"$"#,##0.00_);\("$"#,##0.00\)`,
	8: `"$"#,##0.00_);[Red]\("$"#,##0.00\)`, 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
	18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)",
	40: "#,##0.00_);[Red](#,##0.00)", 41: `_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)`, 42: `_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)`,
	43: `_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)`, 44: `_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)`, 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0",
	48: "##0.0E+0", 49: "@", 59: "t0", 60: "t0.00", 61: "t#,##0", 62: "t#,##0.00", 67: "t0%", 68: "t0.00%", 69: "t# ?/?", 70: "t# ??/??", 71: "d/m/yy", 72: "d-mmm-yy",
	73: "d-mmm", 74: "mmm-yy", 75: "h:mm", 76: "h:mm:ss", 77: "d/m/yy h:mm", 78: "mm:ss", 79: "[h]:mm:ss", 80: "mm:ss.0", 81: "d/m/yy",
}

// builtinFormat returns the code of a format that the workbook doesn't define.
func builtinFormat(id int) string {
	if code, ok := builtinFormats[id]; ok {
		return code
	}
	switch {
	case id == 32 || id == 33:
		return "h:mm:ss"
	case id >= 27 && id <= 36, id >= 50 && id <= 58:
		return "yyyy/m/d"
	}
	return "General"
}

// parseFormat says what a number format tells of the values it shows: its first section counts, which is the one for positive numbers.
func parseFormat(code string) cell.Format {
	f := cell.Format{Code: code}
	var p formatParts
	p.scan(code)
	f.Class = p.class()
	if f.Class == cell.Decimal && strings.Trim(code, "0") == "" {
		f.Zeros = len(code)
	}
	return f
}

// formatParts is what stands in the first section of a number format.
type formatParts struct {
	date, time, elapsed, digit, percent, currency, exponent, fraction, text, general bool
	minutes                                                                          bool // an m, which means months unless there are times beside it
}

func (p *formatParts) class() cell.Class {
	switch {
	case p.elapsed:
		return cell.Elapsed
	case p.time && p.date:
		return cell.DateAndTime
	case p.time:
		return cell.TimeOnly
	case p.date || p.minutes:
		return cell.DateOnly
	case p.general:
		return cell.General
	case p.percent:
		return cell.Percent
	case p.exponent:
		return cell.Scientific
	case p.fraction && p.digit:
		return cell.Fraction
	case p.currency:
		return cell.Currency
	case p.digit:
		return cell.Decimal
	case p.text:
		return cell.AsText
	}
	return cell.General
}

// scan walks over the first section. Literals, padding, colours, conditions and locales say nothing of the kind of value.
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
		case c == 'a' && p.noon(code[i:]):
			i += strings.IndexAny(code[i:], "mMpP")
		case c == 'e' && i+1 < len(code) && (code[i+1] == '+' || code[i+1] == '-'):
			p.exponent = true
			i++
		default:
			p.letter(c, code[i:])
		}
	}
}

// letter takes a character that stands for itself or for a part of the value.
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

// noon takes AM/PM and A/P.
func (p *formatParts) noon(s string) bool {
	s = strings.ToLower(s)
	ok := strings.HasPrefix(s, "am/pm") || strings.HasPrefix(s, "a/p")
	p.time = p.time || ok
	return ok
}

// bracket takes what stands in brackets: elapsed time, or a currency with its locale; colours and conditions are let pass.
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

// currencySigns are the signs that make a literal a currency; codes such as EUR in quotes are looked at by their letters.
const currencySigns = "$€£¥₹₽₩₺₪฿₫₴₦"

// symbol takes literal text.
func (p *formatParts) symbol(s string) {
	if strings.ContainsAny(s, currencySigns) {
		p.currency = true
	}
}
