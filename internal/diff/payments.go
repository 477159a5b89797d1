package diff

import (
	"maps"
	"slices"
	"strings"
)

// paymentFields are those of a payment that can be sent (API page "Create a payment").
var paymentFields = []string{"payment_date", "payment_type", "paid_amount", "remarks", "external_id"}

// mergePayments merges the wanted payments into the existing ones: one with the external id of an
// existing one replaces it, one that is the same as an existing one is that one, others are added.
func mergePayments(want, now []map[string]any) []map[string]any {
	out := make([]map[string]any, len(now))
	for i := range now {
		out[i] = maps.Clone(now[i])
	}
	var taken []int
	for _, p := range want {
		i := firstFree(now, taken, func(n map[string]any) bool {
			if !blank(p["external_id"]) && !blank(n["external_id"]) {
				return equal("", p["external_id"], n["external_id"])
			}
			return samePayment(p, n)
		})
		if i < 0 {
			out = append(out, p)
			continue
		}
		taken = append(taken, i)
		maps.Copy(out[i], p)
	}
	return out
}

// firstFree returns the first entry that fits and isn't taken; -1 if there is none.
func firstFree(list []map[string]any, taken []int, fits func(map[string]any) bool) int {
	for i, entry := range list {
		if !slices.Contains(taken, i) && fits(entry) {
			return i
		}
	}
	return -1
}

// samePayment compares what p says.
func samePayment(p, n map[string]any) bool {
	for k, v := range p {
		if !equal(k, v, n[k]) {
			return false
		}
	}
	return true
}

// samePayments reports whether two lists have the same payments, in any order.
func samePayments(a, b []map[string]any) bool {
	var taken []int
	for _, p := range a {
		i := firstFree(b, taken, func(n map[string]any) bool { return samePayment(p, n) && samePayment(n, p) })
		if i < 0 {
			return false
		}
		taken = append(taken, i)
	}
	return len(a) == len(b)
}

// sendablePayments returns existing payments as they would be sent.
func sendablePayments(list any) []map[string]any {
	out := []map[string]any{}
	for _, p := range objects(list) {
		one := map[string]any{}
		for _, k := range paymentFields {
			v := p[k]
			if s, ok := v.(string); ok && k == "payment_date" && len(s) > 10 {
				v = s[:10]
			}
			if !blank(v) {
				one[k] = v
			}
		}
		out = append(out, one)
	}
	return out
}

func displayPayments(list []map[string]any) string {
	out := make([]string, len(list))
	for i, p := range list {
		var words []string
		for _, k := range []string{"payment_date", "paid_amount", "payment_type", "external_id"} {
			if s := text(p[k]); s != "" {
				words = append(words, s)
			}
		}
		out[i] = strings.Join(words, " ")
	}
	return strings.Join(out, "; ")
}
