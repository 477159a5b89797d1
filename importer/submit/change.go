package submit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// freshFor is how long after its read an order may wait to be written. After that it is read again,
// and may wait twice as long each time, so that a slow pace can't keep an order from being written.
const freshFor = 2 * time.Second

// change makes one attempt at updating or deleting an existing order. It reads the order again
// right before the write, and holds it if a field to be written changed since the plan: the API has
// no conditional write.
func (s *submitter) change(ctx context.Context, r *result) {
	r.ID = r.order.ID
	for within := freshFor; s.changeOnce(ctx, r, within); {
		within *= 2
	}
}

// tried reports whether the order was sent before.
func (r *result) tried() bool { return r.isLookup || r.order.Attempts > 0 || r.Sent > 0 }

// changeOnce reads the order and writes it. again reports whether nothing was sent and the order
// has to be read again first.
func (s *submitter) changeOnce(ctx context.Context, r *result, within time.Duration) (again bool) {
	c := *r.order.Change
	a, err := s.read(ctx, &c)
	var compared diff.Progress
	if err == nil {
		compared, err = s.rules.ThreeWay(&c, a.Raw)
	}
	switch {
	case err != nil:
		s.notRead(ctx, r, err)
	case s.Run.Kind == order.PurchaseOrders && a.Status == order.Deleted && r.order.Action != order.Delete && !slices.Contains(compared.Done, "order_status"):
		s.settleGone(r)
	case len(compared.Edited) > 0:
		s.holdStale(r, compared.Edited)
	case len(compared.Pending)+len(compared.NotShown) == 0:
		s.settleDone(r)
	default:
		c.UpdatedAt = a.UpdatedAt
		todo := without(c, compared.Done)
		if len(compared.Done) > 0 && !r.tried() { // somebody else did a part of it: that part isn't ours to undo
			c = todo
			r.Change = &c
		}
		return s.write(ctx, r, c, todo, a, within)
	}
	return false
}

// read reads an order that is to be changed, or may have been changed. Fields of the plan that its
// own page omits come from the list.
func (s *submitter) read(ctx context.Context, c *order.Change) (order.Answer, error) {
	a, err := s.API.Get(ctx, s.Run.Kind, c.ID)
	if err != nil {
		return a, err
	}
	if a.ID != c.ID {
		return a, fmt.Errorf("asked for order %d, the server answered with order %d", c.ID, a.ID)
	}
	hidden := diff.MissingFields(c, a.Raw)
	if len(hidden) == 0 || len(a.Numbers) == 0 || lookup.Unfilterable(a.Numbers[0]) {
		return a, nil
	}
	rows, err := s.finder.ByNumber(ctx, a.Numbers[0])
	switch {
	case errors.Is(err, lookup.ErrFilterIgnored): // lists can't be asked for one order there: the field stays unseen
		return a, nil
	case err != nil:
		return a, err
	}
	for _, row := range rows {
		if row.ID == c.ID {
			a.Raw, err = diff.Merge(a.Raw, row.Raw, hidden)
		}
	}
	return a, err
}

// without returns c minus the named fields.
func without(c order.Change, done []string) order.Change {
	if len(done) == 0 {
		return c
	}
	if slices.Contains(done, "tags") {
		c.Tags = nil
	}
	c.Body, c.Before = dropped(c.Body, done), dropped(c.Before, done)
	if c.Body == nil {
		c.Before = nil
	}
	c.Fields = slices.DeleteFunc(slices.Clone(c.Fields), func(f order.FieldChange) bool {
		name, _, _ := strings.Cut(f.Path, ".")
		return slices.Contains(done, name)
	})
	return c
}

// dropped returns a JSON object without some names; nil when it is empty then.
func dropped(object json.RawMessage, names []string) json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(object, &m) != nil {
		return nil
	}
	maps.DeleteFunc(m, func(name string, _ json.RawMessage) bool { return slices.Contains(names, name) })
	b, err := json.Marshal(m)
	if err != nil || len(m) == 0 {
		return nil
	}
	return b
}

