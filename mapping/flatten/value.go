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

// Value is one cell of an export. The zero Value is blank. Text is the text, the decimal digits of
// a number (never an exponent), TRUE or FALSE, or a date: yyyy-mm-dd or, with a time, the API's own
// text, such as 2025-03-02T10:15:00Z.
type Value struct {
	Kind cell.Kind // Blank, Text, Number, Date or Bool
	Text string
}

// isEmpty reports whether a value of an answer is null, or an empty text, list or object.
func isEmpty(raw []byte) bool {
	switch string(raw) {
	case "", "null", `""`, "[]", "{}":
		return true
	}
	return false
}

// valueOf turns a value of an answer into a cell by its field's type. A value that isn't of the
// type becomes text, so nothing is dropped.
func valueOf(t catalog.Type, raw []byte) Value {
	if isEmpty(raw) {
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

// structured puts an object or a list into one cell: names separated by commas, anything else as
// JSON.
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

// textOf returns the text of a JSON value that is neither an object nor a list.
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

// numberOr returns a number cell, or text if it isn't a number. An exponent is written out; no
// digit changes.
func numberOr(text string) Value {
	if _, ok := cell.AppendDecimal(nil, []byte(text)); !ok { // it also limits the exponent
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

// dateOr returns a date cell, with its time if it has one, or text if it isn't a date.
func dateOr(text string) Value {
	if n := len(time.DateOnly); len(text) == n || len(text) >= len("2025-03-02T09:00:00") {
		if _, err := time.Parse(time.DateOnly, text[:n]); err == nil {
			return Value{cell.Date, text}
		}
	}
	return Value{cell.Text, text}
}

// namesIn returns the names in a list of texts, or of objects with a name, such as tags.
func namesIn(raw []byte) []string {
	var out []string
	if isEmpty(raw) {
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
		if !isEmpty(v) {
			out = append(out, textOf(v))
		}
		return nil
	})
	if err != nil || raw[0] != '[' {
		return []string{textOf(raw)}
	}
	return out
}
