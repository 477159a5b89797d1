package importer_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sandbox"
)

// undoScenario is a run and what others do to its orders, until it is taken back.
type undoScenario struct {
	kind   order.Kind
	cfg    sandbox.Config
	jitter uint64
	orders []undoneOrder
}

// undoneOrder is one order of such a run.
type undoneOrder struct {
	action, payload string         // of the run
	was             map[string]any // set before the run
	others          map[string]any // set by somebody else after it
	late            map[string]any // set by somebody else between the plan of the undo and its writes
}

// edits are what somebody may set, by field.
var edits = map[order.Kind]map[string][]any{
	order.SalesOrders: {
		"order_status": {"on_hold", "backorder", "completed"}, "internal_notes": {"theirs", nil}, "customer_notes": {"theirs", nil},
		"bill_to.city": {"Theirs", nil}, "bill_to.phone": {"1", nil}, "custom_fields.Rep": {"Bob", nil}, "ship_by_date": {"2031-01-01", nil},
		"tags": {[]any{map[string]any{"id": 71, "name": "theirs"}}, []any{}},
	},
	order.PurchaseOrders: {
		"private_note": {"theirs", nil}, "public_note": {"theirs", nil}, "arrival_due_date": {"2031-01-01", nil}, "total_tax": {9, 0},
		"items.0.unit_price": {77}, "items.0.received_quantity": {1, 9}, "items.1.quantity": {8}, "ship_to": {map[string]any{"city": "Theirs"}},
	},
}

// changes are what a run may say of an order, by field.
var changes = map[order.Kind]map[string][]string{
	order.SalesOrders: {
		"order_status": {`"shipped"`, `"on_hold"`}, "internal_notes": {`"ours"`, `null`}, "customer_notes": {`"ours"`, `null`}, "ship_by_date": {`"2030-02-02"`, `null`},
		"bill_to": {`{"city":"Ours"}`, `{"phone":"2","city":null}`}, "custom_fields": {`{"Rep":"Ana"}`, `{"Rep":null,"New":1}`}, "tags": {`["ours"]`, `[]`},
		"gift_message": {`"ours"`},
	},
	order.PurchaseOrders: {
		"private_note": {`"ours"`, `null`}, "public_note": {`"ours"`}, "arrival_due_date": {`"2030-02-02"`, `null`}, "total_tax": {`3`, `null`},
		"ship_to": {`{"city":"Ours"}`, `{"zip":"1","city":null}`}, "warehouse_id": {`2`, `null`}, "order_numbers": {`["MORE"]`}, "payments": {`[{"payment_date":"2026-02-02","payment_type":"cash","paid_amount":6}]`},
		"items": {
			`[{"sku":"SKU-1","quantity":7},{"sku":"SKU-2","quantity":6}]`, `[{"sku":"SKU-2","quantity":2,"tax":1}]`,
			`[{"sku":"SKU-1","quantity":5},{"sku":"SKU-2","quantity":6},{"sku":"SKU-3","quantity":1,"unit_price":3}]`,
		},
	},
}

func drawSet(t *rapid.T, kind order.Kind, label string, most int) map[string]any {
	out := map[string]any{}
	for _, path := range rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Sorted(maps.Keys(edits[kind]))), 0, most, rapid.ID).Draw(t, label) {
		out[path] = rapid.SampledFrom(edits[kind][path]).Draw(t, path)
	}
	return out
}

