package compare

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// refreshed are the codes of problems that no longer hold when an order is compared again.
var refreshed = []string{
	problem.NumberInOtherRun, problem.ExistingDiffers, problem.SeveralExisting, problem.CreatedThenGone,
	problem.NotFound, problem.IDMismatch, problem.SameOrder, problem.Stale, problem.OutcomeUnknown,
}

// decide decides what to do with an order. decided is false for a create that is sent as planned.
func (c *comparer) decide(ctx context.Context, o ledger.Order, k ledger.KeyRecord, hits []order.Answer) (d ledger.Decision, decided bool, err error) {
	d = ledger.Decision{Seq: o.Seq, State: ledger.OrderPlanned, Change: o.Change, IfCreated: o.IfCreated}
	if c.Refresh {
		d.Resolved = refreshed
	}
	action := order.Create
	if o.Change != nil {
		action = o.Change.Requested
	}
	existing, deleted := plan.Existing(c.Run.Kind, o, hits)
	switch {
	case k.ClaimRun != 0 && k.ClaimRun != c.Run.ID:
		c.hold(&d, o, problem.New(problem.NumberInOtherRun, "run", strconv.FormatInt(k.ClaimRun, 10), "since", plan.Day(k.ClaimedAt)).
			With("", problem.Remedy{Kind: problem.ResumeRun, Run: k.ClaimRun}))
	case len(existing) > 1:
		c.holdAmbiguous(&d, o, existing)
	case action == order.Create:
		return c.decideCreate(d, o, k, existing)
	case len(existing) == 0:
		c.decideMissing(&d, o, k, deleted)
	case idMismatch(o, existing[0]):
		c.hold(&d, o, problem.New(problem.IDMismatch, "id", strconv.FormatInt(o.Change.ID, 10), "other", strings.Join(existing[0].Numbers, ", "), "value", o.Number))
	case action == order.Delete:
		err = c.decideRemoval(&d, o, existing[0])
	default:
		err = c.decideChange(ctx, &d, o, k, existing[0])
	}
	return d, true, err
}

// decideCreate decides about a plain create.
func (c *comparer) decideCreate(d ledger.Decision, o ledger.Order, k ledger.KeyRecord, existing []order.Answer) (ledger.Decision, bool, error) {
	switch {
	case len(existing) == 1:
		if revived, err := c.revive(&d, o, k, existing[0]); revived || err != nil {
			return d, true, err
		}
		var s ledger.Settlement
		c.cells.SettleExisting(&s, o, existing[0])
		d.State, d.ID, d.ConfirmedTotal, d.Message, d.Problems = s.State, s.ID, s.ConfirmedTotal, s.Message, s.Problems
		if s.State == ledger.Created {
			d.State, d.Message = ledger.Unchanged, alreadyExists(s.ID, k)
		}
		if k.Outcome == ledger.Deleted && s.State == ledger.Held {
			for i := range d.Problems {
				d.Problems[i].Hint = fmt.Sprintf("run %d canceled or deleted this order on %s, and an update can't restore it as the sheet has it; import it under another order number", k.Run, plan.Day(k.At))
			}
		}
	case k.Exists() && !c.Recreate:
		c.hold(&d, o, createdThenGone(k))
	default:
		d.Action = order.Create
		return d, c.Refresh, nil
	}
	return d, true, nil
}

func alreadyExists(id int64, k ledger.KeyRecord) string {
	if k.Exists() && k.ID == id {
		verb := "created"
		if k.Outcome != ledger.Created {
			verb = "left"
		}
		return fmt.Sprintf("already up to date (id %d): run %d %s it on %s", id, k.Run, verb, plan.Day(k.At))
	}
	return fmt.Sprintf("already up to date (id %d)", id)
}

