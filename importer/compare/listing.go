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

// worth is how many orders a request of checking must be for, so that --check-existing auto makes it.
const worth = 20

// worthAsking finds out whether all planned orders are to be looked up in the API, and how: in batches where a filter by many numbers works,
// else by reading the list of all orders once, or one by one, whatever takes fewer requests.
func (c *Check) worthAsking(ctx context.Context) (bool, error) {
	if c.Existing == CheckOff && !c.changes {
		return false, nil
	}
	method, err := c.finder.Prove(ctx)
	first := c.finder.Sample()
	switch {
	case err != nil:
		return false, fmt.Errorf("looking up existing orders: %w", err)
	case first.Meta.Total == 0 && len(first.Orders) == 0:
		return false, nil // no order exists, so none can be created twice
	case method == lookup.Batch:
		return true, nil
	}
	states, err := c.Ledger.CountStates(ctx, c.Run.ID)
	if err != nil {
		return false, err
	}
	planned := int(states[c.state()])
	requests := (first.Meta.Total + luminous.PerPage - 1) / luminous.PerPage
	switch {
	case c.Existing != CheckOn && !c.changes && requests*worth > planned:
		c.Unchecked = fmt.Sprintf("whether the order numbers are taken wasn't checked: Luminous can't be asked for many at once, and reading all %d orders there "+
			"would take %d requests; --check-existing on does it", first.Meta.Total, requests)
		return false, nil
	case method == lookup.Single && planned <= requests:
		return true, nil
	}
	if c.MayList != nil {
		if err := c.MayList(first.Meta.Total, requests); err != nil {
			return false, err
		}
	}
	return true, c.list(ctx, planned)
}

// list reads the list of all orders and keeps those whose number is planned.
func (c *Check) list(ctx context.Context, planned int) (err error) {
	wanted, err := c.planned(ctx, planned)
	if err == nil {
		c.listing, err = c.Ledger.NewListing(ctx, c.Run.Kind)
	}
	if err != nil {
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

// numberSet knows order numbers by 8 bytes each. That it takes a stranger for one of them once in ages does no harm.
type numberSet struct {
	seed   maphash.Seed
	hashes []uint64 // rising
}

func (s *numberSet) has(number string) bool {
	_, ok := slices.BinarySearch(s.hashes, maphash.String(s.seed, number))
	return ok
}

// planned gathers the numbers of the planned orders.
func (c *Check) planned(ctx context.Context, n int) (*numberSet, error) {
	s := &numberSet{seed: maphash.MakeSeed(), hashes: make([]uint64, 0, n)}
	err := c.Ledger.Orders(ctx, c.Run.ID, ledger.Filter{States: []ledger.State{c.state()}, Full: c.Run.Kind == order.PurchaseOrders}, func(o *ledger.Order) error {
		for _, n := range o.Keys() {
			s.hashes = append(s.hashes, maphash.String(s.seed, n))
		}
		return nil
	})
	slices.Sort(s.hashes)
	return s, err
}

// confirm reads the orders that the ledger remembers by their ids, where no look-up by number works.
func (c *Check) confirm(ctx context.Context, numbers []string, remembered map[string]ledger.KeyRecord) (map[string][]order.Answer, error) {
	found := map[string][]order.Answer{}
	for _, n := range numbers {
		a, err := c.API.Get(ctx, c.Run.Kind, remembered[n].ID)
		switch {
		case lookup.NotFound(err):
		case err != nil:
			return nil, err
		case slices.Contains(a.Numbers, n):
			found[n] = []order.Answer{a}
		}
	}
	return found, nil
}
