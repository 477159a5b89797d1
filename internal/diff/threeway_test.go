package diff_test

import (
	"strings"
	"testing"

	"ordersheet/internal/diff"
	"ordersheet/internal/order"
)

func progressText(p diff.Progress) string {
	var out []string
	for what, list := range map[string][]string{"done": p.Done, "pending": p.Pending, "not shown": p.NotShown} {
		if len(list) > 0 {
			out = append(out, what+" "+strings.Join(list, ","))
		}
	}
	if len(p.Edited) > 0 {
		out = append(out, "edited "+sentences(p.Edited))
	}
	return strings.Join(out, "; ")
}

type threeWayTest struct{ name, body, before, now, want string }

func (c *threeWayTest) run(t *testing.T, r diff.Rules, change order.Change) {
	t.Helper()
	if c.body != "" {
		change.Body, change.Before = []byte(c.body), []byte(c.before)
	}
	p, err := r.ThreeWay(&change, []byte(c.now))
	if got := progressText(p); err != nil || got != c.want {
		t.Errorf("%s: %q (%v), want %q", c.name, got, err, c.want)
	}
}

func TestThreeWay(t *testing.T) {
	for _, c := range []threeWayTest{
		{"as before", `{"internal_notes":"m"}`, `{"internal_notes":"n"}`, `{"internal_notes":"n"}`, "pending internal_notes"},
		{"as wanted", `{"internal_notes":"m"}`, `{"internal_notes":"n"}`, `{"internal_notes":"m"}`, "done internal_notes"},
		{"edited", `{"internal_notes":"m"}`, `{"internal_notes":"n"}`, `{"internal_notes":"o"}`, "edited internal_notes is o instead of n"},
		{"cleared as wanted", `{"internal_notes":null}`, `{"internal_notes":"n"}`, `{"internal_notes":""}`, "done internal_notes"},
		{"blank before, filled in", `{"internal_notes":"m"}`, `{"internal_notes":null}`, `{"internal_notes":"o"}`, "edited internal_notes is o instead of blank"},
		{"no longer shown", `{"internal_notes":"m"}`, `{"internal_notes":"n"}`, `{}`, "not shown internal_notes"},
		{"never shown", `{"internal_notes":"m"}`, `{}`, `{}`, "not shown internal_notes"},
		{"blank and no longer shown", `{"internal_notes":"m"}`, `{"internal_notes":null}`, `{}`, "pending internal_notes"},
		{"other fields don't count", `{"internal_notes":"m"}`, `{"internal_notes":"n"}`, `{"internal_notes":"n","order_status":"x"}`, "pending internal_notes"},
		{"a date with a time", `{"ship_date":"2025-02-03"}`, `{"ship_date":"2025-01-02"}`, `{"ship_date":"2025-02-03T00:00:00Z"}`, "done ship_date"},

		{"an address as before", `{"bill_to":{"name":"A","city":"Rome"}}`, `{"bill_to":{"name":"A","city":"Oslo"}}`, `{"bill_to":{"name":"A","city":"Oslo","phone":"1"}}`, "pending bill_to"},
		{"an address as wanted", `{"bill_to":{"name":"A","city":"Rome"}}`, `{"bill_to":{"name":"A","city":"Oslo"}}`, `{"bill_to":{"name":"A","city":"Rome"}}`, "done bill_to"},
		{"another part of an address", `{"bill_to":{"name":"A","city":"Rome"}}`, `{"bill_to":{"name":"A","city":"Oslo"}}`, `{"bill_to":{"name":"B","city":"Oslo"}}`, "edited bill_to.name is B instead of A"},
		{"a blank part filled in", `{"bill_to":{"name":"A","city":"Rome"}}`, `{"bill_to":{"name":"A","city":"Oslo","street":null}}`, `{"bill_to":{"name":"A","city":"Oslo","street":"Main"}}`, "edited bill_to.street is Main instead of blank"},
		{"an address removed", `{"bill_to":{"name":"A"}}`, `{"bill_to":{"name":"B"}}`, `{"bill_to":null}`, "edited bill_to.name is blank instead of B"},
		{"a custom field added by somebody", `{"custom_fields":{"Rep":"C"}}`, `{"custom_fields":{"Rep":"B"}}`, `{"custom_fields":{"Rep":"B","Zone":"N"}}`, "edited custom_fields.Zone is N instead of blank"},
		{"custom fields as before", `{"custom_fields":{"Rep":"C"}}`, `{"custom_fields":{}}`, `{"custom_fields":[]}`, "pending custom_fields"},

		{"tags as wanted", `{"tags":["a"]}`, `{"tags":["b"]}`, `{"tags":[{"name":"a"}]}`, "done tags"},
		{"tags as before", `{"tags":["a"]}`, `{"tags":["b"]}`, `{"tags":["b"]}`, "pending tags"},
		{"tags edited", `{"tags":["a"]}`, `{"tags":["b"]}`, `{"tags":["b","c"]}`, "edited tags is b, c instead of b"},

		{"numbers as wanted", `{"order_numbers":["P1","P2"]}`, `{"order_numbers":["P1"]}`, `{"order_numbers":["P2","P1"]}`, "done order_numbers"},
		{"numbers edited", `{"order_numbers":["P1","P2"]}`, `{"order_numbers":["P1"]}`, `{"order_numbers":["P3"]}`, "edited order_numbers is P3 instead of P1"},
		{"payments as before", `{"payments":[{"paid_amount":2}]}`, `{"payments":[{"paid_amount":"1.00"}]}`, `{"payments":[{"id":4,"paid_amount":1}]}`, "pending payments"},
		{"payments as wanted", `{"payments":[{"paid_amount":2}]}`, `{"payments":[]}`, `{"payments":[{"id":4,"paid_amount":"2.00"}]}`, "done payments"},
		{"a payment added by somebody", `{"payments":[{"paid_amount":2}]}`, `{"payments":[]}`, `{"payments":[{"paid_amount":3,"payment_type":"cash"}]}`, "edited payments is 3 cash instead of blank"},
		{
			"lines as before", `{"items":[{"id":1,"sku":"A","quantity":2}]}`, `{"items":[{"id":1,"sku":"A","quantity":1}]}`,
			`{"items":[{"id":1,"sku":"A","quantity":1,"tax":0}]}`, "pending items",
		},
		{
			"lines as wanted", `{"items":[{"id":1,"sku":"A","quantity":2}]}`, `{"items":[{"id":1,"sku":"A","quantity":1}]}`,
			`{"items":[{"id":1,"sku":"A","quantity":"2.0"}]}`, "done items",
		},
		{
			"a line added by somebody", `{"items":[{"id":1,"sku":"A","quantity":2,"unit_price":3}]}`, `{"items":[{"id":1,"sku":"A","quantity":1,"unit_price":3}]}`,
			`{"items":[{"id":1,"sku":"A","quantity":1,"unit_price":3},{"id":2,"sku":"B","quantity":1,"unit_price":1}]}`,
			"edited items is 1 x A at 3; 1 x B at 1 instead of 1 x A at 3",
		},
	} {
		c.run(t, salesRules(), order.Change{})
	}
	for _, bad := range []order.Change{{Body: []byte("x")}, {Body: []byte("{}"), Before: []byte("x")}, {Whole: []byte("x")}} {
		if _, err := salesRules().ThreeWay(&bad, []byte(`{}`)); err == nil {
			t.Errorf("%+v gives no error", bad)
		}
	}
	if _, err := salesRules().ThreeWay(&order.Change{}, []byte(`x`)); err == nil {
		t.Error("an answer that isn't JSON gives no error")
	}
}

