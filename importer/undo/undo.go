// Package undo plans how to reverse what a run did, as a run of its own.
package undo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ordersheet/importer/plan"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// Kept reports whether a problem of an undo says that something was left because somebody has
// changed it: before the plan, or between the plan and the write.
func Kept(p problem.Problem) bool { return p.Code == problem.KeptEdit || p.Code == problem.Stale }

// CannotUndo reports whether a problem of an undo says that something can't be set back.
func CannotUndo(p problem.Problem) bool { return p.Code == problem.CannotUndo }

// Ledger is what planning an undo needs of the ledger.
type Ledger interface {
	ledger.Runs
	ledger.Plan
	AddSource(ctx context.Context, run int64, s ledger.Source) (n int, err error)
	KeyInfo(ctx context.Context, account string, kind order.Kind, numbers []string) (map[string]ledger.KeyRecord, error)
}

// Config says which run is undone, and how.
type Config struct {
	Ledger  Ledger
	API     lookup.API
	Run     ledger.Run   // to be undone; held by this process (ledger.Acquire), so that nobody continues it meanwhile
	Options plan.Options // of the undo; Undo is filled in
	Observe plan.Observe // nil: no progress is reported
}

// planner is the undo of one run in progress.
type planner struct {
	Config
	rules  diff.Rules
	finder *lookup.Finder
	byIDs  bool // many orders can be read by id in one request
	hidden plan.HiddenFields
	total  int64
	done   int64
}

// worthProving is how many orders make it worth finding out how they can be looked up.
const worthProving = 40

// mayHaveWritten selects the orders that a run may have written.
var mayHaveWritten = ledger.Filter{Full: true, States: []ledger.State{
	ledger.Created, ledger.Updated, ledger.Deleted, ledger.Unknown, ledger.Claimed, ledger.Unresolved, ledger.Held,
}}

// Plan plans the undo of a run: a run of its own, which is confirmed, sent, resumed and reported
// like any other. Orders that the run created are canceled (purchase orders: deleted), orders that
// it changed get their previous values, both only where nobody has changed them since. Orders that
// the run didn't change aren't part of it.
func Plan(ctx context.Context, cfg Config) (ledger.Run, error) {
	p := &planner{
		Config: cfg, rules: plan.RulesOf(cfg.Run.Kind), finder: lookup.New(lookup.Config{API: cfg.API, Kind: cfg.Run.Kind}),
	}
	p.Options.Undo = cfg.Run.ID
	options, err := p.Options.Encode()
	if err != nil {
		return ledger.Run{}, err
	}
	id, err := p.Ledger.NewRun(ctx, ledger.Run{Kind: p.Run.Kind, Account: p.Run.Account, Mode: plan.UndoMode, Options: options})
	if err != nil {
		return ledger.Run{}, fmt.Errorf("starting a run: %w", err)
	}
	n, err := p.write(ctx, id)
	if err == nil {
		err = p.Ledger.UpdateRun(ctx, id, func(r *ledger.Run) { r.State, r.Orders = ledger.Planned, n })
	}
	if err == nil {
		err = plan.Freeze(ctx, p.Ledger, id)
	}
	if err != nil {
		return ledger.Run{}, errors.Join(err, p.Ledger.Discard(context.WithoutCancel(ctx), id))
	}
	return p.Ledger.GetRun(ctx, id)
}

// write writes the planned orders into the ledger.
func (p *planner) write(ctx context.Context, id int64) (n int64, err error) {
	src := ledger.Source{LeftOut: fmt.Sprintf("no file: this is the undo of run %d", p.Run.ID)}
	src.File = fmt.Sprintf("undo-of-run-%d", p.Run.ID)
	if _, err = p.Ledger.AddSource(ctx, id, src); err != nil {
		return 0, err
	}
	if err := p.prove(ctx); err != nil {
		return 0, fmt.Errorf("looking up existing orders: %w", err)
	}
	out := p.Ledger.PutOrders(id)
	err = plan.EachGroup(ctx, p.Ledger, p.Run.ID, mayHaveWritten, isWritten, func(orders []ledger.Order) error {
		all, err := p.planGroup(ctx, orders)
		for i := 0; i < len(all) && err == nil; i++ {
			_, err = out.Add(all[i].Order, all[i].problems)
		}
		n += int64(len(all))
		return err
	})
	return n, errors.Join(err, out.Close(ctx))
}

// isWritten reports whether the run may have written an order. If it is held, something was sent
// for it that the API didn't reject.
func isWritten(o *ledger.Order) bool {
	return o.State != ledger.Held || o.Attempts > 0 && !plan.RejectedAsDuplicate(*o)
}

