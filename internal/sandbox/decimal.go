package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"github.com/shopspring/decimal"
)

// number is an exact decimal, written without quotes in its shortest form. "" is zero.
type number string

func (n *number) UnmarshalJSON(b []byte) error {
	d, err := decimal.NewFromString(string(b))
	if err != nil {
		return fmt.Errorf("reading number %.40q: %w", b, err)
	}
	if d.Exponent() > 30 || d.Exponent() < -30 || d.NumDigits() > 60 {
		return fmt.Errorf("reading number %.40q: it has too many digits", b)
	}
	*n = number(d.String())
	return nil
}

func (n number) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("0"), nil
	}
	return []byte(n), nil
}

func (n number) decimal() decimal.Decimal {
	if n == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(string(n)) // n was made from a decimal
}

func (n number) plus(s string) number {
	return number(n.decimal().Add(decimal.RequireFromString(s)).String())
}

// money rounds to cents, half away from zero, as the server does with totals.
func money(d decimal.Decimal) number { return number(d.Round(2).String()) }

// orZero returns 0 for null.
func orZero(n *number) number {
	if n == nil {
		return "0"
	}
	return *n
}

// integer is an id in a request. JSON Schema integers may be written as 4 or 4.0.
type integer int64

func (w *integer) UnmarshalJSON(b []byte) error {
	if i, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		*w = integer(i)
		return nil
	}
	d, err := decimal.NewFromString(string(b))
	if err != nil || !d.IsInteger() || d.NumDigits() > 18 || d.Exponent() > 18 {
		return fmt.Errorf("reading id %.40q: it is not a whole number", b)
	}
	*w = integer(d.IntPart())
	return nil
}

// customValues is a custom_fields map from label to value.
type customValues map[string]json.RawMessage

func (v customValues) MarshalJSON() ([]byte, error) {
	if len(v) == 0 {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]json.RawMessage(v))
}

// UnmarshalJSON also accepts a list, since PHP writes an empty map as [].
func (v *customValues) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '{' {
		*v = nil
		return nil
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*v = m
	return nil
}

// merged returns v with the labels of more set. It changes neither.
func (v customValues) merged(more customValues) customValues {
	out := customValues{}
	maps.Copy(out, v)
	maps.Copy(out, more)
	return out
}