func drawUndo(t *rapid.T) undoScenario {
	kind := rapid.SampledFrom([]order.Kind{order.SalesOrders, order.PurchaseOrders}).Draw(t, "kind")
	s := undoScenario{kind: kind, jitter: rapid.Uint64().Draw(t, "jitter"), cfg: sandbox.Config{
		Seed: rapid.Uint64().Draw(t, "seed"), StrictPut: rapid.Bool().Draw(t, "strict"), SoftDelete: rapid.Bool().Draw(t, "soft"), AddTags: rapid.Bool().Draw(t, "add tags"),
		ReplaceCustomFields: rapid.Bool().Draw(t, "replace custom fields"), Sparse: rapid.Bool().Draw(t, "sparse"), IgnoreFilters: rapid.SampledFrom(lookups).Draw(t, "look-ups").ignore,
	}}
	if rapid.IntRange(0, 3).Draw(t, "lossy") == 0 {
		for _, name := range []string{"drop_after", "500_after", "drop_before"} {
			s.cfg.Faults = append(s.cfg.Faults, sandbox.Fault{Name: name, P: 0.1, Method: "WRITE"})
		}
	}
	for range rapid.IntRange(1, 6).Draw(t, "orders") {
		o := undoneOrder{action: rapid.SampledFrom([]string{"create", "update", "update", "update", "delete"}).Draw(t, "action"), payload: "{}"}
		o.was, o.others = drawSet(t, kind, "was", 4), drawSet(t, kind, "others", 2)
		delete(o.was, "items.0.received_quantity")
		if rapid.IntRange(0, 4).Draw(t, "late") == 0 {
			o.late = drawSet(t, kind, "later", 1)
		}
		if o.action == "update" {
			var parts []string
			for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Sorted(maps.Keys(changes[kind]))), 1, 4, rapid.ID).Draw(t, "changes") {
				parts = append(parts, fmt.Sprintf("%q:%s", name, rapid.SampledFrom(changes[kind][name]).Draw(t, name)))
			}
			o.payload = "{" + strings.Join(parts, ",") + "}"
			if s.cfg.AddTags { // where tags are only added, sending none does nothing, and who cleared them can't be told
				o.payload = strings.Replace(o.payload, `"tags":[]`, `"tags":["ours"]`, 1)
			}
		}
		s.orders = append(s.orders, o)
	}
	return s
}

// TestUndoOfAnything takes back random runs on whose orders others have worked since, also between
// the plan of the undo and its writes, and under lost answers. Afterwards each field that the run
// had changed is either as it was before the run, or as it was, and then the undo says so with its
// reason; what others changed is never overwritten, and nothing else is touched.
func TestUndoOfAnything(t *testing.T) {
	const parts, scenes = 4, 120
	tryRandom(t, scenes/parts)
	var reversed, named, undone atomic.Int64
	t.Cleanup(func() {
		t.Logf("counted: **%d orders taken back, %d fields set back, %d kept or beyond recall**", undone.Load(), reversed.Load(), named.Load())
		if reversed.Load() < 50 || named.Load() < 50 {
			t.Error("that tests little")
		}
	})
	for i := range parts {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				s := drawUndo(rt)
				if !t.Run("", func(t *testing.T) {
					inBubble(t, func(t *testing.T) {
						r, n := s.run(t)
						reversed.Add(int64(r))
						named.Add(int64(n))
					})
					undone.Add(int64(len(s.orders)))
				}) {
					rt.Fatal("the scene above went wrong")
				}
			})
		})
	}
}

