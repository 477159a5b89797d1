package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// testSandbox is a sandbox behind a real listener, with a client.
type testSandbox struct {
	*testing.T
	*Sandbox
	url    string
	client *http.Client
	token  string
}

func newTestSandbox(t *testing.T, c Config) *testSandbox {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		srv.Close()
	})
	client := &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections)
	return &testSandbox{t, s, srv.URL + Prefix, client, "secret"}
}

// reply is a response as received.
type reply struct {
	status int
	header http.Header
	body   string
}

func (b *testSandbox) try(method, path, body string) (reply, error) {
	b.Helper()
	var rd io.Reader
	if body != "" {
		rd = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, b.url+path, rd)
	if err != nil {
		b.Fatalf("%s %s: %v", method, path, err)
	}
	r.GetBody = nil
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(text)}, err
}

func (b *testSandbox) do(method, path, body string, status int) reply {
	b.Helper()
	r, err := b.try(method, path, body)
	if err != nil {
		b.Fatalf("%s %s: %v", method, path, err)
	}
	if r.status != status {
		b.Fatalf("%s %s %s: got status %d, want %d: %s", method, path, body, r.status, status, r.body)
	}
	return r
}

// value returns the value at a dotted path of a response.
func (r reply) value(path string) any {
	dec := json.NewDecoder(strings.NewReader(r.body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return fmt.Sprintf("not JSON: %.80s", r.body)
	}
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// checkFields compares fields of a response. pairs are path, wanted text, path, wanted text ...
func (b *testSandbox) checkFields(r reply, pairs ...string) {
	b.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := fmt.Sprint(r.value(pairs[i])); got != pairs[i+1] {
			b.Errorf("%s: got %s, want %s in %s", pairs[i], got, pairs[i+1], r.body)
		}
	}
}

// errorsOf returns the field errors of a response.
func errorsOf(r reply) map[string][]string {
	var f struct{ Errors fieldErrors }
	if err := json.Unmarshal([]byte(r.body), &f); err != nil {
		return map[string][]string{"not JSON": {r.body}}
	}
	return f.Errors
}

func salesBody(number string) string {
	return fmt.Sprintf(`{"channel_id":1,"order_number":%q,"order_date":"2025-03-02","order_status":"pending","bill_to":{"name":"John Doe"},`+
		`"ship_to":{"name":"Jane Smith"},"total_tax":8,"total_shipping":2.5,"items":[{"sku":"MUG-BLUE","quantity":10,"unit_price":7.5},`+
		`{"product_id":32,"quantity":2,"unit_price":12.50}]}`, number)
}

func purchaseBody(numbers ...string) string {
	b, _ := json.Marshal(numbers)
	return fmt.Sprintf(`{"order_date":"2025-06-01","supplier_id":5,"order_numbers":%s,"total_shipping_cost":50,"items":[`+
		`{"sku":"W-001","quantity":4,"unit_price":15},{"sku":"MUGB-CASE","quantity":1,"unit_price":9.99}],`+
		`"payments":[{"payment_date":"2025-06-02","payment_type":"check","paid_amount":60,"external_id":"PAY-1"}],"tags":["import"]}`, b)
}

func TestCreateAndReadSalesOrder(t *testing.T) {
	b := newTestSandbox(t, Config{})
	r := b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
	b.checkFields(r, "data.order_number", "SO-1", "data.total", "110.5", "data.product_total", "100", "data.total_tax", "8", "data.source", "external_api",
		"data.items.0.sku", "MUG-BLUE", "data.items.0.quantity", "10", "data.items.1.sku", "MUG-RED", "data.items.1.unit_price", "12.5",
		"data.items.1.line_number", "2", "data.channel_id", "1", "data.status", "Active", "data.custom_fields", "map[]", "data.total_order_quantity", "12")
	id := fmt.Sprint(r.value("data.id"))
	b.checkFields(r, "data.order_id", id)
	if _, ok := r.value("data.order_id").(string); !ok {
		t.Errorf("order_id: got %T, want string", r.value("data.order_id"))
	}
	got := b.do("GET", "/sales-orders/"+id, "", 200)
	b.checkFields(got, "data.total", "110.5", "data.items.0.product.sku", "MUG-BLUE", "data.age", "0")
	b.do("GET", "/sales-orders/77", "", 404)
	orders := b.Orders(SalesOrders)
	if len(orders) != 1 || orders[0].Numbers[0] != "SO-1" || orders[0].Created != 1 || fmt.Sprint(orders[0].ID) != id {
		t.Errorf("Orders: got %+v, want SO-1 created once with id %s", orders, id)
	}
}

func TestCreateUsesCompanyAddresses(t *testing.T) {
	b := newTestSandbox(t, Config{})
	body := `{"channel_id":4.0,"order_number":"SO-7","order_date":"2025-03-02","order_status":"pending","company_id":77,"tags":["x","y","x"],` +
		`"custom_fields":{"Sales Rep":"Ana","Cartons":3},"items":[{"sku":"MUGB-CASE","quantity":0.5,"unit_price":0.333}]}`
	r := b.do("POST", "/sales-orders", body, 201)
	b.checkFields(r, "data.bill_to.name", "Corner Shop", "data.ship_to.city", "Reno", "data.company.name", "Corner Shop", "data.items.0.sku", "MUG-BLUE",
		"data.tags.0.name", "x", "data.tags.1.id", "2", "data.tags.2", "<nil>", "data.custom_fields.Cartons", "3", "data.total", "0.17")
}

func TestInvalidOrders(t *testing.T) {
	b := newTestSandbox(t, Config{})
	good := salesBody("SO-1")
	cases := []struct{ name, path, body, at, text string }{
		{"unknown SKU", "/sales-orders", strings.Replace(good, `"product_id":32`, `"sku":"NO-SUCH"`, 1), "items.1.product", "not found"},
		{"unknown product", "/sales-orders", strings.Replace(good, `"product_id":32`, `"product_id":9999`, 1), "items.1.product", "not found"},
		{"no product", "/sales-orders", strings.Replace(good, `"product_id":32,`, ``, 1), "items.1.product", "product_id or sku is required"},
		{"zero quantity", "/sales-orders", strings.Replace(good, `"quantity":2`, `"quantity":0`, 1), "items.1.quantity", "must be greater than 0"},
		{"text quantity", "/sales-orders", strings.Replace(good, `"quantity":2`, `"quantity":"2"`, 1), "items.1.quantity", "must be a number"},
		{"negative price", "/sales-orders", strings.Replace(good, `12.50`, `-1`, 1), "items.1.unit_price", "must be at least 0"},
		{"no price", "/sales-orders", strings.Replace(good, `,"unit_price":12.50`, ``, 1), "items.1.unit_price", "required"},
		{"no items", "/sales-orders", strings.Split(good, `"items"`)[0] + `"items":[]}`, "items", "must hold at least 1"},
		{"no name", "/sales-orders", strings.Replace(good, `"bill_to":{"name":"John Doe"}`, `"bill_to":{}`, 1), "bill_to.name", "required"},
		{"no address", "/sales-orders", strings.Replace(good, `"bill_to":{"name":"John Doe"},`, ``, 1), "bill_to", "required when company_id is not given"},
		{"unknown field", "/sales-orders", strings.Replace(good, `"total_tax"`, `"total_discount":1,"total_tax"`, 1), "total_discount", "unknown field"},
		{"unknown item field", "/sales-orders", strings.Replace(good, `"quantity":2`, `"qty":2,"quantity":2`, 1), "items.1.qty", "unknown field"},
		{"unknown address field", "/sales-orders", strings.Replace(good, `"Jane Smith"`, `"Jane Smith","zip":"1"`, 1), "ship_to.zip", "unknown field"},
		{"bad status", "/sales-orders", strings.Replace(good, `pending`, `open`, 1), "order_status", "must be one of pending, shipped, fulfilled, cancelled, awaiting_shipment, partially_shipped, on_hold, backorder, partially_refunded, committed, processing, completed"},
		{"bad date", "/sales-orders", strings.Replace(good, `2025-03-02`, `02.03.2025`, 1), "order_date", "must be a date (YYYY-MM-DD)"},
		{"long number", "/sales-orders", strings.Replace(good, `SO-1`, strings.Repeat("9", 256), 1), "order_number", "must be at most 255 characters"},
		{"unknown channel", "/sales-orders", strings.Replace(good, `"channel_id":1`, `"channel_id":99`, 1), "channel_id", "not found"},
		{"unknown company", "/sales-orders", strings.Replace(good, `"channel_id"`, `"company_id":9999,"channel_id"`, 1), "company_id", "not found"},
		{"empty object", "/sales-orders", `{}`, "order_number", "required"},
		{"bad e-mail", "/sales-orders", strings.Replace(good, `"channel_id"`, `"customer_email":"x","channel_id"`, 1), "customer_email", "must be a valid email"},
		{"unknown supplier", "/purchase-orders", strings.Replace(purchaseBody("P"), `"supplier_id":5`, `"supplier_id":999`, 1), "supplier_id", "not found"},
		{"bad payment type", "/purchase-orders", strings.Replace(purchaseBody("P"), `"check"`, `"gold"`, 1), "payments.0.payment_type", "must be one of cash, credit_card, debit_card, check, bank_transfer"},
		{"unknown payment field", "/purchase-orders", strings.Replace(purchaseBody("P"), `"paid_amount"`, `"by":1,"paid_amount"`, 1), "payments.0.by", "unknown field"},
		{"unknown purchase field", "/purchase-orders", strings.Replace(purchaseBody("P"), `"supplier_id"`, `"total_cost":1,"supplier_id"`, 1), "total_cost", "unknown field"},
		{"unknown warehouse", "/purchase-orders", strings.Replace(purchaseBody("P"), `"supplier_id"`, `"warehouse_id":88,"supplier_id"`, 1), "warehouse_id", "not found"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := b.do("POST", c.path, c.body, 422)
			got := errorsOf(r)
			if len(got[c.at]) != 1 || got[c.at][0] != c.text {
				t.Errorf("got %v, want %s: %s", got, c.at, c.text)
			}
		})
	}
	b.do("POST", "/sales-orders", `{"order_number":`, 400)
	if n := len(b.Orders(SalesOrders)) + len(b.Orders(PurchaseOrders)); n != 0 {
		t.Errorf("got %d orders after invalid requests, want 0", n)
	}
}

