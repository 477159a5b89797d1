package mapping

import (
	"bytes"

	"ordersheet/internal/problem"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"
)

func (v *converter) number(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start := len(dst)
	switch c.Kind {
	case cell.Number:
		if c.Format != 0 && s.field.Type != catalog.CustomType && v.Format(c).Class == cell.Percent {
			return dst, s.fault(problem.NumberPercent, value.Percentage(text), "field", s.path)
		}
		out, ok := value.AppendNumber(dst, text)
		if !ok {
			return dst, s.fault(problem.NumberInvalid, text, "want", s.example())
		}
		dst = out
	case cell.Date:
		return dst, s.fault(problem.NumberFromDate, v.Display.Date(text))
	case cell.Text:
		out, bad := s.textNumber(dst, text)
		if bad != nil {
			return dst, bad
		}
		dst = out
	default:
		return dst, s.fault(problem.NumberInvalid, text, "want", s.example())
	}
	return dst, v.atLeast(s, dst[start:], c)
}

// textNumber reads a number from text in the reading that the column has proven.
func (s *slot) textNumber(dst, text []byte) ([]byte, *fault) {
	n, ok := value.ParseNumber(text)
	switch {
	case ok && n.Percent:
		return dst, s.fault(problem.NumberPercent, text, "field", s.path)
	case !ok || s.sep != 0 && n.Readings&s.sep == 0:
		return dst, s.fault(problem.NumberInvalid, text, "want", s.example())
	}
	sep := s.sep
	switch {
	case n.Plain:
		sep = value.Point
	case sep == 0 && s.doubt != "":
		return dst, s.doubtful(s.doubt, text)
	case sep == 0 && n.Readings == value.AnySeparator:
		return dst, s.doubtful(problem.DecimalAmbiguous, text)
	case sep == 0:
		sep = n.Readings
	}
	out, ok := n.AppendDecimal(dst, sep)
	if !ok {
		return dst, s.fault(problem.NumberTooLong, text)
	}
	return out, nil
}

// atLeast checks a decimal against the field's minimum.
func (v *converter) atLeast(s *slot, number []byte, c cell.Cell) *fault {
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
	return s.fault(problem.NumberTooLow, v.Display.Cell(c), "field", s.path, "want", wants(s.field))
}

func (v *converter) integer(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start := len(dst)
	switch c.Kind {
	case cell.Number:
		if value.WholeDigits(text) > 15 {
			return dst, s.fault(problem.IDTooLong, text)
		}
		out, ok := cell.AppendDecimal(dst, text)
		if !ok || bytes.IndexByte(out[start:], '.') >= 0 {
			return dst, s.fault(problem.IntegerInvalid, v.Display.Cell(c), "want", s.example())
		}
		dst = out
	case cell.Date:
		return dst, s.fault(problem.NumberFromDate, v.Display.Date(text))
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
		if !value.AllDigits(digits) || len(trimmed) > 18 {
			return dst, s.fault(problem.IntegerInvalid, text, "want", s.example())
		}
		if len(trimmed) == 0 {
			trimmed, neg = []byte{'0'}, false
		}
		if neg {
			dst = append(dst, '-')
		}
		dst = append(dst, trimmed...)
	}
	return dst, v.atLeast(s, dst[start:], c)
}
