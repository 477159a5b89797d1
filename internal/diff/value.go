package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// customFields is the name of the object of custom fields.
const customFields = "custom_fields"

func decode(b []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("comparing orders: %w", err)
	}
	return v, nil
}

// decodeAnswer decodes an answer and adds what a payload says in other words: a purchase order
// answers with warehouse, location and each line's product, and is sent warehouse_id, location_id
// and product_id.
func decodeAnswer(b []byte) (map[string]any, error) {
	o, err := decode(b)
	if err != nil {
		return nil, err
	}
	addID(o, "warehouse")
	addID(o, "location")
	for _, line := range objects(o["items"]) {
		addID(line, "product")
	}
	return o, nil
}

func addID(o map[string]any, name string) {
	there, shown := o[name]
	if _, has := o[name+"_id"]; has || !shown {
		return
	}
	o[name+"_id"] = nil
	if record, ok := there.(map[string]any); ok {
		o[name+"_id"] = record["id"]
	}
}

func decodePair(payload, answer []byte) (want, now map[string]any, err error) {
	if want, err = decode(payload); err == nil {
		now, err = decodeAnswer(answer)
	}
	return want, now, err
}

// blank reports whether a value says nothing, which is the same as not being there.
func blank(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		for _, y := range x {
			if !blank(y) {
				return false
			}
		}
		return true
	}
	return false
}

// text returns a value as text: a string or a number as it is, anything else as JSON, nil as "".
func text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case json.Number:
		return x.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func quoteBlank(s string) string {
	if s == "" {
		return "blank"
	}
	return s
}

// cent is the tolerance for totals; the server's rounding rule isn't documented.
var cent = decimal.New(1, -2)

// equal reports whether two values of a field are the same, by the tolerances of Differences.
func equal(key string, want, actual any) bool {
	if blank(want) && blank(actual) {
		return true
	}
	a, b := text(want), text(actual)
	if a == b {
		return true
	}
	x, errX := decimal.NewFromString(a)
	y, errY := decimal.NewFromString(b)
	_, number := want.(json.Number)
	_, numbered := actual.(json.Number) // a CSV file has text only, for numbers and booleans too
	if (number || numbered) && errX == nil && errY == nil {
		if strings.HasPrefix(key, "total_") {
			return x.Sub(y).Abs().LessThanOrEqual(cent)
		}
		return x.Equal(y)
	}
	if _, isBool := actual.(bool); isBool {
		return strings.EqualFold(a, b)
	}
	switch {
	case strings.HasSuffix(key, "_date"):
		return len(a) >= 10 && len(b) >= 10 && a[:10] == b[:10]
	case strings.HasSuffix(key, "_email"):
		return strings.EqualFold(a, b)
	}
	return strings.TrimSpace(a) == strings.TrimSpace(b)
}

// zeroForNone reads a missing amount as 0: the API answers so.
func zeroForNone(v any) any {
	if v == nil {
		return json.Number("0")
	}
	return v
}

func amount(v any) decimal.Decimal {
	d, err := decimal.NewFromString(text(v))
	if err != nil {
		return decimal.Zero
	}
	return d
}

// tagNames returns the sorted, distinct names of tags, whether they are texts or objects.
func tagNames(list any) []string {
	var names []string
	all, _ := list.([]any)
	for _, t := range all {
		if o, ok := t.(map[string]any); ok {
			t = o["name"]
		}
		names = append(names, strings.TrimSpace(text(t)))
	}
	return union(names, nil)
}

// union returns the sorted, distinct elements of two lists.
func union(a, b []string) []string {
	out := append(append([]string{}, a...), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// objects returns the objects of a list.
func objects(list any) []map[string]any {
	if already, ok := list.([]map[string]any); ok {
		return already
	}
	all, _ := list.([]any)
	out := make([]map[string]any, 0, len(all))
	for _, v := range all {
		if o, ok := v.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

// sortedKeys returns the keys of some objects.
func sortedKeys(all ...map[string]any) []string {
	var keys []string
	for _, m := range all {
		keys = slices.AppendSeq(keys, maps.Keys(m))
	}
	return union(keys, nil)
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func itemPath(i int, field string) string { return "items." + strconv.Itoa(i) + "." + field }

// matchingSKU returns the SKU of an answered line that equals what was sent, or else the line's
// own; what was sent if the line has none, since that can't be compared.
func matchingSKU(want any, line map[string]any) any {
	all := []any{line["sku"], line["source_sku"]}
	if p, ok := line["product"].(map[string]any); ok {
		all = append(all, p["sku"])
		for _, a := range objects(p["alternate_skus"]) {
			all = append(all, a["sku"])
		}
	}
	var own any
	for _, s := range all {
		if s == want {
			return want
		}
		if own == nil {
			own = s
		}
	}
	if own == nil {
		return want
	}
	return own
}

// lineSKU returns the SKU by which a line is shown: the one it was sent with, else its product's.
func lineSKU(line map[string]any) string {
	product, _ := line["product"].(map[string]any)
	for _, v := range []any{line["source_sku"], line["sku"], product["sku"]} {
		if s := text(v); s != "" {
			return s
		}
	}
	return ""
}

func lineID(line map[string]any) int64 {
	id, err := strconv.ParseInt(text(line["id"]), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// received returns how much of a line was received; empty for none.
func received(line map[string]any) string {
	if v := line["received_quantity"]; !blank(v) && !equal("", v, json.Number("0")) {
		return text(v)
	}
	return ""
}