func TestThreeWayTagsOfTheirOwnCall(t *testing.T) {
	replace := order.Change{Tags: &order.TagChange{Names: []string{"b", "a"}, Before: []string{"c"}}}
	add := order.Change{Tags: &order.TagChange{Add: true, Names: []string{"a"}, Before: []string{"c"}}}
	for _, c := range []threeWayTest{
		{name: "replaced", now: `{"tags":["a","b"]}`, want: "done tags"},
		{name: "as before", now: `{"tags":["c"]}`, want: "pending tags"},
		{name: "edited", now: `{"tags":["c","d"]}`, want: "edited tags is c, d instead of c"},
	} {
		c.run(t, salesRules(), replace)
	}
	for _, c := range []threeWayTest{
		{name: "added", now: `{"tags":["a","d"]}`, want: "done tags"},
		{name: "not yet", now: `{"tags":["d"]}`, want: "pending tags"},
	} {
		c.run(t, salesRules(), add)
	}
}

func TestThreeWayLinesReceivedSince(t *testing.T) {
	change := order.Change{Lines: []order.LineChange{{What: order.LineRemoved, Line: -1, ID: 2, Received: "1"}, {What: order.LineChanged, ID: 1}}}
	const body, before = `{"items":[{"id":1,"sku":"A","quantity":2}]}`, `{"items":[{"id":1,"sku":"A","quantity":2},{"id":2,"sku":"B","quantity":3}]}`
	for _, c := range []threeWayTest{
		{"as much as before", body, before, `{"items":[{"id":1,"sku":"A","quantity":2,"received_quantity":2},{"id":2,"sku":"B","quantity":3,"received_quantity":"1.0"}]}`, "pending items"},
		{"more", body, before, `{"items":[{"id":1,"sku":"A","quantity":2},{"id":2,"sku":"B","quantity":3,"received_quantity":2}]}`, "pending items; edited items.1.received_quantity is 2 instead of 1"},
	} {
		c.run(t, purchaseRules(), change)
	}
}

