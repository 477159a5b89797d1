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

// decide says what is to be done with an order, by what stands. decided is false for a create that is to go out as it is planned.
func (c *Check) decide(ctx context.Context, o ledger.Order, k ledger.KeyRecord, hits []order.Answer) (d ledger.Decision, decided bool, err error) {
	d = ledger.Decision{Seq: o.Seq, State: ledger.OrderPlanned, Change: o.Change, IfCreated: o.IfCreated}
	if c.Refresh {
		d.Resolved = refreshedCodes()
	}
	asked := order.Create
	if o.Change != nil {
		asked = o.Change.Requested
	}
	live, dead := plan.Existing(c.Run.Kind, o, hits)
	switch {
	case k.ClaimRun != 0 && k.ClaimRun != c.Run.ID:
		c.hold(&d, o, problem.New(problem.NumberInOtherRun, "run", strconv.FormatInt(k.ClaimRun, 10), "since", plan.Day(k.ClaimedAt)).
			With("", problem.Remedy{Kind: problem.ResumeRun, Run: k.ClaimRun}))
	case len(live) > 1:
		c.holdAmbiguous(&d, o, live)
	case asked == order.Create:
		return c.decideCreate(d, o, k, live)
	case len(live) == 0:
		c.decideMissing(&d, o, k, dead)
	case idMismatch(o, live[0]):
		c.hold(&d, o, problem.New(problem.IDMismatch, "id", strconv.FormatInt(o.Change.ID, 10), "other", strings.Join(live[0].Numbers, ", "), "value", o.Number))
	case asked == order.Delete:
		err = c.decideRemoval(&d, o, live[0])
	default:
		err = c.change(ctx, &d, o, k, live[0])
	}
	return d, true, err
}