func TestAuth(t *testing.T) {
	b := newTestSandbox(t, Config{Token: "secret", RejectAfter: 3})
	b.do("GET", "/warehouses?per_page=1", "", 200)
	b.token = "wrong"
	b.checkFields(b.do("GET", "/warehouses", "", 401), "message", "Unauthenticated.")
	b.token = ""
	b.do("POST", "/sales-orders", salesBody("SO-1"), 401)
	b.token = "secret"
	b.do("GET", "/nowhere", "", 404)
	b.do("GET", "/sales-orders/12a", "", 404)
	b.do("DELETE", "/sales-orders/1001", "", 405)
	b.do("PUT", "/sales-orders", "{}", 405)
	b.do("GET", "/channels", "", 200)
	b.do("GET", "/channels", "", 200)
	b.do("POST", "/sales-orders", salesBody("SO-1"), 401)
	if n := len(b.Orders(SalesOrders)); n != 0 {
		t.Errorf("got %d orders after the token was rejected, want 0", n)
	}
}

func TestDuplicates(t *testing.T) {
	for rule, want := range map[string]int{"": 422, "422": 422, "409": 409, "accept": 201} {
		t.Run("rule "+rule, func(t *testing.T) {
			b := newTestSandbox(t, Config{Duplicates: rule})
			b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
			r := b.do("POST", "/sales-orders", salesBody("SO-1"), want)
			b.do("POST", "/purchase-orders", purchaseBody("A", "B"), 201)
			p := b.do("POST", "/purchase-orders", purchaseBody("C", "B"), want)
			switch want {
			case 422:
				if errorsOf(r)["order_number"] == nil || errorsOf(p)["order_numbers.1"] == nil {
					t.Errorf("errors: got %v and %v, want them at order_number and order_numbers.1", errorsOf(r), errorsOf(p))
				}
			case 201:
				if sales, purchases := b.Created(SalesOrders), b.Created(PurchaseOrders); sales["SO-1"] != 2 || purchases["B"] != 2 || purchases["A"] != 1 {
					t.Errorf("Created: got %v and %v, want SO-1 and B twice, A once", sales, purchases)
				}
				if got := b.Orders(SalesOrders); len(got) != 2 || got[0].Created != 2 {
					t.Errorf("Orders: got %+v, want two, created twice", got)
				}
			}
		})
	}
	if _, err := New(Config{Duplicates: "maybe"}); err == nil {
		t.Error("New accepted duplicates=maybe")
	}
}

