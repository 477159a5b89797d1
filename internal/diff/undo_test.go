package diff_test

import (
	"strings"
	"testing"
	"time"

	"ordersheet/internal/diff"
	"ordersheet/internal/order"
)

type undoTest struct {
	name, wrote, before, now string
	tags                     *order.TagChange // that were written

	body, sentTags, conflicts, irreversible, restored, notes string
}

func (c *undoTest) run(t *testing.T, r diff.Rules) {
	t.Helper()
	done := order.Change{Tags: c.tags}
	if c.wrote != "" {
		done.Body, done.Before = []byte(c.wrote), []byte(c.before)
	}
	u, err := r.Undo(&done, []byte(c.now))
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	for what, pair := range map[string][2]string{
		"body":         {string(u.Body), c.body},
		"tags":         {tagText(u.Tags), c.sentTags},
		"conflicts":    {sentences(u.Conflicts), c.conflicts},
		"irreversible": {unsupported(u.Irreversible), c.irreversible},
		"restored":     {strings.Join(u.Restored, ","), c.restored},
		"notes":        {strings.Join(u.Notes, "; "), c.notes},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s is\n%s\nwant\n%s", c.name, what, pair[0], pair[1])
		}
	}
	if u.Sends() != (c.body != "" || c.sentTags != "") {
		t.Errorf("%s: Sends() = %v", c.name, u.Sends())
	}
}

const (
	notShown = "Luminous doesn't show this field, so ordersheet can't tell whether somebody changed it since"
	noBlank  = "it was blank, and the API doesn't allow clearing it"
)

