package submit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

const (
	maxResends           = 4   // an order is sent again at most this often by one process, each time after a conclusive absence: where 5 in 100 get lost before they are committed, 3 in ten million orders need more
	requiredAbsences     = 2   // look-ups that must find nothing, a quarter of the settle wait apart
	maxLookupErrors      = 6   // look-ups that may fail in a row before nobody can say
	maxBatchLookups      = 100 // orders that are looked up together: what fits onto one page
	maxSingleLookups     = 8   // orders that one worker looks up one by one
	maxInconclusiveWaits = 4   // settle waits for which a look-up may be blind before nobody can say
)

func (s *Submitter) locator() plan.CellLocator {
	return plan.CellLocator{Run: s.Run, Sources: s.Sources}
}

// roundUp rounds a time up, so that look-ups come due together: one request then asks for many orders.
func (s *Submitter) roundUp(t time.Time) time.Time {
	grid := max(min(250*time.Millisecond, s.SettleWait/16), time.Millisecond)
	return t.Truncate(grid).Add(grid)
}

// firstLookup is when an order whose outcome is unknown is first looked up: soon, since finding it is conclusive at any time.
func (s *Submitter) firstLookup(lastByte time.Time) time.Time {
	return s.roundUp(lastByte.Add(min(time.Second, s.SettleWait/4)))
}

// lookUp asks the API which of some orders stand whose outcome is unknown.
func (s *Submitter) lookUp(ctx context.Context, orders []ledger.Order) []result {
	out := make([]result, len(orders))
	var after time.Time
	strange := false
	for i, o := range orders {
		r := &out[i]
		r.order, r.isLookup = o, true
		r.Seq, r.State, r.Looks, r.Message, r.LastByte, r.NextLook = o.Seq, ledger.Aside, o.Looks, o.Message, o.LastByte, o.NextLook
		strange = strange || plan.Unfilterable(o.Number)
		if o.LastByte.After(after) {
			after = o.LastByte
		}
	}
	if orders[0].Action != order.Create {
		s.lookUpChanged(ctx, out)
		return out
	}
	began := s.Now.Now() // an answer shows what stood when it was asked for, at the earliest
	w, err := plan.ByReadingOn, error(nil)
	if !strange {
		w, err = s.finder.find(ctx, s.API, s.Run.Kind)
	}
	if w == plan.ByNumber && len(orders) > maxSingleLookups {
		orders = orders[:maxSingleLookups] // the rest comes at once, by other workers too
	}
	var v lookupResult
	if err == nil {
		v, err = s.lookUpIn(ctx, w, orders, after)
	}
	for i := range orders {
		if err != nil {
			s.recordLookupError(ctx, &out[i], err)
			continue
		}
		s.settleLookup(&out[i], v, began)
	}
	return out
}

// settleLookup says what a look-up means for one order.
func (s *Submitter) settleLookup(r *result, v lookupResult, began time.Time) {
	found, _ := plan.Existing(s.Run.Kind, r.order, v.found[r.order.Number])
	switch {
	case len(found) == 1:
		s.settleFound(r, found[0])
	case len(found) > 1:
		s.locator().HoldAmbiguous(&r.Settlement, r.order, found)
	default:
		s.settleAbsent(r, v, began)
	}
}

// settleFound settles an order that a look-up found.
func (s *Submitter) settleFound(r *result, a order.Answer) {
	s.locator().SettleExisting(&r.Settlement, r.order, a)
	switch {
	case r.State != ledger.Created:
	case plan.RejectedAsDuplicate(r.order) && r.order.Attempts <= 1:
		r.State, r.Message = ledger.Unchanged, fmt.Sprintf("stood already as meant (id %d)", r.ID)
	default:
		r.Message = "the answer was lost; confirmed by looking the order up"
	}
}

// settleAbsent decides what a look-up that found nothing means.
func (s *Submitter) settleAbsent(r *result, v lookupResult, began time.Time) {
	o := r.order
	refused := plan.RejectedAsDuplicate(o)
	settled := o.LastByte.Add(s.SettleWait)
	if refused && o.Attempts <= 1 {
		settled = o.LastByte // nothing of ours is on its way
	}
	if began.Before(settled) {
		r.NextLook = s.roundUp(settled)
		return
	}
	if v.inconclusive == "" && s.Run.Kind == order.SalesOrders && s.finder.provenWay() == plan.ByReadingOn && order.Payload(o.Payload).Status() == order.Cancelled {
		v.inconclusive = "looking up by order number doesn't work there, and the feed of changes shows active orders only"
	}
	if v.inconclusive != "" {
		if s.finder.began.After(settled) { // this process may yet make the order that shows that looking up works
			settled = s.finder.began
		}
		if began.After(settled.Add(maxInconclusiveWaits * s.SettleWait)) {
			s.settleUnknown(r, v.inconclusive)
			return
		}
		r.NextLook = s.roundUp(began.Add(s.SettleWait / 4))
		return
	}
	r.Looks++
	switch {
	case refused:
		s.rejectDuplicate(r)
	case r.Looks < requiredAbsences:
		r.NextLook = s.roundUp(began.Add(s.SettleWait / 4))
	default:
		r.State, r.Looks, r.Message = ledger.OrderPlanned, 0, "its answer was lost and it didn't stand; sent again"
	}
}

// rejectDuplicate settles an order that was refused because its number is taken, it was said, and whose number nothing bears.
func (s *Submitter) rejectDuplicate(r *result) {
	r.State, r.Looks = ledger.Rejected, 0
	r.Problems = []problem.Problem{s.locator().AtOrder(r.order, problem.New(problem.Rejected, "value", r.order.Number, "what", "the order", "why", r.Message).
		With(`no order with this number was found there; correct the order and import it again from the sheet "To fix"`))}
}

// recordLookupError says what a look-up that failed means: a reason to stop, or one more of those that loop.put counts.
func (s *Submitter) recordLookupError(ctx context.Context, r *result, err error) {
	var e *luminous.Error
	if errors.As(err, &e) {
		r.nonAPI = e.NotAPI
		if e.Stop || e.Outcome == luminous.NotSent {
			r.stop = stopCause(ctx, err)
			return
		}
	}
	if ctx.Err() != nil {
		r.stop = ErrStopped
		return
	}
	r.lookupErr = err
}

// retryLookup puts an order off whose look-up failed for the nth time in a row, or gives up on it.
func (s *Submitter) retryLookup(r *result, n int) {
	if n >= maxLookupErrors {
		s.settleUnknown(r, "looking it up failed: "+r.lookupErr.Error())
		return
	}
	r.NextLook = s.roundUp(s.Now.Now().Add(min(s.SettleWait, s.SettleWait/4<<min(n-1, 4))))
}

// settleUnknown settles an order as unknown, with the question that was asked.
func (s *Submitter) settleUnknown(r *result, why string) {
	p := problem.New(problem.OutcomeUnknown, "value", r.order.Number, "why", why).With("", problem.Remedy{Kind: problem.ResumeRun, Run: s.Run.ID})
	r.State, r.Looks, r.Message = ledger.Unknown, 0, p.Message
	r.Problems = []problem.Problem{s.locator().AtOrder(r.order, p)}
}
