package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// readExample reads an example from the vendor's pages.
func readExample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "wire", name))
	if err != nil {
		t.Fatalf("reading an example: %v", err)
	}
	return b
}

// TestExampleRequests checks that the request schemas accept the vendor's examples. The one known
// exception is the update of a sales order: the order_status in its example is a placeholder.
func TestExampleRequests(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(schema string, body []byte) fieldErrors {
		resp := s.checked(schema, func(*request) response { return response{status: http.StatusOK} })(&request{body: body})
		if resp.status == http.StatusOK {
			return nil
		}
		return resp.body["errors"].(fieldErrors)
	}
	for name, schema := range map[string]string{
		"sales-orders.create.request.json": "SalesOrderCreate", "purchase-orders.update.request.json": "PurchaseOrderUpdate",
	} {
		if got := check(schema, readExample(t, name)); got != nil {
			t.Errorf("%s: got %v, want it accepted", name, got)
		}
	}
	update := readExample(t, "sales-orders.update.request.json")
	if got := check("SalesOrderPatch", update); len(got) != 1 || got["order_status"] == nil {
		t.Errorf("sales-orders.update.request.json: got %v, want only an error at order_status", got)
	}
	update = bytes.Replace(update, []byte(`"order_status": "<string>"`), []byte(`"order_status": "on_hold"`), 1)
	if got := check("SalesOrderPatch", update); got != nil {
		t.Errorf("sales-orders.update.request.json with a real status: got %v, want it accepted", got)
	}
}

