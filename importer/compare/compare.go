// Package compare compares the planned orders of a run with what the ledger remembers and with the
// orders that exist in Luminous, before anything is sent. An order that is already up to date
// becomes unchanged, one that a person has to decide about is held, and an update becomes a change:
// what is sent, and the same fields as they are.
package compare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// CheckExisting says whether plain creates are looked up before anything is sent. What the ledger
// remembers is always looked up.
type CheckExisting string

// The ways of checking. Auto checks when that costs at most one request for 20 orders.
const (
	CheckAuto CheckExisting = "auto"
	CheckOn   CheckExisting = "on"
	CheckOff  CheckExisting = "off"
)

// Ledger is what comparing needs of the ledger.
type Ledger interface {
	ledger.Plan
	ledger.Keys
	UpdateRun(ctx context.Context, id int64, change func(*ledger.Run)) error
}

// Config says what is compared, and how updates, upserts and deletions are meant.
type Config struct {
	Ledger   Ledger
	API      lookup.API
	Run      ledger.Run // held by this process (ledger.Acquire)
	Sources  []ledger.Source
	Existing CheckExisting // "" is auto
	Recreate bool          // send again what this ledger created and is gone
	Refresh  bool          // compare the held orders instead of the planned ones
	Workers  int           // look-ups in flight at most; 0 is 4
	Observe  plan.Observe

	Tags             string // diff.TagsAsSent, TagsReplaced or TagsAdded
	ReplacePayments  bool   // replace all payments by those of the sheet
	AllowLineRemoval bool   // a line of which something was received may be removed

	// MayList is asked before a list of so many orders is read in so many requests; nil is yes.
	MayList func(orders, requests int) error
}

// comparer is one comparison in progress.
type comparer struct {
	Config
	cells     plan.CellLocator
	finder    *lookup.Finder
	listing   ledger.Listing // nil unless the list of all orders was read
	rules     diff.Rules
	changes   bool // the run has more than plain creates
	hidden    plan.HiddenFields
	claimants map[int64]claimant // by id of the existing order
	done      int64
}

// claimant is the order of the run that is to change an existing order.
type claimant struct {
	seq    int64
	number string
}

// Run compares all planned orders. unchecked says why plain creates weren't looked up; empty when
// they were, or weren't meant to be.
func Run(ctx context.Context, cfg Config) (unchecked string, err error) {
	c := &comparer{
		Config: cfg, cells: plan.CellLocator{Kind: cfg.Run.Kind, Sources: cfg.Sources},
		finder: lookup.New(lookup.Config{API: cfg.API, Kind: cfg.Run.Kind}),
		rules:  plan.RulesOf(cfg.Run.Kind), claimants: map[int64]claimant{},
	}
	c.rules.Tags, c.rules.ReplacePayments = cfg.Tags, cfg.ReplacePayments
	actions, err := c.Ledger.CountActions(ctx, cfg.Run.ID, c.state())
	if err != nil {
		return "", err
	}
	delete(actions, order.Create)
	c.changes = c.Refresh || len(actions) > 0
	all, unchecked, err := c.chooseScope(ctx)
	if err != nil {
		return "", err
	}
	if c.listing != nil {
		defer func() { err = errors.Join(err, c.listing.Close()) }()
	}
	if err := c.compareAll(ctx, all); err != nil {
		return unchecked, err
	}
	if c.Refresh {
		err = c.reopen(ctx)
	}
	return unchecked, err
}

// state is the state of the orders that are compared.
func (c *comparer) state() ledger.State {
	if c.Refresh {
		return ledger.Held
	}
	return ledger.OrderPlanned
}

func (c *comparer) compareAll(ctx context.Context, all bool) error {
	filter := ledger.Filter{States: []ledger.State{c.state()}, Full: true}
	compares := func(o *ledger.Order) bool { return !c.Refresh || o.Payload != nil } // else it is held because of the sheet
	return plan.EachGroup(ctx, c.Ledger, c.Run.ID, filter, compares, func(orders []ledger.Order) error {
		return c.compareGroup(ctx, orders, all)
	})
}

// reopen makes a run a plan again if any order that was compared again is to be sent now.
func (c *comparer) reopen(ctx context.Context) error {
	states, err := c.Ledger.CountStates(ctx, c.Run.ID)
	if err != nil || states[ledger.OrderPlanned] == 0 {
		return err
	}
	return c.Ledger.UpdateRun(ctx, c.Run.ID, func(r *ledger.Run) { r.State, r.Ended = ledger.Planned, time.Time{} })
}

