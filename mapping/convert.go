package mapping

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"
)

// form says how a converted value is written into the payload.
type form uint8

const (
	none   form = iota // blank: not sent
	quoted             // a JSON string
	bare               // a number or a boolean, as it stands
	listed             // a list of strings; the value holds them with a NUL after each
)

// slot is one mapped column at work: its field, what is known of its values, and where they go.
type slot struct {
	col    int
	header string
	path   string // the column's own path: for a custom field with its label
	field  *Field
	part   part
	index  int // among the slots of its part
	min    decimal.Decimal
	zero   bool // the minimum is 0, which needs no decimal arithmetic
	choice map[string]string
	cross  *Crosswalk
	split  string    // the signs that separate the items of a list
	order  dateOrder // the order of text dates: told, or proven in pass 1
	sep    separator // the decimal separator of text numbers, likewise
	told   bool      // order or sep come from the mapping file
	twin   bool      // the next slot reads the same column
	doubt  string    // the code that refuses the column's undecided texts
	proof  evidence
}

// fault is what is wrong with one value, before anyone knows in which order it stands.
type fault struct {
	code string
	args []string
}

func (s *slot) fault(code string, value []byte, args ...string) *fault {
	return &fault{code, append([]string{"value", string(value)}, args...)}
}

// converter turns cells into values. date1904 and formats come from the sheet.
type converter struct {
	date1904 bool
	formats  []cell.Format
}

// convert appends the value of a cell that isn't blank to dst, in the form that the slot's field takes. The form is none when the cell
// turns out to hold nothing but white space.
func (v *converter) convert(dst []byte, s *slot, c *cell.Cell) (out []byte, f form, bad *fault) {
	switch c.Kind {
	case cell.Blank:
		return dst, none, nil
	case cell.Error:
		return dst, none, s.fault(CodeErrorValue, c.Text, "want", wants(s.field))
	case cell.Formula:
		return dst, none, s.fault(CodeFormulaUncached, c.Text, "want", wants(s.field))
	}
	text := c.Text
	if c.Kind == cell.Text {
		if text = trimOuter(text); len(text) == 0 {
			return dst, none, nil
		}
	}
	if s.cross != nil && !s.field.Many() {
		if to, ok := s.cross.Lookup(string(v.listedAs(*c, text))); ok {
			return v.byType(dst, s, cell.Cell{Col: c.Col, Kind: cell.Text}, trimOuter([]byte(to)))
		}
		if s.cross.Strict {
			return dst, none, s.fault(CodeCrosswalk, text, "header", s.header)
		}
	}
	return v.byType(dst, s, *c, text)
}

// listedAs is the form in which a crosswalk lists a cell's value: a number as the sheet shows it, without what floats add.
func (v *converter) listedAs(c cell.Cell, text []byte) []byte {
	if c.Kind != cell.Number {
		return text
	}
	out, ok := cell.AppendDecimal(nil, text)
	if !ok {
		return text
	}
	return padZeros(out, 0, v.format(c).Zeros)
}

func (v *converter) byType(dst []byte, s *slot, c cell.Cell, text []byte) (out []byte, f form, bad *fault) {
	f = quoted
	switch s.field.Type {
	case DecimalType:
		out, bad = v.number(dst, s, c, text)
		f = bare
	case IntegerType:
		out, bad = v.integer(dst, s, c, text)
		f = bare
	case DateType:
		out, bad = v.date(dst, s, c, text)
	case BoolType:
		out, bad = s.boolean(dst, text)
		f = bare
	case EnumType:
		out, bad = s.oneOf(dst, text)
	case TagsType, ListType:
		out, bad = v.list(dst, s, c, text)
		f = listed
	case EmailType:
		if out, bad = v.text(dst, s, c, text); bad == nil && !validEmail(out[len(dst):]) {
			bad = s.fault(CodeEmailInvalid, text)
		}
	case CustomType:
		if c.Kind == cell.Number {
			out, bad = v.number(dst, s, c, text)
			return out, bare, bad
		}
		out, bad = v.text(dst, s, c, text)
	default:
		out, bad = v.text(dst, s, c, text)
	}
	if bad == nil && len(out) == len(dst) {
		f = none
	}
	return out, f, bad
}

