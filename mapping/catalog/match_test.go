package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

// Every header that the catalog knows means one field of its kind, unless it is only a suggestion.
func TestHeadersMeanOneField(t *testing.T) {
	for _, kind := range catalog.Kinds("") {
		for _, f := range catalog.Fields(kind) {
			if f.Type == catalog.CustomType {
				continue
			}
			for _, header := range slices.Concat([]string{f.Path, f.Column}, f.Synonyms, f.Fallbacks) {
				checkHeader(t, kind, f, header)
				if stem, ok := strings.CutSuffix(catalog.Normalize(header), "number"); ok && stem != "" {
					checkHeader(t, kind, f, stem+"no")
					checkHeader(t, kind, f, stem+"num")
				}
			}
		}
	}
}

func checkHeader(t *testing.T, kind order.Kind, f catalog.Field, header string) {
	t.Helper()
	sure, _ := catalog.MatchHeader(kind, header)
	if len(sure) != 1 || sure[0].Field.Path != f.Path && sure[0].Strength <= catalog.Fallback {
		t.Errorf("%s: %q of %s means %v", kind, header, f.Path, sure)
	}
	if catalog.Normalize(header) == "" {
		t.Errorf("%s: %s has an empty header", kind, f.Path)
	}
}

func TestMatchHeader(t *testing.T) {
	for header, want := range map[string]string{
		"order_number": "order_number", " ORDER-NUMBER* ": "order_number", "Order #": "order_number", "Order Nr": "order_number",
		"Qty": "items.quantity", "Tag 2": "tags", "Postcode (Billing)": "bill_to.postal_code", "id": "id", "ID": "?id", "Memo": "?customer_notes ?internal_notes",
		"Weather": "",
	} {
		sure, suggested := catalog.MatchHeader(order.SalesOrders, header)
		var got []string
		for _, c := range sure {
			got = append(got, c.Field.Path)
		}
		for _, c := range suggested {
			got = append(got, "?"+c.Field.Path)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q means %q, want %q", header, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	for header, want := range map[string]string{"Unit Price (USD)": "items.unit_price", "Quantitty": "items.quantity", "City": "", "x": ""} {
		got := catalog.Suggest(order.SalesOrders, header)
		if len(got) == 0 && want == "" {
			continue
		}
		if len(got) == 0 || got[0].Path != want {
			t.Errorf("%q suggests %v, want %q first", header, got, want)
		}
	}
}
