package mapping

import (
	"bytes"
	"strconv"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"
)

func (c *column) number(d value.Display, dst []byte, x cell.Cell, text []byte) ([]byte, *badValue) {
	start := len(dst)
	switch x.Kind {
	case cell.Number:
		if x.Format != 0 && c.field.Type != catalog.CustomType && d.Format(x).Class == cell.Percent {
			return dst, bad(problem.NumberPercent, percentage(text), "field", c.path)
		}
		out, ok := cell.AppendDecimal(dst, text)
		if !ok {
			return dst, bad(problem.NumberInvalid, text, "want", c.example())
		}
		dst = out
	case cell.Date:
		return dst, bad(problem.NumberFromDate, d.Date(text))
	case cell.Text:
		out, wrong := c.textNumber(dst, text)
		if wrong != nil {
			return dst, wrong
		}
		dst = out
	default:
		return dst, bad(problem.NumberInvalid, text, "want", c.example())
	}
	return dst, c.checkMinimum(d, dst[start:], x)
}

// textNumber reads a number in text with the decimal separator of its column.
func (c *column) textNumber(dst, text []byte) ([]byte, *badValue) {
	n, ok := value.ParseNumber(text)
	switch {
	case ok && n.Percent:
		return dst, bad(problem.NumberPercent, text, "field", c.path)
	case !ok || c.Decimal != 0 && n.Readings&c.Decimal == 0:
		return dst, bad(problem.NumberInvalid, text, "want", c.example())
	}
	separator := c.Decimal
	switch {
	case n.Plain:
		separator = value.Point
	case separator == 0 && c.doubt != "":
		return dst, c.ambiguous(c.doubt, text)
	case separator == 0 && n.Readings == value.AnySeparator:
		return dst, c.ambiguous(problem.DecimalAmbiguous, text)
	case separator == 0:
		separator = n.Readings
	}
	out, ok := n.AppendDecimal(dst, separator)
	if !ok {
		return dst, bad(problem.NumberTooLong, text)
	}
	return out, nil
}

func (c *column) checkMinimum(d value.Display, number []byte, x cell.Cell) *badValue {
	if c.field.Minimum == "" {
		return nil
	}
	low := false
	if c.zeroMin {
		low = number[0] == '-' || c.field.Exclusive && len(number) == 1 && number[0] == '0'
	} else {
		n, err := decimal.NewFromString(string(number))
		low = err != nil || n.LessThan(c.min) || c.field.Exclusive && n.Equal(c.min)
	}
	if !low {
		return nil
	}
	return bad(problem.NumberTooLow, d.Cell(x), "field", c.path, "want", c.field.Takes())
}

func (c *column) integer(d value.Display, dst []byte, x cell.Cell, text []byte) ([]byte, *badValue) {
	start := len(dst)
	switch x.Kind {
	case cell.Number:
		if value.WholeDigits(text) > 15 {
			return dst, bad(problem.IDTooLong, text)
		}
		out, ok := cell.AppendDecimal(dst, text)
		if !ok || bytes.IndexByte(out[start:], '.') >= 0 {
			return dst, bad(problem.IntegerInvalid, d.Cell(x), "want", c.example())
		}
		dst = out
	case cell.Date:
		return dst, bad(problem.NumberFromDate, d.Date(text))
	default:
		const most = 999_999_999_999_999_999
		whole, decimals, _ := bytes.Cut(text, []byte{'.'}) // 12.0, as some programs write whole numbers
		n, err := strconv.ParseInt(string(whole), 10, 64)
		if err != nil || whole[0] == '+' || n > most || n < -most || len(bytes.Trim(decimals, "0")) > 0 {
			return dst, bad(problem.IntegerInvalid, text, "want", c.example())
		}
		dst = strconv.AppendInt(dst, n, 10)
	}
	return dst, c.checkMinimum(d, dst[start:], x)
}

// percentage writes a fraction as its percentage: 0.15 is 15%.
func percentage(text []byte) []byte {
	d, err := decimal.NewFromString(string(text))
	if err != nil {
		return text
	}
	return []byte(d.Shift(2).Round(10).String() + "%")
}
