package mapping_test

import (
	"bytes"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping"
	"ordersheet/mapping/profile"
)

// The commands of a sheet win over the mode; all rows of an order must agree.
func TestCommands(t *testing.T) {
	b := pathsHeader(t, order.SalesOrders, &profile.Profile{Mode: order.Update}, "order_number", "command", "order_status")
	plans, _ := plan(b, grid(
		row("A", "", "shipped"), row("B", "new", "shipped"), row("C", " Update ", "shipped"), row("D", "MERGE", "shipped"), row("E", "cancel", "nonsense"),
		row("F", "Delete", "@1"), row("G", "ignore", "nonsense"), row("H", "updte", "shipped"), row("I", "UPDATE", "shipped"), row("I", "DELETE", ""),
		row("J", "", "shipped"), row("J", "upsert", ""),
	))
	want := []string{
		`A update {"order_number":"A","order_status":"shipped"}`,
		"B create error order_without_lines A3; error required_missing A3", `C update {"order_number":"C","order_status":"shipped"}`,
		`D upsert {"order_number":"D","order_status":"shipped"} if created: error order_without_lines A`,
		`E delete {"order_number":"E"}`, `F delete {"order_number":"F"}`, "G ignore",
		"H update error value_not_allowed B9", "I update error order_cells_differ B11",
		`J upsert {"order_number":"J","order_status":"shipped"} if created: error order_without_lines A`,
	}
	for i, p := range plans {
		got := p.Number + " " + p.Action
		if p.Payload != nil {
			got += " " + string(p.Payload)
		}
		if p.Invalid {
			got += " " + summary(p.Problems)
		}
		if len(p.IfCreated) > 0 {
			got += " if created: " + summary(p.IfCreated)
		}
		if !strings.HasPrefix(got, want[i]) {
			t.Errorf("order %d\n got %s\nwant %s", i, got, want[i])
		}
	}
}

// A blank cell leaves alone, the word empties what may be empty, and defaults are for new orders.
func TestPayloadOfAnUpdate(t *testing.T) {
	p := &profile.Profile{
		Mode:      order.Upsert,
		Constants: map[string]profile.Constant{"channel_id": {Text: "4", Kind: cell.Number}},
		Defaults:  map[string]profile.Constant{"order_status": text("pending"), "order_date": text("2026-01-15"), "customer_notes": text("none")},
	}
	b := pathsHeader(t, order.SalesOrders, p, "order_number", "ship_date", "tags", "bill_to.name", "bill_to.street2", "customer_notes", "gift",
		"custom_fields.Priority Level", "items.sku", "items.quantity", "items.unit_price", "company_id")
	plans, _ := plan(b, grid(
		row("A", "2026-02-01", "", "", "", "", "yes"),
		row("B", "<clear>", "<CLEAR>", "Ann", " <clear> ", "", "", "<clear>", "X", "#1", "#2", "#7"),
		row("C", "", "", "<clear>", "", "", "<clear>"),
		row("D", "", "", "", "", "<clear>", "", "", "X", "#1", "#2", "#7"),
	))
	for i, want := range []struct{ payload, created, problems string }{
		{`{"channel_id":4,"order_number":"A","ship_date":"2026-02-01","gift":true}`, "", ""},
		{
			`{"channel_id":4,"order_number":"B","items":[{"sku":"X","quantity":1,"unit_price":2}],"company_id":7,"bill_to":{"name":"Ann","street2":null},` +
				`"ship_date":null,"tags":[],"custom_fields":{"Priority Level":null}}`,
			`{"channel_id":4,"order_number":"B","order_date":"2026-01-15","order_status":"pending","items":[{"sku":"X","quantity":1,"unit_price":2}],` +
				`"company_id":7,"bill_to":{"name":"Ann"},"customer_notes":"none"}`, "",
		},
		{"", "", "error field_cannot_be_cleared D4; error field_cannot_be_cleared G4"},
		{
			`{"channel_id":4,"order_number":"D","items":[{"sku":"X","quantity":1,"unit_price":2}],"company_id":7,"customer_notes":null}`,
			`{"channel_id":4,"order_number":"D","order_date":"2026-01-15","order_status":"pending","items":[{"sku":"X","quantity":1,"unit_price":2}],"company_id":7}`, "",
		},
	} {
		got := plans[i]
		if string(got.Payload) != want.payload || string(got.Created) != want.created || summary(got.Problems) != want.problems {
			t.Errorf("order %d\n got %s\n     %s\n     %s\nwant %s\n     %s\n     %s", i, got.Payload, got.Created, summary(got.Problems), want.payload, want.created, want.problems)
		}
		if f, err := referenceFingerprint(got.Payload); got.Payload != nil && (err != nil || f != got.Fingerprint) {
			t.Errorf("order %d: fingerprint %s, want %s (%v)", i, got.Fingerprint, f, err)
		}
	}
}

