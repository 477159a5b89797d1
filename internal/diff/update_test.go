package diff_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ordersheet/internal/diff"
	"ordersheet/internal/order"
)

func paths(list ...string) map[string]bool {
	m := map[string]bool{}
	for _, p := range list {
		m[p] = true
	}
	return m
}

func salesRules() diff.Rules {
	return diff.Rules{
		Kind: order.SalesOrders,
		Changeable: paths("order_status", "internal_notes", "ship_date", "customer_email", "total_tax", "tags", "custom_fields.*",
			"bill_to.name", "bill_to.city", "bill_to.street"),
		Nullable: paths("internal_notes", "bill_to.city"),
		Statuses: []string{"pending", "shipped", "cancelled"},
	}
}

func purchaseRules() diff.Rules {
	return diff.Rules{
		Kind:       order.PurchaseOrders,
		Changeable: paths("order_date", "supplier_id", "warehouse_id", "private_note", "tags", "order_numbers", "items", "payments", "total_tax"),
		Nullable:   paths("private_note"),
	}
}

// updateTest is one comparison. Each part of want is checked only where it is given, but for the
// body: without one, nothing may be sent.
type updateTest struct {
	name, payload, current string
	rules                  func(*diff.Rules)

	body, before string // JSON
	fields       string // path: current > new
	lines        string
	tags         string
	readOnly     string
	unsupported  string
	notShown     string
	notes        string // part of one
}

func (c *updateTest) run(t *testing.T, r diff.Rules) {
	t.Helper()
	if c.rules != nil {
		c.rules(&r)
	}
	u, err := r.Compare([]byte(c.payload), []byte(c.current))
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	for what, pair := range map[string][2]string{
		"body":        {string(u.Body), c.body},
		"read only":   {sentences(u.ReadOnly), c.readOnly},
		"unsupported": {unsupported(u.Unsupported), c.unsupported},
		"not shown":   {strings.Join(u.NotShown, ","), c.notShown},
		"tags":        {tagText(u.Tags), c.tags},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s is\n%s\nwant\n%s", c.name, what, pair[0], pair[1])
		}
	}
	if c.before != "" && c.before != string(u.Before) {
		t.Errorf("%s: before is\n%s\nwant\n%s", c.name, u.Before, c.before)
	}
	if got := fieldText(u.Fields); c.fields != "" && got != c.fields {
		t.Errorf("%s: fields are\n%s\nwant\n%s", c.name, got, c.fields)
	}
	if got := lineText(u.Lines); got != c.lines {
		t.Errorf("%s: lines are\n%s\nwant\n%s", c.name, got, c.lines)
	}
	if got := strings.Join(u.Notes, "; "); !strings.Contains(got, c.notes) || c.notes == "" && got != "" {
		t.Errorf("%s: notes are %q, want %q", c.name, got, c.notes)
	}
	if u.Empty() != (c.body == "" && c.tags == "") {
		t.Errorf("%s: Empty() = %v", c.name, u.Empty())
	}
}

func unsupported(list []diff.Unsupported) string {
	var out []string
	for _, u := range list {
		out = append(out, u.Path+": "+u.Why)
	}
	return strings.Join(out, "; ")
}

func fieldText(list []order.FieldChange) string {
	var out []string
	for _, f := range list {
		out = append(out, f.Path+": "+f.Current+" > "+f.New)
	}
	return strings.Join(out, "; ")
}