// notRead settles an order that couldn't be read before its write: nothing was sent.
func (s *submitter) notRead(ctx context.Context, r *result, err error) {
	if lookup.NotFound(err) {
		missing := err
		if err = s.isGone(ctx, r); err == nil {
			s.settleGone(r)
			return
		}
		if e := apiError(err); e.Status == 0 && !e.Stop { // no answer of the API: the 404 contradicts it
			err = &luminous.Error{Outcome: luminous.Unknown, Status: apiError(missing).Status, Signature: "404 contradicted", Message: err.Error(), Err: err}
		}
	}
	e := apiError(err)
	r.Message, r.signature, r.nonAPI = "it couldn't be read before its write: "+describe(e), e.Signature, e.NotAPI
	r.stop = stopCause(ctx, err)
	switch {
	case e.Outcome == luminous.NotSent || r.stop != nil:
	case e.Outcome == luminous.Rejected && r.tried():
		s.holdAmbiguous(r, r.Message+"; an earlier attempt may have changed it")
	case e.Outcome == luminous.Rejected:
		r.State, r.HTTPStatus, r.Problems = ledger.Rejected, e.Status, s.rejection(r.order, e)
	default:
		r.unreadable = true
	}
}

// compareAgain returns the remedy that compares the run's held orders again.
func (s *submitter) compareAgain() problem.Remedy {
	if n := plan.Undoes(s.Run); n != 0 {
		return problem.Remedy{Kind: problem.UndoRun, Run: n}
	}
	return problem.Remedy{Kind: problem.RefreshPlan, Run: s.Run.ID}
}

// holdUnreadable holds an order that couldn't be read several times in a row.
func (s *submitter) holdUnreadable(r *result) {
	s.settle(r, ledger.Held, problem.Stale, r.Message, "nothing was written; compare the order again", s.compareAgain())
}

// isGone returns nil if an order whose own page was answered with 404 no longer exists.
func (s *submitter) isGone(ctx context.Context, r *result) error {
	return s.finder.IsGone(ctx, r.order.Change.ID, r.order.Number)
}

// reallyGone reports whether an order whose write was answered with 404 no longer exists.
func (s *submitter) reallyGone(ctx context.Context, r *result) bool {
	_, exists, err := s.finder.Read(ctx, r.order.Change.ID, r.order.Number)
	return err == nil && !exists
}

// settleGone settles an order that no longer exists.
func (s *submitter) settleGone(r *result) {
	id := r.order.Change.ID
	r.signature, r.nonAPI = "", false
	switch {
	case r.order.Action == order.Delete && r.tried():
		r.State, r.Message = ledger.Deleted, confirmedByLookup
	case r.order.Action == order.Delete:
		r.State, r.Message = ledger.Unchanged, fmt.Sprintf("already gone when it was read again (id %d)", id)
	default:
		s.settle(r, ledger.Held, problem.NotFound, fmt.Sprintf("it had the id %d when it was planned, and no longer exists", id),
			"to create it again, import it as NEW")
	}
}

// settleDone settles an order that is already as wanted without this attempt.
func (s *submitter) settleDone(r *result) {
	if !r.tried() {
		r.State, r.Message = ledger.Unchanged, fmt.Sprintf("already up to date when it was read again (id %d)", r.order.Change.ID)
		return
	}
	r.State, r.Message = writtenState(r.order), confirmedByLookup
}

// writtenState is the outcome of a change that was processed.
func writtenState(o ledger.Order) ledger.State {
	if o.Action == order.Delete {
		return ledger.Deleted
	}
	return ledger.Updated
}

// holdStale holds an order because somebody changed a field to be written.
func (s *submitter) holdStale(r *result, moved []diff.Difference) {
	var parts []string
	for _, m := range moved {
		parts = append(parts, fmt.Sprintf("%s was %s, now it is %s", m.Path, orBlank(m.Want), orBlank(m.Actual)))
		why := "somebody changed this order since it was planned: " + parts[len(parts)-1]
		p := s.cells.AtField(r.order, m.Path, problem.New(problem.Stale, "field", m.Path, "why", why).With("", s.compareAgain()))
		p.Value, p.Expected = m.Actual, m.Want
		r.Problems = append(r.Problems, p)
	}
	r.State, r.Message = ledger.Held, "stale: "+strings.Join(parts, "; ")
}

