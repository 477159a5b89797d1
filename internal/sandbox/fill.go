package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
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
	rng := rand.New(rand.NewPCG(s.cfg.Seed, 1))
	begin := s.clock().Add(-time.Duration(n) * time.Minute)
	for i := range n {
		at := begin.Add(time.Duration(i) * time.Minute)
		switch {
		case kind == SalesOrders && len(s.sales.slots) == i:
			s.fillSales(rng, i+1, at)
		case kind == PurchaseOrders && len(s.purchases.slots) == i:
			s.fillPurchase(rng, i+1, at)
		default:
			return fmt.Errorf("generating %s: unknown kind, or orders exist already", kind)
		}
	}
	return nil
}

func (s *Sandbox) fillSales(rng *rand.Rand, i int, at time.Time) {
	name := firstNames[rng.IntN(len(firstNames))] + " " + lastNames[rng.IntN(len(lastNames))]
	email := fmt.Sprintf("customer%d@example.com", rng.IntN(5000))
	in := salesIn{
		ChannelID: integer(1 + rng.IntN(7)), OrderNumber: fmt.Sprintf("S-%06d", i), OrderDate: at.UTC().Format(time.DateOnly),
		OrderStatus: saleStatuses[rng.IntN(len(saleStatuses))], salesSettable: salesSettable{CustomerEmail: &email},
		TotalTax: cents(rng, 2000), TotalShipping: cents(rng, 1500),
	}
	company := integer(1 + rng.IntN(200))
	if rng.IntN(3) == 0 {
		in.CompanyID = &company
	} else {
		s.ref.companies[int64(company)].summary().fillAddresses(&in.salesSettable)
		bill, ship := *in.BillTo, *in.ShipTo
		bill.Name, ship.Name, bill.Company, ship.Company = &name, &name, nil, nil
		in.BillTo, in.ShipTo = &bill, &ship
	}
	for range 1 + rng.IntN(4) {
		p := s.catalog.all[rng.IntN(len(s.catalog.all))]
		in.Items = append(in.Items, salesItemIn{SKU: p.SKU, Quantity: number(strconv.Itoa(1 + rng.IntN(24))), UnitPrice: orZero(p.Retail)})
	}
	o := s.newSales(&in, fieldErrors{})
	s.addSales(o, &in, at)
}

func (s *Sandbox) fillPurchase(rng *rand.Rand, i int, at time.Time) {
	warehouse := integer(1 + rng.IntN(6))
	in := purchaseIn{
		OrderNumbers: []string{fmt.Sprintf("P-%06d", i)}, OrderDate: at.UTC().Format(time.DateOnly), SupplierID: integer(1 + rng.IntN(50)),
		WarehouseID: &warehouse, TotalShippingCost: cents(rng, 9000), TotalTax: cents(rng, 5000),
	}
	for range 1 + rng.IntN(5) {
		p := s.catalog.all[rng.IntN(len(s.catalog.all))]
		in.Items = append(in.Items, purchaseItemIn{SKU: p.SKU, Quantity: number(strconv.Itoa(10 + rng.IntN(490))), UnitPrice: orZero(p.UnitCost)})
	}
	o := s.newPurchase(&in, fieldErrors{})
	o.Items = s.newItems(in.Items, nil, fieldErrors{})
	s.addPurchase(o, &in, at)
}

func cents(rng *rand.Rand, most int) *number {
	n := rng.IntN(most)
	v := new(number)
	if err := v.UnmarshalJSON(fmt.Appendf(nil, "%d.%02d", n/100, n%100)); err != nil {
		panic(err) // cannot happen
	}
	return v
}
