package sandbox

import (
	"bytes"
	_ "embed" // for the model
	"fmt"
	"net/http"
	"path"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// modelYAML is the OpenAPI 3.1 model of the API.
//
//go:embed luminous.openapi.yaml
var modelYAML []byte

// requestSchemas are the schemas of request bodies, and answerSchemas those of single orders.
// Read-only.
var (
	requestSchemas = []string{
		"SalesOrderCreate", "SalesOrderPatch", "SalesOrderPatchAnyStatus", "PurchaseOrderCreate", "PurchaseOrderUpdate",
		"PurchaseOrderUpdateStrict", "PaymentCreate", "PaymentFields", "TagNames", "CustomFieldsIn",
	}
	answerSchemas = []string{"SalesOrder", "PurchaseOrder"}
)

// model holds the compiled schemas by name.
type model map[string]*jsonschema.Schema

// loadModel compiles the embedded model once per process, since that takes some milliseconds.
var loadModel = sync.OnceValues(readModel)

func readModel() (model, error) {
	doc, err := modelDocument()
	if err != nil {
		return nil, fmt.Errorf("reading the API model: %w", err)
	}
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	for _, name := range requestSchemas {
		forbidUnknown(schemas, schemas[name].(map[string]any))
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("model.json", doc); err != nil {
		return nil, fmt.Errorf("reading the API model: %w", err)
	}
	m := model{}
	for _, name := range slices.Concat(requestSchemas, answerSchemas) {
		if m[name], err = c.Compile("model.json#/components/schemas/" + name); err != nil {
			return nil, fmt.Errorf("compiling %s of the API model: %w", name, err)
		}
	}
	return m, nil
}

// modelDocument returns the model as a tree of values.
func modelDocument() (tree map[string]any, err error) {
	err = yaml.Unmarshal(modelYAML, &tree)
	return tree, err
}

// forbidUnknown makes a request schema reject properties that it doesn't list. Inline branches of
// anyOf and allOf stay open, since they only add conditions to the enclosing object.
func forbidUnknown(schemas, schema map[string]any) {
	if ref, ok := schema["$ref"].(string); ok {
		forbidUnknown(schemas, schemas[path.Base(ref)].(map[string]any))
	}
	for _, word := range []string{"allOf", "anyOf"} {
		branches, _ := schema[word].([]any)
		for _, b := range branches {
			if b := b.(map[string]any); b["$ref"] != nil {
				forbidUnknown(schemas, b)
			}
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		forbidUnknown(schemas, items)
	}
	props, ok := schema["properties"].(map[string]any)
	if !ok {
		return
	}
	if _, stated := schema["additionalProperties"]; !stated {
		schema["additionalProperties"] = false
	}
	for _, p := range props {
		forbidUnknown(schemas, p.(map[string]any))
	}
}

// readJSON reads a JSON value, with numbers as json.Number.
func readJSON(b []byte) (any, error) { return jsonschema.UnmarshalJSON(bytes.NewReader(b)) }

// checked returns a handler of requests whose body must be valid by a schema.
func (s *Sandbox) checked(schema string, h handler) handler {
	field := map[string]string{"CustomFieldsIn": "custom_fields"}[schema]
	valid := s.model[schema]
	return func(r *request) response {
		v, err := readJSON(r.body)
		if err != nil {
			return message(http.StatusBadRequest, "The request body is not JSON.")
		}
		if v, err = normalize(field, v); err != nil {
			return invalid(fieldErrors{"body": {err.Error()}})
		}
		if err := valid.Validate(v); err != nil {
			return invalid(validationErrors(err, v))
		}
		r.in = v.(doc)
		return h(r)
	}
}
