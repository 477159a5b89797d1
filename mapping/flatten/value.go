package flatten

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"

	"ordersheet/mapping/catalog"
)

// isNothing says that a value of an answer says nothing: null, an empty text, or an empty list or object.
func isNothing(raw []byte) bool {
	switch string(raw) {
	case "", "null", `""`, "[]", "{}":
		return true
	}
	return false
}

// valueOf turns a value of an answer into a cell by its field's type. What isn't what the type says, stands as text: nothing is dropped.
func valueOf(t catalog.Type, raw []byte) Value {
	if isNothing(raw) {
		return Value{}
	}
	if raw[0] == '{' || raw[0] == '[' {
		return structured(t, raw)
	}
	text := textOf(raw)
	switch t {
	case catalog.DecimalType, catalog.IntegerType:
		return numberOr(text)
	case catalog.CustomType:
		if raw[0] != '"' && raw[0] != 't' && raw[0] != 'f' {
			return numberOr(text)
		}
	case catalog.DateType, catalog.TimeType:
		return dateOr(text)
	}
	if raw[0] == 't' || raw[0] == 'f' || t == catalog.BoolType && (text == "0" || text == "1") {
		if text == "true" || text == "1" {
			return Value{cell.Bool, "TRUE"}
		}
		return Value{cell.Bool, "FALSE"}
	}
	return Value{cell.Text, text}
}

// structured is an object or a list in one cell: names one after the other, everything else as JSON.
func structured(t catalog.Type, raw []byte) Value {
	if t == catalog.TagsType || t == catalog.ListType {
		if names := namesIn(raw); len(names) > 0 {
			return Value{cell.Text, strings.Join(names, ", ")}
		}
		return Value{}
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return Value{cell.Text, string(raw)}
	}
	return Value{cell.Text, b.String()}
}

// textOf is the text of a JSON value that is no object and no list.
func textOf(raw []byte) string {
	if raw[0] != '"' {
		return string(raw)
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return string(raw) // it was valid JSON
	}
	return s
}

// numberOr is a number cell, or text where the API has no number. Only an exponent is written out; no digit is changed.
func numberOr(text string) Value {
	if _, ok := cell.AppendDecimal(nil, []byte(text)); !ok { // it bounds the exponent, too
		return Value{cell.Text, text}
	}
	if !strings.ContainsAny(text, "eE") {
		return Value{cell.Number, text}
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return Value{cell.Text, text}
	}
	return Value{cell.Number, d.String()}
}

// dateOr is a date cell, with its time when it has one, or text where the API has no date.
func dateOr(text string) Value {
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		return Value{cell.Date, text}
	}
	if len(text) < len("2025-03-02T09:00:00") || text[4] != '-' {
		return Value{cell.Text, text}
	}
	if _, err := time.Parse(time.DateOnly, text[:10]); err != nil {
		return Value{cell.Text, text}
	}
	return Value{cell.Date, text}
}

// namesIn gives the names in a list of texts, or of objects with a name, as tags are.
func namesIn(raw []byte) []string {
	var out []string
	if isNothing(raw) {
		return nil
	}
	err := order.EachValue(raw, func(v []byte) error {
		if v[0] == '{' {
			var tag struct {
				Name string `json:"name"`
			}
			if err := json.Unmarshal(v, &tag); err != nil {
				return err
			}
			out = append(out, tag.Name)
			return nil
		}
		if !isNothing(v) {
			out = append(out, textOf(v))
		}
		return nil
	})
	if err != nil || raw[0] != '[' {
		return []string{textOf(raw)}
	}
	return out
}