func (s undoScenario) run(t *testing.T) (reversed, named int) {
	var later atomic.Int64
	cfg := s.cfg
	cfg.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load()) * time.Hour) }
	b := newHarness(t, s.kind, cfg, s.jitter)
	var all []request
	for i, o := range s.orders {
		w := newSalesOrder(fmt.Sprintf("O-%d", i), "")
		if s.kind == order.PurchaseOrders {
			w = request{number: w.number, action: "create", payload: fmt.Sprintf(`{"order_date":"2026-01-01","supplier_id":1,"order_numbers":[%q],"warehouse_id":1,
				"items":[{"sku":"SKU-1","quantity":5,"unit_price":1},{"sku":"SKU-2","quantity":6,"unit_price":2}]}`, w.number)}
		}
		if o.action != "create" {
			id, err := b.sandbox.Create(string(s.kind), []byte(w.payload))
			b.check(err)
			b.check(b.sandbox.Edit(string(s.kind), id, o.was))
			w.action, w.payload = o.action, strings.ReplaceAll(o.payload, `["MORE"]`, fmt.Sprintf(`[%q,"MORE-%d"]`, w.number, i))
		}
		all = append(all, w)
	}
	before := s.snapshot(b)
	b.plan(all...)
	b.compare(nil)
	b.finish()
	run, did := b.run.ID, b.orders()
	later.Store(1)
	after := s.snapshot(b)
	s.editElsewhere(b, func(o undoneOrder) map[string]any { return o.others })
	edited := s.snapshot(b)
	b.planUndo("")
	s.editElsewhere(b, func(o undoneOrder) map[string]any { return o.late })
	last := s.snapshot(b)
	b.finish()
	final := s.snapshot(b)
	by := map[string]ledger.Order{}
	for _, o := range b.orders() {
		by[o.Number] = o
	}
	for i, o := range did {
		idle := len(s.orders[i].others)+len(s.orders[i].late) == 0
		x := undoView{b, o, idle, before[o.Number], after[o.Number], edited[o.Number], last[o.Number], final[o.Number], by[o.Number], nil}
		if x.undo.Seq != 0 {
			x.problems = b.problems(x.undo.Seq)
		}
		r, n := x.check()
		reversed, named = reversed+r, named+n
	}
	if t.Failed() {
		t.Logf("run %d of %s: %+v", run, s.kind, s.orders)
	}
	return reversed, named
}

// editElsewhere lets somebody else work on the orders.
func (s undoScenario) editElsewhere(b *harness, what func(undoneOrder) map[string]any) {
	ids := map[string]int64{}
	for _, o := range b.sandbox.Orders(string(s.kind)) {
		ids[o.Numbers[0]] = o.ID
	}
	for i, o := range s.orders {
		set := maps.Clone(what(o))
		for path := range set {
			if line := strings.TrimPrefix(path, "items."); line != path && len(b.existing(fmt.Sprintf("O-%d", i)).Items) <= int(line[0]-'0') {
				delete(set, path)
			}
		}
		if id := ids[fmt.Sprintf("O-%d", i)]; id != 0 && len(set) > 0 {
			_ = b.sandbox.Edit(string(s.kind), id, set) // where an address isn't there, a part of it can't be set
		}
	}
}

// leaves are an order's fields by path, each as text: parts of addresses and custom fields by
// themselves, lists as a whole without their ids.
type leaves map[string]string

// snapshot is what the orders are, by number.
func (s undoScenario) snapshot(b *harness) map[string]leaves {
	b.Helper()
	out := map[string]leaves{}
	for _, o := range b.sandbox.Orders(string(s.kind)) {
		var all, hidden map[string]any
		b.check(json.Unmarshal(o.Raw, &all))
		if len(o.Hidden) > 0 {
			b.check(json.Unmarshal(o.Hidden, &hidden))
		}
		l := leaves{"gift_message": text(hidden["gift_message"])}
		for _, key := range []string{"order_status", "internal_notes", "customer_notes", "ship_by_date", "private_note", "public_note", "arrival_due_date", "total_tax"} {
			l[key] = text(all[key])
		}
		for _, key := range []string{"bill_to", "ship_to", "custom_fields"} {
			m, _ := all[key].(map[string]any)
			for k, v := range m {
				l[key+"."+k] = text(v)
			}
		}
		if w, ok := all["warehouse"].(map[string]any); ok {
			l["warehouse_id"] = text(w["id"])
		}
		l["order_numbers"], l["tags"] = text(all["order_numbers"]), listed(all["tags"], "name")
		if s.kind == order.PurchaseOrders {
			l["items"] = listed(all["items"], "source_sku", "quantity", "unit_price", "tax", "discount_amount")
			l["received"] = text(all["total_qty_received"])
			l["payments"] = listed(all["payments"], "payment_date", "paid_amount")
		}
		maps.DeleteFunc(l, func(_, v string) bool { return v == "" })
		out[o.Numbers[0]] = l
	}
	return out
}

func text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case float64:
		if x == 0 {
			return ""
		}
	case string:
		if len(x) > 10 && strings.Contains(x, "T00:00") {
			return x[:10]
		}
	}
	return fmt.Sprint(v)
}

