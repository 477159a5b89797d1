package order

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Payload is an order as JSON in the API's words: as it is sent, or as an answer has it. It must be
// a valid JSON object, or empty.
type Payload []byte

// Raw returns the JSON of a field, nil if there is none. It points into the payload.
func (p Payload) Raw(field string) (raw []byte) {
	_ = EachField(p, func(key, value []byte) error { // an empty payload has no fields
		if string(key) == field {
			raw = value
		}
		return nil
	})
	return raw
}

// Has reports whether the payload has a field, even if it is null.
func (p Payload) Has(field string) bool { return p.Raw(field) != nil }

// Text returns a field's value as text. ok is false if the field is missing, null, a list or an
// object.
func (p Payload) Text(field string) (value string, ok bool) { return scalar(p.Raw(field)) }

// scalar returns a JSON value as text. ok is false if it is missing, null, a list or an object.
func scalar(raw []byte) (value string, ok bool) {
	if len(raw) == 0 {
		return "", false
	}
	switch raw[0] {
	case '"':
		err := json.Unmarshal(raw, &value)
		return value, err == nil
	case '{', '[', 'n':
		return "", false
	}
	return string(raw), true
}

// Status returns order_status, empty if the payload has none.
func (p Payload) Status() string {
	status, _ := p.Text("order_status")
	return status
}

// At returns the value that a dotted path such as items.2.quantity names, as text, empty if there
// is none or it is a list or an object. The part "product", which the API's error paths use, means
// sku or product_id.
func (p Payload) At(path string) string {
	raw := []byte(p)
	for part := range strings.SplitSeq(path, ".") {
		object := Payload(raw)
		if i, err := strconv.Atoi(part); err == nil && len(raw) > 0 && raw[0] == '[' {
			raw = nil
			_ = EachValue(object, func(value []byte) error { // its only error is that of this func
				if i--; i == -1 {
					raw = value
				}
				return nil
			})
			continue
		}
		if raw = object.Raw(part); raw == nil && part == "product" {
			if raw = object.Raw("sku"); raw == nil {
				raw = object.Raw("product_id")
			}
		}
	}
	value, _ := scalar(raw)
	return value
}
