package cell

import (
	"math/big"
	"strconv"
	"time"
)

// digits15 is how many significant digits a spreadsheet keeps of a number (Excel specifications and limits, "Number precision").
const digits15 = 15

// plain says that text is already as AppendDecimal would write it: an integer of at most 15 digits. Most numbers are.
func plain(text []byte) bool {
	if len(text) == 0 || len(text) > digits15 || text[0] == '0' && len(text) > 1 {
		return false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// AppendDecimal appends the plain decimal text of a number as a spreadsheet holds it: the file's digits, rounded half-even to 15
// significant digits by decimal arithmetic, without exponent and without trailing zeros after the point. Files hold float noise such as
// 387.48000000000008; this gives 387.48. ok is false when text isn't a number (digits, sign, point, exponent).
func AppendDecimal(dst, text []byte) (out []byte, ok bool) {
	if plain(text) {
		return append(dst, text...), true
	}
	var buf [40]byte // on the stack: nothing below keeps it
	d, ok := parseDigits(buf[:0], text)
	if !ok {
		return dst, false
	}
	if len(d.digits) > digits15 {
		d = d.rounded(digits15)
	}
	return d.append(dst), true
}

// SignificantDigits counts the significant digits of a number's text, leading zeros and those that only hold a place left out.
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

// parseDigits takes a number's text apart; its digits are appended to out. It is given and gives values, not pointers, so that the caller's
// buffer stays on the stack.
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

// rounded keeps n digits, half to even.
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

// Civil is what a date cell shows: a civil date without a zone and the seconds since its midnight.
type Civil struct {
	Year, Month, Day int
	Seconds          int // 0 for a date without a time
}

// FromSerial turns a date cell's serial into a civil date. In the 1900 system serial 60 is 1900-02-29, a day that never was (Excel keeps it
// for Lotus 1-2-3); it gives ok false, as do serials outside 1900-01-01 to 9999-12-31. Seconds are rounded to the nearest.
func FromSerial(serial []byte, date1904 bool) (d Civil, ok bool) {
	if plain(serial) {
		days, _ := strconv.ParseInt(string(serial), 10, 64)
		return civil(days, 0, date1904)
	}
	if _, ok := AppendDecimal(nil, serial); !ok {
		return d, false
	}
	r, ok := new(big.Rat).SetString(string(serial))
	if !ok || r.Sign() < 0 {
		return d, false
	}
	secs := new(big.Int).Quo(new(big.Int).Add(new(big.Int).Mul(r.Num(), big.NewInt(2*86400)), r.Denom()),
		new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	if !secs.IsInt64() {
		return d, false
	}
	return civil(secs.Int64()/86400, secs.Int64()%86400, date1904)
}

func civil(days, sec int64, date1904 bool) (d Civil, ok bool) {
	const last1900, last1904 = 2958465, 2957003 // 9999-12-31
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		if days > last1904 {
			return d, false
		}
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days > last1900 || days == 60 || days == 0:
		return d, false
	case days < 60:
		base = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	t := base.AddDate(0, 0, int(days))
	return Civil{t.Year(), int(t.Month()), t.Day(), int(sec)}, true
}
