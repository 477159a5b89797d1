package sandbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Others are people and programs that write into the same order system while a client works on it. Rates are in writes a second, for all
// orders together; 0 is none.
type Others struct {
	Edits   float64 // changes of one header field of an order that stands
	Creates float64 // new orders, numbered OTHER-1 and on
	Removes float64 // of purchase orders; a sales order can't be removed
	Kind    string  // only orders of this kind; "" is both
	Seed    uint64  // of the dice that choose the orders and the fields
}

// othersFields are the fields that an edit by another changes. A read-only table.
var othersFields = map[string][]string{
	SalesOrders:    {"internal_notes", "customer_notes", "ship_by_date", "hold_until_date", "order_status", "requested_shipping_service"},
	PurchaseOrders: {"private_note", "public_note", "arrival_due_date", "requested_ship_date"},
}

// Disturb lets others write until ctx is done or the sandbox is closed. What they write is counted in Stats.Others. Their writes wait for
// nothing but the clock, take no token and meet no fault.
func (s *Sandbox) Disturb(ctx context.Context, o Others) {
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
			s.othersEdit(o, rng, n)
		case at < o.Edits+o.Creates:
			s.othersCreate(o, rng, n)
		default:
			s.othersRemove(rng)
		}
	}
}

// othersEdit changes a random field of a random order that stands.
func (s *Sandbox) othersEdit(o Others, rng *rand.Rand, n int) {
	kind := o.kind(rng)
	id, ok := s.anyOrder(kind, rng)
	if !ok && o.Kind == "" {
		kind = map[string]string{SalesOrders: PurchaseOrders, PurchaseOrders: SalesOrders}[kind]
		id, ok = s.anyOrder(kind, rng)
	}
	if !ok {
		return
	}
	fields := othersFields[kind]
	field := fields[rng.IntN(len(fields))]
	var value any = fmt.Sprintf("edited by another, %d", n)
	switch {
	case field == "order_status":
		value = []string{"on_hold", "awaiting_shipment", "backorder"}[rng.IntN(3)]
	case strings.HasSuffix(field, "_date"):
		value = time.Date(2030, 1, 1+rng.IntN(3650), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if s.Edit(kind, id, map[string]any{field: value}) == nil { // else it was removed since it was chosen
		s.counts.others()
	}
}

// kind throws a coin where both kinds are written to.
func (o Others) kind(rng *rand.Rand) string {
	if o.Kind != "" {
		return o.Kind
	}
	return []string{SalesOrders, PurchaseOrders}[rng.IntN(2)]
}

// anyOrder chooses an order that stands.
func (s *Sandbox) anyOrder(kind string, rng *rand.Rand) (id int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kind == SalesOrders {
		return chosen(s.sales, rng)
	}
	return chosen(s.buys, rng)
}

// chosen tries a few places at random, then takes the next one on.
func chosen[R record](s *shelf[R], rng *rand.Rand) (id int64, ok bool) {
	if s.live == 0 {
		return 0, false
	}
	start := rng.IntN(len(s.slots))
	i := slices.IndexFunc(s.slots[start:], func(sl slot[R]) bool { return sl.there })
	if i < 0 {
		start, i = 0, slices.IndexFunc(s.slots, func(sl slot[R]) bool { return sl.there })
	}
	return s.first + int64(start+i), true
}

// othersCreate makes an order as another client would.
func (s *Sandbox) othersCreate(o Others, rng *rand.Rand, n int) {
	kind, body := o.kind(rng), fmt.Sprintf(`{"channel_id":1,"company_id":1,"order_number":"OTHER-%d","order_date":"2026-01-15","order_status":"pending",
		"items":[{"sku":"SKU-1","quantity":1,"unit_price":5}]}`, n)
	if kind == PurchaseOrders {
		body = fmt.Sprintf(`{"supplier_id":5,"order_numbers":["OTHER-%d"],"order_date":"2026-01-15","items":[{"sku":"SKU-1","quantity":1,"unit_price":5}]}`, n)
	}
	if _, err := s.Create(kind, []byte(body)); err == nil { // else the number is taken
		s.counts.others()
	}
}

// othersRemove takes a purchase order away.
func (s *Sandbox) othersRemove(rng *rand.Rand) {
	id, ok := s.anyOrder(PurchaseOrders, rng)
	if ok && s.Remove(PurchaseOrders, id) == nil {
		s.counts.others()
	}
}