// revive plans an update that reverses the cancellation of a sales order by this program, if
// nothing else differs that an update can't change.
func (c *comparer) revive(d *ledger.Decision, o ledger.Order, k ledger.KeyRecord, a order.Answer) (revived bool, err error) {
	if c.Run.Kind != order.SalesOrders || k.Outcome != ledger.Deleted || a.Status != order.Cancelled {
		return false, nil
	}
	update, err := c.rules.Compare(o.Payload, a.Raw)
	if err != nil || update.Empty() || len(update.ReadOnly)+len(update.Unsupported) > 0 {
		return false, err
	}
	update.Requested, update.ID, update.UpdatedAt = order.Create, a.ID, a.UpdatedAt
	update.Notes = append(update.Notes, fmt.Sprintf("run %d canceled this order on %s; this reverses that", k.Run, plan.Day(k.At)))
	d.Action, d.ID, d.Change = order.Update, a.ID, &update.Change
	return true, nil
}

// decideMissing decides about an order that is to be changed and doesn't exist.
func (c *comparer) decideMissing(d *ledger.Decision, o ledger.Order, k ledger.KeyRecord, deleted []order.Answer) {
	action := o.Change.Requested
	name := "no " + c.Run.Kind.Word() + " has the number " + o.Number
	if o.Change.ByID {
		name = fmt.Sprintf("no %s has the id %d", c.Run.Kind.Word(), o.Change.ID)
	}
	switch {
	case action == order.Delete && len(deleted) > 0:
		d.State, d.ID, d.Message = ledger.Unchanged, deleted[0].ID, fmt.Sprintf("already deleted (id %d)", deleted[0].ID)
	case action == order.Delete && k.Outcome == ledger.Deleted:
		d.State, d.ID, d.Message = ledger.Unchanged, k.ID, fmt.Sprintf("already gone: run %d deleted it on %s (id %d)", k.Run, plan.Day(k.At), k.ID)
	case action == order.Delete && k.Exists():
		d.State, d.ID, d.Message = ledger.Unchanged, k.ID, fmt.Sprintf("already gone: run %d last saw it as id %d on %s", k.Run, k.ID, plan.Day(k.At))
	case action == order.Upsert && !o.Change.ByID && k.Exists() && !c.Recreate:
		c.hold(d, o, createdThenGone(k))
	case action == order.Upsert && !o.Change.ByID:
		d.Action, d.Message = order.Create, ""
		if len(o.IfCreated) > 0 {
			d.State, d.Message, d.Problems = ledger.Invalid, "it doesn't exist yet, and it can't be created: "+plan.FirstError(o.IfCreated), c.cells.InSource(o, o.IfCreated)
		}
	case len(deleted) > 0:
		c.hold(d, o, problem.New(problem.NotFound, "why", fmt.Sprintf("%s; one that had it was deleted (id %d)", name, deleted[0].ID)))
	default:
		c.hold(d, o, problem.New(problem.NotFound, "why", name+" in Luminous, so there is nothing to "+action))
	}
}

// decideRemoval plans to cancel or delete an existing order.
func (c *comparer) decideRemoval(d *ledger.Decision, o ledger.Order, a order.Answer) error {
	d.ID = a.ID
	if a.Status == order.Cancelled && c.Run.Kind == order.SalesOrders {
		d.State, d.Message = ledger.Unchanged, fmt.Sprintf("already canceled (id %d)", a.ID)
		return nil
	}
	change, err := c.rules.Removal(a.Raw)
	if err != nil {
		return err
	}
	c.setChange(d, o, a, change)
	return nil
}

// setChange puts a change into the decision.
func (c *comparer) setChange(d *ledger.Decision, o ledger.Order, a order.Answer, change order.Change) {
	change.Requested, change.ByID, change.ID, change.UpdatedAt, change.Want = o.Change.Requested, o.Change.ByID, a.ID, a.UpdatedAt, o.Change.Want
	d.Change, d.ID, d.Action = &change, a.ID, o.Change.Requested
	if d.Action == order.Upsert {
		d.Action = order.Update
	}
	if o.Change.NoNumber {
		if len(a.Numbers) > 0 && a.Numbers[0] != "" {
			d.Number = a.Numbers[0]
		}
		change.NoNumber = d.Number == ""
	}
}

// wantOf returns what the sheet wants an existing order to be.
func wantOf(o ledger.Order) []byte {
	if o.Change != nil && o.Change.Want != nil {
		return o.Change.Want
	}
	return o.Payload
}

