package diff

import "testing"

func TestDifferences(t *testing.T) {
	answer := `{"id":1,"order_number":"A","order_date":"2025-01-02T00:00:00Z","total_tax":1.50,"channel_id":4,"tags":[{"id":1,"name":"b"},{"id":2,"name":"a"}],
	 "bill_to":{"name":"J","city":null},"custom_fields":[],"customer_email":"A@x.org",
	 "items":[{"sku":"IN-1","quantity":2,"unit_price":3.0,"product":{"sku":"IN-1","alternate_skus":[{"sku":"ALT"}]}}]}`
	for payload, want := range map[string]string{
		`{"order_number":"A","order_date":"2025-01-02","total_tax":1.504,"tags":["a","b","a"],"items":[{"sku":"ALT","quantity":2.0,"unit_price":3}]}`: "",
		`{"order_number":"A","company_id":7,"customer_email":"a@X.org","bill_to":{"name":"J"}}`:                                                       "",
		`{"order_number":"B"}`:                       "order_number is A, meant was B",
		`{"items":[{"sku":"IN-2","quantity":2}]}`:    "items.0.sku is IN-1, meant was IN-2",
		`{"items":[{"sku":"IN-1"},{"sku":"IN-1"}]}`:  "items is 1 entries, meant was 2 entries",
		`{"total_tax":1.52}`:                         "total_tax is 1.50, meant was 1.52",
		`{"bill_to":{"city":"Austin"}}`:              "bill_to.city is blank, meant was Austin",
		`{"tags":["a"]}`:                             "tags is a, b, meant was a",
		`{"custom_fields":{"Rep":"Ana"}}`:            `custom_fields is [], meant was {"Rep":"Ana"}`,
		`{"channel_id":4,"order_date":"2025-01-03"}`: "order_date is 2025-01-02T00:00:00Z, meant was 2025-01-03",
	} {
		got, err := Differences([]byte(payload), []byte(answer))
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		if len(got) > 0 {
			text = got[0].String()
		}
		if text != want || len(got) > 1 {
			t.Errorf("Differences(%s)\n got %v\nwant %s", payload, got, want)
		}
	}
}
