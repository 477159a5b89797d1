// Package undo plans how to reverse what a run did, as a run of its own.
package undo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

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

// Undo plans the undo of a run: a run of its own, which is confirmed, sent, resumed and reported like any
// other. Orders that the run created are canceled (purchase orders: deleted), orders that it changed get
// their previous values, both only where nobody has changed them since. This process must hold the run
// to be undone (ledger.Acquire), so that nobody continues it meanwhile.
type Undo struct {
	Ledger  ledger.Ledger
	API     lookup.API
	Run     ledger.Run   // to be undone
	Options plan.Options // of the undo; Undo is filled in
	Observe plan.Observe

	rules    diff.Rules
	finder   *lookup.Finder
	byIDs    bool // many orders can be read by id in one request
	hidden   plan.HiddenFields
	mu       sync.Mutex
	undoRuns map[int64]bool // later runs that wrote one of the orders: whether they are undos
	total    int64
	done     int64
}

const (
	undoGroup    = 500 // orders that are planned at once
	worthProving = 40  // orders for which it is worth finding out how they can be looked up
)

// mayHaveWritten selects the orders that a run may have written.
var mayHaveWritten = ledger.Filter{Full: true, States: []ledger.State{
	ledger.Created, ledger.Updated, ledger.Deleted, ledger.Unknown, ledger.Claimed, ledger.Unresolved, ledger.Held,
}}

// Plan reads each order that the run may have written and plans how to reverse that. Orders that the run
// didn't change aren't part of it.
func (u *Undo) Plan(ctx context.Context) (ledger.Run, error) {
	u.Options.Undo = u.Run.ID
	options, err := u.Options.Encode()
	if err != nil {
		return ledger.Run{}, err
	}
	u.rules, u.undoRuns = plan.RulesOf(u.Run.Kind), map[int64]bool{}
	id, err := u.Ledger.NewRun(ctx, ledger.Run{Kind: u.Run.Kind, Account: u.Run.Account, Mode: plan.UndoMode, Options: options})
	if err != nil {
		return ledger.Run{}, fmt.Errorf("starting a run: %w", err)
	}
	n, err := u.write(ctx, id)
	if err == nil {
		err = u.Ledger.UpdateRun(ctx, id, func(r *ledger.Run) { r.State, r.Orders = ledger.Planned, n })
	}
	if err == nil {
		err = plan.Freeze(ctx, u.Ledger, id)
	}
	if err != nil {
		return ledger.Run{}, errors.Join(err, u.Ledger.Discard(context.WithoutCancel(ctx), id))
	}
	return u.Ledger.GetRun(ctx, id)
}