// idMismatch reports whether the order with the sheet's id has none of the numbers that the sheet
// gives it: one of the two is wrong.
func idMismatch(o ledger.Order, a order.Answer) bool {
	if !o.Change.ByID || o.Change.NoNumber {
		return false
	}
	return !slices.ContainsFunc(o.Keys(), func(n string) bool { return slices.Contains(a.Numbers, n) })
}

// decideChange plans what has to change about an existing order.
func (c *comparer) decideChange(ctx context.Context, d *ledger.Decision, o ledger.Order, k ledger.KeyRecord, a order.Answer) error {
	rules := c.rules
	rules.SentBefore = k.Fingerprint == o.Fingerprint && k.ID == a.ID && (k.Outcome == ledger.Created || k.Outcome == ledger.Updated)
	update, err := rules.Compare(wantOf(o), a.Raw)
	if err != nil {
		return err
	}
	if len(update.ReadOnly)+len(update.Unsupported) > 0 || !c.hidden.All(update.NotShown) { // a list may show less than the order's own page
		if a, err = c.API.Get(ctx, c.Run.Kind, a.ID); err == nil {
			update, err = rules.Compare(wantOf(o), a.Raw)
		}
		if err != nil {
			return err
		}
		c.hidden.Add(update.NotShown)
	}
	c.setChange(d, o, a, update.Change)
	if a.Total.Valid {
		d.ConfirmedTotal = a.Total.Decimal.String()
	}
	if d.Problems = c.unsupported(o, update); len(d.Problems) > 0 {
		d.State, d.Message, d.Change = ledger.Invalid, d.Problems[0].Message, o.Change
		return nil
	}
	if update.Empty() {
		d.State, d.Message, d.Change = ledger.Unchanged, alreadyExists(a.ID, k), nil
	}
	return nil
}

// unsupported returns what an update can't do, each at its cell.
func (c *comparer) unsupported(o ledger.Order, update diff.Update) []problem.Problem {
	w := c.cells
	var out []problem.Problem
	for _, s := range update.ReadOnly {
		hint := ""
		if strings.HasPrefix(s.Path, "items") {
			hint = "the API can't change the lines of a sales order; cancel the order and create it again under another number"
		}
		p := w.AtField(o, s.Path, problem.New(problem.NotChangeable, "field", s.Path, "current", orBlank(s.Actual), "value", orBlank(s.Want)).With(hint))
		p.Expected = s.Actual
		p.Value = s.Want
		out = append(out, p)
	}
	for _, t := range update.Unsupported {
		p := problem.New(problem.NotChangeable, "field", t.Path)
		p.Message, p.Hint = t.Why, t.Hint
		out = append(out, w.AtField(o, t.Path, p))
	}
	for _, l := range update.Lines {
		if l.What == order.LineRemoved && l.Received != "" && !c.AllowLineRemoval {
			out = append(out, w.AtOrder(o, problem.New(problem.LineReceived, "line", strconv.FormatInt(l.ID, 10), "value", l.SKU, "received", l.Received)))
		}
	}
	return out
}

func orBlank(s string) string {
	if s == "" {
		return "blank"
	}
	return s
}

// hold holds an order, so that a person decides.
func (c *comparer) hold(d *ledger.Decision, o ledger.Order, p problem.Problem) {
	p.Value = o.Number
	d.State, d.Message = ledger.Held, p.Message
	d.Problems = []problem.Problem{c.cells.AtOrder(o, p)}
}

func createdThenGone(k ledger.KeyRecord) problem.Problem {
	return problem.New(problem.CreatedThenGone, "run", strconv.FormatInt(k.Run, 10), "day", plan.Day(k.At), "id", strconv.FormatInt(k.ID, 10))
}

// holdAmbiguous holds an order whose number several existing orders have.
func (c *comparer) holdAmbiguous(d *ledger.Decision, o ledger.Order, found []order.Answer) {
	var s ledger.Settlement
	c.cells.HoldAmbiguous(&s, o, found)
	d.State, d.Message, d.Problems = s.State, s.Message, s.Problems
}
