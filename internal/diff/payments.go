package diff

import (
	"maps"
	"ordersheet/internal/order"
	"slices"
	"strings"
)

// paymentFields are those of a payment that can be sent (API page "Create a payment"). A read-only table.
var paymentFields = []string{"payment_date", "payment_type", "paid_amount", "remarks", "external_id"}

// payments compares the payments of a purchase order. PUT replaces all of them, so those that stand go along, unless the sheet's are to be all
// that there is.
func (d *diffing) payments() {
	meant, now := objects(d.meant["payments"]), sendablePayments(d.now["payments"])
	then := slices.Clone(meant)
	if !d.ReplacePayments {
		then = mergePayments(meant, now)
	}
	if samePayments(then, now) {
		return
	}
	d.body["payments"], d.before["payments"] = then, now
	d.Fields = append(d.Fields, order.FieldChange{Path: "payments", Current: showPayments(now), New: showPayments(then)})
	if len(now) > 0 {
		d.Notes = append(d.Notes, "all payments of the order are written again, so each gets another id in Luminous")
	}
}

// mergePayments lays the sheet's payments over those that stand: one with the external id of a standing one takes its place, one that is the
// same as a standing one is that one, others are added.
func mergePayments(meant, now []map[string]any) []map[string]any {
	out := make([]map[string]any, len(now))
	for i := range now {
		out[i] = maps.Clone(now[i])
	}
	taken := make([]bool, len(now))
	for _, p := range meant {
		i := slices.IndexFunc(now, func(n map[string]any) bool {
			if !blank(p["external_id"]) && !blank(n["external_id"]) {
				return sameScalar("", p["external_id"], n["external_id"])
			}
			return samePayment(p, n)
		})
		for i >= 0 && taken[i] {
			next := slices.IndexFunc(now[i+1:], func(n map[string]any) bool { return samePayment(p, n) })
			if next < 0 {
				i = -1
				break
			}
			i += 1 + next
		}
		if i < 0 {
			out = append(out, p)
			continue
		}
		taken[i] = true
		maps.Copy(out[i], p)
	}
	return out
}

// samePayment compares what the first one says.
func samePayment(p, n map[string]any) bool {
	for k, v := range p {
		if !sameScalar(k, v, n[k]) {
			return false
		}
	}
	return true
}

// samePayments says that two lists hold the same payments, in any order.
func samePayments(a, b []map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	taken := make([]bool, len(b))
	for _, p := range a {
		i := 0
		for i < len(b) && (taken[i] || !samePayment(p, b[i]) || !samePayment(b[i], p)) {
			i++
		}
		if i == len(b) {
			return false
		}
		taken[i] = true
	}
	return true
}

// sendablePayments are standing payments as they would be sent.
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

func showPayments(list []map[string]any) string {
	out := make([]string, len(list))
	for i, p := range list {
		words := []string{}
		for _, k := range []string{"payment_date", "paid_amount", "payment_type", "external_id"} {
			if s := show(p[k]); s != "" {
				words = append(words, s)
			}
		}
		out[i] = strings.Join(words, " ")
	}
	return strings.Join(out, "; ")
}
