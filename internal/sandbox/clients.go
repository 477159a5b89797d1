package sandbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Clients configures simulated clients that write while the client under test is running. Rates are
// in writes per second, over all orders; 0 means none.
type Clients struct {
	Edits   float64 // changes of one header field of an existing order
	Creates float64 // new orders, numbered OTHER-1 and up
	Removes float64 // of purchase orders; sales orders can't be deleted
	Kind    string  // only orders of this kind; "" means both
	Seed    uint64  // of the choice of orders and fields
}

// clientEditFields are the fields that simulated clients change. Read-only.
var clientEditFields = map[string][]string{
	SalesOrders:    {"internal_notes", "customer_notes", "ship_by_date", "hold_until_date", "order_status", "requested_shipping_service"},
	PurchaseOrders: {"private_note", "public_note", "arrival_due_date", "requested_ship_date"},
}

// SimulateClients writes as other clients would until ctx is done or the sandbox is closed, and
// counts the writes in Stats.ClientWrites. These writes need no token and are subject to neither
// the rate limit nor faults.
func (s *Sandbox) SimulateClients(ctx context.Context, o Clients) {
	rng := rand.New(rand.NewPCG(o.Seed, 1))
	total := o.Edits + o.Creates + o.Removes
	if total <= 0 {
		return
	}
	tick := time.NewTicker(max(time.Duration(float64(time.Second)/total), time.Microsecond))
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-s.closing:
			return
		case <-tick.C:
		}
		switch at := rng.Float64() * total; {
		case at < o.Edits:
			s.clientEdit(o, rng, n)
		case at < o.Edits+o.Creates:
			s.clientCreate(o, rng, n)
		default:
			s.clientRemove(rng)
		}
	}
}

// clientEdit changes a random field of a random order.
func (s *Sandbox) clientEdit(o Clients, rng *rand.Rand, n int) {
	kind := o.kind(rng)
	id, ok := s.randomOrder(kind, rng)
	if !ok && o.Kind == "" {
		kind = map[string]string{SalesOrders: PurchaseOrders, PurchaseOrders: SalesOrders}[kind]
		id, ok = s.randomOrder(kind, rng)
	}
	if !ok {
		return
	}
	fields := clientEditFields[kind]
	field := fields[rng.IntN(len(fields))]
	var value any = fmt.Sprintf("edited by another client, %d", n)
	switch {
	case field == "order_status":
		value = []string{"on_hold", "awaiting_shipment", "backorder"}[rng.IntN(3)]
	case strings.HasSuffix(field, "_date"):
		value = time.Date(2030, 1, 1+rng.IntN(3650), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if s.Edit(kind, id, map[string]any{field: value}) == nil { // an error means it was deleted meanwhile
		s.counts.clientWrote()
	}
}

// kind chooses a kind at random if both are allowed.
func (o Clients) kind(rng *rand.Rand) string {
	if o.Kind != "" {
		return o.Kind
	}
	return []string{SalesOrders, PurchaseOrders}[rng.IntN(2)]
}

// randomOrder returns the id of a random order.
func (s *Sandbox) randomOrder(kind string, rng *rand.Rand) (id int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kind == SalesOrders {
		return randomRecord(s.sales, rng)
	}
	return randomRecord(s.purchases, rng)
}

// randomRecord starts at a random slot and returns the first record from there on.
func randomRecord[R record](s *store[R], rng *rand.Rand) (id int64, ok bool) {
	if s.live == 0 {
		return 0, false
	}
	start := rng.IntN(len(s.slots))
	i := slices.IndexFunc(s.slots[start:], func(sl slot[R]) bool { return sl.exists })
	if i < 0 {
		start, i = 0, slices.IndexFunc(s.slots, func(sl slot[R]) bool { return sl.exists })
	}
	return s.first + int64(start+i), true
}

// clientCreate creates an order.
func (s *Sandbox) clientCreate(o Clients, rng *rand.Rand, n int) {
	kind, body := o.kind(rng), fmt.Sprintf(`{"channel_id":1,"company_id":1,"order_number":"OTHER-%d","order_date":"2026-01-15","order_status":"pending",
		"items":[{"sku":"SKU-1","quantity":1,"unit_price":5}]}`, n)
	if kind == PurchaseOrders {
		body = fmt.Sprintf(`{"supplier_id":5,"order_numbers":["OTHER-%d"],"order_date":"2026-01-15","items":[{"sku":"SKU-1","quantity":1,"unit_price":5}]}`, n)
	}
	if _, err := s.Create(kind, []byte(body)); err == nil { // an error means the number is taken
		s.counts.clientWrote()
	}
}

// clientRemove deletes a random purchase order.
func (s *Sandbox) clientRemove(rng *rand.Rand) {
	id, ok := s.randomOrder(PurchaseOrders, rng)
	if ok && s.Remove(PurchaseOrders, id) == nil {
		s.counts.clientWrote()
	}
}
