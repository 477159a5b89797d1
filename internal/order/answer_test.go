package order

import "testing"

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
