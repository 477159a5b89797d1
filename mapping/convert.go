package mapping

import (
	"bytes"
	"iter"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"
)

// form says how a converted value is written into the payload.
type form uint8

const (
	formNone    form = iota // blank: not sent
	formString              // a JSON string
	formLiteral             // a number or a boolean, as it is
	formList                // a list of strings; the value holds them with a NUL after each
	formNull                // the field is to be emptied: null, or a list without entries
	formInvalid             // there was a value, but it can't be used
)

// section is the part of an order that a field belongs to.
type section uint8

const (
	orderSection section = iota
	lineSection
	paymentSection
	sections
)

// column is a mapped column with what is known about its values, and where they go.
type column struct {
	mappedColumn
	section    section
	index      int // among the columns of its section
	min        decimal.Decimal
	zeroMin    bool // the minimum is 0, which needs no decimal arithmetic
	byKind     [cell.Formula + 1]reader
	choices    map[string]string
	separators string // between the items of a list
	given      bool   // DateOrder or Decimal are from the mapping file, not inferred by the Scan
	next       bool   // the next column reads the same cells
	doubt      string // code of the problem with texts that have several readings
	evidence   evidence
	widths     *identifierWidths // nil unless the width is to be inferred
}

// badValue is what is wrong with a value, without the cell and the order.
type badValue struct {
	code  string
	args  []string
	value string // the value, where args name that of another cell
}

func bad(code string, text []byte, args ...string) *badValue {
	return &badValue{code: code, args: append([]string{"value", string(text)}, args...)}
}

// convert appends the value of a cell to dst, in the form that the field takes. The form is
// formNone if the cell holds nothing but white space.
func (c *column) convert(d value.Display, dst []byte, x *cell.Cell) ([]byte, form, *badValue) {
	switch x.Kind {
	case cell.Blank:
		return dst, formNone, nil
	case cell.Error:
		return dst, formNone, bad(problem.ErrorValue, x.Text, "want", c.field.Takes())
	case cell.Formula:
		return dst, formNone, bad(problem.FormulaUncached, d.Cell(*x), "want", c.field.Takes())
	}
	if c.Repair != 0 {
		if repaired, done := c.Repair.Apply(d, *x, c.Width); done != 0 {
			x = &repaired
		}
	}
	text := x.Text
	if x.Kind == cell.Text {
		if text = value.TrimSpace(text); len(text) == 0 {
			return dst, formNone, nil
		}
	}
	if !utf8.Valid(text) { // as JSON will replace it
		text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	}
	if c.valueMapping != nil && !c.field.Many() {
		if to, ok := c.valueMapping.Lookup(string(d.Number(*x, text))); ok {
			return c.byType(d, dst, cell.Cell{Col: x.Col, Kind: cell.Text}, value.TrimSpace([]byte(to)))
		}
		if c.valueMapping.Strict {
			return dst, formNone, bad(problem.ValueNotMapped, text, "header", c.header)
		}
	}
	return c.byType(d, dst, *x, text)
}

// reader appends the value of a cell as the fields of a type take it. text is the cell's text or
// what it is mapped to.
type reader struct {
	read func(c *column, d value.Display, dst []byte, x cell.Cell, text []byte) ([]byte, *badValue)
	form form
}

// readers are by type. The types that it lacks take any text.
var readers = map[catalog.Type]reader{
	catalog.DecimalType: {(*column).number, formLiteral},
	catalog.IntegerType: {(*column).integer, formLiteral},
	catalog.BoolType:    {(*column).boolean, formLiteral},
	catalog.DateType:    {(*column).date, formString},
	catalog.EnumType:    {(*column).choice, formString},
	catalog.EmailType:   {(*column).email, formString},
	catalog.TagsType:    {(*column).list, formList},
	catalog.ListType:    {(*column).list, formList},
}

// reader returns how the column reads cells of a kind.
func (c *column) reader(kind cell.Kind) reader {
	t := c.field.Type
	if t == catalog.CustomType && kind == cell.Number {
		t = catalog.DecimalType
	}
	if t == catalog.CustomType && kind == cell.Bool {
		t = catalog.BoolType
	}
	if r, ok := readers[t]; ok {
		return r
	}
	return reader{(*column).text, formString}
}

func (c *column) byType(d value.Display, dst []byte, x cell.Cell, text []byte) (out []byte, f form, wrong *badValue) {
	r := c.byKind[x.Kind]
	out, wrong = r.read(c, d, dst, x, text)
	if wrong == nil && len(out) == len(dst) {
		return out, formNone, nil
	}
	return out, r.form, wrong
}

// firstItem returns a text, or the first item of a list.
func firstItem(f form, text []byte) []byte {
	switch f {
	case formList:
		text, _, _ = bytes.Cut(text, []byte{0})
	case formNone, formInvalid:
		return nil
	}
	return text
}

// items returns the items of a value of the form formList.
func items(list []byte) iter.Seq[[]byte] {
	return bytes.SplitSeq(bytes.TrimSuffix(list, []byte{0}), []byte{0})
}

func hasItem(list, item []byte) bool {
	for x := range items(list) {
		if bytes.Equal(x, item) {
			return true
		}
	}
	return false
}