func TestPurchaseOrder(t *testing.T) {
	b := newTestSandbox(t, Config{})
	r := b.do("POST", "/purchase-orders", purchaseBody("PO-1", "SUP-9"), 201)
	b.checkFields(r, "data.order_numbers.1", "SUP-9", "data.order_cost", "69.99", "data.total_cost", "119.99", "data.total_paid", "60", "data.total_due", "59.99",
		"data.order_status", "active", "data.items.1.source_sku", "MUGB-CASE", "data.items.1.product.sku", "MUG-BLUE", "data.items.0.line_total", "60",
		"data.supplier.name", "Clay Works", "data.payments.0.external_id", "PAY-1", "data.tags.0.name", "import", "data.total_qty_remaining", "5")
	id := fmt.Sprint(r.value("data.id"))
	b.checkFields(b.do("GET", "/purchase-orders/"+id, "", 200), "data.item_count", "2")

	line := fmt.Sprint(r.value("data.items.0.id"))
	if err := b.Edit(PurchaseOrders, mustInt(t, id), map[string]any{"items.0.received_quantity": 3}); err != nil {
		t.Fatal(err)
	}
	r = b.do("PUT", "/purchase-orders/"+id, `{"items":[{"id":`+line+`,"sku":"W-001","quantity":6,"unit_price":15},{"sku":"W-002","quantity":1,"unit_price":2}],"public_note":"n"}`, 200)
	b.checkFields(r, "data.items.0.id", line, "data.items.0.quantity", "6", "data.items.0.received_quantity", "3", "data.items.1.source_sku", "W-002",
		"data.items.2", "<nil>", "data.order_cost", "92", "data.public_note", "n", "data.total_qty_remaining", "4", "data.total_paid", "60")
	b.checkFields(b.do("PUT", "/purchase-orders/"+id, `{"order_status":"completed"}`, 200), "data.order_status", "completed", "data.item_count", "2")
	b.checkFields(b.do("PUT", "/purchase-orders/"+id, `{"order_status":null,"public_note":null,"warehouse_id":2,"payments":[]}`, 200),
		"data.order_status", "completed", "data.public_note", "<nil>", "data.warehouse.name", "East", "data.total_paid", "0", "data.supplier.id", "5")
	if got := errorsOf(b.do("PUT", "/purchase-orders/"+id, `{"items":[{"id":1,"sku":"W-001","quantity":6,"unit_price":15}]}`, 422)); got["items.0.id"] == nil {
		t.Errorf("PUT with an unknown item id: got %v, want items.0.id", got)
	}
	twice := `{"id":` + line + `,"sku":"W-001","quantity":6,"unit_price":15}`
	if got := errorsOf(b.do("PUT", "/purchase-orders/"+id, `{"items":[`+twice+`,`+twice+`]}`, 422)); got["items.1.id"] == nil {
		t.Errorf("PUT with a repeated item id: got %v, want items.1.id", got)
	}
	b.do("PUT", "/purchase-orders/1", `{"order_status":"completed"}`, 404)
	b.checkFields(b.do("DELETE", "/purchase-orders/"+id, "", 200), "message", "Deleted")
	b.do("GET", "/purchase-orders/"+id, "", 404)
	b.do("DELETE", "/purchase-orders/"+id, "", 404)
	b.do("POST", "/purchase-orders", purchaseBody("PO-1"), 201) // the number is available again
}

