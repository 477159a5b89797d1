package exporter

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// filters finds orders that don't match the filters, which means that the server ignores one. Only
// equality of fields with one value is checked.
func (w *readStats) filters(all []Filter, orders []order.Answer) {
	for _, f := range all {
		field, op, _ := strings.Cut(strings.TrimSuffix(f.Name, "]"), "[")
		wanted := []string{f.Value}
		switch op {
		case "", "eq":
		case "in":
			wanted = strings.Split(f.Value, ",")
		default:
			continue
		}
		for _, a := range orders {
			value, ok := order.Payload(a.Raw).Text(field)
			if ok && !slices.ContainsFunc(wanted, func(x string) bool { return sameValue(value, x) }) {
				w.contradict("order %d (%s) has %s %q, but only %q was requested: the server ignores the filter %s",
					a.ID, firstNumber(a), field, value, f.Value, f.Name)
			}
		}
	}
}

// sameValue compares as lists do: texts ignoring case, numbers as numbers, times to the given
// precision.
func sameValue(has, asked string) bool {
	if strings.EqualFold(has, asked) || strings.HasPrefix(has, asked) && len(asked) == len("2006-01-02") {
		return true
	}
	a, err1 := decimal.NewFromString(has)
	b, err2 := decimal.NewFromString(asked)
	if err1 == nil && err2 == nil {
		return a.Equal(b)
	}
	x, ok1 := luminous.ParseTime(has)
	y, ok2 := luminous.ParseTime(asked)
	return ok1 && ok2 && x.Equal(y)
}