// compareGroup compares some orders, a page of the API's list at a time, and records the decisions.
func (c *comparer) compareGroup(ctx context.Context, orders []ledger.Order, all bool) error {
	page := func(ctx context.Context, orders []ledger.Order) ([]ledger.Decision, error) {
		decisions, err := c.comparePage(ctx, orders, all)
		if err != nil {
			return nil, fmt.Errorf("looking up existing orders: %w", err)
		}
		return decisions, nil
	}
	decisions, err := plan.InParallel(ctx, orders, luminous.PerPage, c.Workers, page)
	if err != nil {
		return err
	}
	c.holdDuplicates(orders, decisions)
	c.done += int64(len(orders))
	c.Observe.Tell(plan.Event{Phase: plan.Checking, Done: c.done})
	if len(decisions) == 0 {
		return nil
	}
	return c.Ledger.Decide(ctx, c.Run.ID, decisions)
}

// comparePage compares orders that are looked up together. Unless all is set, plain creates are
// looked up only if the ledger remembers their number.
func (c *comparer) comparePage(ctx context.Context, orders []ledger.Order, all bool) ([]ledger.Decision, error) {
	var numbers, wanted []string
	var ids []int64
	for _, o := range orders {
		if isByID(o) {
			ids = append(ids, o.Change.ID)
		}
		numbers = append(numbers, o.Keys()...)
	}
	remembered, err := c.Ledger.KeyInfo(ctx, c.Run.Account, c.Run.Kind, numbers)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		for _, n := range o.Keys() {
			if k, ok := remembered[n]; !isByID(o) && (all || ok && k.Exists()) && !slices.Contains(wanted, n) {
				wanted = append(wanted, n)
			}
		}
	}
	found, err := c.find(ctx, wanted, remembered)
	if err != nil {
		return nil, err
	}
	byID, err := c.finder.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	if err := c.rememberByID(ctx, byID, remembered); err != nil {
		return nil, err
	}
	var out []ledger.Decision
	for _, o := range orders {
		hits := hitsOf(o, found, byID)
		k := remembered[o.Number]
		if isByID(o) && len(hits) == 1 && len(hits[0].Numbers) > 0 {
			k = remembered[hits[0].Numbers[0]]
		}
		d, decided, err := c.decide(ctx, o, k, hits)
		if err != nil {
			return nil, err
		}
		if decided {
			out = append(out, d)
		}
	}
	return out, nil
}

// isByID reports whether the sheet names an order by its id.
func isByID(o ledger.Order) bool { return o.Change != nil && o.Change.ByID }

// rememberByID adds what the ledger remembers of the numbers of orders that were found by id.
func (c *comparer) rememberByID(ctx context.Context, byID map[int64]order.Answer, remembered map[string]ledger.KeyRecord) error {
	var numbers []string
	for _, a := range byID {
		numbers = append(numbers, a.Numbers...)
	}
	more, err := c.Ledger.KeyInfo(ctx, c.Run.Account, c.Run.Kind, numbers)
	maps.Copy(remembered, more)
	return err
}

// hitsOf returns the existing orders that an order of the sheet may be, each once.
func hitsOf(o ledger.Order, found map[string][]order.Answer, byID map[int64]order.Answer) (hits []order.Answer) {
	if isByID(o) {
		if a, ok := byID[o.Change.ID]; ok {
			hits = append(hits, a)
		}
		return hits
	}
	for _, n := range o.Keys() {
		for _, a := range found[n] {
			if !slices.ContainsFunc(hits, func(b order.Answer) bool { return a.ID == b.ID }) {
				hits = append(hits, a)
			}
		}
	}
	return hits
}

// holdDuplicates holds orders that would change an existing order which another order of the sheet
// changes already.
func (c *comparer) holdDuplicates(orders []ledger.Order, decisions []ledger.Decision) {
	bySeq := map[int64]ledger.Order{}
	for _, o := range orders {
		bySeq[o.Seq] = o
	}
	for i := range decisions {
		d := &decisions[i]
		if d.ID == 0 || d.State != ledger.OrderPlanned && d.State != ledger.Unchanged {
			continue
		}
		first, claimed := c.claimants[d.ID]
		if !claimed {
			number := d.Number
			if number == "" {
				number = bySeq[d.Seq].Number
			}
			c.claimants[d.ID] = claimant{d.Seq, number}
		} else if first.seq != d.Seq {
			c.hold(d, bySeq[d.Seq], problem.New(problem.SameOrder, "other", first.number, "id", strconv.FormatInt(d.ID, 10)))
		}
	}
}
