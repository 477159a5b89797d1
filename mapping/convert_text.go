package mapping

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"
)

func (c *column) date(d value.Display, dst []byte, x cell.Cell, text []byte) ([]byte, *badValue) {
	switch x.Kind {
	case cell.Date:
		date, ok := cell.FromSerial(text, d.Source.Date1904)
		if class := d.Format(x).Class; ok && class != cell.TimeOnly && class != cell.Elapsed {
			return value.AppendDate(dst, date), nil
		}
	case cell.Text:
		return c.textDate(dst, text)
	case cell.Number:
		if date, ok := value.ParseDate(text); ok && len(text) == 8 && date.Date.Year < 2100 { // 20240131
			return value.AppendDate(dst, date.Date), nil
		}
		return dst, bad(problem.DateUnread, d.Cell(x))
	}
	return dst, bad(problem.DateInvalid, text, "want", c.dateExample())
}

// textDate reads a date in text with the order of day, month and year of its column.
func (c *column) textDate(dst, text []byte) ([]byte, *badValue) {
	d, ok := value.ParseDate(text)
	if !ok {
		code := problem.DateInvalid
		if _, err := strconv.ParseFloat(string(text), 64); err == nil {
			code = problem.DateUnread
		}
		return dst, bad(code, text, "want", c.dateExample())
	}
	order := c.DateOrder
	if !d.Fixed && order == 0 {
		order = d.Readings()
		switch {
		case order != 0 && c.doubt != "":
			return dst, c.ambiguous(c.doubt, text)
		case order&(order-1) != 0:
			return dst, c.ambiguous(problem.DateAmbiguous, text)
		}
	}
	date, ok := d.In(order)
	if !ok {
		return dst, bad(problem.DateInvalid, text, "want", c.dateExample())
	}
	return value.AppendDate(dst, date), nil
}

// text takes any value as text. An identifier keeps the digits that the sheet shows: a number with
// the format 00000 gets its zeros back, one that may have lost digits is invalid.
func (c *column) text(d value.Display, dst []byte, x cell.Cell, text []byte) ([]byte, *badValue) {
	start := len(dst)
	switch x.Kind {
	case cell.Number:
		if value.WholeDigits(text) > 15 {
			return dst, bad(problem.IDTooLong, text)
		}
		out, ok := cell.AppendDecimal(dst, text)
		if !ok {
			return dst, bad(problem.NumberInvalid, text, "want", c.example())
		}
		dst = out
		if x.Format != 0 {
			dst = value.PadZeros(dst, start, d.Format(x).Zeros)
		}
	case cell.Date:
		if c.field.Type == catalog.IDText || c.field.Type == catalog.ListType {
			return dst, bad(problem.IDFromDate, d.Date(text))
		}
		if _, ok := cell.FromSerial(text, d.Source.Date1904); !ok {
			return dst, bad(problem.DateInvalid, text, "want", c.dateExample())
		}
		dst = append(dst, d.Date(text)...)
	default:
		dst = append(dst, text...)
	}
	return dst, c.checkLength(dst[start:])
}

func (c *column) checkLength(text []byte) *badValue {
	most := c.field.MaxLength
	if most == 0 || len(text) <= most {
		return nil
	}
	n := utf8.RuneCount(text)
	if n <= most {
		return nil
	}
	return bad(problem.TextTooLong, text, "field", c.path, "count", strconv.Itoa(n), "max", strconv.Itoa(most))
}

// maxItems bounds the items in a cell: comparing them all with each other takes time, and a cell
// with more isn't a list.
const maxItems = 1000

// mapped returns the value that a list's item is mapped to.
func (c *column) mapped(item []byte) ([]byte, *badValue) {
	if c.valueMapping == nil {
		return item, nil
	}
	to, ok := c.valueMapping.Lookup(string(item))
	switch {
	case ok:
		return []byte(to), nil
	case c.valueMapping.Strict:
		return nil, bad(problem.ValueNotMapped, item, "header", c.header)
	}
	return item, nil
}

// list splits a cell into its items, and drops blank and repeated ones.
func (c *column) list(d value.Display, dst []byte, x cell.Cell, text []byte) ([]byte, *badValue) {
	start, count := len(dst), 0
	if x.Kind != cell.Text {
		out, wrong := c.text(d, dst, x, text)
		if wrong != nil {
			return dst, wrong
		}
		return append(out, 0), nil
	}
	for item := range bytes.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(c.separators, r) }) {
		if item = value.TrimSpace(item); len(item) == 0 {
			continue
		}
		item, wrong := c.mapped(item)
		if wrong != nil {
			return dst[:start], wrong
		}
		if len(item) == 0 || hasItem(dst[start:], item) {
			continue
		}
		if wrong := c.checkLength(item); wrong != nil {
			return dst[:start], wrong
		}
		if count++; count > maxItems {
			return dst[:start], bad(problem.ListTooLong, text, "field", c.path, "max", strconv.Itoa(maxItems))
		}
		dst = append(append(dst, item...), 0)
	}
	return dst, nil
}

// email takes text as an e-mail address.
func (c *column) email(d value.Display, dst []byte, x cell.Cell, text []byte) ([]byte, *badValue) {
	out, wrong := c.text(d, dst, x, text)
	if wrong == nil && !value.IsEmail(out[len(dst):]) {
		return dst, bad(problem.EmailInvalid, text)
	}
	return out, wrong
}

func (*column) boolean(_ value.Display, dst []byte, _ cell.Cell, text []byte) ([]byte, *badValue) {
	switch string(bytes.ToLower(text)) {
	case "true", "yes", "y", "1", "x", "on", "t", "wahr", "ja", "j", "vrai", "oui", "o", "verdadero", "sí", "si", "s", "vero", "waar", "✓", "✔":
		return append(dst, "true"...), nil
	case "false", "no", "n", "0", "off", "f", "falsch", "nein", "faux", "non", "falso", "nee", "onwaar", "-":
		return append(dst, "false"...), nil
	}
	return dst, bad(problem.BoolInvalid, text)
}

// choice finds the allowed value that a text means. Case, spaces, dashes and underscores don't
// matter.
func (c *column) choice(_ value.Display, dst []byte, _ cell.Cell, text []byte) ([]byte, *badValue) {
	if v, ok := c.choices[string(text)]; ok {
		return append(dst, v...), nil
	}
	folded := foldChoice(string(text))
	if v, ok := c.choices[folded]; ok {
		return append(dst, v...), nil
	}
	near, best := "", 3
	for _, v := range c.field.Enum {
		if len(folded) > 64 {
			break
		}
		if d := levenshtein.ComputeDistance(folded, foldChoice(v)); d < best {
			near, best = "; did you mean "+v+"?", d
		}
	}
	return dst, bad(problem.EnumInvalid, text, "field", c.path, "near", near, "want", c.field.Takes())
}

// foldChoice returns the form in which allowed values are compared.
func foldChoice(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r == '_' || r == '-' || r == ' ' || r == '\u00a0' || r == '.'
	}), "_")
}