// decideCreate says what becomes of a plain create.
func (c *Check) decideCreate(d ledger.Decision, o ledger.Order, k ledger.KeyRecord, live []order.Answer) (ledger.Decision, bool, error) {
	w := c.locator()
	switch {
	case len(live) == 1:
		if back, err := c.revive(&d, o, k, live[0]); back || err != nil {
			return d, true, err
		}
		var s ledger.Settlement
		w.SettleExisting(&s, o, live[0])
		d.State, d.ID, d.ConfirmedTotal, d.Message, d.Problems = s.State, s.ID, s.ConfirmedTotal, s.Message, s.Problems
		if s.State == ledger.Created {
			d.State, d.Message = ledger.Unchanged, alreadyExists(s.ID, k)
		}
		if k.Outcome == ledger.Deleted && s.State == ledger.Held {
			for i := range d.Problems {
				d.Problems[i].Hint = fmt.Sprintf("run %d took this order away (%s); an update can't bring it back as the sheet has it: import it under another order number", k.Run, plan.Day(k.At))
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
		word := "made"
		if k.Outcome != ledger.Created {
			word = "left"
		}
		return fmt.Sprintf("stands already as meant (id %d): run %d %s it on %s", id, k.Run, word, plan.Day(k.At))
	}
	return fmt.Sprintf("stands already as meant (id %d)", id)
}

// revive brings back a sales order that this program cancelled, if nothing differs that an update can't change.
func (c *Check) revive(d *ledger.Decision, o ledger.Order, k ledger.KeyRecord, a order.Answer) (back bool, err error) {
	if c.Run.Kind != order.SalesOrders || k.Outcome != ledger.Deleted || a.Status != order.Cancelled {
		return false, nil
	}
	update, err := c.rules.Compare(o.Payload, a.Raw)
	if err != nil || update.Empty() || len(update.ReadOnly)+len(update.Unsupported) > 0 {
		return false, err
	}
	update.Requested, update.ID, update.UpdatedAt = order.Create, a.ID, a.UpdatedAt
	update.Notes = append(update.Notes, fmt.Sprintf("run %d cancelled this order on %s; it is brought back", k.Run, plan.Day(k.At)))
	d.Action, d.ID, d.Change = order.Update, a.ID, &update.Change
	return true, nil
}

// decideMissing says what becomes of an order that is to be changed and doesn't stand.
func (c *Check) decideMissing(d *ledger.Decision, o ledger.Order, k ledger.KeyRecord, dead []order.Answer) {
	w := c.locator()
	asked := o.Change.Requested
	name := "no " + c.Run.Kind.Word() + " has the number " + o.Number
	if o.Change.ByID {
		name = fmt.Sprintf("no %s has the id %d", c.Run.Kind.Word(), o.Change.ID)
	}
	switch {
	case asked == order.Delete && len(dead) > 0:
		d.State, d.ID, d.Message = ledger.Unchanged, dead[0].ID, fmt.Sprintf("is deleted already (id %d)", dead[0].ID)
	case asked == order.Delete && k.Outcome == ledger.Deleted:
		d.State, d.ID, d.Message = ledger.Unchanged, k.ID, fmt.Sprintf("is gone already: run %d deleted it on %s (id %d)", k.Run, plan.Day(k.At), k.ID)
	case asked == order.Delete && k.Exists():
		d.State, d.ID, d.Message = ledger.Unchanged, k.ID, fmt.Sprintf("is gone already: run %d knew it as id %d on %s", k.Run, k.ID, plan.Day(k.At))
	case asked == order.Upsert && !o.Change.ByID && k.Exists() && !c.Recreate:
		c.hold(d, o, createdThenGone(k))
	case asked == order.Upsert && !o.Change.ByID:
		d.Action, d.Message = order.Create, ""
		if len(o.IfCreated) > 0 {
			d.State, d.Message, d.Problems = ledger.Invalid, "it doesn't stand yet, and to create it: "+plan.FirstError(o.IfCreated), w.InSource(o, o.IfCreated)
		}
	case len(dead) > 0:
		c.hold(d, o, problem.New(problem.NotFound, "why", fmt.Sprintf("%s; one that had it was deleted (id %d)", name, dead[0].ID)))
	default:
		c.hold(d, o, problem.New(problem.NotFound, "why", name+" in Luminous, so there is nothing to "+asked))
	}
}

// decideRemoval says what cancels or deletes an order that stands.
func (c *Check) decideRemoval(d *ledger.Decision, o ledger.Order, a order.Answer) error {
	d.ID = a.ID
	if a.Status == order.Cancelled && c.Run.Kind == order.SalesOrders {
		d.State, d.Message = ledger.Unchanged, fmt.Sprintf("is cancelled already (id %d)", a.ID)
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
func (c *Check) setChange(d *ledger.Decision, o ledger.Order, a order.Answer, change order.Change) {
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

// meant is what the sheet says of an order that stands.
func meant(o ledger.Order) []byte {
	if o.Change != nil && o.Change.Want != nil {
		return o.Change.Want
	}
	return o.Payload
}

// idMismatch says that the order which has the sheet's id bears none of the numbers that the sheet gives it: one of the two is wrong, and nobody
// can say which.
func idMismatch(o ledger.Order, a order.Answer) bool {
	if !o.Change.ByID || o.Change.NoNumber {
		return false
	}
	return !slices.ContainsFunc(o.Keys(), func(n string) bool { return slices.Contains(a.Numbers, n) })
}

// change says what has to change about an order that stands.
func (c *Check) change(ctx context.Context, d *ledger.Decision, o ledger.Order, k ledger.KeyRecord, a order.Answer) error {
	rules := c.rules
	rules.SentBefore = k.Fingerprint == o.Fingerprint && k.ID == a.ID && (k.Outcome == ledger.Created || k.Outcome == ledger.Updated)
	update, err := rules.Compare(meant(o), a.Raw)
	if err != nil {
		return err
	}
	if len(update.ReadOnly)+len(update.Unsupported) > 0 || !c.hidden.All(update.NotShown) { // a list may show less than the order's own page
		if a, err = c.API.Get(ctx, c.Run.Kind, a.ID); err == nil {
			update, err = rules.Compare(meant(o), a.Raw)
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

// unsupported says at its cell what an update can't do.
func (c *Check) unsupported(o ledger.Order, update diff.Update) []problem.Problem {
	w := c.locator()
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

// hold decides that a person has to look at an order.
func (c *Check) hold(d *ledger.Decision, o ledger.Order, p problem.Problem) {
	p.Value = o.Number
	d.State, d.Message = ledger.Held, p.Message
	d.Problems = []problem.Problem{c.locator().AtOrder(o, p)}
}

func createdThenGone(k ledger.KeyRecord) problem.Problem {
	return problem.New(problem.CreatedThenGone, "run", strconv.FormatInt(k.Run, 10), "day", plan.Day(k.At), "id", strconv.FormatInt(k.ID, 10))
}

// holdAmbiguous holds an order whose number several orders bear.
func (c *Check) holdAmbiguous(d *ledger.Decision, o ledger.Order, found []order.Answer) {
	var s ledger.Settlement
	c.locator().HoldAmbiguous(&s, o, found)
	d.State, d.Message, d.Problems = s.State, s.Message, s.Problems
}