// format is the number format of a cell.
func (v *converter) format(c cell.Cell) cell.Format {
	if int(c.Format) < len(v.formats) {
		return v.formats[c.Format]
	}
	return cell.Format{}
}

func (v *converter) number(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start := len(dst)
	switch c.Kind {
	case cell.Number:
		if c.Format != 0 && s.field.Type != CustomType && v.format(c).Class == cell.Percent {
			return dst, s.fault(CodeNumberPercent, percentShown(text), "field", s.path)
		}
		out, ok := appendNumber(dst, text)
		if !ok {
			return dst, s.fault(CodeNumberInvalid, text, "want", s.example())
		}
		dst = out
	case cell.Date:
		return dst, s.fault(CodeNumberFromDate, v.dateShown(text))
	case cell.Text:
		out, bad := s.textNumber(dst, text)
		if bad != nil {
			return dst, bad
		}
		dst = out
	default:
		return dst, s.fault(CodeNumberInvalid, text, "want", s.example())
	}
	return dst, s.atLeast(dst[start:], text)
}

// textNumber reads a number from text in the reading that the column has proven.
func (s *slot) textNumber(dst, text []byte) ([]byte, *fault) {
	n, ok := readNumber(text)
	switch {
	case ok && n.percent:
		return dst, s.fault(CodeNumberPercent, text, "field", s.path)
	case !ok || s.sep != 0 && n.readings&s.sep == 0:
		return dst, s.fault(CodeNumberInvalid, text, "want", s.example())
	}
	sep := s.sep
	switch {
	case n.plain:
		sep = point
	case sep == 0 && s.doubt != "":
		return dst, s.doubtful(s.doubt, text)
	case sep == 0 && n.readings == anySeparator:
		return dst, s.doubtful(CodeDecimalAmbiguous, text)
	case sep == 0:
		sep = n.readings
	}
	out, ok := n.appendDecimal(dst, sep)
	if !ok {
		return dst, s.fault(CodeNumberTooLong, text)
	}
	return out, nil
}

// atLeast checks a decimal against the field's minimum.
func (s *slot) atLeast(number, seen []byte) *fault {
	if s.field.Minimum == "" {
		return nil
	}
	low := false
	if s.zero {
		low = number[0] == '-' || s.field.Exclusive && len(number) == 1 && number[0] == '0'
	} else {
		d, err := decimal.NewFromString(string(number))
		low = err != nil || d.LessThan(s.min) || s.field.Exclusive && d.Equal(s.min)
	}
	if !low {
		return nil
	}
	return s.fault(CodeNumberTooLow, seen, "field", s.path, "want", wants(s.field))
}

func (v *converter) integer(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start := len(dst)
	switch c.Kind {
	case cell.Number:
		if wholeDigits(text) > 15 {
			return dst, s.fault(CodeIDTooLong, text)
		}
		out, ok := cell.AppendDecimal(dst, text)
		if !ok || bytes.IndexByte(out[start:], '.') >= 0 {
			return dst, s.fault(CodeIntegerInvalid, text, "want", s.example())
		}
		dst = out
	case cell.Date:
		return dst, s.fault(CodeNumberFromDate, v.dateShown(text))
	default:
		digits := text
		if whole, decimals, ok := bytes.Cut(text, []byte{'.'}); ok && len(bytes.Trim(decimals, "0")) == 0 {
			digits = whole // 12.0, as other programs write whole numbers
		}
		neg := len(digits) > 0 && digits[0] == '-'
		if neg {
			digits = digits[1:]
		}
		trimmed := bytes.TrimLeft(digits, "0")
		if !allDigits(digits) || len(trimmed) > 18 {
			return dst, s.fault(CodeIntegerInvalid, text, "want", s.example())
		}
		if len(trimmed) == 0 {
			trimmed, neg = []byte{'0'}, false
		}
		if neg {
			dst = append(dst, '-')
		}
		dst = append(dst, trimmed...)
	}
	return dst, s.atLeast(dst[start:], text)
}