// TestExampleResponses validates the vendor's example responses against the model.
func TestExampleResponses(t *testing.T) {
	doc, err := modelDocument()
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("model.json", doc); err != nil {
		t.Fatal(err)
	}
	for name, schema := range map[string]string{
		"sales-orders.create.answer.json": "SalesOrderEnvelope", "sales-orders.get.answer.json": "SalesOrderEnvelope",
		"sales-orders.update.answer.json": "SalesOrderEnvelope", "purchase-orders.update.answer.json": "PurchaseOrderEnvelope",
	} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(readExample(t, name)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := c.MustCompile("model.json#/components/schemas/" + schema).Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCreateExample sends the vendor's create request. The example response is inconsistent: its
// product_total of 99.98 leaves out the second item, 25.00, and the request lacks fields that the
// response shows. So the test compares only a few fields.
func TestCreateExample(t *testing.T) {
	b := newTestSandbox(t, Config{})
	r := b.do("POST", "/sales-orders", string(readExample(t, "sales-orders.create.request.json")), 201)
	b.checkFields(r, "data.total", "99.98", "data.product_total", "99.98", "data.items.0.sku", "WIDGET-001", "data.items.0.upc", "12345679023", "data.ship_to.name", "Jane Smith")
	example := reply{body: string(readExample(t, "sales-orders.create.answer.json"))}
	if got := fmt.Sprint(example.value("data.product_total"), " of ", len(example.value("data.items").([]any)), " items"); got != "99.98 of 2 items" {
		t.Errorf("example: got product_total %s; compare the whole response now", got)
	}
}

// TestResponseFields checks that responses have every field that the vendor's pages show.
func TestResponseFields(t *testing.T) {
	b := newTestSandbox(t, Config{})
	body := `{"channel_id":1,"order_number":"SO-1","order_date":"2025-03-02","order_status":"shipped","company_id":123,"tags":["a"],` +
		`"items":[{"sku":"WGT-PREMIUM","quantity":1,"unit_price":1,"tags":["b"]}]}`
	r := b.do("POST", "/sales-orders", body, 201)
	id := int64(1001)
	got := map[string]reply{"sales-orders.create.answer.json": r}
	var example struct {
		Data struct {
			Shipments []any `json:"shipments"`
		} `json:"data"`
	}
	if err := json.Unmarshal(readExample(t, "sales-orders.update.answer.json"), &example); err != nil {
		t.Fatal(err)
	}
	if err := b.Edit(SalesOrders, id, map[string]any{"shipments": example.Data.Shipments}); err != nil {
		t.Fatal(err)
	}
	got["sales-orders.update.answer.json"] = b.do("PATCH", "/sales-orders/1001", `{"gift":true}`, 200)
	got["sales-orders.get.answer.json"] = b.do("GET", "/sales-orders/1001", "", 200)
	p := b.do("POST", "/purchase-orders", strings.Replace(purchaseBody("PO-1"), `"supplier_id"`, `"warehouse_id":1,"location_id":1,"ship_to":{"city":"Reno"},"supplier_id"`, 1), 201)
	got["purchase-orders.update.answer.json"] = b.do("PUT", fmt.Sprint("/purchase-orders/", p.value("data.id")), string(readExample(t, "purchase-orders.update.request.json")), 200)
	// Custom fields depend on the record. A shipment has warehouse_id on one page and
	// warehouse_group_id on the other.
	known := []string{"custom_fields.", "warehouse_id", "street2"}
	for name, r := range got {
		have := fieldPaths("", decode(t, []byte(r.body)))
		for _, path := range fieldPaths("", decode(t, readExample(t, name))) {
			if !slices.Contains(have, path) && !slices.ContainsFunc(known, func(k string) bool { return strings.Contains(path, k) }) {
				t.Errorf("%s: the vendor's page shows %s, the sandbox response doesn't", name, path)
			}
		}
	}
}

func decode(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// fieldPaths lists the fields of a value. Elements of a list share one path.
func fieldPaths(at string, v any) (out []string) {
	switch x := v.(type) {
	case map[string]any:
		for k, y := range x {
			out = append(out, at+"."+k)
			out = append(out, fieldPaths(at+"."+k, y)...)
		}
	case []any:
		for _, y := range x {
			out = append(out, fieldPaths(at+"[]", y)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// validatingTransport validates every response against the model with a validator other than the
// sandbox's own.
type validatingTransport struct {
	t         *testing.T
	router    routers.Router
	next      http.RoundTripper
	validated map[string]int
}

func (v *validatingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := v.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return resp, err
	}
	plain := r.Clone(r.Context())
	plain.URL.Path = strings.TrimPrefix(r.URL.Path, Prefix)
	route, params, unknown := v.router.FindRoute(plain)
	if unknown != nil {
		return resp, nil //nolint:nilerr // 404 and 405 are not in the model
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: plain, PathParams: params, Route: route},
		Status:                 resp.StatusCode,
		Header:                 resp.Header,
		Options:                &openapi3filter.Options{IncludeResponseStatus: true},
	}
	in.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(r.Context(), in); err != nil {
		v.t.Errorf("%s %s: response %d violates the model: %v\n%s", r.Method, r.URL.Path, resp.StatusCode, err, body)
	}
	v.validated[r.Method+" "+route.Path]++
	return resp, nil
}

// TestContract calls every operation of the API and validates each response against the model.
func TestContract(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(modelYAML)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = nil
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	b := newTestSandbox(t, Config{})
	validator := &validatingTransport{t, router, b.client.Transport, map[string]int{}}
	b.client.Transport = validator
	b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
	b.do("POST", "/sales-orders", salesBody("SO-1"), 422)
	b.do("POST", "/sales-orders", strings.Replace(salesBody("SO-2"), `"channel_id"`, `"company_id":77,"tags":["a"],"custom_fields":{"Cartons":3},"channel_id"`, 1), 201)
	b.do("PATCH", "/sales-orders/1002", `{"order_status":"on_hold","tags":["b"]}`, 200)
	b.do("POST", "/purchase-orders", purchaseBody("PO-1"), 201)
	b.do("PUT", "/purchase-orders/501", `{"order_status":"completed","warehouse_id":1}`, 200)
	b.do("POST", "/purchase-orders/501/payments", `{"payment_date":"2025-06-03","payment_type":"cash","paid_amount":9.99}`, 201)
	b.do("PUT", "/purchase-orders/501/payments/9006", `{"paid_amount":10}`, 404)
	id := b.do("GET", "/purchase-orders/501", "", 200).value("data.payments.1.id")
	b.do("PUT", fmt.Sprint("/purchase-orders/501/payments/", id), `{"paid_amount":10}`, 200)
	b.do("DELETE", fmt.Sprint("/purchase-orders/501/payments/", id), "", 200)
	for _, path := range []string{
		"/sales-orders", "/sales-orders/1002", "/sales-orders/1002/tags", "/sales-orders/1002/custom-fields", "/sales-orders/export?since=2020-01-01&limit=1",
		"/purchase-orders", "/purchase-orders/items", "/products?per_page=100", "/products/export?since=2020-01-01", "/companies", "/suppliers", "/channels",
		"/warehouses", "/locations", "/custom-fields",
	} {
		b.do("GET", path, "", 200)
	}
	b.do("GET", "/sales-orders/1", "", 404)
	b.do("GET", "/sales-orders?page=0", "", 422)
	b.do("POST", "/sales-orders/1001/tags", `{"tags":["a"]}`, 200)
	b.do("PUT", "/sales-orders/1001/tags", `{"tags":["b"]}`, 200)
	b.do("PUT", "/sales-orders/1001/custom-fields", `{"Cartons":3}`, 200)
	b.do("DELETE", "/purchase-orders/501", "", 200)
	b.token = ""
	b.do("GET", "/channels", "", 401)
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if validator.validated[method+" "+path] == 0 {
				t.Errorf("no response of %s %s was validated", method, path)
			}
		}
	}
}
