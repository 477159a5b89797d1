package sandbox

import (
	"bytes"
	_ "embed" // for the model
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// modelYAML is the OpenAPI 3.1 model of the API.
//
//go:embed luminous.openapi.yaml
var modelYAML []byte

// JSON pointers to the request schemas in the model.
const (
	schemaSalesCreate    = "/components/schemas/SalesOrderCreate"
	schemaSalesPatch     = "/components/schemas/SalesOrderPatch"
	schemaPurchaseCreate = "/components/schemas/PurchaseOrderCreate"
	schemaPurchasePut    = "/components/schemas/PurchaseOrderUpdate"
	schemaPurchaseStrict = "/components/schemas/PurchaseOrderUpdateStrict"
	schemaPaymentCreate  = "/components/schemas/PaymentCreate"
	schemaPaymentPut     = "/components/schemas/PaymentFields"
	schemaTagNames       = "/components/requestBodies/TagNames/content/application~1json/schema"
	schemaCustomFields   = "/components/schemas/CustomFieldsIn"
	schemaPatchAnyStatus = "/components/schemas/SalesOrderPatchAnyStatus" // added by addAnyStatus
)

// model holds the compiled request schemas.
type model struct{ schemas map[string]*jsonschema.Schema }

// loadModel compiles the embedded model once per process, since that takes some milliseconds.
var loadModel = sync.OnceValues(readModel)

func readModel() (*model, error) {
	doc, err := modelDocument()
	if err != nil {
		return nil, fmt.Errorf("reading the API model: %w", err)
	}
	used := []string{
		schemaSalesCreate, schemaSalesPatch, schemaPurchaseCreate, schemaPurchasePut, schemaPurchaseStrict,
		schemaPaymentCreate, schemaPaymentPut, schemaTagNames, schemaCustomFields,
	}
	for _, at := range used {
		forbidUnknown(doc, resolvePointer(doc, at))
	}
	addAnyStatus(doc)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("model.json", doc); err != nil {
		return nil, fmt.Errorf("reading the API model: %w", err)
	}
	m := &model{map[string]*jsonschema.Schema{}}
	for _, at := range append(used, schemaPatchAnyStatus) {
		if m.schemas[at], err = c.Compile("model.json#" + at); err != nil {
			return nil, fmt.Errorf("compiling %s of the API model: %w", at, err)
		}
	}
	return m, nil
}

// modelDocument returns the model as JSON values, as the schema compiler expects.
func modelDocument() (map[string]any, error) {
	var tree map[string]any
	if err := yaml.Unmarshal(modelYAML, &tree); err != nil {
		return nil, err
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return doc.(map[string]any), nil
}

// resolvePointer follows a JSON pointer through objects. It returns nil if there is nothing.
func resolvePointer(doc map[string]any, pointer string) map[string]any {
	at := doc
	for _, part := range strings.Split(pointer, "/")[1:] {
		at, _ = at[strings.ReplaceAll(part, "~1", "/")].(map[string]any)
	}
	return at
}

// forbidUnknown makes a request schema reject properties that it doesn't list. Inline branches of
// anyOf and allOf stay open, since they only add conditions to the enclosing object.
func forbidUnknown(doc, schema map[string]any) {
	if ref, ok := schema["$ref"].(string); ok {
		forbidUnknown(doc, resolvePointer(doc, strings.TrimPrefix(ref, "#")))
	}
	for _, word := range []string{"allOf", "anyOf"} {
		branches, _ := schema[word].([]any)
		for _, b := range branches {
			if b := b.(map[string]any); b["$ref"] != nil {
				forbidUnknown(doc, b)
			}
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		forbidUnknown(doc, items)
	}
	props, ok := schema["properties"].(map[string]any)
	if !ok {
		return
	}
	if _, stated := schema["additionalProperties"]; !stated {
		schema["additionalProperties"] = false
	}
	for _, p := range props {
		forbidUnknown(doc, p.(map[string]any))
	}
}

// addAnyStatus adds a sales-order update that accepts every status of a create.
func addAnyStatus(doc map[string]any) {
	schemas := resolvePointer(doc, "/components/schemas")
	patch := schemas["SalesOrderPatch"].(map[string]any)
	props := map[string]any{}
	for k, v := range patch["properties"].(map[string]any) {
		props[k] = v
	}
	props["order_status"] = map[string]any{"anyOf": []any{
		map[string]any{"$ref": "#/components/schemas/SalesOrderStatus"},
		map[string]any{"type": "null"},
	}}
	schemas["SalesOrderPatchAnyStatus"] = map[string]any{
		"type": "object", "properties": props, "additionalProperties": false, "minProperties": patch["minProperties"],
	}
}

// check validates a body against a schema and reads it into dst. If ok is false, resp says why.
func (m *model) check(at string, body []byte, dst any) (resp response, ok bool) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return message(400, "The request body is not JSON."), false
	}
	if hasHugeNumber(v) {
		return invalidField("body", "holds a number with too many digits"), false
	}
	if err := m.schemas[at].Validate(v); err != nil {
		return invalid(validationErrors(err, v)), false
	}
	if dst == nil {
		return response{}, true
	}
	if err := json.Unmarshal(body, dst); err != nil {
		return invalid(fieldErrors{"body": {err.Error()}}), false
	}
	return response{}, true
}

// hasHugeNumber finds numbers such as 1e999999999, which the validator would expand.
func hasHugeNumber(v any) bool {
	switch x := v.(type) {
	case map[string]any:
		for _, y := range x {
			if hasHugeNumber(y) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(x, hasHugeNumber)
	case json.Number:
		_, exponent, _ := strings.Cut(strings.ToLower(string(x)), "e")
		return len(x) > 60 || len(strings.TrimLeft(exponent, "+-0")) > 2
	}
	return false
}