// A purchase order's update holds its lines with their ids, and its payments whole.
func TestPayloadOfAPurchaseUpdate(t *testing.T) {
	b := pathsHeader(t, order.PurchaseOrders, &profile.Profile{Mode: order.Update, Clear: "-"}, "order_numbers", "items.id", "items.sku", "items.quantity", "items.tax",
		"payments.payment_date", "payments.payment_type", "payments.paid_amount", "private_note")
	plans, _ := plan(b, grid(
		row("P1;P2", "#880", "", "#5"), row("P1;P2", "", "X", "", "-"), row("P1;P2", "", "", "", "", "2026-02-10", "cash", "#60"),
		row("P3", "", "", "#5", "", "2026-02-10"), row("P4", "", "", "", "", "", "", "", "<clear>"),
	))
	for i, want := range []string{
		`{"order_numbers":["P1","P2"],"items":[{"id":880,"quantity":5},{"sku":"X","tax":null}],"payments":[{"payment_date":"2026-02-10","payment_type":"cash","paid_amount":60}]}`,
		"error required_missing C5; error required_missing G5; error required_missing H5", `{"order_numbers":["P4"],"private_note":"<clear>"}`,
	} {
		if got := string(plans[i].Payload) + summary(plans[i].Problems); got != want {
			t.Errorf("order %d\n got %s\nwant %s", i, got, want)
		}
	}
	if got := strings.Join(plans[0].Numbers, " "); got != "P1 P2" {
		t.Errorf("numbers are %s, want P1 P2", got)
	}
}

// An order is known by its number, by its id, or by both; a new one has no id.
func TestOrderID(t *testing.T) {
	bind := func(mode string) *mapping.Header {
		return pathsHeader(t, order.SalesOrders, &profile.Profile{Mode: mode}, "id", "order_number", "internal_notes")
	}
	b := bind(order.Update)
	plans, _ := plan(b, grid(row("#1005", "A", "x"), row("#1006", "", "y"), row("1006", "", ""), row("", "", "z"), row("#-1", "", "z"), row("#7", "B", ""), row("#8", "B", "")))
	for i, want := range []struct {
		id              int64
		number, problem string
	}{{1005, "A", ""}, {1006, "", ""}, {0, "", "integer_invalid"}, {0, "B", "order_cells_differ"}, {0, "", "order_number_missing"}} {
		p := plans[i]
		if p.ID != want.id || p.Number != want.number || (want.problem == "") != !p.Invalid || !strings.Contains(summary(p.Problems), want.problem) {
			t.Errorf("order %d: id %d, number %q, %s; want %+v", i, p.ID, p.Number, summary(p.Problems), want)
		}
	}
	b = bind(order.Create)
	if plans, _ := plan(b, grid(row("#1005", "A", "x"))); !strings.Contains(summary(plans[0].Problems), "error id_of_a_new_order A2") {
		t.Errorf("a new order with an id: %s", summary(plans[0].Problems))
	}
	b = bind(order.Upsert)
	if plans, _ := plan(b, grid(row("#1005", "A", "x"))); plans[0].Invalid || !strings.Contains(summary(plans[0].IfCreated), "error id_of_a_new_order A2") {
		t.Errorf("an upsert with an id: %s, if created %s", summary(plans[0].Problems), summary(plans[0].IfCreated))
	}
}

// ID is any program's word: only what Luminous' own columns are called is taken for its id, and
// Order ID is an order's number.
func TestIDHeaders(t *testing.T) {
	for header, want := range map[string]string{
		"id": "id", "Luminous ID": "id", "luminous_order_id": "id", "ID": "", "Id": "", "Order ID": "order_number", "order_id": "order_number",
	} {
		b := newHeader(t, order.SalesOrders, &profile.Profile{Mode: order.Update}, header, "Internal Notes")
		if got := b.Columns[0].Path; got != want {
			t.Errorf("the header %q feeds %q, want %q", header, got, want)
		}
	}
	b := newHeader(t, order.SalesOrders, &profile.Profile{Columns: map[string][]string{"ID": {"id"}}}, "ID", "Order ID")
	if b.Columns[0].Path != "id" || b.Columns[1].Path != "order_number" {
		t.Errorf("columns with a mapping file: %+v", b.Columns)
	}
}

