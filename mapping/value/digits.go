package value

import (
	"bytes"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"
)

// PadZeros gives the whole number that starts at start its leading zeros, up to width digits.
func PadZeros(dst []byte, start, width int) []byte {
	have := len(dst) - start
	if have >= width || !AllDigits(dst[start:]) {
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

// AppendNumber is cell.AppendDecimal with a short way for numbers that stand in the file as they will be sent, which most do.
func AppendNumber(dst, text []byte) ([]byte, bool) {
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

// WholeDigits counts the digits before the point of a number's text.
func WholeDigits(text []byte) int {
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

// Percentage writes a fraction as its percentage: 0.15 is 15%.
func Percentage(text []byte) []byte {
	d, err := decimal.NewFromString(string(text))
	if err != nil {
		return text
	}
	return []byte(d.Shift(2).Round(10).String() + "%")
}