func mustInt(t *testing.T, s string) (n int64) {
	t.Helper()
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatalf("%q is not a number: %v", s, err)
	}
	return n
}

func TestStrictPutAndSoftDelete(t *testing.T) {
	b := newTestSandbox(t, Config{StrictPut: true, SoftDelete: true, Sparse: true})
	r := b.do("POST", "/purchase-orders", purchaseBody("PO-1"), 201)
	if strings.Contains(r.body, "custom_fields\":{}},") || !strings.Contains(r.body, "order_numbers") {
		t.Errorf("sparse response: got custom_fields in: %s", r.body)
	}
	path := fmt.Sprint("/purchase-orders/", r.value("data.id"))
	got := errorsOf(b.do("PUT", path, `{"order_status":"completed"}`, 422))
	for _, name := range []string{"order_date", "supplier_id", "items"} {
		if len(got[name]) != 1 || got[name][0] != "required" {
			t.Errorf("strict PUT: got %v, want %s: required", got, name)
		}
	}
	b.do("PUT", path, `{"order_date":"2025-06-01","supplier_id":6,"items":[{"product_id":31,"quantity":6,"unit_price":15}]}`, 200)
	b.do("DELETE", path, "", 200)
	b.checkFields(b.do("GET", path, "", 200), "data.order_status", "deleted", "data.supplier_id", "6", "data.order_cost", "90")
	b.do("POST", "/purchase-orders", purchaseBody("PO-1"), 201)

	s := b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
	if strings.Contains(s.body, `"channel_id"`) {
		t.Errorf("sparse create response: got channel_id in: %s", s.body)
	}
	if g := b.do("GET", fmt.Sprint("/sales-orders/", s.value("data.id")), "", 200); strings.Contains(g.body, "earliest_ship_date") || !strings.Contains(g.body, "channel_id") {
		t.Errorf("sparse read: got %s, want channel_id and no earliest_ship_date", g.body)
	}
}