func TestUndoSalesOrders(t *testing.T) {
	for _, c := range []undoTest{
		{name: "nothing was written", now: `{}`},
		{name: "set back", wrote: `{"internal_notes":"m"}`, before: `{"internal_notes":"n"}`, now: `{"internal_notes":"m"}`, body: `{"internal_notes":"n"}`},
		{name: "restored already", wrote: `{"internal_notes":"m"}`, before: `{"internal_notes":"n"}`, now: `{"internal_notes":"n"}`, restored: "internal_notes"},
		{name: "a conflict", wrote: `{"internal_notes":"m"}`, before: `{"internal_notes":"n"}`, now: `{"internal_notes":"o"}`, conflicts: "internal_notes is o instead of m"},
		{name: "cleared", wrote: `{"internal_notes":"m"}`, before: `{"internal_notes":null}`, now: `{"internal_notes":"m"}`, body: `{"internal_notes":null}`},
		{name: "can't be cleared", wrote: `{"ship_date":"2025-01-02"}`, before: `{"ship_date":null}`, now: `{"ship_date":"2025-01-02T00:00:00Z"}`, irreversible: "ship_date: " + noBlank},
		{name: "not shown", wrote: `{"internal_notes":"m"}`, before: `{"internal_notes":"n"}`, now: `{}`, irreversible: "internal_notes: " + notShown},
		{name: "one back, one kept", wrote: `{"internal_notes":"m","customer_email":"b@x.org"}`, before: `{"internal_notes":"n","customer_email":"a@x.org"}`, now: `{"internal_notes":"o","customer_email":"B@x.org"}`, body: `{"customer_email":"a@x.org"}`, conflicts: "internal_notes is o instead of m"},

		{name: "a status", wrote: `{"order_status":"shipped"}`, before: `{"order_status":"pending"}`, now: `{"order_status":"shipped"}`, body: `{"order_status":"pending"}`},
		{name: "a status that can't be restored", wrote: `{"order_status":"shipped"}`, before: `{"order_status":"processing"}`, now: `{"order_status":"shipped"}`, irreversible: "order_status: it was processing, and by the API's update page, an update may not set it again"},
		{name: "no status before", wrote: `{"order_status":"shipped"}`, before: `{"order_status":null}`, now: `{"order_status":"shipped"}`, irreversible: "order_status: it was blank, and by the API's update page, an update may not set it again"},
		{name: "read only", wrote: `{"channel_id":4}`, before: `{"channel_id":3}`, now: `{"channel_id":4}`, irreversible: "channel_id: an update can't change it"},

		{
			name: "parts of an address", wrote: `{"bill_to":{"name":"A","city":"Rome","street":"New"}}`, before: `{"bill_to":{"name":"A","city":"Oslo","street":"Old"}}`,
			now: `{"bill_to":{"name":"B","city":"Rome","street":"Other"}}`, body: `{"bill_to":{"city":"Oslo","name":"B","street":"Other"}}`, conflicts: "bill_to.street is Other instead of New",
		},
		{
			name: "a blank part", wrote: `{"bill_to":{"name":"A","city":"Rome","street":"New"}}`, before: `{"bill_to":{"name":"A","city":null,"street":null}}`,
			now: `{"bill_to":{"name":"A","city":"Rome","street":"New"}}`, body: `{"bill_to":{"city":null,"name":"A","street":"New"}}`, irreversible: "bill_to.street: " + noBlank,
		},
		{
			name: "a part restored already", wrote: `{"bill_to":{"name":"A","city":"Rome"}}`, before: `{"bill_to":{"name":"A","city":"Oslo"}}`,
			now: `{"bill_to":{"name":"A","city":"Oslo"}}`, restored: "bill_to.city",
		},
		{
			name: "custom fields", wrote: `{"custom_fields":{"Rep":"C","Zone":"N"}}`, before: `{"custom_fields":{"Rep":"B"}}`,
			now: `{"custom_fields":{"Rep":"C","Zone":"N","More":"x"}}`, body: `{"custom_fields":{"More":"x","Rep":"B","Zone":null}}`,
		},

		{name: "tags of the update", wrote: `{"tags":["a"]}`, before: `{"tags":["b"]}`, now: `{"tags":["a"]}`, sentTags: "add false: [b], before [a]"},
		{name: "tags that the update added", wrote: `{"tags":["a"]}`, before: `{"tags":["b"]}`, now: `{"tags":["a","b"]}`, sentTags: "add false: [b], before [a b]"},
		{name: "tags edited", wrote: `{"tags":["a"]}`, before: `{"tags":["b"]}`, now: `{"tags":["c"]}`, conflicts: "tags is c instead of a"},
		{name: "no tags before", wrote: `{"tags":["a"]}`, before: `{}`, now: `{"tags":["a"]}`, sentTags: "add false: [], before [a]"},

		{name: "replaced tags", tags: &order.TagChange{Names: []string{"a"}, Before: []string{"b"}}, now: `{"tags":["a"]}`, sentTags: "add false: [b], before [a]"},
		{name: "replaced tags, restored", tags: &order.TagChange{Names: []string{"a"}, Before: []string{"b"}}, now: `{"tags":["b"]}`, restored: "tags"},
		{name: "replaced tags, edited", tags: &order.TagChange{Names: []string{"a"}, Before: []string{"b"}}, now: `{"tags":["a","c"]}`, conflicts: "tags is a, c instead of a"},
		{name: "tags not shown", tags: &order.TagChange{Names: []string{"a"}}, now: `{}`, irreversible: "tags: Luminous doesn't show the order's tags"},
		{name: "added tags", tags: &order.TagChange{Add: true, Names: []string{"a"}, Before: []string{"b"}}, now: `{"tags":["a","b","c"]}`, sentTags: "add false: [b c], before [a b c]"},
		{name: "added tags, removed since", tags: &order.TagChange{Add: true, Names: []string{"a"}, Before: []string{"b"}}, now: `{"tags":["c"]}`, restored: "tags"},
	} {
		c.run(t, salesRules())
	}
	for _, bad := range []order.Change{{Body: []byte("x")}, {Body: []byte("{}"), Before: []byte("x")}} {
		if _, err := salesRules().Undo(&bad, []byte(`{}`)); err == nil {
			t.Errorf("%+v gives no error", bad)
		}
	}
	if _, err := salesRules().Undo(&order.Change{}, []byte(`x`)); err == nil {
		t.Error("an answer that isn't JSON gives no error")
	}
}

