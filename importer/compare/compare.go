package compare

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// refreshedCodes are the codes of problems that no longer hold when an order is compared again.
func refreshedCodes() []string {
	return []string{
		problem.NumberInOtherRun, problem.ExistingDiffers, problem.SeveralExisting, problem.CreatedThenGone, problem.NotFound,
		problem.IDMismatch, problem.SameOrder, problem.Stale, problem.OutcomeUnknown,
	}
}

// claimant is the order of the run that is to change a standing order.
type claimant struct {
	seq    int64
	number string
}

// locator leads from an order back to its cells.
func (c *Check) locator() plan.CellLocator { return plan.CellLocator{Run: c.Run, Sources: c.Sources} }

// state is the state of the orders that are compared.
func (c *Check) state() ledger.State {
	if c.Refresh {
		return ledger.Held
	}
	return ledger.OrderPlanned
}

// survey finds out whether the run holds anything but plain creates.
func (c *Check) survey(ctx context.Context) error {
	c.rules = plan.RulesOf(c.Run.Kind)
	c.rules.Tags, c.rules.ReplacePayments = c.Tags, c.ReplacePayments
	c.claimants = map[int64]claimant{}
	actions, err := c.Ledger.CountActions(ctx, c.Run.ID, c.state())
	delete(actions, order.Create)
	c.changes = c.Refresh || len(actions) > 0
	return err
}

// compareGroup compares some orders, as many at once as fit onto a page of the API's list, and records what that comes to.
func (c *Check) compareGroup(ctx context.Context, orders []ledger.Order, ask bool) error {
	if len(orders) == 0 {
		return nil
	}
	parts := slices.Collect(slices.Chunk(orders, luminous.PerPage))
	found := make([][]ledger.Decision, len(parts))
	pool, poolCtx := errgroup.WithContext(ctx)
	pool.SetLimit(max(c.Workers, 1))
	if c.Workers == 0 {
		pool.SetLimit(4) // a page takes the server longer than us
	}
	for i, part := range parts {
		pool.Go(func() (err error) {
			found[i], err = c.decideAll(poolCtx, part, ask)
			return err
		})
	}
	if err := pool.Wait(); err != nil {
		return err
	}
	decisions := slices.Concat(found...)
	c.holdDuplicates(orders, decisions)
	c.done += int64(len(orders))
	c.Observe.Tell(plan.Event{Phase: plan.Checking, Done: c.done})
	if len(decisions) == 0 {
		return nil
	}
	return c.Ledger.Decide(ctx, c.Run.ID, decisions)
}

// decideAll compares orders that are asked for together.
func (c *Check) decideAll(ctx context.Context, orders []ledger.Order, ask bool) ([]ledger.Decision, error) {
	var numbers []string
	var ids []int64
	for _, o := range orders {
		if o.Change != nil && o.Change.ByID {
			ids = append(ids, o.Change.ID)
		}
		numbers = append(numbers, o.Keys()...)
	}
	remembered, err := c.Ledger.KeyInfo(ctx, c.Run.Account, c.Run.Kind, numbers)
	if err != nil {
		return nil, err
	}
	var asked []string
	for _, o := range orders {
		if o.Change != nil && o.Change.ByID {
			continue
		}
		for _, n := range o.Keys() {
			if k, ok := remembered[n]; (ask || ok && k.Exists()) && !slices.Contains(asked, n) {
				asked = append(asked, n)
			}
		}
	}
	found, err := c.find(ctx, asked, remembered)
	var byID map[int64]order.Answer
	if err == nil {
		byID, err = c.finder.ByIDs(ctx, ids)
	}
	if err != nil {
		return nil, fmt.Errorf("looking up existing orders: %w", err)
	}
	if err := c.rememberFound(ctx, byID, remembered); err != nil {
		return nil, err
	}
	var out []ledger.Decision
	for _, o := range orders {
		hits := hitsOf(o, found, byID)
		k := remembered[o.Number]
		if o.Change != nil && o.Change.ByID && len(hits) == 1 && len(hits[0].Numbers) > 0 {
			k = remembered[hits[0].Numbers[0]]
		}
		d, decided, err := c.decide(ctx, o, k, hits)
		if err != nil {
			return nil, fmt.Errorf("looking up existing orders: %w", err)
		}
		if decided {
			out = append(out, d)
		}
	}
	return out, nil
}

// rememberFound adds what the ledger remembers of the numbers of orders that were found by their ids.
func (c *Check) rememberFound(ctx context.Context, byID map[int64]order.Answer, remembered map[string]ledger.KeyRecord) error {
	var numbers []string
	for _, a := range byID {
		numbers = append(numbers, a.Numbers...)
	}
	more, err := c.Ledger.KeyInfo(ctx, c.Run.Account, c.Run.Kind, numbers)
	maps.Copy(remembered, more)
	return err
}

// hitsOf are the standing orders that an order of the sheet may mean, each once.
func hitsOf(o ledger.Order, found map[string][]order.Answer, byID map[int64]order.Answer) []order.Answer {
	if o.Change != nil && o.Change.ByID {
		if a, ok := byID[o.Change.ID]; ok {
			return []order.Answer{a}
		}
		return nil
	}
	var hits []order.Answer
	for _, n := range o.Keys() {
		for _, a := range found[n] {
			if !slices.ContainsFunc(hits, func(b order.Answer) bool { return a.ID == b.ID }) {
				hits = append(hits, a)
			}
		}
	}
	return hits
}

// holdDuplicates holds orders of the sheet that mean a standing order which another order of the sheet is to change already.
func (c *Check) holdDuplicates(orders []ledger.Order, decisions []ledger.Decision) {
	bySeq := map[int64]ledger.Order{}
	for i := range decisions {
		d := &decisions[i]
		if d.ID == 0 || d.State != ledger.OrderPlanned && d.State != ledger.Unchanged {
			continue
		}
		first, taken := c.claimants[d.ID]
		if !taken {
			number := d.Number
			if len(bySeq) == 0 {
				for _, o := range orders {
					bySeq[o.Seq] = o
				}
			}
			if number == "" {
				number = bySeq[d.Seq].Number
			}
			c.claimants[d.ID] = claimant{d.Seq, number}
			continue
		}
		if first.seq != d.Seq {
			c.hold(d, bySeq[d.Seq], problem.New(problem.SameOrder, "other", first.number, "id", strconv.FormatInt(d.ID, 10)))
		}
	}
}
