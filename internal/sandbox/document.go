package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// doc is a JSON object: a request, or a record as stored. Numbers are json.Number, in their
// shortest form. A field that is missing or null has the default of the view that shows it. Stored
// documents are never modified: a change stores a clone.
type doc = map[string]any

// text returns a field's text, "" if it has none.
func text(d doc, field string) string {
	s, _ := d[field].(string)
	return s
}

// list returns a field's elements.
func list(d doc, field string) []any {
	all, _ := d[field].([]any)
	return all
}

// records iterates over the objects in a field.
func records(d doc, field string) iter.Seq2[int, doc] {
	return func(yield func(int, doc) bool) {
		for i, v := range list(d, field) {
			if r, ok := v.(doc); ok && !yield(i, r) {
				return
			}
		}
	}
}

// texts returns the texts in a field, which holds one or a list.
func texts(d doc, field string) []string {
	if s, ok := d[field].(string); ok {
		return []string{s}
	}
	out := []string{}
	for _, v := range list(d, field) {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// decimalOf returns a field's number, 0 if it has none.
func decimalOf(d doc, field string) decimal.Decimal {
	if n, ok := d[field].(json.Number); ok {
		return decimal.RequireFromString(string(n)) // normalize has read it
	}
	return decimal.Zero
}

func number(d decimal.Decimal) json.Number { return json.Number(d.String()) }

func whole(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// wholeOf returns a field's whole number, 0 if it has none.
func wholeOf(d doc, field string) int64 { return decimalOf(d, field).IntPart() }

// money rounds to cents, half away from zero, as the server does with totals.
func money(d decimal.Decimal) json.Number { return number(d.Round(2)) }

// normalize writes the numbers of a value in their shortest form, in place, but for those of custom
// fields. field is the value's field. It fails on numbers such as 1e999999999, which validation
// would expand.
func normalize(field string, v any) (_ any, err error) {
	switch x := v.(type) {
	case doc:
		for name := range x {
			below := name
			if field == "custom_fields" {
				below = field
			}
			if x[name], err = normalize(below, x[name]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range x {
			if x[i], err = normalize(field, x[i]); err != nil {
				return nil, err
			}
		}
	case json.Number:
		d, err := decimal.NewFromString(string(x))
		if err != nil || d.Exponent() > 30 || d.Exponent() < -30 || d.NumDigits() > 60 {
			return nil, errors.New("holds a number with too many digits")
		}
		if field != "custom_fields" {
			return number(d), nil
		}
	}
	return v, nil
}

// setPath returns a value with what is at a path below it replaced. It clones what it changes.
func setPath(at any, path []string, v any) (_ any, err error) {
	if len(path) == 0 {
		return v, nil
	}
	switch x := at.(type) {
	case doc:
		x = maps.Clone(x)
		x[path[0]], err = setPath(x[path[0]], path[1:], v)
		return x, err
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(x) {
			return nil, fmt.Errorf("no element %q", path[0])
		}
		x = slices.Clone(x)
		x[i], err = setPath(x[i], path[1:], v)
		return x, err
	}
	return nil, fmt.Errorf("no fields below %T", at)
}
