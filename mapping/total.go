package mapping

import (
	"math"
	"strconv"

	"github.com/shopspring/decimal"

	"ordersheet/internal/problem"
	"ordersheet/mapping/profile"
)

// Totals are added up in 64 bits, which is many times faster than decimal, and in decimal only where
// that may overflow.
const (
	// scale is the number of decimals in 64 bits. They hold any price times any quantity of a shop.
	scale = 8
	// cent is how far the sheet's total may be from the sum, at that scale: 0.01.
	cent = 1_000_000
)

// total returns what the order should cost: the sum of quantity x unit price, plus tax, plus
// shipping. It is empty if one of them is missing. If the sheet has a total, the two are compared.
func (b *orderBuilder) total(check profile.TotalCheck) string {
	if b.conflict > 0 {
		b.resolveConflict(check)
	}
	if len(b.lines.rows) == 0 || b.h.quantity == nil || b.h.price == nil {
		return ""
	}
	sum, complete, fits := b.quickTotal()
	if !complete {
		return ""
	}
	text := ""
	if fits {
		text = string(appendScaled(nil, sum))
	} else {
		text = b.exactTotal().String()
	}
	switch {
	case b.h.total == nil || check == profile.TotalOff:
	case b.h.lineTotals:
		b.checkLineTotals(check)
	default:
		b.compareTotal(text, check)
	}
	return text
}

// quickTotal adds up in 64 bits. complete is false if a value is missing, fits if the sum may not
// fit.
func (b *orderBuilder) quickTotal() (sum int64, complete, fits bool) {
	fits = true
	for at := range b.lines.rows {
		q, quantityForm := b.get(b.h.quantity, at)
		p, priceForm := b.get(b.h.price, at)
		if quantityForm != formLiteral || priceForm != formLiteral {
			return 0, false, false
		}
		if fits {
			sum, fits = addProduct(sum, q, p)
		}
	}
	for _, n := range b.h.extras {
		text, f := b.get(n, -1)
		switch {
		case f == formInvalid:
			return 0, false, false
		case f == formLiteral && fits:
			sum, fits = addProduct(sum, text, []byte{'1'})
		}
	}
	return sum, true, fits
}

// exactTotal adds up numbers of any size. None is missing.
func (b *orderBuilder) exactTotal() decimal.Decimal {
	sum := decimal.Zero
	for at := range b.lines.rows {
		q, _ := b.get(b.h.quantity, at)
		p, _ := b.get(b.h.price, at)
		sum = sum.Add(exactProduct(q, p))
	}
	for _, n := range b.h.extras {
		if text, f := b.get(n, -1); f == formLiteral {
			sum = sum.Add(decimal.RequireFromString(string(text)))
		}
	}
	return sum
}

func exactProduct(q, p []byte) decimal.Decimal {
	return decimal.RequireFromString(string(q)).Mul(decimal.RequireFromString(string(p)))
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
	code := problem.TotalDiffers
	if check == profile.TotalWarn {
		code = problem.TotalWarning
	}
	b.addProblem(c, o.row, code, "sum", sum, "value", stated)
}

// isNear reports whether two amounts are at most 0.01 apart.
func isNear(a, b string) bool {
	x, ok1 := addProduct(0, []byte(a), []byte{'1'})
	y, ok2 := addProduct(0, []byte(b), []byte{'1'})
	if ok1 && ok2 && x/2-y/2 < math.MaxInt64/4 && y/2-x/2 < math.MaxInt64/4 {
		return x-y <= cent && y-x <= cent
	}
	d := decimal.RequireFromString(a).Sub(decimal.RequireFromString(b)).Abs()
	return d.LessThanOrEqual(decimal.New(1, -2))
}

// addProduct adds q x p to a sum. ok is false if that may overflow or needs more decimals.
func addProduct(sum int64, q, p []byte) (next int64, ok bool) {
	x, decimals1, ok1 := parseScaled(q)
	y, decimals2, ok2 := parseScaled(p)
	shift := scale - decimals1 - decimals2
	if !ok1 || !ok2 || shift < 0 {
		return 0, false
	}
	for range shift {
		if x > math.MaxInt64/10 || x < -math.MaxInt64/10 {
			return 0, false
		}
		x *= 10
	}
	product := x * y
	if x != 0 && (product/x != y || product == math.MinInt64) {
		return 0, false
	}
	next = sum + product
	return next, (next > sum) == (product > 0)
}

// parseScaled reads a plain decimal of at most 15 digits as an integer and its number of decimals.
func parseScaled(text []byte) (n int64, decimals int, ok bool) {
	if len(text) > 17 {
		return 0, 0, false
	}
	point, negative := -1, false
	for i, c := range text {
		switch c {
		case '-':
			negative = true
		case '.':
			point = i
		default:
			n = n*10 + int64(c-'0')
		}
	}
	if point >= 0 {
		decimals = len(text) - point - 1
	}
	if negative {
		n = -n
	}
	return n, decimals, true
}

// appendScaled appends a sum as a plain decimal.
func appendScaled(dst []byte, n int64) []byte {
	const unit = 100_000_000 // 10^scale
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