func TestUndoPurchaseOrders(t *testing.T) {
	const rewritten = "all payments of the order are written again, so each gets another id in Luminous"
	for _, c := range []undoTest{
		{
			name: "a line", wrote: `{"items":[{"id":1,"sku":"A","quantity":5,"unit_price":3}]}`, before: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			now: `{"items":[{"id":1,"sku":"A","quantity":5,"unit_price":3,"tax":0}]}`, body: `{"items":[{"id":1,"quantity":2,"sku":"A","tax":0,"unit_price":3}]}`,
		},
		{
			name: "tax and discount that weren't there", wrote: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3,"tax":1}]}`, before: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			now: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3,"tax":1}]}`, body: `{"items":[{"id":1,"quantity":2,"sku":"A","tax":0,"unit_price":3}]}`,
		},
		{
			name: "an added line is removed", wrote: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3},{"sku":"B","quantity":1,"unit_price":1}]}`,
			before: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			now:    `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3},{"id":9,"sku":"B","quantity":1,"unit_price":1}]}`, body: `{"items":[{"id":1,"quantity":2,"sku":"A","unit_price":3}]}`,
		},
		{
			name: "a removed line comes back as a new one", wrote: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			before: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3},{"id":2,"sku":"B","quantity":1,"unit_price":1}]}`,
			now:    `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			body:   `{"items":[{"id":1,"quantity":2,"sku":"A","unit_price":3},{"discount_amount":0,"quantity":1,"sku":"B","tax":0,"unit_price":1}]}`,
			notes:  "a removed line is restored as a new line, with another id",
		},
		{
			name: "lines edited", wrote: `{"items":[{"id":1,"sku":"A","quantity":5,"unit_price":3}]}`, before: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			now: `{"items":[{"id":1,"sku":"A","quantity":6,"unit_price":3}]}`, conflicts: "items is 6 x A at 3 instead of 5 x A at 3",
		},
		{
			name: "lines restored already", wrote: `{"items":[{"id":1,"sku":"A","quantity":5,"unit_price":3}]}`, before: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			now: `{"items":[{"id":1,"sku":"A","quantity":"2","unit_price":3}]}`, restored: "items",
		},
		{
			name: "more was received than there would be", wrote: `{"items":[{"id":1,"sku":"A","quantity":5,"unit_price":3}]}`, before: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			now: `{"items":[{"id":1,"sku":"A","quantity":5,"unit_price":3,"received_quantity":4}]}`, conflicts: "items: 4 of line 1 (A) was received",
		},
		{
			name: "an added line was received", wrote: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3},{"sku":"B","quantity":1,"unit_price":1}]}`,
			before: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			now:    `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3},{"id":9,"sku":"B","quantity":1,"unit_price":1,"received_quantity":"1"}]}`, conflicts: "items: 1 of line 9 (B) was received",
		},
		{
			name: "as much was received as stays", wrote: `{"items":[{"id":1,"sku":"A","quantity":5,"unit_price":3}]}`, before: `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`,
			now: `{"items":[{"id":1,"sku":"A","quantity":5,"unit_price":3,"received_quantity":2}]}`, body: `{"items":[{"id":1,"quantity":2,"sku":"A","unit_price":3}]}`,
		},
		{
			name: "no lines before", wrote: `{"items":[{"sku":"A","quantity":5,"unit_price":3}]}`, before: `{"items":[]}`,
			now: `{"items":[{"id":1,"sku":"A","quantity":5,"unit_price":3}]}`, irreversible: "items: the order had no lines, and the API needs at least one",
		},

		{name: "payments", wrote: `{"payments":[{"paid_amount":5},{"paid_amount":7}]}`, before: `{"payments":[{"paid_amount":5}]}`, now: `{"payments":[{"id":1,"paid_amount":7},{"id":2,"paid_amount":"5.00"}]}`, body: `{"payments":[{"paid_amount":5}]}`, notes: rewritten},
		{name: "no payments before", wrote: `{"payments":[{"paid_amount":5}]}`, before: `{}`, now: `{"payments":[{"paid_amount":5}]}`, body: `{"payments":[]}`},
		{name: "payments edited", wrote: `{"payments":[{"paid_amount":5}]}`, before: `{"payments":[]}`, now: `{"payments":[{"paid_amount":6}]}`, conflicts: "payments is 6 instead of 5"},

		{name: "order numbers", wrote: `{"order_numbers":["P1","P2"]}`, before: `{"order_numbers":["P1"]}`, now: `{"order_numbers":["P2","P1"]}`, body: `{"order_numbers":["P1"]}`},
		{name: "order numbers and a note", wrote: `{"order_numbers":["P1","P2"],"private_note":"m"}`, before: `{"order_numbers":["P1"],"private_note":"n"}`, now: `{"order_numbers":["P1","P2"],"private_note":"m"}`, body: `{"order_numbers":["P1"],"private_note":"n"}`},
		{name: "order numbers edited", wrote: `{"order_numbers":["P1","P2"]}`, before: `{"order_numbers":["P1"]}`, now: `{"order_numbers":["P3"]}`, conflicts: "order_numbers is P3 instead of P1, P2"},
		{name: "an id that is answered as an object", wrote: `{"warehouse_id":3}`, before: `{"warehouse_id":2}`, now: `{"warehouse":{"id":3}}`, body: `{"warehouse_id":2}`},
		{name: "tags", wrote: `{"tags":["a"]}`, before: `{"tags":["b"]}`, now: `{"tags":["a"]}`, body: `{"tags":["b"]}`},
	} {
		c.run(t, purchaseRules())
	}
}

