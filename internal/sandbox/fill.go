package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"
)

// Values of generated orders. Read-only.
var (
	saleStatuses = []string{"pending", "awaiting_shipment", "shipped", "fulfilled", "completed", "on_hold", "cancelled"}
	firstNames   = []string{"Ana", "Ben", "Chi", "Dora", "Emil", "Fatou", "Goran", "Hana", "Ivo", "Jun"}
	lastNames    = []string{"Almeida", "Brown", "Chen", "Diallo", "Eriksen", "Fischer", "García", "Haddad", "Ito", "Jansen"}
)

// Fill adds n orders of a kind, numbered S-000001 (or P-000001) and up, one a minute until now. The
// same seed gives the same orders. There must be no other order of the kind yet.
func (s *Sandbox) Fill(kind string, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.ordersOf(kind)
	if o == nil || len(o.slots) > 0 && n > 0 {
		return fmt.Errorf("generating %s: unknown kind, or orders exist already", kind)
	}
	rng := rand.New(rand.NewPCG(s.cfg.Seed, 1))
	begin := s.clock().Add(-time.Duration(n) * time.Minute)
	generate := s.randomSale
	if o == s.purchases {
		generate = s.randomPurchase
	}
	for i := range n {
		at := begin.Add(time.Duration(i) * time.Minute)
		order := generate(rng, i+1)
		order["order_date"] = at.UTC().Format(time.DateOnly)
		s.complete(o, order, fieldErrors{})
		s.storeOrder(o, o.next(), order, at)
	}
	return nil
}

// randomSale makes a request for a sales order, without a date.
func (s *Sandbox) randomSale(rng *rand.Rand, i int) doc {
	name := firstNames[rng.IntN(len(firstNames))] + " " + lastNames[rng.IntN(len(lastNames))]
	order := doc{
		"customer_email": fmt.Sprintf("customer%d@example.com", rng.IntN(5000)), "channel_id": upTo(rng, 7),
		"order_number": fmt.Sprintf("S-%06d", i), "order_status": saleStatuses[rng.IntN(len(saleStatuses))],
		"total_tax": cents(rng, 2000), "total_shipping": cents(rng, 1500),
	}
	company := upTo(rng, 200)
	if rng.IntN(3) == 0 {
		order["company_id"] = company
	} else {
		address := maps.Clone(s.ref["companies"].byID[company].(doc)["as_address"].(doc))
		address["name"] = name
		delete(address, "company")
		order["bill_to"], order["ship_to"] = address, address
	}
	order["items"] = s.randomItems(rng, 4, 0, 24, "retail_price")
	return order
}

// randomPurchase makes a request for a purchase order, without a date.
func (s *Sandbox) randomPurchase(rng *rand.Rand, i int) doc {
	return doc{
		"warehouse_id": upTo(rng, 6), "order_numbers": []any{fmt.Sprintf("P-%06d", i)}, "supplier_id": upTo(rng, 50),
		"total_shipping_cost": cents(rng, 9000), "total_tax": cents(rng, 5000), "items": s.randomItems(rng, 5, 9, 490, "unit_cost"),
	}
}

func (s *Sandbox) randomItems(rng *rand.Rand, most, base, quantity int, price string) []any {
	items := make([]any, 1+rng.IntN(most))
	for i := range items {
		p := s.catalog.all[rng.IntN(len(s.catalog.all))]
		n := whole(int64(base + 1 + rng.IntN(quantity)))
		items[i] = doc{"sku": p["sku"], "quantity": n, "unit_price": p[price]}
	}
	return items
}

func upTo(rng *rand.Rand, most int) any { return whole(int64(1 + rng.IntN(most))) }

func cents(rng *rand.Rand, most int) json.Number {
	return number(decimal.New(int64(rng.IntN(most)), -2))
}
