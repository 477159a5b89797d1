package catalog_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
)

// schema is the part of a schema in the API's model that the tests read.
type schema struct {
	Ref           string            `yaml:"$ref"`
	Type          any               `yaml:"type"`
	Format        string            `yaml:"format"`
	Enum          []any             `yaml:"enum"`
	MaxLength     int               `yaml:"maxLength"`
	Minimum       any               `yaml:"minimum"`
	ExclusiveMin  any               `yaml:"exclusiveMinimum"`
	Properties    map[string]schema `yaml:"properties"`
	AdditionalAny any               `yaml:"additionalProperties"`
	Items         *schema           `yaml:"items"`
	AllOf         []schema          `yaml:"allOf"`
	AnyOf         []schema          `yaml:"anyOf"`
	Required      []string          `yaml:"required"`
}

type model struct {
	Components struct {
		Schemas map[string]schema `yaml:"schemas"`
	} `yaml:"components"`
}

func readModel(t *testing.T) *model {
	t.Helper()
	data, err := os.ReadFile("../../internal/sandbox/luminous.openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m := new(model)
	if err := yaml.Unmarshal(data, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// get follows a schema's reference and merges its allOf.
func (m *model) get(s schema) schema {
	if s.Ref != "" {
		s = m.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
		return m.get(s)
	}
	if len(s.AllOf) > 0 {
		out := schema{Properties: map[string]schema{}}
		for _, part := range s.AllOf {
			part = m.get(part)
			for k, v := range part.Properties {
				out.Properties[k] = v
			}
			out.Required = append(out.Required, part.Required...)
		}
		return out
	}
	return s
}

func (s schema) types() []string {
	switch x := s.Type.(type) {
	case string:
		return []string{x}
	case []any:
		var out []string
		for _, y := range x {
			out = append(out, fmt.Sprint(y))
		}
		return out
	}
	return nil
}

// leaves collects every field under a schema by its path.
func (m *model) leaves(prefix string, s schema, out map[string]schema) {
	for name, child := range m.get(s).Properties {
		c, path := m.get(child), prefix+name
		switch {
		case name == "custom_fields":
			out[path+".*"] = c
		case len(c.Properties) > 0:
			m.leaves(path+".", c, out)
		case c.Items != nil && len(m.get(*c.Items).Properties) > 0:
			m.leaves(path+".", *c.Items, out)
		default:
			out[path] = c
		}
	}
}

// The catalog has every request field of the API's model, with its limits, and nothing else.
func TestCatalogMatchesModel(t *testing.T) {
	m := readModel(t)
	for kind, names := range map[order.Kind][2]string{
		order.SalesOrders:    {"SalesOrderCreate", "SalesOrderPatch"},
		order.PurchaseOrders: {"PurchaseOrderCreate", "PurchaseOrderUpdate"},
	} {
		create, update := map[string]schema{}, map[string]schema{}
		m.leaves("", m.Components.Schemas[names[0]], create)
		m.leaves("", m.Components.Schemas[names[1]], update)
		for path, s := range create {
			f := catalog.FieldByPath(kind, path)
			if f == nil {
				t.Errorf("%s: %s isn't in the catalog", kind, path)
				continue
			}
			if path != "items.id" && f.UpdateOnly {
				t.Errorf("%s: %s is marked UpdateOnly, but a new order may have it", kind, path)
			}
			checkLimits(t, m, kind, f, s)
		}
		for path := range update {
			f := catalog.FieldByPath(kind, path)
			if f == nil || !f.Update {
				t.Errorf("%s: %s can be updated; the catalog says %+v", kind, path, f)
				continue
			}
			if _, ok := create[path]; !ok && !f.UpdateOnly {
				t.Errorf("%s: %s isn't allowed in a new order, but isn't marked UpdateOnly", kind, path)
			}
		}
		for _, f := range catalog.Fields(kind) {
			_, inCreate := create[f.Path]
			_, inUpdate := update[f.Path]
			if !f.ReadOnly && !inCreate && !inUpdate {
				t.Errorf("%s: %s is in no request of the model", kind, f.Path)
			}
			if f.Update && !inUpdate {
				t.Errorf("%s: %s can't be updated", kind, f.Path)
			}
		}
	}
}

func checkLimits(t *testing.T, m *model, kind order.Kind, f *catalog.Field, s schema) {
	t.Helper()
	wrong := func(what string, got, want any) {
		t.Errorf("%s: %s has %s %v, the API %v", kind, f.Path, what, got, want)
	}
	nullable := slices.Contains(s.types(), "null")
	if f.Type != catalog.CustomType && f.Nullable != nullable && !f.ReadOnly {
		wrong("nullable", f.Nullable, nullable)
	}
	limit := s.MaxLength
	if s.Items != nil {
		limit = m.get(*s.Items).MaxLength
	}
	if f.MaxLength != limit {
		wrong("length", f.MaxLength, limit)
	}
	minimum, exclusive := s.Minimum, s.ExclusiveMin != nil
	if exclusive {
		minimum = s.ExclusiveMin
	}
	if want := fmt.Sprint(minimum); minimum != nil && f.Minimum != want || minimum == nil && f.Minimum != "" || f.Exclusive != exclusive {
		wrong("minimum", f.Minimum, minimum)
	}
	var enum []string
	for _, v := range s.Enum {
		if v != nil {
			enum = append(enum, fmt.Sprint(v))
		}
	}
	if !slices.Equal(f.Enum, enum) {
		wrong("values", f.Enum, enum)
	}
	want := map[catalog.Type]string{
		catalog.TextType: "string", catalog.IDText: "string", catalog.EmailType: "string", catalog.EnumType: "string", catalog.DateType: "string", catalog.IntegerType: "integer", catalog.DecimalType: "number",
		catalog.BoolType: "boolean", catalog.TagsType: "array", catalog.ListType: "array", catalog.JSONType: "array", catalog.CustomType: "object",
	}[f.Type]
	if !slices.Contains(s.types(), want) || (f.Type == catalog.DateType) != (s.Format == "date") || (f.Type == catalog.EmailType) != (s.Format == "email") {
		wrong("type", f.Type, fmt.Sprint(s.Type, " ", s.Format))
	}
}

func TestUpdateStatuses(t *testing.T) {
	var want []string
	for _, v := range readModel(t).Components.Schemas["SalesOrderPatchStatus"].Enum {
		if v != nil {
			want = append(want, fmt.Sprint(v))
		}
	}
	f := catalog.FieldByPath(order.SalesOrders, "order_status")
	if !slices.Equal(f.UpdateEnum, want) {
		t.Errorf("statuses of an update: %v, want %v", f.UpdateEnum, want)
	}
}

// Each field has its own column name, a help text, and an example for templates.
func TestCatalogIsComplete(t *testing.T) {
	for _, kind := range catalog.Kinds("") {
		columns, paths := map[string]bool{}, map[string]bool{}
		for _, f := range catalog.Fields(kind) {
			if columns[f.Column] || paths[f.Path] {
				t.Errorf("%s: %s or %s is there twice", kind, f.Path, f.Column)
			}
			columns[f.Column], paths[f.Path] = true, true
			if !strings.HasSuffix(f.Help, ".") {
				t.Errorf("%s: %s has the help %q, want a sentence", kind, f.Path, f.Help)
			}
			if len(f.Enum) > 0 && !slices.Contains(f.Enum, f.Example) {
				t.Errorf("%s: %s has the example %q, want one of its values", kind, f.Path, f.Example)
			}
			if f.Required != catalog.Never && f.Example == "" {
				t.Errorf("%s: %s is required but has no example", kind, f.Path)
			}
		}
	}
}

// needs collects when the model requires each field under a schema; rule is when it requires what
// the schema describes.
func (m *model) needs(prefix string, s schema, rule catalog.Required, out map[string]catalog.Required) {
	s = m.get(s)
	for name, child := range s.Properties {
		c, path, need := m.get(child), prefix+name, catalog.Never
		if slices.Contains(s.Required, name) {
			need = rule
		}
		for _, choice := range s.AnyOf {
			switch {
			case slices.Contains(choice.Required, "company_id") || !slices.Contains(choice.Required, name):
			case prefix == catalog.ItemsPrefix:
				need = catalog.SKUOrProduct
			default:
				need = catalog.UnlessCompany
			}
		}
		switch {
		case len(c.Properties) > 0 && need == catalog.Never:
			m.needs(path+".", c, catalog.WithAddress, out)
		case len(c.Properties) > 0:
			m.needs(path+".", c, need, out)
		case c.Items != nil && len(m.get(*c.Items).Properties) > 0 && need == catalog.Never:
			m.needs(path+".", *c.Items, catalog.WithPayment, out)
		case c.Items != nil && len(m.get(*c.Items).Properties) > 0:
			m.needs(path+".", *c.Items, need, out)
		default:
			out[path] = need
		}
	}
}

// A field is required exactly when the API's model says so, except for the number of a purchase
// order: without it an order couldn't be found again.
func TestRequiredMatchesModel(t *testing.T) {
	m := readModel(t)
	for kind, name := range map[order.Kind]string{order.SalesOrders: "SalesOrderCreate", order.PurchaseOrders: "PurchaseOrderCreate"} {
		want := map[string]catalog.Required{}
		m.needs("", m.Components.Schemas[name], catalog.Always, want)
		if kind == order.PurchaseOrders {
			want["order_numbers"] = catalog.Always
		}
		seen := map[catalog.Required]bool{}
		for path, need := range want {
			seen[need] = true
			if f := catalog.FieldByPath(kind, path); f != nil && f.Required != need {
				t.Errorf("%s: %s is required %q, the model says %q", kind, path, f.Required, need)
			}
		}
		for _, rule := range []catalog.Required{catalog.Always, catalog.SKUOrProduct} {
			if !seen[rule] {
				t.Errorf("%s: the model has no field that is required %q: the test misreads it", kind, rule)
			}
		}
	}
}