// prove finds out how orders can be looked up.
func (p *planner) prove(ctx context.Context) error {
	states, err := p.Ledger.CountStates(ctx, p.Run.ID)
	if err != nil {
		return err
	}
	for _, s := range mayHaveWritten.States {
		p.total += states[s]
	}
	if p.total < worthProving { // proving takes more requests than it saves
		return nil
	}
	if _, err = p.finder.Prove(ctx); err == nil {
		p.byIDs, err = p.finder.ProveIDs(ctx)
	}
	return err
}

// undoItem is a planned order of an undo, with its problems.
type undoItem struct {
	ledger.Order
	problems []problem.Problem
}

// planGroup plans some orders.
func (p *planner) planGroup(ctx context.Context, orders []ledger.Order) ([]undoItem, error) {
	size := luminous.PerPage
	if !p.byIDs { // each order is a request then, so smaller parts keep all workers busy
		size = max(1, min(size, len(orders)/8))
	}
	items, err := plan.InParallel(ctx, orders, size, p.Options.Workers, p.planPart)
	p.done += int64(len(orders))
	p.Observe.Tell(plan.Event{Phase: plan.Checking, Done: p.done, Total: p.total})
	return items, err
}

// planPart reads some orders and decides about each.
func (p *planner) planPart(ctx context.Context, orders []ledger.Order) ([]undoItem, error) {
	var numbers []string
	for i := range orders {
		numbers = append(numbers, orders[i].Keys()...)
	}
	remembered, err := p.Ledger.KeyInfo(ctx, p.Run.Account, p.Run.Kind, numbers)
	if err != nil {
		return nil, err
	}
	existing, err := p.read(ctx, orders)
	if err != nil {
		return nil, fmt.Errorf("looking up existing orders: %w", err)
	}
	out := make([]undoItem, len(orders))
	for i := range orders {
		o := &orders[i]
		a, exists := existing[o.ID]
		if out[i], err = p.decide(ctx, o, remembered[o.Number], a, exists); err != nil {
			return nil, fmt.Errorf("planning the undo of order %s: %w", o.Number, err)
		}
	}
	return out, nil
}

// read reads the current orders. Those that a list doesn't show, or doesn't show completely, are
// read one by one.
func (p *planner) read(ctx context.Context, orders []ledger.Order) (map[int64]order.Answer, error) {
	var readable []*ledger.Order
	var ids []int64
	var numbers []string
	for i := range orders {
		if o := &orders[i]; p.isReadable(o) {
			readable, ids, numbers = append(readable, o), append(ids, o.ID), append(numbers, o.Number)
		}
	}
	found, err := p.readLists(ctx, ids, numbers)
	if err != nil {
		return nil, err
	}
	for _, o := range readable {
		written := writtenFields(o)
		if a, listed := found[o.ID]; listed && p.hidden.All(missingFields(written, a.Raw)) {
			continue
		}
		a, exists, err := p.finder.Read(ctx, o.ID, o.Number)
		if err != nil {
			return nil, err
		}
		if !exists {
			delete(found, o.ID)
			continue
		}
		p.hidden.Add(missingFields(written, a.Raw))
		found[o.ID] = a
	}
	return found, nil
}

// readLists reads orders by lists, where that saves requests.
func (p *planner) readLists(ctx context.Context, ids []int64, numbers []string) (map[int64]order.Answer, error) {
	found := map[int64]order.Answer{}
	switch {
	case len(ids) < 2:
	case p.byIDs:
		return p.finder.ByIDs(ctx, ids)
	case p.finder.Method() == lookup.Batch:
		named, err := p.finder.ByNumbers(ctx, numbers)
		for _, same := range named {
			for _, a := range same {
				found[a.ID] = a
			}
		}
		return found, err
	}
	return found, nil
}

// isReadable reports whether what becomes of an order depends on its current values.
func (p *planner) isReadable(o *ledger.Order) bool {
	switch o.State {
	case ledger.Created, ledger.Updated:
		return o.ID != 0
	case ledger.Deleted:
		return o.ID != 0 && p.Run.Kind == order.SalesOrders
	}
	return false
}

// writtenFields returns the fields that tell whether an order is still as the run left it.
func writtenFields(o *ledger.Order) (names []string) {
	source := o.Payload
	if o.State != ledger.Created && o.Change != nil {
		source = o.Change.Body
	} else {
		names = append(names, "shipments")
	}
	if o.Change != nil && o.Change.Tags != nil {
		names = append(names, "tags")
	}
	_ = order.EachField(source, func(key, _ []byte) error { // we wrote it; comparing would find an error
		names = append(names, string(key))
		return nil
	})
	return names
}

// missingFields returns the names that an answer lacks.
func missingFields(names []string, answer []byte) []string {
	shown := map[string]bool{}
	_ = order.EachField(answer, func(key, _ []byte) error { // comparing would find an error
		shown[string(key)] = true
		return nil
	})
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return shown[n] })
}
