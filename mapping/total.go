package mapping

import (
	"ordersheet/internal/problem"
	"ordersheet/mapping/profile"
	"ordersheet/mapping/value"
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
	var s value.Sum
	for at := range b.lines() {
		q, p, ok := b.factors(at)
		if !ok {
			return ""
		}
		s.Add(q, p)
	}
	for _, n := range b.h.extras {
		switch text, f := b.get(n, -1); f {
		case formInvalid:
			return ""
		case formLiteral:
			s.Add(text, []byte{'1'})
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
	if stated == sum || value.Near(sum, stated) {
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
