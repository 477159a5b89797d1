package sandbox

import (
	"context"
	"fmt"
	"math/rand/v2"
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

// SimulateClients writes as other clients would until ctx is done or the sandbox is closed, and
// counts the writes in Stats.ClientWrites. These writes need no token and are subject to neither
// the rate limit nor faults.
func (s *Sandbox) SimulateClients(ctx context.Context, c Clients) {
	rng := rand.New(rand.NewPCG(c.Seed, 1))
	total := c.Edits + c.Creates + c.Removes
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
		var err error
		switch at := rng.Float64() * total; {
		case at < c.Edits:
			err = s.clientEdit(c, rng, n)
		case at < c.Edits+c.Creates:
			err = s.clientCreate(c, rng, n)
		default:
			err = s.clientRemove(rng)
		}
		if err == nil { // otherwise there is no such order, or the number is taken
			s.gate.update(func(st *Stats) { st.ClientWrites++ })
		}
	}
}

// clientEdit changes a random field of a random order.
func (s *Sandbox) clientEdit(c Clients, rng *rand.Rand, n int) error {
	o := s.ordersOf(c.kind(rng))
	id := s.randomOrder(o, rng)
	if id == 0 && c.Kind == "" {
		o = map[*orders]*orders{s.sales: s.purchases, s.purchases: s.sales}[o]
		id = s.randomOrder(o, rng)
	}
	field := o.edited[rng.IntN(len(o.edited))]
	value := fmt.Sprintf("edited by another client, %d", n)
	switch {
	case field == "order_status":
		value = []string{"on_hold", "awaiting_shipment", "backorder"}[rng.IntN(3)]
	case strings.HasSuffix(field, "_date"):
		value = time.Date(2030, 1, 1+rng.IntN(3650), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	return s.Edit(o.name, id, map[string]any{field: value})
}

// kind chooses a kind at random if both are allowed.
func (c Clients) kind(rng *rand.Rand) string {
	if c.Kind != "" {
		return c.Kind
	}
	return []string{SalesOrders, PurchaseOrders}[rng.IntN(2)]
}

// randomOrder returns the id of the first order from a random slot on, 0 if there are none.
func (s *Sandbox) randomOrder(o *orders, rng *rand.Rand) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(o.slots)
	for start, i := rng.IntN(max(n, 1)), 0; i < n; i++ {
		if at := (start + i) % n; o.slots[at].order != nil {
			return o.firstID + int64(at)
		}
	}
	return 0
}

// clientCreate creates an order.
func (s *Sandbox) clientCreate(c Clients, rng *rand.Rand, n int) error {
	kind, header := c.kind(rng), `"channel_id":1,"company_id":1,"order_number":"OTHER-%d","order_status":"pending"`
	if kind == PurchaseOrders {
		header = `"supplier_id":5,"order_numbers":["OTHER-%d"]`
	}
	rest := `"order_date":"2026-01-15","items":[{"sku":"SKU-1","quantity":1,"unit_price":5}]`
	_, err := s.Create(kind, fmt.Appendf(nil, "{"+header+","+rest+"}", n))
	return err
}

// clientRemove deletes a random purchase order.
func (s *Sandbox) clientRemove(rng *rand.Rand) error {
	return s.Remove(PurchaseOrders, s.randomOrder(s.purchases, rng))
}