// write sends the change. again reports whether nothing was sent and the order has to be read again
// first.
func (s *submitter) write(ctx context.Context, r *result, c, todo order.Change, now order.Answer, within time.Duration) (again bool) {
	var answer order.Answer
	var err error
	switch {
	case r.order.Action == order.Delete && s.Run.Kind == order.PurchaseOrders:
		err = s.API.Delete(ctx, s.Run.Kind, c.ID, within)
	case todo.Body != nil:
		answer, err = s.put(ctx, r, todo, now, within)
	}
	partly := c.Body != nil && todo.Body == nil // an earlier attempt wrote it
	if err == nil && todo.Tags != nil {
		partly = partly || todo.Body != nil
		err = s.API.PutTags(ctx, c.ID, todo.Tags.Names, todo.Tags.Add, within)
	}
	r.LastByte = time.Now()
	if err == nil && answer.ID != 0 && answer.ID != c.ID {
		err = fmt.Errorf("order %d was written, the server answered with order %d", c.ID, answer.ID)
	}
	if err == nil {
		r.Sent++
		s.settleChanged(r, answer)
		return false
	}
	if partly && todo.Body != nil {
		r.Sent++
	}
	return s.notWritten(ctx, r, c, err, partly)
}

// notWritten settles a write without a good answer.
func (s *submitter) notWritten(ctx context.Context, r *result, c order.Change, err error, partly bool) (again bool) {
	e := r.recordError(err)
	if lookup.NotFound(err) && s.reallyGone(ctx, r) {
		s.settleGone(r)
		return false
	}
	s.settleError(ctx, r, e)
	switch {
	case r.State == ledger.Rejected && partly:
		r.State, r.Message = ledger.Held, "the order was updated, but its tags were rejected: "+r.Message
	case r.State == ledger.Unresolved:
		r.Change = &c
	}
	return e.Outcome == luminous.NotSent && r.stop == nil
}

// settleChanged settles an order that the API says it wrote.
func (s *submitter) settleChanged(r *result, a order.Answer) {
	r.ID, r.HTTPStatus, r.Message, r.signature, r.nonAPI = r.order.Change.ID, http.StatusOK, "", "", false
	if a.Total.Valid {
		r.ConfirmedTotal = a.Total.Decimal.String()
	}
	r.State = writtenState(r.order)
	if r.State == ledger.Deleted && s.Run.Kind == order.SalesOrders {
		r.Message = r.order.Change.RemovedStatus() + ": a sales order can't be deleted"
	}
}

// put sends the body of an update: only what changes or, if a purchase order's PUT requires its
// required fields, those with their current values too (the API's page can be read both ways). They
// include all lines, so the order is read again before.
func (s *submitter) put(ctx context.Context, r *result, c order.Change, now order.Answer, within time.Duration) (order.Answer, error) {
	if !r.fullPut && !s.strict.Load() {
		a, err := s.API.Update(ctx, s.Run.Kind, c.ID, c.Body, within)
		var e *luminous.Error
		if s.Run.Kind == order.PurchaseOrders && errors.As(err, &e) && wantsRequired(e, c.Body) {
			r.fullPut = true
			return a, &luminous.Error{Outcome: luminous.NotSent, Message: "the server requires the whole order", Err: err}
		}
		return a, err
	}
	body, err := s.rules.WithRequired(c.Body, now.Raw)
	if err != nil {
		return order.Answer{}, &luminous.Error{Outcome: luminous.NotSent, Stop: true, Message: err.Error(), Err: err}
	}
	a, err := s.API.Update(ctx, s.Run.Kind, c.ID, body, within)
	if err == nil && r.fullPut {
		s.strict.Store(true)
	}
	return a, err
}

// wantsRequired reports whether a rejection names fields that the body lacks and that the API's
// page calls required.
func wantsRequired(e *luminous.Error, body []byte) bool {
	if e.Status != http.StatusUnprocessableEntity {
		return false
	}
	return slices.ContainsFunc(e.Fields, func(f luminous.FieldError) bool {
		return slices.Contains(diff.RequiredInUpdate, f.Path) && !order.Payload(body).Has(f.Path)
	})
}

func orBlank(s string) string {
	if s == "" {
		return "blank"
	}
	return s
}