func TestPayments(t *testing.T) {
	b := newTestSandbox(t, Config{})
	r := b.do("POST", "/purchase-orders", purchaseBody("PO-1"), 201)
	path := fmt.Sprint("/purchase-orders/", r.value("data.id"), "/payments")
	r = b.do("POST", path, `{"payment_date":"2025-06-03","payment_type":"cash","paid_amount":9.99}`, 201)
	b.checkFields(r, "data.total_paid", "69.99", "data.payments.1.payment_type", "cash")
	second := fmt.Sprint(path, "/", r.value("data.payments.1.id"))
	b.checkFields(b.do("PUT", second, `{"paid_amount":10}`, 200), "data.total_paid", "70", "data.payments.1.payment_type", "cash", "data.payments.1.payment_date", "2025-06-03")
	b.do("PUT", second, `{"paid_amount":0}`, 422)
	b.do("PUT", path+"/1", `{"paid_amount":3}`, 404)
	b.checkFields(b.do("DELETE", second, "", 200), "message", "Payment removed")
	b.do("DELETE", second, "", 404)
	if got := errorsOf(b.do("POST", path, `{"payment_type":"cash"}`, 422)); got["payment_date"] == nil || got["paid_amount"] == nil {
		t.Errorf("POST of an incomplete payment: got %v, want payment_date and paid_amount", got)
	}
	b.do("POST", "/purchase-orders/3/payments", `{"payment_date":"2025-06-03","payment_type":"cash","paid_amount":9.99}`, 404)
}