func TestThreeWayOfARemoval(t *testing.T) {
	whole := `{"id":1,"order_status":"pending","updated_at":"1","age":3,"notes":null,"total":"2.00","items":[{"sku":"A","quantity":1}],"custom_fields":{"Rep":"B"},"warehouse":{"id":4}}`
	for _, c := range []threeWayTest{
		{name: "as before", now: `{"id":1,"order_status":"pending","updated_at":"2","age":4,"total":2,"extra":1,"items":[{"sku":"A","quantity":1.0}],"custom_fields":{"Rep":"B","Zone":null}}`, want: "pending order_status"},
		{name: "gone", now: `{"order_status":"cancelled","notes":"x"}`, want: "done order_status"},
		{name: "edited", now: `{"order_status":"shipped","notes":"x"}`, want: "edited notes is x instead of blank; order_status is shipped instead of pending"},
		{name: "a line edited", now: `{"order_status":"pending","items":[{"sku":"A","quantity":2}]}`, want: "edited items.0.quantity is 2 instead of 1"},
		{name: "a line added", now: `{"order_status":"pending","items":[]}`, want: `edited items is [] instead of [{"quantity":1,"sku":"A"}]`},
		{name: "a custom field added", now: `{"order_status":"pending","custom_fields":{"Rep":"B","Zone":"N"}}`, want: "edited custom_fields.Zone is N instead of blank"},
	} {
		c.run(t, salesRules(), order.Change{Whole: []byte(whole), Body: []byte(`{"order_status":"cancelled"}`)})
	}
	deleted := threeWayTest{name: "a purchase order", now: `{"order_status":"deleted"}`, want: "done order_status"}
	deleted.run(t, purchaseRules(), order.Change{Whole: []byte(whole)})
}

func TestMissingFieldsAndMerge(t *testing.T) {
	c := order.Change{Before: []byte(`{"earliest_ship_date":"2025-01-02","internal_notes":null,"order_status":"pending","warehouse_id":2}`)}
	own := []byte(`{"order_status":"pending","id":7}`)
	missing := diff.MissingFields(&c, own)
	if got := strings.Join(missing, ","); got != "earliest_ship_date,warehouse_id" {
		t.Errorf("missing are %s", got)
	}
	got, err := diff.Merge(own, []byte(`{"earliest_ship_date":"2025-01-02","order_status":"x","warehouse":{"id":2}}`), missing)
	if want := `{"earliest_ship_date":"2025-01-02","id":7,"order_status":"pending","warehouse_id":2}`; err != nil || string(got) != want {
		t.Errorf("merged is %s (%v), want %s", got, err, want)
	}
	if missing := diff.MissingFields(&order.Change{}, own); missing != nil {
		t.Errorf("nothing was read, and missing are %v", missing)
	}
	if missing := diff.MissingFields(&c, []byte(`x`)); missing != nil {
		t.Errorf("of no answer, missing are %v", missing)
	}
	if _, err := diff.Merge(own, []byte(`x`), nil); err == nil {
		t.Error("merging with an answer that isn't JSON gives no error")
	}
}
