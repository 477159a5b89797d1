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
	maxResends   = 4   // an order is sent again at most this often by one process, each time after a conclusive absence: where 5 in 100 get lost before they are committed, 3 in ten million orders need more
	absentLooks  = 2   // look-ups that must find nothing, a quarter of the settle wait apart
	maxLookFails = 6   // look-ups that may fail in a row before nobody can say
	lookTogether = 100 // orders that are looked up together: what fits onto one page
	lookInARow   = 8   // orders that one worker looks up one by one
	lookBlind    = 4   // settle waits for which a look-up may be blind before nobody can say
)

func (s *Submission) where() plan.CellLocator {
	return plan.CellLocator{Run: s.Run, Sources: s.Sources}
}

// together rounds a time up, so that look-ups come due together: one request then asks for many orders.
func (s *Submission) together(t time.Time) time.Time {
	grid := max(min(250*time.Millisecond, s.SettleWait/16), time.Millisecond)
	return t.Truncate(grid).Add(grid)
}

// firstLook is when an order whose outcome is unknown is first looked up: soon, since finding it is conclusive at any time.
func (s *Submission) firstLook(lastByte time.Time) time.Time {
	return s.together(lastByte.Add(min(time.Second, s.SettleWait/4)))
}

// lookUp asks the API which of some orders stand whose outcome is unknown.
func (s *Submission) lookUp(ctx context.Context, orders []ledger.Order) []outcome {
	out := make([]outcome, len(orders))
	var after time.Time
	strange := false
	for i, o := range orders {
		r := &out[i]
		r.order, r.look = o, true
		r.Seq, r.State, r.Looks, r.Message, r.LastByte, r.NextLook = o.Seq, ledger.Aside, o.Looks, o.Message, o.LastByte, o.NextLook
		strange = strange || plan.Unfilterable(o.Number)
		if o.LastByte.After(after) {
			after = o.LastByte
		}
	}
	if orders[0].Action != order.Create {
		s.lookAtChanged(ctx, out)
		return out
	}
	began := s.Now.Now() // an answer shows what stood when it was asked for, at the earliest
	w, err := plan.ByReadingOn, error(nil)
	if !strange {
		w, err = s.finder.find(ctx, s.API, s.Run.Kind)
	}
	if w == plan.ByNumber && len(orders) > lookInARow {
		orders = orders[:lookInARow] // the rest comes at once, by other workers too
	}
	var v sight
	if err == nil {
		v, err = s.see(ctx, w, orders, after)
	}
	for i := range orders {
		if err != nil {
			s.lookFailed(ctx, &out[i], err)
			continue
		}
		s.judge(&out[i], v, began)
	}
	return out
}

// judge says what a look-up means for one order.
func (s *Submission) judge(r *outcome, v sight, began time.Time) {
	found, _ := plan.Existing(s.Run.Kind, r.order, v.found[r.order.Number])
	switch {
	case len(found) == 1:
		s.recovered(r, found[0])
	case len(found) > 1:
		s.where().Ambiguous(&r.Settlement, r.order, found)
	default:
		s.absent(r, v, began)
	}
}

// recovered settles an order that a look-up found.
func (s *Submission) recovered(r *outcome, a order.Answer) {
	s.where().Compare(&r.Settlement, r.order, a)
	switch {
	case r.State != ledger.Created:
	case plan.RejectedAsDuplicate(r.order) && r.order.Attempts <= 1:
		r.State, r.Message = ledger.Unchanged, fmt.Sprintf("stood already as meant (id %d)", r.ID)
	default:
		r.Message = "the answer was lost; confirmed by looking the order up"
	}
}

// absent decides what a look-up that found nothing means.
func (s *Submission) absent(r *outcome, v sight, began time.Time) {
	o := r.order
	refused := plan.RejectedAsDuplicate(o)
	settled := o.LastByte.Add(s.SettleWait)
	if refused && o.Attempts <= 1 {
		settled = o.LastByte // nothing of ours is on its way
	}
	if began.Before(settled) {
		r.NextLook = s.together(settled)
		return
	}
	if v.blind == "" && s.Run.Kind == order.SalesOrders && s.finder.known() == plan.ByReadingOn && order.Payload(o.Payload).Status() == order.Cancelled {
		v.blind = "looking up by order number doesn't work there, and the feed of changes shows active orders only"
	}
	if v.blind != "" {
		if s.finder.began.After(settled) { // this process may yet make the order that shows that looking up works
			settled = s.finder.began
		}
		if began.After(settled.Add(lookBlind * s.SettleWait)) {
			s.nobodyKnows(r, v.blind)
			return
		}
		r.NextLook = s.together(began.Add(s.SettleWait / 4))
		return
	}
	r.Looks++
	switch {
	case refused:
		s.refusedInVain(r)
	case r.Looks < absentLooks:
		r.NextLook = s.together(began.Add(s.SettleWait / 4))
	default:
		r.State, r.Looks, r.Message = ledger.OrderPlanned, 0, "its answer was lost and it didn't stand; sent again"
	}
}

// refusedInVain settles an order that was refused because its number is taken, it was said, and whose number nothing bears.
func (s *Submission) refusedInVain(r *outcome) {
	r.State, r.Looks = ledger.Rejected, 0
	r.Problems = []problem.Problem{s.where().AtOrder(r.order, problem.Problem{
		Severity: problem.Error, Code: "rejected", Value: r.order.Number, Message: "Luminous rejected the order: " + r.Message,
		Hint: "no order with this number was found there; correct the order and import it again from the sheet To fix",
	})}
}

// lookFailed says what a look-up that failed means: a reason to stop, or one more of those that loop.put counts.
func (s *Submission) lookFailed(ctx context.Context, r *outcome, err error) {
	var e *luminous.Error
	if errors.As(err, &e) {
		r.notAPI = e.NotAPI
		if e.Stop || e.Outcome == luminous.NotSent {
			r.stop = stopCause(ctx, err)
			return
		}
	}
	if ctx.Err() != nil {
		r.stop = ErrStopped
		return
	}
	r.failed = err
}

// failedLook puts an order off whose look-up failed for the nth time in a row, or gives up on it.
func (s *Submission) failedLook(r *outcome, n int) {
	if n >= maxLookFails {
		s.nobodyKnows(r, "looking it up failed: "+r.failed.Error())
		return
	}
	r.NextLook = s.together(s.Now.Now().Add(min(s.SettleWait, s.SettleWait/4<<min(n-1, 4))))
}

// nobodyKnows settles an order as unknown, with the question that was asked.
func (s *Submission) nobodyKnows(r *outcome, why string) {
	r.State, r.Looks, r.Message = ledger.Unknown, 0, "nobody can say whether it stands: "+why
	r.Problems = []problem.Problem{s.where().AtOrder(r.order, problem.Problem{
		Severity: problem.Error, Code: plan.CodeUnknown, Value: r.order.Number, Message: r.Message,
		Hint: fmt.Sprintf("search for this order number in Luminous; or let it be looked up once more with: ordersheet resume %d", s.Run.ID),
	})}
}