// A sheet of changes needs nothing but to say which orders it means.
func TestHeaderOfChanges(t *testing.T) {
	find := func(p *profile.Profile, headers ...string) string {
		b := mapping.FindHeader(order.SalesOrders, []cell.Row{headerRow(1, headers...)}, nil, p)
		if b == nil {
			return "none"
		}
		var missing []string
		for _, f := range b.Missing() {
			missing = append(missing, f.Path)
		}
		return strings.Join(missing, " ")
	}
	for _, c := range []struct {
		got, want string
	}{
		{find(&profile.Profile{Mode: order.Update}, "Order Number", "Status"), ""},
		{find(&profile.Profile{Mode: order.Update}, "id", "Status"), ""},
		{find(&profile.Profile{Mode: order.Update}, "Notes", "Status"), "order_number"},
		{find(nil, "Order Number", "Command"), ""},
		{find(&profile.Profile{Mode: order.Delete}, "Order Number"), ""},
		{find(&profile.Profile{Mode: order.Update}, "Order Number"), "none"},
	} {
		if c.got != c.want {
			t.Errorf("missing are %q, want %q", c.got, c.want)
		}
	}
	for _, c := range []struct {
		headers    []string
		kind, also order.Kind
	}{
		{[]string{"order_number", "command", "ship_to_phone"}, order.SalesOrders, ""},
		{[]string{"order_number", "command", "arrival_due_date", "order_status"}, order.PurchaseOrders, ""},
		{[]string{"order_number", "command", "order_status"}, order.SalesOrders, order.PurchaseOrders},
	} {
		if b := mapping.FindHeader("", []cell.Row{headerRow(1, c.headers...)}, nil, nil); b == nil || b.Kind != c.kind || b.Also != c.also {
			t.Errorf("%v: kind %+v, want %s, also %q", c.headers, b, c.kind, c.also)
		}
	}
	if _, err := profile.Parse("m.toml", strings.NewReader("version = 1\nmode = \"ignore\"\n"), nil); err == nil {
		t.Errorf("mode = ignore gives %v", err)
	}
	var out bytes.Buffer
	if err := (&profile.Profile{Mode: order.Update, Historical: true}).Encode(&out); err != nil || !strings.Contains(out.String(), "mode = \"update\"\nprofile = \"historical\"\n") {
		t.Errorf("written as %s (%v)", out.String(), err)
	}
}

// Orders of the past have come to an end; nothing of them is pending.
func TestHistorical(t *testing.T) {
	for _, c := range []struct {
		mode, status, want string
	}{
		{order.Create, "pending", "error status_not_final C2"},
		{order.Create, "", "error required_missing C2"},
		{order.Create, "completed", ""},
		{order.Update, "", ""},
		{order.Update, "on_hold", "error status_not_final C2"},
		{order.Update, "shipped", ""},
	} {
		b := pathsHeader(t, order.SalesOrders, &profile.Profile{Mode: c.mode, Historical: true}, basic...)
		plans, _ := plan(b, grid(row("A", "2020-01-31", c.status, "#1", "#7", "X", "#1", "#2")))
		got := summary(plans[0].Problems)
		if got != c.want {
			t.Errorf("%s with status %q: %q, want %q", c.mode, c.status, got, c.want)
		}
	}
}

// What only an update takes is left out of a new order, and that is said.
func TestNotWithANewOrder(t *testing.T) {
	b := pathsHeader(t, order.SalesOrders, nil, append([]string{"gift", "command"}, basic...)...)
	plans, _ := plan(b, grid(row("yes", "new", "A", "2026-01-31", "pending", "#1", "#7", "X", "#1", "#2")))
	if p := plans[0]; summary(p.Problems) != "notice not_with_a_new_order A2" || strings.Contains(string(p.Payload), "gift") {
		t.Errorf("got %s, %s", summary(p.Problems), p.Payload)
	}
}