func lineText(list []order.LineChange) string {
	var out []string
	for _, l := range list {
		s := fmt.Sprintf("%s %d id %d %s", l.What, l.Line, l.ID, l.SKU)
		if l.Received != "" {
			s += " received " + l.Received
		}
		if len(l.Fields) > 0 {
			s += " (" + fieldText(l.Fields) + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func tagText(c *order.TagChange) string {
	if c == nil {
		return ""
	}
	return fmt.Sprintf("add %v: %v, before %v", c.Add, c.Names, c.Before)
}

func TestCompareSalesOrders(t *testing.T) {
	const current = `{"id":7,"channel_id":3,"order_number":"S-1","order_status":"pending","internal_notes":"n","ship_date":"2025-01-02T00:00:00Z",
		"total_tax":1.50,"bill_to":{"name":"Ann","city":"Oslo","street":null,"phone":"1"},"custom_fields":{"Rep":"Bob"},"tags":[{"name":"b"}],
		"items":[{"sku":"A","quantity":1}],"customer_email":"a@x.org"}`
	for _, c := range []updateTest{
		{name: "nothing differs", payload: `{"order_number":"S-1","order_status":"pending","ship_date":"2025-01-02","total_tax":1.505,"customer_email":"A@X.org","tags":["b"],"custom_fields":{"Rep":"Bob"},"bill_to":{"city":"Oslo"}}`},
		{name: "one field", payload: `{"internal_notes":"m"}`, body: `{"internal_notes":"m"}`, before: `{"internal_notes":"n"}`, fields: "internal_notes: n > m"},
		{name: "null clears", payload: `{"internal_notes":null}`, body: `{"internal_notes":null}`, fields: "internal_notes: n > "},
		{name: "a date is set back without its time", payload: `{"ship_date":"2025-02-03"}`, body: `{"ship_date":"2025-02-03"}`, before: `{"ship_date":"2025-01-02"}`},
		{name: "no total is zero", payload: `{"total_tax":null}`, body: `{"total_tax":0}`, before: `{"total_tax":1.50}`},
		{name: "no total, none there", payload: `{"total_tax":null}`, current: `{"total_tax":0.00}`},
		{
			name: "an address is sent whole", payload: `{"bill_to":{"city":"Rome"}}`,
			body: `{"bill_to":{"city":"Rome","name":"Ann"}}`, before: `{"bill_to":{"city":"Oslo","name":"Ann","street":null}}`, fields: "bill_to.city: Oslo > Rome",
		},
		{
			name: "an address part is cleared", payload: `{"bill_to":{"city":null}}`, body: `{"bill_to":{"city":null,"name":"Ann"}}`, fields: "bill_to.city: Oslo > ",
		},
		{
			name: "an address without a name", payload: `{"bill_to":{"city":"Rome"}}`, current: `{"bill_to":null}`,
			body: `{"bill_to":{"city":"Rome"}}`, before: `{"bill_to":null}`,
			unsupported: "bill_to.name: an address needs a name, but neither the sheet nor the order has one",
		},
		{
			name: "custom fields are sent whole", payload: `{"custom_fields":{"Zone":"N"}}`,
			body: `{"custom_fields":{"Rep":"Bob","Zone":"N"}}`, before: `{"custom_fields":{"Rep":"Bob"}}`, fields: "custom_fields.Zone:  > N",
		},
		{name: "no custom fields yet", payload: `{"custom_fields":{"Zone":"N"}}`, current: `{"custom_fields":[]}`, body: `{"custom_fields":{"Zone":"N"}}`, before: `{"custom_fields":{}}`},
		{name: "read only", payload: `{"order_number":"S-2","items":[{"sku":"B","quantity":1}],"company_id":4}`, readOnly: "items.0.sku is A instead of B; order_number is S-1 instead of S-2"},
		{name: "a field that isn't shown", payload: `{"internal_notes":"m"}`, current: `{}`, body: `{"internal_notes":"m"}`, before: `{}`, notShown: "internal_notes", fields: "internal_notes:  > m"},
		{name: "not shown, and sent before", payload: `{"internal_notes":"m"}`, current: `{}`, rules: func(r *diff.Rules) { r.SentBefore = true }},
		{
			name: "parts of an address that aren't shown", payload: `{"bill_to":{"street":"Main"}}`, current: `{"bill_to":{"name":"Ann"}}`,
			body: `{"bill_to":{"name":"Ann","street":"Main"}}`, notShown: "bill_to",
		},
		{
			name: "a status that an update may not set", payload: `{"order_status":"completed"}`, body: `{"order_status":"completed"}`,
			notes: "the API's update page doesn't list order_status completed",
		},
		{
			name: "a status that can't be restored", payload: `{"order_status":"shipped"}`, current: `{"order_status":"processing"}`,
			body: `{"order_status":"shipped"}`, notes: "order_status processing can't be restored",
		},
		{name: "tags as sent", payload: `{"tags":["c","a","c"]}`, body: `{"tags":["a","c"]}`, before: `{"tags":["b"]}`, fields: "tags: b > a, c", notes: "assumes that an update replaces the tags"},
		{name: "tags as sent, none there", payload: `{"tags":["a"]}`, current: `{"tags":[]}`, body: `{"tags":["a"]}`, before: `{"tags":[]}`},
		{name: "tags not shown", payload: `{"tags":["a"]}`, current: `{}`, body: `{"tags":["a"]}`, before: `{}`, notShown: "tags"},
		{name: "tags not shown, and sent before", payload: `{"tags":["a"]}`, current: `{}`, rules: func(r *diff.Rules) { r.SentBefore = true }},
		{name: "tags removed", payload: `{"tags":[]}`, body: `{"tags":[]}`, notes: "assumes"},
		{name: "tags replaced", payload: `{"tags":["a"]}`, rules: func(r *diff.Rules) { r.Tags = diff.TagsReplaced }, tags: "add false: [a], before [b]", fields: "tags: b > a"},
		{name: "tags added", payload: `{"tags":["a"]}`, rules: func(r *diff.Rules) { r.Tags = diff.TagsAdded }, tags: "add true: [a], before [b]", fields: "tags: b > a, b"},
		{name: "tags added, all there", payload: `{"tags":["b"]}`, rules: func(r *diff.Rules) { r.Tags = diff.TagsAdded }},
	} {
		if c.current == "" {
			c.current = current
		}
		c.run(t, salesRules())
	}
	u, err := salesRules().Compare([]byte(`{}`), []byte(current))
	if err != nil || u.Channel != "3" {
		t.Errorf("the channel is %q (%v), want 3", u.Channel, err)
	}
	if _, err := salesRules().Compare([]byte(`{}`), []byte(`x`)); err == nil {
		t.Error("an answer that isn't JSON gives no error")
	}
}

const twoLines = `{"id":1,"items":[{"id":11,"sku":"A","quantity":2,"unit_price":"3.00","tax":0,"received_quantity":"1.0"},
	{"id":12,"source_sku":"OLD","product":{"id":5,"sku":"B","alternate_skus":[{"sku":"ALT"}]},"quantity":4,"unit_price":1,"discount_amount":0.5}]}`

func TestCompareLines(t *testing.T) {
	const (
		a = `{"id":11,"quantity":2,"sku":"A","tax":0,"unit_price":"3.00"}`
		b = `{"discount_amount":0.5,"id":12,"quantity":4,"sku":"OLD","unit_price":1}`
	)
	for _, c := range []updateTest{
		{name: "the same", payload: `{"items":[{"sku":"A","quantity":2.0,"unit_price":3},{"sku":"ALT","quantity":4}]}`},
		{name: "the same, by id", payload: `{"items":[{"id":12,"quantity":4},{"id":11}]}`},
		{name: "the same, by product and place", payload: `{"items":[{"quantity":2,"tax":null},{"product_id":5}]}`},
		{
			name: "a quantity, by SKU", payload: `{"items":[{"sku":"A","quantity":5},{"sku":"B"}]}`, before: `{"items":[` + a + `,` + b + `]}`,
			body: `{"items":[{"id":11,"quantity":5,"sku":"A","tax":0,"unit_price":"3.00"},` + b + `]}`, lines: "changed 0 id 11 A received 1.0 (quantity: 2 > 5)",
		},
		{
			name: "by id, with another SKU", payload: `{"items":[{"id":11,"sku":"C"},{"id":12}]}`,
			body: `{"items":[{"id":11,"quantity":2,"sku":"C","tax":0,"unit_price":"3.00"},` + b + `]}`, lines: "changed 0 id 11 A received 1.0 (sku: A > C)",
		},
		{
			name: "by id, with another product", payload: `{"items":[{"id":11},{"id":12,"product_id":6}]}`,
			body:  `{"items":[` + a + `,{"discount_amount":0.5,"id":12,"product_id":6,"quantity":4,"unit_price":1}]}`,
			lines: "changed 1 id 12 OLD (product_id: 5 > 6)",
		},
		{
			name: "added", payload: `{"items":[{"sku":"A"},{"sku":"B"},{"sku":"C","quantity":1,"unit_price":9,"tax":""}]}`,
			body: `{"items":[` + a + `,` + b + `,{"quantity":1,"sku":"C","tax":"","unit_price":9}]}`, lines: "added 2 id 0 C (sku:  > C; quantity:  > 1; unit_price:  > 9)",
		},
		{
			name: "removed", payload: `{"items":[{"sku":"B"}]}`, body: `{"items":[` + b + `]}`, lines: "removed -1 id 11 A received 1.0",
		},
		{
			name: "added with too little", payload: `{"items":[{"sku":"A"},{"sku":"B"},{"product_id":8}]}`,
			body: `{"items":[` + a + `,` + b + `,{"product_id":8}]}`, lines: "added 2 id 0  (product_id:  > 8)",
			unsupported: "items.2.quantity: the order doesn't have this line yet, and a new line needs its quantity; " +
				"items.2.unit_price: the order doesn't have this line yet, and a new line needs its unit_price",
		},
		{
			name: "an SKU twice is two lines", payload: `{"items":[{"sku":"A"},{"sku":"A","quantity":1,"unit_price":1},{"sku":"B"}]}`,
			body: `{"items":[` + a + `,{"quantity":1,"sku":"A","unit_price":1},` + b + `]}`, lines: "added 1 id 0 A (sku:  > A; quantity:  > 1; unit_price:  > 1)",
		},
		{
			name: "an unknown id", payload: `{"items":[{"id":99,"quantity":1,"unit_price":1,"sku":"A"}]}`,
			body: `{"items":[{"id":99,"quantity":1,"sku":"A","unit_price":1}]}`, lines: "added 0 id 0 A (sku:  > A; quantity:  > 1; unit_price:  > 1)",
			unsupported: "items.0.id: the order has no line with the id 99",
		},
		{
			name: "an id twice", payload: `{"items":[{"id":11},{"id":11,"sku":"A","quantity":1,"unit_price":1}]}`,
			body: `{"items":[` + a + `,{"id":11,"quantity":1,"sku":"A","unit_price":1}]}`, lines: "added 1 id 0 A (sku:  > A; quantity:  > 1; unit_price:  > 1)",
			unsupported: "items.1.id: two rows have the line id 11",
		},
		{
			name: "no telling which", payload: `{"items":[{"quantity":1,"unit_price":1}]}`,
			body: `{"items":[{"quantity":1,"unit_price":1}]}`, lines: "added 0 id 0  (quantity:  > 1; unit_price:  > 1)",
			unsupported: "items.0.sku: can't tell which line this row is; items.0.sku: the order doesn't have this line yet, and a new line needs its sku",
		},
		{name: "not shown", payload: `{"items":[{"sku":"A"}]}`, current: `{"id":1}`, unsupported: "items: the order's lines can't be read, so they can't be changed"},
	} {
		if c.current == "" {
			c.current = twoLines
		}
		c.run(t, purchaseRules())
	}
}

func TestComparePurchaseOrders(t *testing.T) {
	const current = `{"id":1,"order_numbers":["P-1"],"warehouse":{"id":2},"private_note":"x","payments":[
		{"id":91,"payment_date":"2025-01-02T00:00:00Z","payment_type":"cash","paid_amount":"5.00","external_id":"E1","created_at":"now"},
		{"id":92,"payment_date":"2025-01-03","payment_type":"card","paid_amount":7,"remarks":""}],"tags":["a"]}`
	const (
		e1   = `{"external_id":"E1","paid_amount":"5.00","payment_date":"2025-01-02","payment_type":"cash"}`
		card = `{"paid_amount":7,"payment_date":"2025-01-03","payment_type":"card"}`
	)
	replace := func(r *diff.Rules) { r.ReplacePayments = true }
	for _, c := range []updateTest{
		{name: "numbers it has", payload: `{"order_numbers":["P-1"],"warehouse_id":2}`},
		{name: "a number more", payload: `{"order_numbers":["P-2"]}`, body: `{"order_numbers":["P-1","P-2"]}`, before: `{"order_numbers":["P-1"]}`, fields: "order_numbers: P-1 > P-1, P-2"},
		{name: "the first number", payload: `{"order_numbers":["P-2"]}`, current: `{}`, body: `{"order_numbers":["P-2"]}`, before: `{"order_numbers":[]}`},
		{name: "an id that is answered as an object", payload: `{"warehouse_id":3}`, body: `{"warehouse_id":3}`, before: `{"warehouse_id":2}`, fields: "warehouse_id: 2 > 3"},
		{name: "tags go with the update", payload: `{"tags":["b"]}`, rules: func(r *diff.Rules) { r.Tags = diff.TagsAdded }, body: `{"tags":["a","b"]}`, fields: "tags: a > a, b"},
		{name: "a payment that is there", payload: `{"payments":[{"paid_amount":7.00,"payment_type":"card"}]}`},
		{
			name: "a payment more", payload: `{"payments":[{"paid_amount":9,"payment_type":"cash","payment_date":"2025-02-01"}]}`, before: `{"payments":[` + e1 + `,` + card + `]}`,
			body:  `{"payments":[` + e1 + `,` + card + `,{"paid_amount":9,"payment_date":"2025-02-01","payment_type":"cash"}]}`,
			notes: "all payments of the order are written again", fields: "payments: 2025-01-02 5.00 cash E1; 2025-01-03 7 card > 2025-01-02 5.00 cash E1; 2025-01-03 7 card; 2025-02-01 9 cash",
		},
		{
			name: "a payment with a known external id", payload: `{"payments":[{"external_id":"E1","paid_amount":6}]}`,
			body: `{"payments":[{"external_id":"E1","paid_amount":6,"payment_date":"2025-01-02","payment_type":"cash"},` + card + `]}`, notes: "written again",
		},
		{
			name: "the same payment twice", payload: `{"payments":[{"paid_amount":7,"payment_type":"card"},{"paid_amount":7,"payment_type":"card"}]}`,
			body: `{"payments":[` + e1 + `,` + card + `,{"paid_amount":7,"payment_type":"card"}]}`, notes: "written again",
		},
		{name: "payments replaced", payload: `{"payments":[` + card + `]}`, rules: replace, body: `{"payments":[` + card + `]}`, notes: "written again"},
		{name: "payments replaced by the same, in another order", payload: `{"payments":[` + card + `,` + e1 + `]}`, rules: replace},
		{name: "payments removed", payload: `{"payments":[]}`, rules: replace, body: `{"payments":[]}`, notes: "written again"},
		{name: "the first payment", payload: `{"payments":[` + card + `]}`, current: `{"payments":[]}`, body: `{"payments":[` + card + `]}`, before: `{"payments":[]}`},
		{name: "payments not shown", payload: `{"payments":[` + card + `]}`, current: `{}`, unsupported: "payments: the order's payments can't be read, so they can't be changed"},
	} {
		if c.current == "" {
			c.current = current
		}
		c.run(t, purchaseRules())
	}
}

// The same payment twice in the order takes the sheet's two.
func TestCompareRepeatedPayments(t *testing.T) {
	c := updateTest{
		name: "twice in both", payload: `{"payments":[{"paid_amount":7},{"paid_amount":7}]}`,
		current: `{"payments":[{"paid_amount":7},{"paid_amount":7.0}]}`,
	}
	c.run(t, purchaseRules())
}

func TestRemoval(t *testing.T) {
	c, err := salesRules().Removal([]byte(`{"id":1,"channel_id":3,"order_status":"processing"}`))
	if err != nil || string(c.Body) != `{"order_status":"cancelled"}` || string(c.Before) != `{"order_status":"processing"}` || c.Channel != "3" ||
		fieldText(c.Fields) != "order_status: processing > cancelled" || len(c.Notes) != 1 || c.RemovedStatus() != "cancelled" {
		t.Errorf("a sales order: %+v, %v", c, err)
	}
	if c, err = salesRules().Removal([]byte(`{"order_status":"pending"}`)); err != nil || len(c.Notes) != 0 {
		t.Errorf("a status that can be restored has notes: %+v, %v", c, err)
	}
	c, err = purchaseRules().Removal([]byte(`{"id":1,"order_status":"active"}`))
	if err != nil || c.Body != nil || fieldText(c.Fields) != "order_status: active > deleted" || len(c.Notes) != 1 || c.RemovedStatus() != "deleted" || c.Whole == nil {
		t.Errorf("a purchase order: %+v, %v", c, err)
	}
	if _, err = salesRules().Removal([]byte(`x`)); err == nil {
		t.Error("an answer that isn't JSON gives no error")
	}
}

func TestWithRequired(t *testing.T) {
	got, err := purchaseRules().WithRequired([]byte(`{"private_note":"x","supplier_id":8}`),
		[]byte(`{"order_date":"2025-01-02T00:00:00Z","supplier_id":7,"items":[{"id":11,"product":{"id":5,"sku":"A"},"quantity":1,"unit_price":2,"received_quantity":1}]}`))
	want := `{"items":[{"id":11,"quantity":1,"sku":"A","unit_price":2}],"order_date":"2025-01-02","private_note":"x","supplier_id":8}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
	if _, err := purchaseRules().WithRequired([]byte(`{}`), []byte(`x`)); err == nil {
		t.Error("an answer that isn't JSON gives no error")
	}
}

// What an update sends makes Compare find nothing more to do, once the order is so.
func TestCompareIsDoneAfterTheUpdate(t *testing.T) {
	current := map[string]any{}
	if err := json.Unmarshal([]byte(twoLines), &current); err != nil {
		t.Fatal(err)
	}
	payload := []byte(`{"items":[{"sku":"A","quantity":5},{"sku":"OLD"},{"sku":"C","quantity":1,"unit_price":9}],"private_note":"x"}`)
	u, err := purchaseRules().Compare(payload, []byte(twoLines))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(u.Body, &current); err != nil {
		t.Fatal(err)
	}
	now, err := json.Marshal(current)
	if err != nil {
		t.Fatal(err)
	}
	if u, err = purchaseRules().Compare(payload, now); err != nil || !u.Empty() {
		t.Errorf("still to send: %s (%v)", u.Body, err)
	}
}