func TestPatch(t *testing.T) {
	b := newTestSandbox(t, Config{})
	r := b.do("POST", "/sales-orders", strings.Replace(salesBody("SO-1"), `"channel_id"`, `"tags":["a"],"custom_fields":{"Cartons":3},"customer_notes":"old","channel_id"`, 1), 201)
	path := fmt.Sprint("/sales-orders/", r.value("data.id"))
	r = b.do("PATCH", path, `{"order_status":"cancelled","internal_notes":"twice","ship_to":{"name":"New","street1":"1 Main St"},"tags":["b"],"custom_fields":{"Sales Rep":"Ana"},"carrier_code":"ups","gift":true}`, 200)
	b.checkFields(r, "data.order_status", "cancelled", "data.internal_notes", "twice", "data.customer_notes", "old", "data.ship_to.street1", "1 Main St",
		"data.bill_to.name", "John Doe", "data.tags.0.name", "b", "data.tags.1", "<nil>", "data.custom_fields.Cartons", "3", "data.custom_fields.Sales Rep", "Ana",
		"data.total", "110.5", "data.items.0.sku", "MUG-BLUE")
	b.checkFields(b.do("PATCH", path, `{"customer_notes":null,"order_status":null}`, 200), "data.customer_notes", "<nil>", "data.order_status", "cancelled")
	for body, at := range map[string]string{
		`{"order_status":"completed"}`: "order_status", `{"order_number":"X"}`: "order_number", `{"items":[]}`: "items", `{}`: "body",
		`{"ship_to":{"city":"x"}}`: "ship_to.name", `{"custom_fields":3}`: "custom_fields", `{"custom_fields":{"a":[1]}}`: "custom_fields.a",
	} {
		if got := errorsOf(b.do("PATCH", path, body, 422)); got[at] == nil {
			t.Errorf("PATCH %s: got %v, want an error at %s", body, got, at)
		}
	}
	b.do("PATCH", "/sales-orders/1", `{"gift":true}`, 404)
	if got := b.Orders(SalesOrders); string(got[0].Hidden) != `{"carrier_code":"ups","gift":true}` {
		t.Errorf("hidden fields: got %s", got[0].Hidden)
	}
}

func TestPatchOptions(t *testing.T) {
	b := newTestSandbox(t, Config{AddTags: true, ReplaceCustomFields: true, AnyStatus: true})
	r := b.do("POST", "/sales-orders", strings.Replace(salesBody("SO-1"), `"channel_id"`, `"tags":["a"],"custom_fields":{"Cartons":3},"channel_id"`, 1), 201)
	path := fmt.Sprint("/sales-orders/", r.value("data.id"))
	r = b.do("PATCH", path, `{"order_status":"completed","tags":["b","a"],"custom_fields":{"Sales Rep":"Ana"}}`, 200)
	b.checkFields(r, "data.order_status", "completed", "data.tags.0.name", "a", "data.tags.1.name", "b", "data.custom_fields.Cartons", "<nil>", "data.custom_fields.Sales Rep", "Ana")
	b.do("PATCH", path, `{"order_number":"X"}`, 422)
}

