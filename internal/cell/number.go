package cell

import "strconv"

// maxDigits is how many significant digits of a number a spreadsheet keeps (Excel specifications
// and limits, "Number precision").
const maxDigits = 15

// isShortInteger reports whether text is an integer of at most 15 digits, as most numbers are.
// AppendDecimal leaves it unchanged.
func isShortInteger(text []byte) bool {
	if len(text) == 0 || len(text) > maxDigits || text[0] == '0' && len(text) > 1 {
		return false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// AppendDecimal appends the plain decimal text of a number as a spreadsheet holds it: the file's
// digits, rounded half-even to 15 significant digits by decimal arithmetic, without an exponent and
// without trailing zeros. Files hold float noise: 387.48000000000008 gives 387.48. ok is false if
// text isn't a number (digits, sign, point, exponent).
func AppendDecimal(dst, text []byte) (out []byte, ok bool) {
	if isShortInteger(text) {
		return append(dst, text...), true
	}
	var buf [40]byte // on the stack: nothing below retains it
	d, ok := parseDigits(buf[:0], text)
	if !ok {
		return dst, false
	}
	if len(d.digits) > maxDigits {
		d = d.rounded(maxDigits)
	}
	return d.append(dst), true
}

// SignificantDigits counts the significant digits of a number's text, without leading and trailing
// zeros.
func SignificantDigits(text []byte) int {
	var buf [40]byte
	d, ok := parseDigits(buf[:0], text)
	if !ok {
		return 0
	}
	return len(d.digits)
}

type digits struct {
	neg    bool
	digits []byte // without leading or trailing zeros; empty for zero
	point  int    // value = 0.digits * 10^point
}

// parseDigits splits a number's text and appends its digits to out. It takes and returns values,
// not pointers, so that the caller's buffer stays on the stack.
func parseDigits(out, s []byte) (d digits, ok bool) {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		d.neg = s[i] == '-'
		i++
	}
	seen, pointSeen := false, false
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			seen = true
			if c == '0' && len(out) == 0 {
				if pointSeen {
					d.point--
				}
				continue
			}
			out = append(out, c)
			if !pointSeen {
				d.point++
			}
		case c == '.' && !pointSeen:
			pointSeen = true
		case (c == 'e' || c == 'E') && seen:
			exp, err := strconv.ParseInt(string(s[i+1:]), 10, 16)
			if err != nil || exp > 400 || exp < -400 {
				return d, false
			}
			d.point += int(exp)
			i = len(s)
		default:
			return d, false
		}
	}
	for len(out) > 0 && out[len(out)-1] == '0' {
		out = out[:len(out)-1]
	}
	d.digits = out
	return d, seen
}

func (d digits) rounded(n int) digits {
	rest := d.digits[n:]
	up := rest[0] > '5' || rest[0] == '5' && (len(rest) > 1 || (d.digits[n-1]-'0')%2 == 1)
	d.digits = d.digits[:n]
	if up {
		i := n - 1
		for i >= 0 && d.digits[i] == '9' {
			i--
		}
		if i < 0 {
			d.digits, d.point = append(d.digits[:0], '1'), d.point+1
		} else {
			d.digits[i]++
			d.digits = d.digits[:i+1]
		}
	}
	for len(d.digits) > 0 && d.digits[len(d.digits)-1] == '0' {
		d.digits = d.digits[:len(d.digits)-1]
	}
	return d
}

func (d digits) append(dst []byte) []byte {
	if len(d.digits) == 0 {
		return append(dst, '0')
	}
	if d.neg {
		dst = append(dst, '-')
	}
	switch {
	case d.point <= 0:
		dst = append(dst, '0', '.')
		for i := d.point; i < 0; i++ {
			dst = append(dst, '0')
		}
		return append(dst, d.digits...)
	case d.point >= len(d.digits):
		dst = append(dst, d.digits...)
		for i := len(d.digits); i < d.point; i++ {
			dst = append(dst, '0')
		}
		return dst
	default:
		dst = append(dst, d.digits[:d.point]...)
		dst = append(dst, '.')
		return append(dst, d.digits[d.point:]...)
	}
}

// IsNumber reports whether b is a number that AppendDecimal can read.
func IsNumber(b []byte) bool {
	var buf [40]byte
	_, ok := parseDigits(buf[:0], b)
	return ok
}
