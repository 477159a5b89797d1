package diff_test

import (
	"strings"
	"testing"

	"ordersheet/internal/diff"
)

func TestDifferences(t *testing.T) {
	answer := `{"id":1,"order_number":"A","order_date":"2025-01-02T00:00:00Z","total_tax":1.50,"channel_id":4,"gift":true,"notes":" x ",
	 "tags":[{"id":1,"name":"b"},{"id":2,"name":"a"}],"order_numbers":["P2","P1"],"warehouse":{"id":3,"name":"Main"},"location":null,
	 "bill_to":{"name":"J","city":null},"custom_fields":[],"customer_email":"A@x.org","files":[],
	 "items":[{"sku":"IN-1","quantity":2,"unit_price":3.0,"source_sku":"SRC","product":{"id":9,"sku":"IN-1","alternate_skus":[{"sku":"ALT"}]}}]}`
	for payload, want := range map[string]string{
		// what is the same
		`{"order_number":"A","order_date":"2025-01-02","total_tax":1.504}`: "",
		`{"tags":["a","b","a"]}`:                                             "",
		`{"order_numbers":["P1","P2"]}`:                                      "",
		`{"items":[{"sku":"ALT","quantity":2.0,"unit_price":3}]}`:            "",
		`{"items":[{"sku":"SRC"}]}`:                                          "",
		`{"items":[{"product_id":9}]}`:                                       "",
		`{"warehouse_id":3,"location_id":null}`:                              "",
		`{"company_id":7,"customer_email":"a@X.org","bill_to":{"name":"J"}}`: "",
		`{"bill_to":{"city":""},"notes":"x","gift":"TRUE","channel_id":"4"}`: "",
		`{"custom_fields":{},"files":null}`:                                  "",
		// what isn't
		`{"order_number":"B"}`:                    "order_number is A instead of B",
		`{"order_number":null}`:                   "order_number is A instead of blank",
		`{"items":[{"sku":"IN-2","quantity":2}]}`: "items.0.sku is IN-1 instead of IN-2",
		`{"items":[{"sku":"IN-1"},{"sku":"X"}]}`:  "items is 1 entries instead of 2 entries",
		`{"items":[{"product_id":8}]}`:            "items.0.product_id is 9 instead of 8",
		`{"items":[{"quantity":2.001}]}`:          "items.0.quantity is 2 instead of 2.001",
		`{"items":null}`:                          `items is [{"product":{"alternate_skus":[{"sku":"ALT"}],"id":9,"sku":"IN-1"},"product_id":9,"quantity":2,"sku":"IN-1","source_sku":"SRC","unit_price":3.0}] instead of blank`,
		`{"total_tax":1.52}`:                      "total_tax is 1.50 instead of 1.52",
		`{"warehouse_id":4,"location_id":5}`:      "location_id is blank instead of 5; warehouse_id is 3 instead of 4",
		`{"bill_to":{"city":"Austin"}}`:           "bill_to.city is blank instead of Austin",
		`{"bill_to":"J"}`:                         `bill_to is {"city":null,"name":"J"} instead of J`,
		`{"channel_id":{"id":4}}`:                 `channel_id is 4 instead of {"id":4}`,
		`{"tags":["a"]}`:                          "tags is a, b instead of a",
		`{"tags":["a, b"]}`:                       "tags is a, b instead of a, b",
		`{"order_numbers":["P1"]}`:                "order_numbers is P1, P2 instead of P1",
		`{"custom_fields":{"Rep":"Ana"}}`:         `custom_fields is [] instead of {"Rep":"Ana"}`,
		`{"gift":false}`:                          "gift is true instead of false",
		`{"order_date":"2025-01-03"}`:             "order_date is 2025-01-02T00:00:00Z instead of 2025-01-03",
		`{"notes":["x"]}`:                         `notes is  x  instead of ["x"]`,
	} {
		got, err := diff.Differences([]byte(payload), []byte(answer))
		if err != nil {
			t.Fatal(err)
		}
		if text := sentences(got); text != want {
			t.Errorf("Differences(%s)\n got %s\nwant %s", payload, text, want)
		}
	}
	for _, bad := range [][2]string{{`{`, `{}`}, {`{}`, `[]`}} {
		if _, err := diff.Differences([]byte(bad[0]), []byte(bad[1])); err == nil {
			t.Errorf("Differences(%s, %s) gives no error", bad[0], bad[1])
		}
	}
}

// A line without any SKU in the answer can't be compared by SKU.
func TestDifferencesOfALineWithoutSKU(t *testing.T) {
	got, err := diff.Differences([]byte(`{"items":[{"sku":"A"}]}`), []byte(`{"items":[{"quantity":1}]}`))
	if err != nil || len(got) > 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func sentences(list []diff.Difference) string {
	var out []string
	for _, d := range list {
		s := d.String()
		if d.Why != "" {
			s = d.Path + ": " + d.Why
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}
