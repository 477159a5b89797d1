package importer_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// race is a run of changes while another client edits the same orders, always right before the
// sandbox sees one of our requests: the worst moments that there are.
type race struct {
	h *harness

	mu      sync.Mutex
	rng     *rand.Rand
	armed   bool
	made    int
	edits   map[int64]map[string]string // by order: what somebody else set last, by path
	early   map[int64]bool              // orders of which a field that is sent was edited before any write of ours
	written map[int64]bool
}

// others are the paths that the other client edits: those that the run sends, and those that it
// doesn't.
func (r *race) others(sent bool) string {
	paths := map[bool][]string{true: {"internal_notes", "bill_to.city"}, false: {"customer_notes", "ship_to.city"}}
	if r.h.kind == order.PurchaseOrders {
		paths = map[bool][]string{true: {"private_note", "items.0.unit_price"}, false: {"public_note"}}
	}
	return paths[sent][r.rng.IntN(len(paths[sent]))]
}

func (r *race) wrap(b *harness, next http.Handler) http.Handler {
	r.h = b
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		parts := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
		if id, err := strconv.ParseInt(parts[len(parts)-1], 10, 64); err == nil {
			r.before(req.Method, id)
		}
		next.ServeHTTP(w, req)
	})
}

// before edits an order, perhaps: any field when it is about to be read, and one that isn't sent
// when it is about to be written, since that is the window that can't be closed for those that are.
func (r *race) before(method string, id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	write := method != http.MethodGet
	if r.armed && r.rng.IntN(3) == 0 && method != http.MethodDelete {
		r.edit(id, !write && r.rng.IntN(2) == 0)
	}
	r.written[id] = r.written[id] || write
}

func (r *race) edit(id int64, sent bool) {
	path := r.others(sent)
	r.made++
	value := any(fmt.Sprintf("edit %d.", r.made))
	if path == "items.0.unit_price" {
		value = 770000 + r.made
	}
	if r.h.sandbox.Edit(string(r.h.kind), id, map[string]any{path: value}) != nil {
		return // it was deleted
	}
	if r.edits[id] == nil {
		r.edits[id] = map[string]string{}
	}
	r.edits[id][path] = fmt.Sprint(value)
	r.early[id] = r.early[id] || sent && !r.written[id]
}

// TestRaces proves that an edit by another client before the read that comes before each write is
// never overwritten, and one of a field that isn't sent at no time, under lost answers too.
func TestRaces(t *testing.T) {
	for seed := range uint64(200) {
		bubble(t, fmt.Sprint(seed), func(t *testing.T) {
			runRace(t, seed)
		})
	}
}

func runRace(t *testing.T, seed uint64) {
	const n = 6
	r := &race{rng: rand.New(rand.NewPCG(seed, 7)), edits: map[int64]map[string]string{}, early: map[int64]bool{}, written: map[int64]bool{}}
	kind, payload := order.SalesOrders, `{"internal_notes":"ours","bill_to":{"name":"Ours"}}`
	if seed%2 == 1 {
		kind, payload = order.PurchaseOrders, `{"private_note":"ours"}`
	}
	cfg := sandbox.Config{Seed: seed, RetryAfter: 1}
	if seed%4 < 2 {
		for _, name := range []string{"drop_after", "500_after", "drop_before"} { // nothing that commits late: that would be after the read
			cfg.Faults = append(cfg.Faults, sandbox.Fault{Name: name, P: 0.1, Method: "WRITE"})
		}
	}
	b := newHarness(t, kind, cfg, seed+1, r.wrap)
	// The first and the last order aren't part of the run: whichever way lists are sorted, one of them
	// is read to see whether other orders can be read, and its read is no reason to edit one of ours.
	b.check(b.sandbox.Fill(string(kind), n+2))
	var all []request
	for i, o := range b.sandbox.Orders(string(kind))[1 : n+1] {
		if kind == order.SalesOrders {
			b.check(b.sandbox.Edit(string(kind), o.ID, map[string]any{"order_status": "pending"}))
		}
		w := request{number: o.Numbers[0], action: "update", payload: payload}
		if kind == order.PurchaseOrders && i%3 == 1 {
			line := b.existing(o.Numbers[0]).Items
			w.payload = `{"items":[`
			for j, l := range line {
				w.payload += fmt.Sprintf(`%s{"id":%d,"quantity":%d}`, strings.Repeat(",", min(j, 1)), l.ID, 3+j)
			}
			w.payload += `]}`
		}
		if i%3 == 2 {
			w.action, w.payload = "delete", "{}"
		}
		all = append(all, w)
	}
	b.plan(all...)
	b.compare(nil)
	r.arm()
	for _, o := range b.orders() { // some edits come before anything is read
		if r.rng.IntN(4) == 0 {
			r.mu.Lock()
			r.edit(o.ID, r.rng.IntN(2) == 0)
			r.mu.Unlock()
		}
	}
	b.finish()
	r.check(t)
}

func (r *race) arm() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.armed = true
}

// check says what is wrong afterwards.
func (r *race) check(t *testing.T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	standing := map[int64]sandbox.Order{}
	for _, s := range r.h.sandbox.Orders(string(r.h.kind)) {
		standing[s.ID] = s
	}
	for _, o := range r.h.orders() {
		s, ok := standing[o.ID]
		if !o.State.Final() {
			t.Errorf("order %s is still %s", o.Number, o.State)
		}
		matters := r.early[o.ID] && (o.Action == "delete" || sentIn(o, r.edits[o.ID]))
		if matters && o.State != ledger.Held {
			t.Errorf("order %s was edited before it was read again (%v) and is %s (%s)", o.Number, r.edits[o.ID], o.State, o.Message)
		}
		if !ok {
			if o.State != ledger.Deleted {
				t.Errorf("order %s is gone, and %s (%s)", o.Number, o.State, o.Message)
			}
			continue
		}
		for _, path := range slices.Sorted(maps.Keys(r.edits[o.ID])) {
			if !strings.Contains(string(s.Raw), r.edits[o.ID][path]) {
				t.Errorf("somebody set %s of order %s (%s: %s) to %s, and that is overwritten: %s", path, o.Number, o.State, o.Message, r.edits[o.ID][path], s.Raw)
			}
		}
	}
}

// sentIn says that an update sends one of the edited fields.
func sentIn(o ledger.Order, edits map[string]string) bool {
	for path := range edits {
		name, _, _ := strings.Cut(path, ".")
		if strings.Contains(string(o.Change.Body), `"`+name+`":`) {
			return true
		}
	}
	return false
}
