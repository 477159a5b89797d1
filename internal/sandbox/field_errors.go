package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// validationErrors converts schema errors to the vendor's error map. Only "required", "not found"
// and "must be greater than 0" are in the vendor's samples; the other texts are in the same style.
func validationErrors(err error, body any) fieldErrors {
	m := fieldErrors{}
	if v := (*jsonschema.ValidationError)(nil); errors.As(err, &v) {
		m.addAll(v, body)
		return m
	}
	return fieldErrors{"body": {err.Error()}}
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
		m.add(cmp.Or(at, "body"), describe(e))
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

func joinPath(at, name string) string { return strings.TrimPrefix(at+"."+name, ".") }

// typeNames is read-only.
var typeNames = strings.NewReplacer(
	"string", "a string", "number", "a number", "integer", "an integer", "boolean", "true or false",
	"array", "a list", "object", "an object",
)

func describe(e *jsonschema.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return "must be " + typeNames.Replace(strings.Join(k.Want, " or "))
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
		least, _ := k.Want.Float64()
		return fmt.Sprint("must be at least ", least)
	case *kind.ExclusiveMinimum:
		limit, _ := k.Want.Float64()
		return fmt.Sprint("must be greater than ", limit)
	case *kind.Format:
		if k.Want == "date" {
			return "must be a date (YYYY-MM-DD)"
		}
		return "must be a valid " + k.Want
	}
	return "is not valid"
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
