package sandbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Clients are people and programs that write into the same order system while a client works on it. Rates are in writes a second, for all
// orders together; 0 is none.
type Clients struct {
	Edits   float64 // changes of one header field of an order that stands
	Creates float64 // new orders, numbered OTHER-1 and on
	Removes float64 // of purchase orders; a sales order can't be removed
	Kind    string  // only orders of this kind; "" is both
	Seed    uint64  // of the dice that choose the orders and the fields
}

// clientEditFields are the fields that an edit by another changes. A read-only table.
var clientEditFields = map[string][]string{
	SalesOrders:    {"internal_notes", "customer_notes", "ship_by_date", "hold_until_date", "order_status", "requested_shipping_service"},
	PurchaseOrders: {"private_note", "public_note", "arrival_due_date", "requested_ship_date"},
}

// SimulateClients lets others write until ctx is done or the sandbox is closed. What they write is counted in Stats.Others. Their writes wait for
// nothing but the clock, take no token and meet no fault.
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

// clientEdit changes a random field of a random order that stands.
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
	var value any = fmt.Sprintf("edited by another, %d", n)
	switch {
	case field == "order_status":
		value = []string{"on_hold", "awaiting_shipment", "backorder"}[rng.IntN(3)]
	case strings.HasSuffix(field, "_date"):
		value = time.Date(2030, 1, 1+rng.IntN(3650), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if s.Edit(kind, id, map[string]any{field: value}) == nil { // else it was removed since it was chosen
		s.counts.clientWrote()
	}
}

// kind throws a coin where both kinds are written to.
func (o Clients) kind(rng *rand.Rand) string {
	if o.Kind != "" {
		return o.Kind
	}
	return []string{SalesOrders, PurchaseOrders}[rng.IntN(2)]
}

// randomOrder chooses an order that stands.
func (s *Sandbox) randomOrder(kind string, rng *rand.Rand) (id int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kind == SalesOrders {
		return randomRecord(s.sales, rng)
	}
	return randomRecord(s.purchases, rng)
}

// randomRecord tries a few places at random, then takes the next one on.
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

// clientCreate makes an order as another client would.
func (s *Sandbox) clientCreate(o Clients, rng *rand.Rand, n int) {
	kind, body := o.kind(rng), fmt.Sprintf(`{"channel_id":1,"company_id":1,"order_number":"OTHER-%d","order_date":"2026-01-15","order_status":"pending",
		"items":[{"sku":"SKU-1","quantity":1,"unit_price":5}]}`, n)
	if kind == PurchaseOrders {
		body = fmt.Sprintf(`{"supplier_id":5,"order_numbers":["OTHER-%d"],"order_date":"2026-01-15","items":[{"sku":"SKU-1","quantity":1,"unit_price":5}]}`, n)
	}
	if _, err := s.Create(kind, []byte(body)); err == nil { // else the number is taken
		s.counts.clientWrote()
	}
}

// clientRemove takes a purchase order away.
func (s *Sandbox) clientRemove(rng *rand.Rand) {
	id, ok := s.randomOrder(PurchaseOrders, rng)
	if ok && s.Remove(PurchaseOrders, id) == nil {
		s.counts.clientWrote()
	}
}