// appendNumber is cell.AppendDecimal with a short way for numbers that stand in the file as they will be sent, which most do.
func appendNumber(dst, text []byte) ([]byte, bool) {
	at := -1
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
		case c == '.' && at < 0 && i > 0:
			at = i
		default:
			return cell.AppendDecimal(dst, text)
		}
	}
	n := len(text)
	if n == 0 || n > 15 || at >= 0 && (at == n-1 || text[n-1] == '0') || text[0] == '0' && n > 1 && at != 1 {
		return cell.AppendDecimal(dst, text)
	}
	return append(dst, text...), true
}

// wholeDigits counts the digits before the point of a number's text.
func wholeDigits(text []byte) int {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			if c == '-' {
				continue
			}
			if c == '.' && bytes.IndexAny(text, "eE") < 0 {
				return n
			}
			return expandedDigits(text)
		}
		n++
	}
	return n
}

func expandedDigits(text []byte) int {
	out, ok := cell.AppendDecimal(nil, text)
	if !ok {
		return 0
	}
	whole, _, _ := bytes.Cut(bytes.TrimPrefix(out, []byte{'-'}), []byte{'.'})
	return len(whole)
}

func (v *converter) date(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	switch c.Kind {
	case cell.Date:
		d, ok := cell.FromSerial(text, v.date1904)
		if !ok || v.format(c).Class == cell.TimeOnly || v.format(c).Class == cell.Elapsed {
			return dst, s.fault(CodeDateInvalid, text, "want", s.dateExample())
		}
		return appendCivil(dst, d), nil
	case cell.Text:
		return s.textDate(dst, text)
	case cell.Number:
		if d, ok := readDate(text); ok && len(text) == 8 && d.date.Year < 2100 { // 20240131
			return appendCivil(dst, d.date), nil
		}
		return dst, s.fault(CodeDateUnread, text)
	}
	return dst, s.fault(CodeDateInvalid, text, "want", s.dateExample())
}

// textDate reads a date from text in the order that the column has proven.
func (s *slot) textDate(dst, text []byte) ([]byte, *fault) {
	d, ok := readDate(text)
	if !ok {
		code := CodeDateInvalid
		if _, err := strconv.ParseFloat(string(text), 64); err == nil {
			code = CodeDateUnread
		}
		return dst, s.fault(code, text, "want", s.dateExample())
	}
	order := s.order
	if !d.fixed && order == 0 {
		set := d.readings()
		switch {
		case set != 0 && s.doubt != "":
			return dst, s.doubtful(s.doubt, text)
		case set&(set-1) != 0:
			return dst, s.doubtful(CodeDateAmbiguous, text)
		}
		order = set
	}
	date, ok := d.in(order)
	if !ok {
		return dst, s.fault(CodeDateInvalid, text, "want", s.dateExample())
	}
	return appendCivil(dst, date), nil
}

// text takes any value as text. Identifiers keep the digits that the sheet shows: a number with the format 00000 gets its zeros back, one
// that can't have kept all its digits is refused.
func (v *converter) text(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start := len(dst)
	switch c.Kind {
	case cell.Number:
		if wholeDigits(text) > 15 {
			return dst, s.fault(CodeIDTooLong, text)
		}
		out, ok := appendNumber(dst, text)
		if !ok {
			return dst, s.fault(CodeNumberInvalid, text, "want", s.example())
		}
		dst = out
		if c.Format != 0 {
			dst = padZeros(dst, start, v.format(c).Zeros)
		}
	case cell.Date:
		d, ok := cell.FromSerial(text, v.date1904)
		switch {
		case s.field.Type == IDText || s.field.Type == ListType:
			return dst, s.fault(CodeIDFromDate, v.dateShown(text))
		case !ok:
			return dst, s.fault(CodeDateInvalid, text, "want", s.dateExample())
		}
		dst = appendMoment(dst, d)
	default:
		dst = append(dst, text...)
	}
	return dst, s.short(dst[start:])
}