// write writes the planned orders into the ledger.
func (u *Undo) write(ctx context.Context, id int64) (n int64, err error) {
	src := ledger.Source{LeftOut: fmt.Sprintf("no file: this is the undo of run %d", u.Run.ID)}
	src.File = fmt.Sprintf("undo-of-run-%d", u.Run.ID)
	if _, err = u.Ledger.AddSource(ctx, id, src); err != nil {
		return 0, err
	}
	if err := u.prove(ctx); err != nil {
		return 0, fmt.Errorf("looking up existing orders: %w", err)
	}
	out := u.Ledger.PutOrders(id)
	var group []ledger.Order
	flush := func() error {
		all, err := u.planGroup(ctx, group)
		for i := 0; i < len(all) && err == nil; i++ {
			_, err = out.Add(all[i].Order, all[i].problems)
		}
		n += int64(len(all))
		group = group[:0]
		return err
	}
	err = u.Ledger.Orders(ctx, u.Run.ID, mayHaveWritten, func(o *ledger.Order) error {
		if o.State == ledger.Held && !heldAfterWrite(o) {
			return nil
		}
		if group = append(group, *o); len(group) < undoGroup {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return n, errors.Join(err, out.Close(ctx))
}

// heldAfterWrite reports whether something that the API didn't reject was sent for a held order.
func heldAfterWrite(o *ledger.Order) bool { return o.Attempts > 0 && !plan.RejectedAsDuplicate(*o) }

// prove finds out how orders can be looked up.
func (u *Undo) prove(ctx context.Context) error {
	states, err := u.Ledger.CountStates(ctx, u.Run.ID)
	if err != nil {
		return err
	}
	for _, s := range mayHaveWritten.States {
		u.total += states[s]
	}
	u.finder = lookup.New(lookup.Config{API: u.API, Kind: u.Run.Kind})
	if u.total < worthProving { // proving takes more requests than it saves
		return nil
	}
	if _, err = u.finder.Prove(ctx); err == nil {
		u.byIDs, err = u.finder.ProveIDs(ctx)
	}
	return err
}

// undoItem is a planned order of an undo, with its problems.
type undoItem struct {
	ledger.Order
	problems []problem.Problem
}

// planGroup plans some orders.
func (u *Undo) planGroup(ctx context.Context, orders []ledger.Order) ([]undoItem, error) {
	parts := slices.Collect(slices.Chunk(orders, luminous.PerPage))
	found := make([][]undoItem, len(parts))
	pool, poolCtx := errgroup.WithContext(ctx)
	pool.SetLimit(4) // a page takes the server longer than us
	if u.Options.Workers > 0 {
		pool.SetLimit(u.Options.Workers)
	}
	if !u.byIDs { // each order is a request then, so smaller parts keep all workers busy
		parts = slices.Collect(slices.Chunk(orders, max(1, min(luminous.PerPage, len(orders)/8))))
		found = make([][]undoItem, len(parts))
	}
	for i, part := range parts {
		pool.Go(func() (err error) {
			found[i], err = u.planPart(poolCtx, part)
			return err
		})
	}
	if err := pool.Wait(); err != nil {
		return nil, err
	}
	u.done += int64(len(orders))
	u.Observe.Tell(plan.Event{Phase: plan.Checking, Done: u.done, Total: u.total})
	return slices.Concat(found...), nil
}

// planPart reads some orders and decides about each.
func (u *Undo) planPart(ctx context.Context, orders []ledger.Order) ([]undoItem, error) {
	var numbers []string
	for i := range orders {
		numbers = append(numbers, orders[i].Keys()...)
	}
	remembered, err := u.Ledger.KeyInfo(ctx, u.Run.Account, u.Run.Kind, numbers)
	if err != nil {
		return nil, err
	}
	existing, err := u.read(ctx, orders)
	if err != nil {
		return nil, fmt.Errorf("looking up existing orders: %w", err)
	}
	out := make([]undoItem, len(orders))
	for i := range orders {
		o := &orders[i]
		a, exists := existing[o.ID]
		if out[i], err = u.decide(ctx, o, remembered[o.Number], a, exists); err != nil {
			return nil, fmt.Errorf("planning the undo of order %s: %w", o.Number, err)
		}
	}
	return out, nil
}

// read reads the current orders. Those that a list doesn't show, or doesn't show completely, are read
// one by one.
func (u *Undo) read(ctx context.Context, orders []ledger.Order) (map[int64]order.Answer, error) {
	var ids []int64
	var numbers []string
	for i := range orders {
		if o := &orders[i]; u.isReadable(o) {
			ids, numbers = append(ids, o.ID), append(numbers, o.Number)
		}
	}
	found := map[int64]order.Answer{}
	var err error
	switch {
	case len(ids) < 2:
	case u.byIDs:
		found, err = u.finder.ByIDs(ctx, ids)
	case u.finder.Method() == lookup.Batch:
		var named map[string][]order.Answer
		named, err = u.finder.ByNumbers(ctx, numbers)
		for _, same := range named {
			for _, a := range same {
				found[a.ID] = a
			}
		}
	}
	if err != nil {
		return nil, err
	}
	for i := range orders {
		o := &orders[i]
		a, listed := found[o.ID]
		if !u.isReadable(o) || listed && u.hidden.All(missingFields(writtenFields(o), a.Raw)) {
			continue
		}
		if err := u.readOne(ctx, o, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// isReadable reports whether what becomes of an order depends on its current values.
func (u *Undo) isReadable(o *ledger.Order) bool {
	switch o.State {
	case ledger.Created, ledger.Updated:
		return o.ID != 0
	case ledger.Deleted:
		return o.ID != 0 && u.Run.Kind == order.SalesOrders
	}
	return false
}

// readOne reads an order by its id.
func (u *Undo) readOne(ctx context.Context, o *ledger.Order, found map[int64]order.Answer) error {
	a, err := u.API.Get(ctx, u.Run.Kind, o.ID)
	switch {
	case lookup.NotFound(err):
		delete(found, o.ID)
		return nil
	case err != nil:
		return err
	case a.ID != o.ID:
		return fmt.Errorf("asked for order %d, the server answered with order %d", o.ID, a.ID)
	}
	u.hidden.Add(missingFields(writtenFields(o), a.Raw))
	found[o.ID] = a
	return nil
}

// writtenFields returns the fields that tell whether an order is still as the run left it.
func writtenFields(o *ledger.Order) []string {
	names := map[string]json.RawMessage{}
	source := o.Payload
	if o.State != ledger.Created && o.Change != nil {
		source = o.Change.Body
	} else {
		names["shipments"] = nil
	}
	if o.Change != nil && o.Change.Tags != nil {
		names["tags"] = nil
	}
	_ = json.Unmarshal(source, &names) // we wrote it; comparing would find an error
	return slices.Sorted(maps.Keys(names))
}

// missingFields returns the names that an answer lacks.
func missingFields(names []string, answer []byte) []string {
	shown := map[string]json.RawMessage{}
	if json.Unmarshal(answer, &shown) != nil {
		return names
	}
	return slices.DeleteFunc(names, func(n string) bool {
		_, ok := shown[n]
		return ok
	})
}
