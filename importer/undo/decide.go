package undo

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// The time after which an order that was just created no longer changes by itself. An edit that
// comes sooner, of a field that the run didn't write, isn't noticed.
const (
	leastGrace = 2 * time.Second
	mostGrace  = 30 * time.Second
)

// decide plans how to reverse what the run did to one order.
func (p *planner) decide(ctx context.Context, o *ledger.Order, k ledger.KeyRecord, a order.Answer, exists bool) (t undoItem, err error) {
	t.Order = ledger.Order{Number: o.Number, Numbers: o.Numbers, Action: order.Update, ID: o.ID, Items: o.Items, State: ledger.OrderPlanned}
	if o.State == ledger.Created {
		t.Action = order.Delete
	}
	run := p.Run.ID
	switch {
	case k.ClaimRun != 0 && k.ClaimRun != run:
		t.irreversible("", fmt.Sprintf("run %d has been working on this order since %s", k.ClaimRun, plan.Day(k.ClaimedAt)),
			"finish that run first", problem.Remedy{Kind: problem.ResumeRun, Run: k.ClaimRun})
	case o.State == ledger.Unknown || o.State == ledger.Claimed || o.State == ledger.Unresolved:
		t.irreversible("", fmt.Sprintf("it is unknown whether run %d wrote it: the answer was lost", run),
			"resume that run first, to look it up", problem.Remedy{Kind: problem.ResumeRun, Run: run})
	case o.State == ledger.Held:
		t.irreversible("", fmt.Sprintf("run %d sent something, then held it: %s", run, o.Message), "look at it in Luminous")
	case o.State == ledger.Deleted && p.Run.Kind == order.PurchaseOrders:
		t.irreversible("", "a deleted purchase order can't be restored with its id, its payments and what was received",
			"if it is needed, import it again as NEW")
	case !exists && o.State == ledger.Created:
		t.State, t.Message = ledger.Unchanged, fmt.Sprintf("already gone (id %d)", o.ID)
	case !exists:
		t.irreversible("", fmt.Sprintf("it had the id %d, and is gone", o.ID), "look for it in Luminous")
	case o.State == ledger.Created:
		err = p.remove(ctx, &t, o, k, a)
	case o.Change == nil:
		t.irreversible("", "the ledger doesn't have its previous values", "look at it in Luminous")
	default:
		err = p.restore(&t, o, a)
	}
	return t, err
}

// remove plans to cancel or delete an order that the run created, unless somebody has changed it
// since.
func (p *planner) remove(ctx context.Context, t *undoItem, o *ledger.Order, k ledger.KeyRecord, a order.Answer) error {
	status := p.undoneStatus()
	if a.Status == status {
		t.State, t.Message = ledger.Unchanged, fmt.Sprintf("already %s (id %d)", status, a.ID)
		return nil
	}
	later, undone, err := p.writtenSince(ctx, k)
	if err != nil {
		return err
	}
	if later && !undone {
		t.keep("", "", "", fmt.Sprintf("run %d changed it later, on %s", k.Run, plan.Day(k.At)), "undo that run first", problem.Remedy{Kind: problem.UndoRun, Run: k.Run})
		return nil
	}
	grace := min(max(o.LastByte.Sub(o.ClaimedAt), leastGrace), mostGrace)
	edits, edited, err := p.rules.EditedSince(o.Payload, a.Raw, o.ConfirmedTotal, grace)
	if err != nil {
		return err
	}
	for _, d := range edits {
		p.keepEdit(t, d)
	}
	if edited && len(edits) == 0 && !later { // else this program edited it, and reversed that
		t.keep("updated_at", a.UpdatedAt, "", fmt.Sprintf("somebody changed it since: Luminous says that it was changed at %s, after run %d had created it, "+
			"but not what was changed", a.UpdatedAt, p.Run.ID), "look at it in Luminous; a sheet of order numbers imported with the mode delete removes such orders")
	}
	if len(t.problems) > 0 {
		return nil
	}
	change, err := p.rules.Removal(a.Raw)
	if err != nil {
		return err
	}
	if change.Body != nil {
		if change.Body, err = json.Marshal(map[string]string{"order_status": status}); err != nil {
			return err
		}
	}
	change.Fields = []order.FieldChange{{Path: "order_status", Current: a.Status, New: status}}
	t.setChange(change, a)
	return nil
}

