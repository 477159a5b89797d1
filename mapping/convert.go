package mapping

import (
	"bytes"
	"unicode/utf8"

	"ordersheet/internal/problem"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"

	"ordersheet/mapping/profile"
)

// form says how a converted value is written into the payload.
type form uint8

const (
	none    form = iota // blank: not sent
	quoted              // a JSON string
	bare                // a number or a boolean, as it stands
	listed              // a list of strings; the value holds them with a NUL after each
	cleared             // the field is to be emptied: null, or a list without entries
)

// slot is one mapped column at work: its field, what is known of its values, and where they go.
type slot struct {
	col          int
	header       string
	path         string // the column's own path: for a custom field with its label
	field        *catalog.Field
	part         part
	index        int // among the slots of its part
	min          decimal.Decimal
	zero         bool // the minimum is 0, which needs no decimal arithmetic
	choice       map[string]string
	valueMapping *profile.ValueMapping
	split        string             // the signs that separate the items of a list
	order        value.DateReadings // the order of text dates: told, or proven in pass 1
	sep          value.Separators   // the decimal separator of text numbers, likewise
	told         bool               // order or sep come from the mapping file
	repairs      value.Repairs      // that make sense for the field
	width        int                // of its identifiers, when zeros are put back
	mended       *mended            // what the repairs did; nil without repairs
	twin         bool               // the next slot reads the same column
	doubt        string             // the code that refuses the column's undecided texts
	proof        evidence
}

// fault is what is wrong with one value, before anyone knows in which order it stands.
type fault struct {
	code  string
	args  []string
	value string // the value seen, when the message speaks of other cells
}

func (s *slot) fault(code string, value []byte, args ...string) *fault {
	return &fault{code: code, args: append([]string{"value", string(value)}, args...)}
}

// converter turns cells into values.
type converter struct {
	value.Display
}

// convert appends the value of a cell that isn't blank to dst, in the form that the slot's field takes. The form is none when the cell
// turns out to hold nothing but white space.
func (v *converter) convert(dst []byte, s *slot, c *cell.Cell) (out []byte, f form, bad *fault) {
	switch c.Kind {
	case cell.Blank:
		return dst, none, nil
	case cell.Error:
		return dst, none, s.fault(problem.ErrorValue, c.Text, "want", wants(s.field))
	case cell.Formula:
		return dst, none, s.fault(problem.FormulaUncached, v.Display.Cell(*c), "want", wants(s.field))
	}
	if s.repairs != 0 {
		if m, done := s.repairs.Apply(v.Display, *c, s.width); done != 0 {
			c = &m
		}
	}
	text := c.Text
	if c.Kind == cell.Text {
		if text = value.TrimSpace(text); len(text) == 0 {
			return dst, none, nil
		}
	}
	if !utf8.Valid(text) { // readers give UTF-8; this keeps equal what JSON will make equal
		text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	}
	if s.valueMapping != nil && !s.field.Many() {
		if to, ok := s.valueMapping.Lookup(string(v.Display.Number(*c, text))); ok {
			return v.byType(dst, s, cell.Cell{Col: c.Col, Kind: cell.Text}, value.TrimSpace([]byte(to)))
		}
		if s.valueMapping.Strict {
			return dst, none, s.fault(problem.ValueNotMapped, text, "header", s.header)
		}
	}
	return v.byType(dst, s, *c, text)
}

func (v *converter) byType(dst []byte, s *slot, c cell.Cell, text []byte) (out []byte, f form, bad *fault) {
	f = quoted
	switch s.field.Type {
	case catalog.DecimalType:
		out, bad = v.number(dst, s, c, text)
		f = bare
	case catalog.IntegerType:
		out, bad = v.integer(dst, s, c, text)
		f = bare
	case catalog.DateType:
		out, bad = v.date(dst, s, c, text)
	case catalog.BoolType:
		out, bad = s.boolean(dst, text)
		f = bare
	case catalog.EnumType:
		out, bad = s.oneOf(dst, text)
	case catalog.TagsType, catalog.ListType:
		out, bad = v.list(dst, s, c, text)
		f = listed
	case catalog.EmailType:
		if out, bad = v.text(dst, s, c, text); bad == nil && !value.IsEmail(out[len(dst):]) {
			bad = s.fault(problem.EmailInvalid, text)
		}
	case catalog.CustomType:
		switch c.Kind {
		case cell.Number:
			out, bad = v.number(dst, s, c, text)
			return out, bare, bad
		case cell.Bool:
			out, bad = s.boolean(dst, text)
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