func TestEditedSince(t *testing.T) {
	const payload = `{"order_number":"A","total_tax":1,"items":[{"sku":"A","quantity":2}]}`
	const same = `"order_number":"A","total_tax":1.00,"items":[{"sku":"A","quantity":2}]`
	times := func(made, changed string) string {
		return `,"created_at":"` + made + `","updated_at":"` + changed + `"}`
	}
	late := times("2025-01-02T10:00:00Z", "2025-01-02T10:01:00Z")
	for _, c := range []struct {
		name, now, total, want string
		kind                   order.Kind
		edited                 bool
	}{
		{name: "as created", now: `{` + same + times("2025-01-02T10:00:00Z", "2025-01-02T10:00:20Z")},
		{name: "no times", now: `{` + same + `,"internal_notes":"x"}`},
		{name: "a field of the payload", now: `{"order_number":"A","total_tax":2,"items":[{"sku":"A","quantity":2}]}`, want: "total_tax is 2 instead of 1"},
		{name: "shipped", now: `{` + same + `,"shipments":[{},{}]}`, want: "shipments is 2 instead of blank"},
		{name: "no shipments", now: `{` + same + `,"shipments":[]}`},
		{name: "received", kind: order.PurchaseOrders, now: `{"order_number":"A","total_tax":1,"items":[{"sku":"A","quantity":2,"received_quantity":1}]}`, want: "items.0.received_quantity is 1 instead of blank"},
		{name: "a sales order's line isn't received", now: `{"order_number":"A","total_tax":1,"items":[{"sku":"A","quantity":2,"received_quantity":1}]}`},
		{name: "another total", now: `{` + same + `,"total":"7.02"}`, total: "7.00", want: "total is 7.02 instead of 7.00"},
		{name: "the total by a cent", now: `{` + same + `,"total":"7.01"}`, total: "7.00"},
		{name: "a purchase order's total", kind: order.PurchaseOrders, now: `{` + same + `,"total":1,"total_cost":8}`, total: "7.00", want: "total_cost is 8 instead of 7.00"},
		{name: "edited later, by time only", now: `{` + same + late, edited: true},
		{name: "edited later, times without a zone", now: `{` + same + times("2025-01-02 10:00:00", "2025-01-02 10:01:00"), edited: true},
		{
			name: "edited later, a field that was left out", edited: true,
			now:  `{` + same + `,"internal_notes":"x","ship_date":"2025-01-02T00:00:00Z","tags":[{"name":"a"}],"custom_fields":{"Rep":"B"},"bill_to":{"name":"A"},"customer_email":null` + late,
			want: `custom_fields is {"Rep":"B"} instead of blank; internal_notes is x instead of blank; ship_date is 2025-01-02 instead of blank; tags is a instead of blank`,
		},
		{name: "edited later, and a field of the payload", edited: true, now: `{"order_number":"A","total_tax":2,"internal_notes":"x","items":[{"sku":"A","quantity":2}]` + late, want: "total_tax is 2 instead of 1"},
	} {
		r := salesRules()
		if c.kind != "" {
			r.Kind = c.kind
		}
		got, edited, err := r.EditedSince([]byte(payload), []byte(c.now), c.total, 30*time.Second)
		if text := sentences(got); err != nil || text != c.want || edited != c.edited {
			t.Errorf("%s: %q, edited %v (%v), want %q, %v", c.name, text, edited, err, c.want, c.edited)
		}
	}
	if _, _, err := salesRules().EditedSince([]byte(`x`), []byte(`{}`), "", 0); err == nil {
		t.Error("a payload that isn't JSON gives no error")
	}
}