func TestTagsAndCustomFields(t *testing.T) {
	b := newTestSandbox(t, Config{})
	r := b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
	path := fmt.Sprint("/sales-orders/", r.value("data.id"))
	b.checkFields(b.do("POST", path+"/tags", `{"tags":["a","b"]}`, 200), "tags.1.name", "b", "message", "Tags added")
	b.checkFields(b.do("POST", path+"/tags", `{"tags":["c"]}`, 200), "tags.2.name", "c")
	b.checkFields(b.do("PUT", path+"/tags", `{"tags":["b"]}`, 200), "tags.0.name", "b", "tags.1", "<nil>")
	b.checkFields(b.do("GET", path+"/tags", "", 200), "data.0.name", "b", "data.1", "<nil>")
	b.do("PUT", path+"/tags", `{}`, 422)
	b.do("GET", "/sales-orders/1/tags", "", 404)
	b.checkFields(b.do("PUT", path+"/custom-fields", `{"Cartons":3}`, 200), "data.Cartons", "3")
	b.checkFields(b.do("PUT", path+"/custom-fields", `{"Sales Rep":"Ana"}`, 200), "data.Cartons", "3", "data.Sales Rep", "Ana")
	b.checkFields(b.do("GET", path+"/custom-fields", "", 200), "data.Sales Rep", "Ana")
	b.checkFields(b.do("GET", path, "", 200), "data.custom_fields.Cartons", "3", "data.tags.0.name", "b")
	b.do("PUT", "/sales-orders/1/custom-fields", `{"Cartons":3}`, 404)
}

func TestEdit(t *testing.T) {
	now := time.Date(2025, 3, 2, 9, 0, 0, 0, time.UTC)
	b := newTestSandbox(t, Config{Now: func() time.Time { return now }})
	id, err := b.Create(SalesOrders, []byte(salesBody("SO-1")))
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	if err := b.Edit(SalesOrders, id, map[string]any{"order_status": "shipped", "bill_to.city": "Reno", "age": 3}); err != nil {
		t.Fatal(err)
	}
	r := b.do("GET", fmt.Sprint("/sales-orders/", id), "", 200)
	b.checkFields(r, "data.order_status", "shipped", "data.bill_to.city", "Reno", "data.bill_to.name", "John Doe", "data.age", "3",
		"data.created_at", "2025-03-02T09:00:00Z", "data.updated_at", "2025-03-02T10:00:00Z", "data.items.1.unit_price", "12.5")
	for _, set := range []map[string]any{{"nothing": 1}, {"items.7.sku": "x"}, {"total": "abc"}} {
		if err := b.Edit(SalesOrders, id, set); err == nil {
			t.Errorf("Edit accepted %v", set)
		}
	}
	if err := b.Edit(SalesOrders, 1, nil); err == nil {
		t.Error("Edit accepted an unknown order")
	}
	if err := b.Remove(SalesOrders, id); err != nil {
		t.Fatal(err)
	}
	b.do("GET", fmt.Sprint("/sales-orders/", id), "", 404)
	b.Reset()
	if n := b.Stats().Requests; n != 0 {
		t.Errorf("after Reset: %d requests, want 0", n)
	}
}

func TestProducts(t *testing.T) {
	b := newTestSandbox(t, Config{})
	b.checkFields(b.do("GET", "/products?sku=MUGB-CASE", "", 200), "data.0.sku", "MUG-BLUE", "data.0.alternate_skus.0.unit_conversion_rule_id", "2", "meta.total", "1")
	b.checkFields(b.do("GET", "/products?"+url.Values{"sku[in]": {"W-001,SKU-00017,SKU-17,SKU-X"}}.Encode(), "", 200), "data.0.sku", "W-001", "data.1.sku", "SKU-00017", "data.2.sku", "SKU-17", "meta.total", "3")
	b.checkFields(b.do("GET", "/products?q=mug&per_page=2", "", 200), "meta.total", "6", "data.1.sku", "MUG-RED")
	seen := map[string]bool{}
	path := "/products/export?since=1970-01-01&limit=20"
	for path != "" {
		r := b.do("GET", path, "", 200)
		for _, row := range r.value("data").([]any) {
			seen[row.(map[string]any)["sku"].(string)] = true
		}
		path = ""
		if next, ok := r.value("next_cursor").(string); ok {
			path = "/products/export?limit=20&cursor=" + next
		}
	}
	if len(seen) != 64 {
		t.Errorf("got %d exported products, want 62 of the catalog and 2 by SKU form", len(seen))
	}
	anySKU := newTestSandbox(t, Config{AnySKU: true})
	anySKU.do("POST", "/sales-orders", strings.NewReplacer("MUG-BLUE", "whatever 7", `"product_id":32`, `"product_id":98765`).Replace(salesBody("SO-1")), 201)
}

