package undo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
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

// Undo plans how what a run did is taken back: a run of its own, which is confirmed, sent, resumed and reported as any other. Orders that the run
// made are cancelled (purchase orders: deleted), orders that it changed get their fields as they were, both only where nobody has changed them
// since. The run that is taken back must be held, so that nobody goes on with it meanwhile.
type Undo struct {
	Ledger  *ledger.Ledger
	API     lookup.API
	Run     ledger.Run   // that is to be taken back
	Options plan.Options // of the undo; Undo is filled in
	Observe plan.Observe

	rules    diff.Rules
	finder   *lookup.Finder
	byIDs    bool // many orders can be read by their ids at once
	hidden   plan.HiddenFields
	mu       sync.Mutex
	undoRuns map[int64]bool // later runs that wrote one of the orders: whether they took something back
	total    int64
	done     int64
}

const (
	undoGroup    = 500 // orders that are planned at once
	worthProving = 40  // orders for which it is worth finding out how they can be looked up
)

// mayHaveWritten are the states of orders that a run may have written. A read-only table.
var mayHaveWritten = ledger.Filter{Full: true, States: []ledger.State{
	ledger.Created, ledger.Updated, ledger.Deleted, ledger.Unknown, ledger.Claimed, ledger.Unresolved, ledger.Held,
}}

// Plan reads each order that the run may have written and plans what takes that back. Orders that it left as they were aren't part of it.
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

// write plans the orders of the run.
func (u *Undo) write(ctx context.Context, id int64) (n int64, err error) {
	src := ledger.Source{LeftOut: fmt.Sprintf("no file: this takes back what run %d did", u.Run.ID)}
	src.File = fmt.Sprintf("undo-of-run-%d", u.Run.ID)
	if _, err = u.Ledger.AddSource(ctx, id, src); err != nil {
		return 0, err
	}
	if err := u.prove(ctx); err != nil {
		return 0, fmt.Errorf("asking what stands now: %w", err)
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

// heldAfterWrite says of a held order that something was sent which the API didn't refuse.
func heldAfterWrite(o *ledger.Order) bool { return o.Attempts > 0 && !plan.RejectedAsDuplicate(*o) }

// prove finds out how orders can be looked up, with an order that stands.
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

// undoItem is an order of an undo on its way into the ledger.
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
	if !u.byIDs { // then each order is a request, and a part of them a worker's
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
	stands, err := u.read(ctx, orders)
	if err != nil {
		return nil, fmt.Errorf("asking what stands now: %w", err)
	}
	out := make([]undoItem, len(orders))
	for i := range orders {
		o := &orders[i]
		a, there := stands[o.ID]
		if out[i], err = u.decide(ctx, o, remembered[o.Number], a, there); err != nil {
			return nil, fmt.Errorf("planning how order %s is taken back: %w", o.Number, err)
		}
	}
	return out, nil
}

// read reads how orders stand now. Those that a list doesn't show, or doesn't show whole, are read by themselves.
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

// isReadable says that what becomes of an order depends on how it stands.
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
	var e *luminous.Error
	switch {
	case errors.As(err, &e) && e.Status == http.StatusNotFound:
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

// writtenFields are the fields that have to be seen to say whether an order stands as the run left it.
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
	_ = json.Unmarshal(source, &names) // it was written by us; what can't be read is found out by comparing
	return slices.Sorted(maps.Keys(names))
}

// missingFields are the names that an answer doesn't hold.
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