func listed(v any, names ...string) string {
	list, _ := v.([]any)
	out := make([]string, len(list))
	for i, x := range list {
		o, _ := x.(map[string]any)
		for _, n := range names {
			out[i] += text(o[n]) + " "
		}
	}
	if names[0] == "name" {
		slices.Sort(out)
	}
	return strings.Join(out, ", ")
}

// undoView is all that is known of one order of a run that was taken back.
type undoView struct {
	b                                  *harness
	did                                ledger.Order
	idle                               bool // nobody else wrote it
	before, after, edited, last, final leaves
	undo                               ledger.Order
	problems                           []problem.Problem
}

func (x undoView) wrong(format string, args ...any) {
	x.b.Helper()
	x.b.Errorf("order %s (%s, undo: %s %s): %s; problems %v", x.did.Number, x.did.State, x.undo.State, x.undo.Message, fmt.Sprintf(format, args...), x.problems)
}

// check says what is wrong with how an order was taken back.
func (x undoView) check() (reversed, named int) {
	x.b.Helper()
	switch {
	case x.did.State == ledger.Unchanged:
		if x.undo.Seq != 0 || !maps.Equal(x.last, x.final) {
			x.wrong("the run didn't write it, and it is %v after %v", x.final, x.last)
		}
		return 0, 0
	case x.undo.Seq == 0 || !x.undo.State.Final():
		x.wrong("it isn't part of the undo, or has no word")
		return 0, 0
	case x.did.State == ledger.Created:
		return x.checkCreated()
	case x.undo.State != ledger.Updated: // then nothing was written
		if !maps.Equal(x.last, x.final) {
			x.wrong("it was %v and is %v", x.last, x.final)
		}
		if x.undo.State != ledger.Unchanged {
			return 0, max(1, len(x.problems))
		}
	}
	all := maps.Clone(x.before)
	maps.Copy(all, x.after)
	maps.Copy(all, x.last)
	maps.Copy(all, x.final)
	for p := range all {
		was, wrote, now, then := x.before[p], x.after[p], x.last[p], x.final[p]
		switch says := x.hasProblem(p); {
		case was == wrote || says:
			if now != then {
				x.wrong("%s was %q before the undo and is %q, the run didn't write it or the undo says that it stays", p, now, then)
			}
			if name, _, _ := strings.Cut(p, "."); says && wrote == was && !strings.Contains(string(x.did.Change.Body), `"`+name+`":`) {
				x.wrong("the undo says something of %s, which the run didn't change", p)
			}
			if says {
				named++
			}
		case then != was:
			x.wrong("%s was %q, the run wrote %q, now it is %q, and nothing says why", p, was, wrote, then)
		case now != wrote && now != was:
			x.wrong("somebody set %s to %q, and that was overwritten with %q", p, now, then)
		default:
			reversed++
		}
	}
	return reversed, named
}

// hasProblem that the undo gives a reason why a field stays.
func (x undoView) hasProblem(path string) bool {
	name, _, _ := strings.Cut(path, ".")
	return slices.ContainsFunc(x.problems, func(p problem.Problem) bool { return p.Field == path || p.Field == name || p.Field == "" })
}

// checkCreated is judge for an order that the run made.
func (x undoView) checkCreated() (reversed, named int) {
	x.b.Helper()
	if !x.idle && x.undo.State == ledger.Held || !maps.Equal(x.after, x.last) { // somebody changed it, or wrote what was there
		if !maps.Equal(x.last, x.final) || x.undo.State != ledger.Held && x.undo.State != ledger.Unchanged || x.undo.State == ledger.Held && len(x.problems) == 0 {
			x.wrong("somebody changed it: it was %v and is %v", x.last, x.final)
		}
		return 0, 1
	}
	if s := x.final["order_status"]; x.undo.State != ledger.Deleted || s != "" && s != "cancelled" && s != "deleted" {
		x.wrong("nobody changed it, and it is %v", x.final)
	}
	return 1, 0
}
