package sandbox

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// validationErrors converts schema errors to the vendor's error map. Only "required", "not found"
// and "must be greater than 0" are in the vendor's samples; the other texts are in the same style.
func validationErrors(err error, body any) fieldErrors {
	m := fieldErrors{}
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		m.add("body", err.Error())
		return m
	}
	m.addAll(v, body)
	return m
}

func (m fieldErrors) addAll(e *jsonschema.ValidationError, body any) {
	at := strings.Join(e.InstanceLocation, ".")
	switch k := e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, c := range e.Causes {
			m.addAll(c, body)
		}
	case *kind.AnyOf:
		m.addAnyOf(e, body)
	case *kind.Required:
		for _, name := range k.Missing {
			m.add(joinPath(at, name), "required")
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			m.add(joinPath(at, name), "unknown field")
		}
	default:
		if at == "" {
			at = "body"
		}
		m.add(at, describe(e))
	}
}

// addAnyOf explains the three uses of anyOf: an item needs a product, an order needs a company or
// addresses, and any other value has one of several types.
func (m fieldErrors) addAnyOf(e *jsonschema.ValidationError, body any) {
	at := strings.Join(e.InstanceLocation, ".")
	if strings.HasSuffix(e.SchemaURL, "/SalesOrderCreate") {
		given, _ := body.(map[string]any)
		for _, name := range []string{"bill_to", "ship_to"} {
			if _, ok := given[name]; !ok {
				m.add(name, "required when company_id is not given")
			}
		}
		return
	}
	if strings.HasSuffix(e.SchemaURL, "ItemIn") {
		m.add(joinPath(at, "product"), "product_id or sku is required")
		return
	}
	for _, c := range e.Causes {
		for len(c.Causes) > 0 {
			c = c.Causes[0]
		}
		_, otherType := c.ErrorKind.(*kind.Type)
		if !otherType || len(c.InstanceLocation) > len(e.InstanceLocation) {
			m.addAll(c, body)
			return
		}
	}
	m.add(at, "has the wrong type")
}

func joinPath(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

func describe(e *jsonschema.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return "must be " + typeWords(k.Want)
	case *kind.Enum:
		return "must be one of " + joinValues(k.Want)
	case *kind.MinLength:
		return "required"
	case *kind.MaxLength:
		return fmt.Sprintf("must be at most %d characters", k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("must hold at least %d", k.Want)
	case *kind.MinProperties:
		return "must hold at least one field"
	case *kind.Minimum:
		return "must be at least " + formatRat(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be greater than " + formatRat(k.Want)
	case *kind.Format:
		if k.Want == "date" {
			return "must be a date (YYYY-MM-DD)"
		}
		return "must be a valid " + k.Want
	}
	return "is not valid"
}

func typeWords(want []string) string {
	names := map[string]string{
		"string": "a string", "number": "a number", "integer": "an integer", "boolean": "true or false",
		"array": "a list", "object": "an object", "null": "null",
	}
	var out []string
	for _, w := range want {
		out = append(out, names[w])
	}
	return strings.Join(out, " or ")
}

func joinValues(want []any) string {
	var out []string
	for _, w := range want {
		if w != nil {
			out = append(out, fmt.Sprint(w))
		}
	}
	return strings.Join(out, ", ")
}

func formatRat(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(4), "0")
}
