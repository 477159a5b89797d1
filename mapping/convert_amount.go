package mapping

import (
	"bytes"

	"ordersheet/internal/problem"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"

	"ordersheet/mapping/catalog"
)

func (v *converter) number(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start := len(dst)
	switch c.Kind {
	case cell.Number:
		if c.Format != 0 && s.field.Type != catalog.CustomType && v.format(c).Class == cell.Percent {
			return dst, s.fault(problem.NumberPercent, percentShown(text), "field", s.path)
		}
		out, ok := appendNumber(dst, text)
		if !ok {
			return dst, s.fault(problem.NumberInvalid, text, "want", s.example())
		}
		dst = out
	case cell.Date:
		return dst, s.fault(problem.NumberFromDate, v.dateShown(text))
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
	n, ok := readNumber(text)
	switch {
	case ok && n.percent:
		return dst, s.fault(problem.NumberPercent, text, "field", s.path)
	case !ok || s.sep != 0 && n.readings&s.sep == 0:
		return dst, s.fault(problem.NumberInvalid, text, "want", s.example())
	}
	sep := s.sep
	switch {
	case n.plain:
		sep = point
	case sep == 0 && s.doubt != "":
		return dst, s.doubtful(s.doubt, text)
	case sep == 0 && n.readings == anySeparator:
		return dst, s.doubtful(problem.DecimalAmbiguous, text)
	case sep == 0:
		sep = n.readings
	}
	out, ok := n.appendDecimal(dst, sep)
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
	return s.fault(problem.NumberTooLow, v.shown(c), "field", s.path, "want", wants(s.field))
}

func (v *converter) integer(dst []byte, s *slot, c cell.Cell, text []byte) ([]byte, *fault) {
	start := len(dst)
	switch c.Kind {
	case cell.Number:
		if wholeDigits(text) > 15 {
			return dst, s.fault(problem.IDTooLong, text)
		}
		out, ok := cell.AppendDecimal(dst, text)
		if !ok || bytes.IndexByte(out[start:], '.') >= 0 {
			return dst, s.fault(problem.IntegerInvalid, v.shown(c), "want", s.example())
		}
		dst = out
	case cell.Date:
		return dst, s.fault(problem.NumberFromDate, v.dateShown(text))
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
			if c == '.' && !bytes.ContainsAny(text, "eE") {
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
