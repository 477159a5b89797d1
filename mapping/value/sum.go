package value

import (
	"bytes"
	"math"
	"strconv"

	"github.com/shopspring/decimal"
)

// Near reports whether two amounts are at most 0.01 apart.
func Near(a, b string) bool {
	var s Sum
	s.Add([]byte(a), []byte("1"))
	s.Add([]byte(b), []byte("-1"))
	if s.large {
		return s.exact.Abs().LessThanOrEqual(decimal.New(1, -2))
	}
	return max(s.scaled, -s.scaled) <= unit/100
}

const (
	// scale is the number of decimals in 64 bits. They hold any price times any quantity of a shop.
	scale = 8
	unit  = 100_000_000 // 10^scale
)

// Sum is a sum of products of plain decimals. It is kept in 64 bits, which is many times faster
// than decimal, until that might overflow.
type Sum struct {
	scaled int64
	large  bool
	exact  decimal.Decimal // if large
}

// Add adds x*y.
func (s *Sum) Add(x, y []byte) {
	if !s.large {
		next, ok := addProduct(s.scaled, x, y)
		if ok {
			s.scaled = next
			return
		}
		s.large, s.exact = true, decimal.New(s.scaled, -scale)
	}
	s.exact = s.exact.Add(decimal.RequireFromString(string(x)).Mul(decimal.RequireFromString(string(y))))
}

// String returns the sum as a plain decimal.
func (s *Sum) String() string {
	if s.large {
		return s.exact.String()
	}
	var buf [24]byte
	n, text := s.scaled, buf[:0]
	if n < 0 {
		n, text = -n, append(text, '-')
	}
	text = strconv.AppendInt(text, n/unit, 10)
	if rest := n % unit; rest > 0 {
		at := len(text)
		text = bytes.TrimRight(strconv.AppendInt(text, unit+rest, 10), "0")
		text[at] = '.' // in place of the 1 of unit
	}
	return string(text)
}

// addProduct adds x*y to a sum. ok is false if that may overflow or needs more decimals.
func addProduct(sum int64, x, y []byte) (next int64, ok bool) {
	m, decimals, ok1 := parseScaled(x)
	n, more, ok2 := parseScaled(y)
	decimals += more
	if !ok1 || !ok2 || decimals > scale {
		return 0, false
	}
	product, ok1 := multiply(m, n)
	product, ok2 = multiply(product, int64(math.Pow10(scale-decimals)))
	next = sum + product
	return next, ok1 && ok2 && (next > sum) == (product > 0)
}

// multiply returns x*y; ok is false if that overflows.
func multiply(x, y int64) (product int64, ok bool) {
	product = x * y
	return product, x == 0 || product/x == y && product != math.MinInt64
}

// parseScaled reads a plain decimal as an integer and its number of decimals.
func parseScaled(text []byte) (n int64, decimals int, ok bool) {
	whole, fraction, _ := bytes.Cut(text, []byte{'.'})
	n, err := strconv.ParseInt(string(whole)+string(fraction), 10, 64)
	return n, len(fraction), err == nil
}