func TestReferenceData(t *testing.T) {
	b := newTestSandbox(t, Config{})
	b.checkFields(b.do("GET", "/companies?name=Corner+Shop", "", 200), "data.0.id", "77", "meta.total", "1")
	b.checkFields(b.do("GET", "/suppliers?per_page=100", "", 200), "data.4.name", "Clay Works", "meta.total", "51")
	b.checkFields(b.do("GET", "/channels", "", 200), "data.3.label", "Wholesale")
	b.checkFields(b.do("GET", "/warehouses?per_page=1", "", 200), "data.0.name", "Main", "meta.last_page", "6")
	b.checkFields(b.do("GET", "/locations?page=4", "", 200), "meta.total", "40", "meta.to", "40")
	b.checkFields(b.do("GET", "/custom-fields?object_type=purchase-orders", "", 200), "data.0.label", "Customer PO", "data.2", "<nil>")
}

func TestBodyTooLarge(t *testing.T) {
	b := newTestSandbox(t, Config{MaxBody: 100})
	b.do("POST", "/sales-orders", salesBody("SO-1"), 413)
}

func TestFill(t *testing.T) {
	now := time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC)
	b := newTestSandbox(t, Config{Seed: 4, Now: func() time.Time { return now }})
	for _, kind := range []string{SalesOrders, PurchaseOrders} {
		if err := b.Fill(kind, 30); err != nil {
			t.Fatal(err)
		}
		if err := b.Fill(kind, 1); err == nil {
			t.Errorf("Fill accepted %s twice", kind)
		}
	}
	b.checkFields(b.do("GET", "/sales-orders?order_number=S-000030", "", 200), "meta.total", "1", "data.0.created_at", "2025-03-01T23:59:00Z", "data.0.bill_to.country", "US")
	b.checkFields(b.do("GET", "/purchase-orders?order_numbers=P-000001", "", 200), "meta.total", "1", "data.0.created_at", "2025-03-01T23:30:00Z")
	again := newTestSandbox(t, Config{Seed: 4, Now: func() time.Time { return now }})
	if err := again.Fill(SalesOrders, 30); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(b.Orders(SalesOrders)) != fmt.Sprint(again.Orders(SalesOrders)) {
		t.Error("equal seeds made different orders")
	}
	b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
	if n := b.Stats().Created; n != 1 {
		t.Errorf("Stats: got %d created, want only the one that a client sent", n)
	}
}

func TestSetFaultsAndToken(t *testing.T) {
	b := newTestSandbox(t, Config{Token: "secret", Faults: []Fault{{Name: "500_before", P: 1}, {Name: "401_after", P: 2}}})
	b.do("GET", "/channels", "", 500)
	b.do("GET", "/channels", "", 500)
	b.do("GET", "/channels", "", 401)
	if err := b.SetFaults(Fault{Name: "409", P: 1}); err != nil {
		t.Fatal(err)
	}
	b.do("GET", "/channels", "", 409)
	if err := b.SetFaults(); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		b.do("GET", "/channels", "", 200)
	}
	b.SetToken("fresh")
	b.do("GET", "/channels", "", 401)
	b.token = "fresh"
	b.do("GET", "/channels", "", 200)
	if err := b.SetFaults(Fault{Name: "nonsense"}); err == nil {
		t.Error("SetFaults accepted an unknown fault")
	}
}

func TestHugeNumber(t *testing.T) {
	b := newTestSandbox(t, Config{})
	for _, n := range []string{"1e999999999", "1e-999999999", strings.Repeat("9", 100)} {
		b.do("POST", "/sales-orders", strings.Replace(salesBody("SO-1"), "12.50", n, 1), 422)
	}
}
