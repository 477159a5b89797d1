package mapping

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"ordersheet/internal/problem"
	"ordersheet/mapping/profile"
)

// total returns what the order should cost: the sum of quantity x unit price, plus tax, plus
// shipping. It is empty if one of them is missing. If the sheet has a total, the two are compared.
func (b *orderBuilder) total(check profile.TotalCheck) string {
	if b.conflict > 0 {
		b.resolveConflict(check)
	}
	if len(b.lines()) == 0 || b.h.quantity == nil || b.h.price == nil {
		return ""
	}
	var s sum
	for at := range b.lines() {
		q, p, ok := b.factors(at)
		if !ok {
			return ""
		}
		s.add(q, p)
	}
	for _, n := range b.h.extras {
		switch text, f := b.get(n, -1); f {
		case formInvalid:
			return ""
		case formLiteral:
			s.add(text, one)
		}
	}
	text := s.String()
	switch {
	case b.h.total == nil || check == profile.TotalOff:
	case b.h.lineTotals:
		b.checkLineTotals(check)
	default:
		b.compareTotal(text, check)
	}
	return text
}

// factors returns the quantity and the unit price of a line. ok is false if either is missing.
func (b *orderBuilder) factors(at int) (quantity, price []byte, ok bool) {
	quantity, f := b.get(b.h.quantity, at)
	price, g := b.get(b.h.price, at)
	return quantity, price, f == formLiteral && g == formLiteral
}

// compareTotal compares the sum with the total in the sheet.
func (b *orderBuilder) compareTotal(sum string, check profile.TotalCheck) {
	c := b.h.total
	o := &b.order[c.index]
	if o.form != formLiteral {
		return
	}
	stated := string(b.value(o.converted))
	if stated == sum || isNear(sum, stated) {
		return
	}
	if b.holdsLineTotals() { // of two equal lines: the rows agree, and yet it isn't the order's total
		b.addProblem(c, o.row, problem.TotalOfOrderLines)
		return
	}
	b.addProblem(c, o.row, ofCheck(check, problem.TotalDiffers, problem.TotalWarning), "sum", sum, "value", stated)
}

// ofCheck returns the code of an error, or of the warning that a mapping file asks for instead.
func ofCheck(check profile.TotalCheck, err, warning string) string {
	if check == profile.TotalWarn {
		return warning
	}
	return err
}

var one, minusOne = []byte("1"), []byte("-1")

// isNear reports whether two amounts are at most 0.01 apart.
func isNear(a, b string) bool {
	var s sum
	s.add([]byte(a), one)
	s.add([]byte(b), minusOne)
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

// sum is a sum of products of plain decimals. It is kept in 64 bits, which is many times faster
// than decimal, until that might overflow.
type sum struct {
	scaled int64
	large  bool
	exact  decimal.Decimal // if large
}

func (s *sum) add(x, y []byte) {
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
func (s *sum) String() string {
	if s.large {
		return s.exact.String()
	}
	n, text := s.scaled, ""
	if n < 0 {
		n, text = -n, "-"
	}
	text += strconv.FormatInt(n/unit, 10)
	if rest := n % unit; rest > 0 {
		text += "." + strings.TrimRight(strconv.FormatInt(unit+rest, 10)[1:], "0")
	}
	return text
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
