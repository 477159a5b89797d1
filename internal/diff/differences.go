// Package diff compares orders: what is wanted, what was before, and what is there now. It says
// what an update has to send, whether somebody changed an order meanwhile, and how a change is
// undone. It knows no files, no HTTP and no ledger; importer calls it.
package diff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Difference is a field of an order that isn't as it was wanted, or as it was before.
type Difference struct {
	Path   string // items.0.quantity
	Want   string
	Actual string
	Why    string // a sentence, where the two values alone don't say what is different
	hidden bool   // the answer doesn't show the field, so it may be as wanted
}

// Unsupported is something that an order needs to be as wanted, and that the API can't do.
type Unsupported struct {
	Path string // of the payload: items.2.id
	Why  string
	Hint string
}

// String returns part of a sentence: items.0.quantity is 3 instead of 2.
func (d Difference) String() string {
	return fmt.Sprintf("%s is %s instead of %s", d.Path, quoteBlank(d.Actual), quoteBlank(d.Want))
}

// Differences compares what was sent with what the API answers, field by field, and only the fields
// that were sent. Tolerances: numbers are equal as decimals, totals (total_tax, total_shipping,
// total_shipping_cost) within 0.01; dates by their first ten characters; email addresses in any
// case; tags and order numbers as sets, tags by name; a SKU also by the product's own or alternate
// SKU or the SKU as it was sent (the API answers with the internal one). What the answer doesn't
// have can't be compared and counts as equal.
func Differences(payload, answer []byte) ([]Difference, error) {
	want, actual, err := decodePair(payload, answer)
	if err != nil {
		return nil, err
	}
	var c comparison
	c.object("", want, actual)
	return c, nil
}

// comparison gathers differences.
type comparison []Difference

func (c *comparison) object(path string, want, actual map[string]any) {
	for _, k := range sortedKeys(want) {
		there, ok := actual[k]
		if k == "sku" {
			there, ok = matchingSKU(want[k], actual), true
		}
		if ok {
			c.value(joinPath(path, k), k, want[k], there)
		}
	}
}

func (c *comparison) value(path, key string, want, actual any) {
	switch w := want.(type) {
	case map[string]any:
		if a, ok := actual.(map[string]any); ok {
			c.object(path, w, a)
		} else if a, ok := actual.([]any); !ok || len(a) > 0 || !blank(w) { // PHP writes an empty object as an empty list
			c.add(path, want, actual)
		}
	case []any:
		c.list(path, key, w, actual)
	default:
		if !equal(key, want, actual) {
			c.add(path, want, actual)
		}
	}
}

func (c *comparison) list(path, key string, want []any, actual any) {
	there, ok := actual.([]any)
	switch {
	case !ok:
		if !blank(want) || !blank(actual) {
			c.add(path, want, actual)
		}
	case key == "tags" || key == "order_numbers":
		if a, b := tagNames(want), tagNames(there); !slices.Equal(a, b) {
			c.add(path, strings.Join(a, ", "), strings.Join(b, ", "))
		}
	case len(want) != len(there):
		c.add(path, fmt.Sprintf("%d entries", len(want)), fmt.Sprintf("%d entries", len(there)))
	default:
		for i := range want {
			c.value(joinPath(path, strconv.Itoa(i)), strconv.Itoa(i), want[i], there[i])
		}
	}
}

func (c *comparison) add(path string, want, actual any) {
	*c = append(*c, Difference{Path: path, Want: text(want), Actual: text(actual)})
}
