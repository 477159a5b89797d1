package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/shopspring/decimal"
)

// Difference is one field in which a standing order isn't what was meant.
type Difference struct {
	Path   string // items.0.quantity
	Want   string
	Actual string
	unseen bool // the answer doesn't show it, so it may stand as meant
}

// String reads as a sentence's part: items.0.quantity is 3, meant was 2.
func (d Difference) String() string {
	return fmt.Sprintf("%s is %s, meant was %s", d.Path, quoteBlank(d.Actual), quoteBlank(d.Want))
}

func quoteBlank(s string) string {
	if s == "" {
		return "blank"
	}
	return s
}

// cent is the tolerance for totals; the server's rounding rule isn't documented.
var cent = decimal.New(1, -2)

// Differences compares what was sent with what the API answers, field by field, and only the fields that were sent. Tolerances: numbers are
// equal as decimals, totals (total_tax, total_shipping, total_shipping_cost) within 0.01; dates by their first ten characters; e-mail addresses
// whatever their case; tags and order numbers as sets, tags by name; a SKU also by the product's own or alternate SKU or the SKU as it was sent
// (the API answers with the internal one). What the answer doesn't hold can't be compared and counts as equal. An empty result means: the same
// as meant.
func Differences(payload, answer []byte) ([]Difference, error) {
	meant, err := decode(payload)
	if err != nil {
		return nil, fmt.Errorf("comparing orders: %w", err)
	}
	stands, err := decode(answer)
	if err != nil {
		return nil, fmt.Errorf("comparing orders: %w", err)
	}
	inPayloadWords(stands)
	var c comparison
	c.object("", meant, stands)
	return c, nil
}

// inPayloadWords adds to an answer what a payload says in other words: a purchase order answers with warehouse, location and each line's product,
// and is sent warehouse_id, location_id and product_id.
func inPayloadWords(stands map[string]any) {
	idOf(stands, "warehouse")
	idOf(stands, "location")
	lines, _ := stands["items"].([]any)
	for _, l := range lines {
		if line, ok := l.(map[string]any); ok {
			idOf(line, "product")
		}
	}
}

func idOf(o map[string]any, name string) {
	there, shown := o[name]
	if _, has := o[name+"_id"]; has || !shown {
		return
	}
	o[name+"_id"] = nil
	if record, ok := there.(map[string]any); ok {
		o[name+"_id"] = record["id"]
	}
}

func decode(b []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v map[string]any
	err := dec.Decode(&v)
	return v, err
}

type comparison []Difference

func (c *comparison) object(at string, meant, stands map[string]any) {
	keys := make([]string, 0, len(meant))
	for k := range meant {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		there, ok := stands[k]
		if k == "sku" {
			there, ok = anySKU(meant[k], stands), true
		}
		if ok {
			c.value(at, k, meant[k], there)
		}
	}
}

func (c *comparison) value(at, key string, meant, stands any) {
	path := key
	if at != "" {
		path = at + "." + key
	}
	switch m := meant.(type) {
	case map[string]any:
		if s, ok := stands.(map[string]any); ok {
			c.object(path, m, s)
		} else if s, ok := stands.([]any); !ok || len(s) > 0 { // PHP writes an empty object as an empty list
			c.differ(path, meant, stands)
		} else if !blank(m) {
			c.differ(path, meant, stands)
		}
	case []any:
		c.list(path, key, m, stands)
	default:
		if !sameScalar(key, meant, stands) {
			c.differ(path, meant, stands)
		}
	}
}

func (c *comparison) list(path, key string, meant []any, stands any) {
	s, ok := stands.([]any)
	if !ok {
		if !blank(meant) || !blank(stands) {
			c.differ(path, meant, stands)
		}
		return
	}
	if key == "tags" || key == "order_numbers" {
		if strings.Join(names(meant), "\n") != strings.Join(names(s), "\n") {
			c.differ(path, strings.Join(names(meant), ", "), strings.Join(names(s), ", "))
		}
		return
	}
	if len(meant) != len(s) {
		c.differ(path, fmt.Sprintf("%d entries", len(meant)), fmt.Sprintf("%d entries", len(s)))
		return
	}
	for i := range meant {
		c.value(path, fmt.Sprint(i), meant[i], s[i])
	}
}

func (c *comparison) differ(path string, meant, stands any) {
	*c = append(*c, Difference{Path: path, Want: show(meant), Actual: show(stands)})
}

func show(v any) string {
	if v == nil {
		return ""
	}
	if s, ok := v.(string); ok {
		return s
	}
	if n, ok := v.(json.Number); ok {
		return n.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// names gives the sorted, distinct names of tags, whether texts or objects.
func names(list []any) []string {
	set := map[string]bool{}
	for _, t := range list {
		if o, ok := t.(map[string]any); ok {
			t = o["name"]
		}
		set[strings.TrimSpace(show(t))] = true
	}
	out := make([]string, 0, len(set))
	for n := range set {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// anySKU returns the SKU of a line's answer that equals what was sent, or else the line's own.
func anySKU(meant any, line map[string]any) any {
	all := []any{line["sku"], line["source_sku"]}
	if p, ok := line["product"].(map[string]any); ok {
		all = append(all, p["sku"])
		if alternates, ok := p["alternate_skus"].([]any); ok {
			for _, a := range alternates {
				if o, ok := a.(map[string]any); ok {
					all = append(all, o["sku"])
				}
			}
		}
	}
	var own any
	for _, s := range all {
		if s == meant {
			return meant
		}
		if own == nil {
			own = s
		}
	}
	if own == nil {
		return meant // no SKU in the answer at all: not comparable
	}
	return own
}

func sameScalar(key string, meant, stands any) bool {
	if blank(meant) && blank(stands) {
		return true
	}
	a, b := show(meant), show(stands)
	if a == b {
		return true
	}
	x, errX := decimal.NewFromString(a)
	y, errY := decimal.NewFromString(b)
	_, number := meant.(json.Number)
	_, numbered := stands.(json.Number) // and a delimited file has texts only, for numbers and booleans too
	if (number || numbered) && errX == nil && errY == nil {
		if strings.HasPrefix(key, "total_") {
			return x.Sub(y).Abs().LessThanOrEqual(cent)
		}
		return x.Equal(y)
	}
	if _, yesNo := stands.(bool); yesNo {
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
