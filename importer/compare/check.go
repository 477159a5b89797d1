package compare

import (
	"context"
	"errors"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/order"
)

// CheckExisting says whether planned orders are looked up in the API before anything is sent.
type CheckExisting string

// The ways of checking. Auto checks when it costs at most one request in twenty orders.
const (
	CheckAuto CheckExisting = "auto"
	CheckOn   CheckExisting = "on"
	CheckOff  CheckExisting = "off"
)

// checkGroup is how many orders are checked at once.
const checkGroup = 500

// Check compares the planned orders of a run with what the ledger remembers and with what stands in the API, before anything is sent. What
// stands the same as meant becomes unchanged, what stands differently is held. What the ledger remembers is always confirmed by a look-up.
type Check struct {
	Ledger   *ledger.Ledger
	API      lookup.API
	Run      ledger.Run
	Sources  []ledger.Source
	Existing CheckExisting // "" is auto
	Recreate bool          // send again what this ledger made and what no longer stands
	Observe  plan.Observe

	// How updates, upserts and deletions are meant.
	Tags             string // diff.TagsAsSent, TagsReplaced or TagsAdded
	ReplacePayments  bool   // the sheet's payments are all that there shall be
	AllowLineRemoval bool   // a line of which something was received may be removed
	Refresh          bool   // the held orders of the run are compared, not its planned ones, and planned again where that is possible now
	Workers          int    // look-ups in flight at most; 0 is 4

	// MayList is asked before a list of so many orders is read whole, in so many requests; nil is yes.
	MayList func(orders, requests int) error

	// Unchecked says after Do why the planned orders weren't looked up in the API; empty when they were, or when that wasn't wanted.
	Unchecked string

	finder  *lookup.Finder
	listing *ledger.Listing
	done    int64

	rules     diff.Rules
	changes   bool // the run holds other things than plain creates
	claimants map[int64]claimant
	hidden    plan.HiddenFields
}

// Do checks all planned orders. The run must be held (ledger.Acquire).
func (c *Check) Do(ctx context.Context) (err error) {
	c.finder = lookup.New(lookup.Config{API: c.API, Kind: c.Run.Kind})
	if err := c.survey(ctx); err != nil {
		return err
	}
	ask, err := c.worthAsking(ctx)
	if err != nil {
		return err
	}
	if c.listing != nil {
		defer func() { err = errors.Join(err, c.listing.Close()) }()
	}
	var group []ledger.Order
	flush := func() error {
		err := c.compareGroup(ctx, group, ask)
		group = group[:0]
		return err
	}
	filter := ledger.Filter{States: []ledger.State{c.state()}, Full: true}
	err = c.Ledger.Orders(ctx, c.Run.ID, filter, func(o *ledger.Order) error {
		if c.Refresh && o.Payload == nil {
			return nil // held for what stands in the sheet
		}
		group = append(group, *o)
		if len(group) < checkGroup {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err == nil && c.Refresh {
		err = c.reopen(ctx)
	}
	return err
}

// reopen makes a plan of a run again whose held orders were compared once more, if any of them is to be sent now.
func (c *Check) reopen(ctx context.Context) error {
	states, err := c.Ledger.CountStates(ctx, c.Run.ID)
	if err != nil || states[ledger.OrderPlanned] == 0 {
		return err
	}
	return c.Ledger.UpdateRun(ctx, c.Run.ID, func(r *ledger.Run) { r.State, r.Ended = ledger.Planned, time.Time{} })
}

func (c *Check) find(ctx context.Context, numbers []string, remembered map[string]ledger.KeyRecord) (map[string][]order.Answer, error) {
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
	return c.confirm(ctx, numbers, remembered)
}
