package mapping

import (
	"math"
	"strconv"

	"ordersheet/internal/problem"

	"github.com/shopspring/decimal"

	"ordersheet/mapping/profile"
)

// totalScale is the number of decimals of the quick sum; 10^-8 holds any price times any quantity that shops know.
const totalScale = 8

// cent is how far the sheet's total may lie from the sum, in the quick sum's unit: 0.01.
const cent = 1_000_000

// total computes what the order should come to: sum of quantity x unit price, plus tax, plus shipping, all in decimals. It is empty when a part
// is missing. When the sheet has a total, the two are compared.
func (s *scratch) total(rule profile.TotalCheck) string {
	if s.clash > 0 {
		s.settleClash(rule)
	}
	if len(s.items) == 0 || s.w.quantity == nil || s.w.price == nil {
		return ""
	}
	sum, ok, small := s.quickTotal()
	if !ok {
		return ""
	}
	text := ""
	if small {
		text = string(appendScaled(nil, sum))
	} else {
		text = s.exactTotal().String()
	}
	switch {
	case s.w.total == nil || rule == profile.TotalOff:
	case s.w.perLine:
		s.eachLine(rule)
	default:
		s.compareTotal(text, rule)
	}
	return text
}

// quickTotal adds up in 64 bits. ok is false when a value is missing, small is false when the sum may not fit.
func (s *scratch) quickTotal() (sum int64, ok, small bool) {
	small = true
	for at := range s.items {
		q, qf := s.get(s.w.quantity, at)
		p, pf := s.get(s.w.price, at)
		if qf != bare || pf != bare {
			return 0, false, false
		}
		if small {
			sum, small = addProduct(sum, q, p)
		}
	}
	for _, n := range s.w.extra {
		v, f := s.get(n, -1)
		switch {
		case f == broken:
			return 0, false, false
		case f == bare && small:
			sum, small = addProduct(sum, v, []byte{'1'})
		}
	}
	return sum, true, small
}

// addProduct adds q x p to sum. It says false when that might overflow or need more decimals.
func addProduct(sum int64, q, p []byte) (int64, bool) {
	a, as, ok1 := scaled(q)
	b, bs, ok2 := scaled(p)
	shift := totalScale - as - bs
	if !ok1 || !ok2 || shift < 0 {
		return 0, false
	}
	for range shift {
		if a > math.MaxInt64/10 || a < -math.MaxInt64/10 {
			return 0, false
		}
		a *= 10
	}
	c := a * b
	if a != 0 && (c/a != b || c == math.MinInt64) {
		return 0, false
	}
	next := sum + c
	return next, (next > sum) == (c > 0)
}

// scaled reads a plain decimal of at most 15 digits as an integer and its number of decimals.
func scaled(text []byte) (n int64, scale int, ok bool) {
	if len(text) > 17 {
		return 0, 0, false
	}
	at, neg := -1, false
	for i, c := range text {
		switch {
		case c == '-':
			neg = true
		case c == '.':
			at = i
		default:
			n = n*10 + int64(c-'0')
		}
	}
	if at >= 0 {
		scale = len(text) - at - 1
	}
	if neg {
		n = -n
	}
	return n, scale, true
}

// appendScaled writes a quick sum as a plain decimal.
func appendScaled(dst []byte, n int64) []byte {
	const unit = 100_000_000 // 10^totalScale
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	dst = strconv.AppendInt(dst, n/unit, 10)
	rest := n % unit
	if rest == 0 {
		return dst
	}
	dst = append(dst, '.')
	for div := int64(unit / 10); rest > 0; div /= 10 {
		dst = append(dst, byte('0'+rest/div))
		rest %= div
	}
	return dst
}

// exactTotal adds up whatever the size; every value has been seen to be there.
func (s *scratch) exactTotal() decimal.Decimal {
	sum := decimal.Zero
	of := func(n *node, at int) decimal.Decimal {
		text, f := s.get(n, at)
		if f != bare {
			return decimal.Zero
		}
		return decimal.RequireFromString(string(text))
	}
	for at := range s.items {
		sum = sum.Add(of(s.w.quantity, at).Mul(of(s.w.price, at)))
	}
	for _, n := range s.w.extra {
		sum = sum.Add(of(n, -1))
	}
	return sum
}

// compareTotal holds the sum against the total that the sheet gives.
func (s *scratch) compareTotal(sum string, rule profile.TotalCheck) {
	slot := s.w.total
	h := &s.heads[slot.index]
	if h.form != bare {
		return
	}
	stated := s.arena[h.start:h.end]
	if string(stated) == sum || near(sum, string(stated)) {
		return
	}
	if s.allLines() { // two equal lines: their rows agree, and yet it isn't the order's total
		s.say(slot, h.row, problem.TotalOfOrderLines)
		return
	}
	code := problem.TotalDiffers
	if rule == profile.TotalWarn {
		code = problem.TotalWarning
	}
	s.say(slot, h.row, code, "sum", sum, "value", string(stated))
}

// near says that two amounts lie at most 0.01 apart.
func near(a, b string) bool {
	x, ok1 := addProduct(0, []byte(a), []byte{'1'})
	y, ok2 := addProduct(0, []byte(b), []byte{'1'})
	if ok1 && ok2 && x/2-y/2 < math.MaxInt64/4 && y/2-x/2 < math.MaxInt64/4 {
		return x-y <= cent && y-x <= cent
	}
	d := decimal.RequireFromString(a).Sub(decimal.RequireFromString(b)).Abs()
	return d.LessThanOrEqual(decimal.New(1, -2))
}

// exactProduct multiplies whatever the size.
func exactProduct(q, p []byte) decimal.Decimal {
	return decimal.RequireFromString(string(q)).Mul(decimal.RequireFromString(string(p)))
}
