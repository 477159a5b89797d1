package mapping

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"ordersheet/internal/problem"

	"github.com/agnivade/levenshtein"

	"ordersheet/internal/cell"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"
)

func (v *converter) date(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	switch c.Kind {
	case cell.Date:
		d, ok := cell.FromSerial(text, v.Source.Date1904)
		if !ok || v.Format(c).Class == cell.TimeOnly || v.Format(c).Class == cell.Elapsed {
			return dst, s.fault(problem.DateInvalid, text, "want", s.dateExample())
		}
		return value.AppendDate(dst, d), nil
	case cell.Text:
		return s.textDate(dst, text)
	case cell.Number:
		if d, ok := value.ParseDate(text); ok && len(text) == 8 && d.Date.Year < 2100 { // 20240131
			return value.AppendDate(dst, d.Date), nil
		}
		return dst, s.fault(problem.DateUnread, v.Display.Cell(c))
	}
	return dst, s.fault(problem.DateInvalid, text, "want", s.dateExample())
}

// textDate reads a date from text in the order that the column has proven.
func (s *slot) textDate(dst, text []byte) ([]byte, *fault) {
	d, ok := value.ParseDate(text)
	if !ok {
		code := problem.DateInvalid
		if _, err := strconv.ParseFloat(string(text), 64); err == nil {
			code = problem.DateUnread
		}
		return dst, s.fault(code, text, "want", s.dateExample())
	}
	order := s.order
	if !d.Fixed && order == 0 {
		set := d.Readings()
		switch {
		case set != 0 && s.doubt != "":
			return dst, s.doubtful(s.doubt, text)
		case set&(set-1) != 0:
			return dst, s.doubtful(problem.DateAmbiguous, text)
		}
		order = set
	}
	date, ok := d.In(order)
	if !ok {
		return dst, s.fault(problem.DateInvalid, text, "want", s.dateExample())
	}
	return value.AppendDate(dst, date), nil
}

// text takes any value as text. Identifiers keep the digits that the sheet shows: a number with the format 00000 gets its zeros back, one
// that can't have kept all its digits is refused.
func (v *converter) text(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start := len(dst)
	switch c.Kind {
	case cell.Number:
		if value.WholeDigits(text) > 15 {
			return dst, s.fault(problem.IDTooLong, text)
		}
		out, ok := value.AppendNumber(dst, text)
		if !ok {
			return dst, s.fault(problem.NumberInvalid, text, "want", s.example())
		}
		dst = out
		if c.Format != 0 {
			dst = value.PadZeros(dst, start, v.Format(c).Zeros)
		}
	case cell.Date:
		d, ok := cell.FromSerial(text, v.Source.Date1904)
		switch {
		case s.field.Type == catalog.IDText || s.field.Type == catalog.ListType:
			return dst, s.fault(problem.IDFromDate, v.Display.Date(text))
		case !ok:
			return dst, s.fault(problem.DateInvalid, text, "want", s.dateExample())
		}
		dst = value.AppendDateTime(dst, d)
	default:
		dst = append(dst, text...)
	}
	return dst, s.short(dst[start:])
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
	return s.fault(problem.TextTooLong, text, "field", s.path, "count", strconv.Itoa(n), "max", strconv.Itoa(most))
}

// mostItems bounds the names in one cell; a cell with more is no list of tags, and comparing them all would take for ever.
const mostItems = 1000

// list splits a cell into its names and drops blank and repeated ones.
func (v *converter) list(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start, count := len(dst), 0
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
		if item = value.TrimSpace(item); len(item) == 0 {
			continue
		}
		if s.valueMapping != nil { // name by name
			to, ok := s.valueMapping.Lookup(string(item))
			if !ok && s.valueMapping.Strict {
				return dst[:start], s.fault(problem.ValueNotMapped, item, "header", s.header)
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
		if count++; count > mostItems {
			return dst[:start], s.fault(problem.ListTooLong, text, "field", s.path, "max", strconv.Itoa(mostItems))
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
	return dst, s.fault(problem.BoolInvalid, text)
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
		if len(folded) > 64 {
			break
		}
		if d := levenshtein.ComputeDistance(folded, foldChoice(v)); d < best {
			near, best = "; did you mean "+v+"?", d
		}
	}
	return dst, s.fault(problem.EnumInvalid, text, "field", s.path, "near", near, "want", wants(s.field))
}

// foldChoice is the form in which words of an enumeration are compared.
func foldChoice(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '_' || r == '-' || r == ' ' || r == '\u00a0' || r == '.' }), "_")
}
