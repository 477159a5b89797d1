package order

import "testing"

func TestFingerprint(t *testing.T) {
	same := []string{
		`{"order_number":"A","total_tax":1.50,"tags":["b","a"],"items":[{"sku":"x","quantity":1}]}`,
		`{"items":[{"quantity":1.0,"sku":"x"}],"tags":["a","b","a"],"total_tax":1.5,"order_number":"A","notes":"","bill_to":{"name":null}}`,
	}
	a, err := Fingerprint([]byte(same[0]))
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := Fingerprint([]byte(same[1])); a != b {
		t.Errorf("payloads that mean the same have fingerprints %s and %s", a, b)
	}
	for _, other := range []string{
		`{"order_number":"A","total_tax":1.51,"tags":["b","a"],"items":[{"sku":"x","quantity":1}]}`,
		`{"order_number":"A","total_tax":1.50,"tags":["b"],"items":[{"sku":"x","quantity":1}]}`,
		`{"order_number":1,"total_tax":1.50,"tags":["b","a"],"items":[{"sku":"x","quantity":1}]}`,
	} {
		if b, _ := Fingerprint([]byte(other)); a == b {
			t.Errorf("%s has the fingerprint of %s", other, same[0])
		}
	}
}

func TestParseAnswer(t *testing.T) {
	a, err := ParseAnswer(SalesOrders, []byte(`{"data":{"id":7,"order_number":"A","order_status":"pending","total":12.30,"updated_at":"2025-01-01T00:00:00Z"}}`))
	if err != nil || a.ID != 7 || a.Numbers[0] != "A" || a.Total.Decimal.String() != "12.3" {
		t.Errorf("got %+v, %v", a, err)
	}
	p, err := ParseAnswer(PurchaseOrders, []byte(`{"id":8,"order_numbers":["A","B"],"total_cost":null}`))
	if err != nil || p.ID != 8 || len(p.Numbers) != 2 || p.Total.Valid {
		t.Errorf("got %+v, %v", p, err)
	}
	for _, bad := range []string{``, `[]`, `{}`, `{"data":{"id":0}}`, `<html>`, `{"data":{"id":1`} {
		if a, err := ParseAnswer(SalesOrders, []byte(bad)); err == nil {
			t.Errorf("ParseAnswer(%q) = %+v, want an error", bad, a)
		}
	}
}