// padZeros gives the whole number that starts at start its leading zeros, up to width digits.
func padZeros(dst []byte, start, width int) []byte {
	have := len(dst) - start
	if have >= width || !allDigits(dst[start:]) {
		return dst
	}
	for range width - have {
		dst = append(dst, '0')
	}
	copy(dst[start+width-have:], dst[start:start+have])
	for i := range width - have {
		dst[start+i] = '0'
	}
	return dst
}

// short checks the length of a text in characters.
func (s *slot) short(text []byte) *fault {
	most := s.field.MaxLength
	if most == 0 || len(text) <= most {
		return nil
	}
	n := utf8.RuneCount(text)
	if n <= most {
		return nil
	}
	return s.fault(CodeTextTooLong, text, "field", s.path, "count", strconv.Itoa(n), "max", strconv.Itoa(most))
}

// list splits a cell into its names and drops blank and repeated ones.
func (v *converter) list(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start := len(dst)
	if c.Kind != cell.Text {
		out, bad := v.text(dst, s, c, text)
		if bad != nil {
			return dst, bad
		}
		return append(out, 0), nil
	}
	for len(text) > 0 {
		var item []byte
		if i := bytes.IndexAny(text, s.split); i >= 0 {
			item, text = text[:i], text[i+1:]
		} else {
			item, text = text, nil
		}
		if item = trimOuter(item); len(item) == 0 {
			continue
		}
		if s.cross != nil { // name by name
			to, ok := s.cross.Lookup(string(item))
			if !ok && s.cross.Strict {
				return dst[:start], s.fault(CodeCrosswalk, item, "header", s.header)
			}
			if ok {
				item = []byte(to)
			}
		}
		if len(item) == 0 || hasItem(dst[start:], item) {
			continue
		}
		if bad := s.short(item); bad != nil {
			return dst[:start], bad
		}
		dst = append(append(dst, item...), 0)
	}
	return dst, nil
}

// hasItem looks for an item in a list of the form listed.
func hasItem(list, item []byte) bool {
	for len(list) > 0 {
		end := bytes.IndexByte(list, 0)
		if bytes.Equal(list[:end], item) {
			return true
		}
		list = list[end+1:]
	}
	return false
}

func (s *slot) boolean(dst, text []byte) ([]byte, *fault) {
	switch string(bytes.ToLower(text)) {
	case "true", "yes", "y", "1", "x", "on", "t", "wahr", "ja", "j", "vrai", "oui", "o", "verdadero", "sí", "si", "s", "vero", "waar", "✓", "✔":
		return append(dst, "true"...), nil
	case "false", "no", "n", "0", "off", "f", "falsch", "nein", "faux", "non", "falso", "nee", "onwaar", "-":
		return append(dst, "false"...), nil
	}
	return dst, s.fault(CodeBoolInvalid, text)
}

// oneOf finds the allowed value that a text means: case, spaces, dashes and underscores don't matter.
func (s *slot) oneOf(dst, text []byte) ([]byte, *fault) {
	if v, ok := s.choice[string(text)]; ok {
		return append(dst, v...), nil
	}
	folded := foldChoice(string(text))
	if v, ok := s.choice[folded]; ok {
		return append(dst, v...), nil
	}
	near, best := "", 3
	for _, v := range s.field.Enum {
		if d := levenshtein.ComputeDistance(folded, v); d < best {
			near, best = "; did you mean "+v+"?", d
		}
	}
	return dst, s.fault(CodeEnumInvalid, text, "field", s.path, "near", near, "want", wants(s.field))
}

// foldChoice is the form in which words of an enumeration are compared.
func foldChoice(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '_' || r == '-' || r == ' ' || r == '\u00a0' || r == '.' }), "_")
}