// undoneStatus is the status of a created order after the undo.
func (p *planner) undoneStatus() string {
	if p.Run.Kind == order.SalesOrders && p.Options.Status != "" {
		return p.Options.Status
	}
	return p.Run.Kind.RemovedStatus()
}

// writtenSince reports whether a later run wrote an order, and whether that run was an undo.
func (p *planner) writtenSince(ctx context.Context, k ledger.KeyRecord) (later, undone bool, err error) {
	if k.Run <= p.Run.ID || k.Outcome == ledger.Unchanged {
		return false, false, nil
	}
	r, err := p.Ledger.GetRun(ctx, k.Run)
	return true, r.Mode == plan.UndoMode, err
}

// restore plans to give an order that the run changed its previous values.
func (p *planner) restore(t *undoItem, o *ledger.Order, a order.Answer) error {
	if p.Run.Kind == order.PurchaseOrders && a.Status == order.Deleted {
		t.irreversible("", fmt.Sprintf("it is deleted (id %d)", a.ID), "look at it in Luminous")
		return nil
	}
	back, err := p.rules.Undo(o.Change, a.Raw)
	if err != nil {
		return err
	}
	for _, d := range back.Conflicts {
		p.keepEdit(t, d)
	}
	for _, l := range back.Irreversible {
		t.irreversible(l.Path, l.Why, "if it matters, change it in Luminous")
	}
	switch {
	case back.Sends():
		t.State, t.Message = ledger.OrderPlanned, ""
		for _, left := range t.problems { // whoever reads what changes also reads what doesn't
			back.Notes = append(back.Notes, left.Message)
		}
		if p.Run.Kind == order.SalesOrders && back.RemovedStatus() == order.Cancelled { // as before the run
			t.Action = order.Delete
		}
		t.setChange(back.Change, a)
	case len(t.problems) == 0:
		t.State, t.Message = ledger.Unchanged, fmt.Sprintf("already as it was before run %d (id %d)", p.Run.ID, a.ID)
	}
	return nil
}

// setChange sets what is sent.
func (t *undoItem) setChange(c order.Change, a order.Answer) {
	c.Requested, c.ByID, c.ID, c.UpdatedAt = t.Action, true, a.ID, a.UpdatedAt
	t.Change = &c
	if a.Total.Valid {
		t.ConfirmedTotal = a.Total.Decimal.String()
	}
}

// keepEdit keeps a field that somebody changed.
func (p *planner) keepEdit(t *undoItem, d diff.Difference) {
	field, what := d.Path, fmt.Sprintf("run %d wrote %s, now it is %s", p.Run.ID, quoteValue(d.Want), quoteValue(d.Actual))
	switch {
	case d.Want == "" && t.Action == order.Delete:
		what = fmt.Sprintf("run %d didn't write it, now it is %s", p.Run.ID, quoteValue(d.Actual))
	case d.Why != "":
		what = d.Why
	}
	t.keep(field, d.Actual, d.Want, fmt.Sprintf("somebody changed %s since: %s", field, what), "nothing was reversed; look at it in Luminous")
}

// quoteValue quotes a value in a sentence.
func quoteValue(s string) string {
	if s == "" {
		return "blank"
	}
	return strconv.Quote(s)
}

// keep keeps an order, or a field of it, as somebody changed it. Held wins over Invalid.
func (t *undoItem) keep(field, current, wrote, why, hint string, more ...problem.Remedy) {
	if t.State != ledger.Held {
		t.State, t.Message = ledger.Held, "kept: "+why
	}
	p := problem.New(problem.KeptEdit, "field", field, "order_number", t.Number, "value", current, "why", why).With(hint, more...)
	p.Expected = wrote
	t.problems = append(t.problems, p)
}

// irreversible leaves an order, or a field of it, that can't be reversed.
func (t *undoItem) irreversible(field, why, hint string, more ...problem.Remedy) {
	if t.State != ledger.Held {
		t.State, t.Message = ledger.Invalid, why
	}
	if field != "" {
		why = field + " can't be reversed: " + why
	}
	t.problems = append(t.problems, problem.New(problem.CannotUndo, "field", field, "order_number", t.Number, "why", why).With(hint, more...))
}
