package compare

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// ordersPerRequest is how many orders one request must check, so that CheckAuto makes it.
const ordersPerRequest = 20

// chooseScope decides whether all planned orders are looked up, and how: in batches where the API
// can do that, else by reading the list of all orders once, or one by one if that takes fewer
// requests.
func (c *comparer) chooseScope(ctx context.Context) (all bool, unchecked string, err error) {
	if c.Existing == CheckOff && !c.changes {
		return false, "", nil
	}
	method, err := c.finder.Prove(ctx)
	first := c.finder.Sample()
	switch {
	case err != nil:
		return false, "", fmt.Errorf("looking up existing orders: %w", err)
	case first.Meta.Total == 0 && len(first.Orders) == 0:
		return false, "", nil // no order exists, so none can be created twice
	case method == lookup.Batch:
		return true, "", nil
	}
	states, err := c.Ledger.CountStates(ctx, c.Run.ID)
	if err != nil {
		return false, "", err
	}
	planned := int(states[c.state()])
	requests := (first.Meta.Total + luminous.PerPage - 1) / luminous.PerPage
	switch {
	case c.Existing != CheckOn && !c.changes && requests*ordersPerRequest > planned:
		return false, fmt.Sprintf("not checked whether the order numbers are taken: Luminous can't look up many at once, "+
			"and reading all %d orders there would take %d requests", first.Meta.Total, requests), nil
	case method == lookup.Single && planned <= requests:
		return true, "", nil
	}
	if c.MayList != nil {
		if err := c.MayList(first.Meta.Total, requests); err != nil {
			return false, "", err
		}
	}
	return true, "", c.readList(ctx, planned)
}

// readList reads the list of all orders and keeps those whose number is planned.
func (c *comparer) readList(ctx context.Context, planned int) error {
	wanted, err := c.plannedNumbers(ctx, planned)
	if err != nil {
		return err
	}
	if c.listing, err = c.Ledger.NewListing(ctx, c.Run.Kind); err != nil {
		return err
	}
	shown := 0
	err = c.finder.EachListed(ctx, nil, func(p luminous.Page) error {
		shown += len(p.Orders)
		c.Observe.Tell(plan.Event{Phase: plan.Listing, Done: int64(shown), Total: int64(p.Meta.Total)})
		for _, a := range p.Orders {
			for _, n := range a.Numbers {
				if !wanted.has(n) {
					continue
				}
				if err := c.listing.Add(ctx, n, a); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the list of existing orders: %w", err)
	}
	return nil
}

// numberSet holds order numbers in 8 bytes each. A hash collision only costs memory.
type numberSet struct {
	seed   maphash.Seed
	hashes []uint64 // ascending
}

func (s *numberSet) has(number string) bool {
	_, ok := slices.BinarySearch(s.hashes, maphash.String(s.seed, number))
	return ok
}

// plannedNumbers returns the numbers of the planned orders.
func (c *comparer) plannedNumbers(ctx context.Context, n int) (*numberSet, error) {
	s := &numberSet{seed: maphash.MakeSeed(), hashes: make([]uint64, 0, n)}
	filter := ledger.Filter{States: []ledger.State{c.state()}, Full: c.Run.Kind == order.PurchaseOrders}
	err := c.Ledger.Orders(ctx, c.Run.ID, filter, func(o *ledger.Order) error {
		for _, n := range o.Keys() {
			s.hashes = append(s.hashes, maphash.String(s.seed, n))
		}
		return nil
	})
	slices.Sort(s.hashes)
	return s, err
}

// find looks orders up by their numbers.
func (c *comparer) find(
	ctx context.Context, numbers []string, remembered map[string]ledger.KeyRecord,
) (map[string][]order.Answer, error) {
	switch {
	case len(numbers) == 0:
		return nil, nil
	case c.listing != nil:
		return c.listing.Find(ctx, numbers)
	}
	switch method, err := c.finder.Prove(ctx); {
	case err != nil:
		return nil, err
	case method == lookup.Batch || method == lookup.Single:
		return c.finder.ByNumbers(ctx, numbers)
	}
	// No look-up by number works: only those with a remembered id can be read.
	found := map[string][]order.Answer{}
	for _, n := range numbers {
		a, exists, err := c.finder.Read(ctx, remembered[n].ID, "")
		if err != nil {
			return nil, err
		}
		if exists && slices.Contains(a.Numbers, n) {
			found[n] = []order.Answer{a}
		}
	}
	return found, nil
}
