package submit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

const (
	// maxResends is how often one process sends an order again, each time after a conclusive absence.
	// Where 5 in 100 requests are lost before they are processed, 3 in ten million orders need more.
	maxResends           = 4
	requiredAbsences     = 2         // look-ups that must find nothing, a quarter of the settle wait apart
	maxLookupErrors      = 6         // look-ups in a row that may fail before the outcome stays unknown
	maxInconclusiveWaits = 4         // settle waits after which inconclusive look-ups leave the outcome unknown
	maxBatchLookups      = 100       // orders that are looked up by one request: what fits onto one page
	maxSingleLookups     = 8         // orders that one worker looks up one by one
	clockSkew            = time.Hour // the server's clock may be behind ours by as much
)

func (s *Submitter) locator() plan.CellLocator {
	return plan.CellLocator{Run: s.Run, Sources: s.Sources}
}

// roundUp rounds a time up, so that look-ups come due together: one request then asks for many
// orders.
func (s *Submitter) roundUp(t time.Time) time.Time {
	grid := max(min(250*time.Millisecond, s.SettleWait/16), time.Millisecond)
	return t.Truncate(grid).Add(grid)
}

// firstLookup is when an order whose outcome is unknown is first looked up: soon, since finding it
// is conclusive at any time.
func (s *Submitter) firstLookup(lastByte time.Time) time.Time {
	return s.roundUp(lastByte.Add(min(time.Second, s.SettleWait/4)))
}

// lookUp finds out which of some orders with an unknown outcome exist.
func (s *Submitter) lookUp(ctx context.Context, orders []ledger.Order) []result {
	out := make([]result, len(orders))
	var after time.Time
	unfilterable := false
	for i, o := range orders {
		r := &out[i]
		r.order, r.isLookup = o, true
		r.Seq, r.State, r.Lookups, r.Message, r.LastByte, r.NextLookup = o.Seq, ledger.Unresolved, o.Lookups, o.Message, o.LastByte, o.NextLookup
		unfilterable = unfilterable || lookup.Unfilterable(o.Number)
		if o.LastByte.After(after) {
			after = o.LastByte
		}
	}
	if orders[0].Action != order.Create {
		s.lookUpChanged(ctx, out)
		return out
	}
	began := s.Now.Now() // an answer shows what existed when it was asked for, at the earliest
	method, err := lookup.Changes, error(nil)
	if !unfilterable {
		method, err = s.finder.Prove(ctx)
	}
	if method == lookup.Single && len(orders) > maxSingleLookups {
		orders = orders[:maxSingleLookups] // the others are due again at once, for other workers too
	}
	var got lookup.Result
	if err == nil {
		got, err = s.find(ctx, method, orders, after)
	}
	for i := range orders {
		if err != nil {
			s.recordLookupError(ctx, &out[i], err)
			continue
		}
		s.settleLookup(&out[i], got, began)
	}
	return out
}

// find looks orders up. after is the end of the last request that may have created one of them.
func (s *Submitter) find(ctx context.Context, method lookup.Method, orders []ledger.Order, after time.Time) (lookup.Result, error) {
	if method == lookup.Changes && !s.finder.KnowsAny() {
		s.earlier.Do(func() { s.rememberEarlier(ctx) })
	}
	numbers := make([]string, len(orders))
	for i, o := range orders {
		numbers[i] = o.Number
	}
	return s.finder.Find(ctx, method, numbers, after)
}

// rememberEarlier finds an order in the ledger that an earlier process of this run created. Without
// one, a look-up may be inconclusive, which is all that an error here leads to.
func (s *Submitter) rememberEarlier(ctx context.Context) {
	errFound := errors.New("found")
	_ = s.Journal.Orders(ctx, s.Run.ID, ledger.Filter{States: []ledger.State{ledger.Created}}, func(o *ledger.Order) error {
		s.finder.Remember(o.Number, o.LastByte)
		return errFound
	})
}

// settleLookup decides what a look-up means for one order.
func (s *Submitter) settleLookup(r *result, got lookup.Result, began time.Time) {
	found, _ := plan.Existing(s.Run.Kind, r.order, got.Orders[r.order.Number])
	switch {
	case len(found) == 1:
		s.settleFound(r, found[0])
	case len(found) > 1:
		s.locator().HoldAmbiguous(&r.Settlement, r.order, found)
	default:
		s.settleAbsent(r, got, began)
	}
}

// settleFound settles an order that a look-up found.
func (s *Submitter) settleFound(r *result, a order.Answer) {
	s.locator().SettleExisting(&r.Settlement, r.order, a)
	switch {
	case r.State != ledger.Created:
	case plan.RejectedAsDuplicate(r.order) && r.order.Attempts <= 1:
		r.State, r.Message = ledger.Unchanged, fmt.Sprintf("already up to date (id %d)", r.ID)
	default:
		r.Message = "the answer was lost; confirmed by looking the order up"
	}
}

// settleAbsent decides what a look-up that didn't find an order means.
func (s *Submitter) settleAbsent(r *result, got lookup.Result, began time.Time) {
	o := r.order
	duplicate := plan.RejectedAsDuplicate(o)
	settled := o.LastByte.Add(s.SettleWait)
	if duplicate && o.Attempts <= 1 {
		settled = o.LastByte // no request of ours can still create it
	}
	if began.Before(settled) {
		r.NextLookup = s.roundUp(settled)
		return
	}
	if got.Inconclusive == "" && got.ActiveOnly && order.Payload(o.Payload).Status() == order.Cancelled {
		got.Inconclusive = "looking up by order number doesn't work there, and the feed of changes shows active orders only"
	}
	if got.Inconclusive != "" {
		s.inconclusive(r, got.Inconclusive, settled, began)
		return
	}
	r.Lookups++
	switch {
	case duplicate:
		s.rejectDuplicate(r)
	case r.Lookups < requiredAbsences:
		r.NextLookup = s.roundUp(began.Add(s.SettleWait / 4))
	default:
		r.State, r.Lookups, r.Message = ledger.OrderPlanned, 0, "its answer was lost and the order didn't exist; sent again"
	}
}

// inconclusive tries again later, or settles the order as unknown. This process may still create
// the order that shows that looking up works, so the wait begins with it at the earliest.
func (s *Submitter) inconclusive(r *result, why string, settled, began time.Time) {
	if s.began.After(settled) {
		settled = s.began
	}
	if began.After(settled.Add(maxInconclusiveWaits * s.SettleWait)) {
		s.settleUnknown(r, why)
		return
	}
	r.NextLookup = s.roundUp(began.Add(s.SettleWait / 4))
}

// rejectDuplicate settles an order that Luminous rejected because its number exists, although no
// order has this number.
func (s *Submitter) rejectDuplicate(r *result) {
	r.State, r.Lookups = ledger.Rejected, 0
	r.Problems = []problem.Problem{s.locator().AtOrder(r.order, problem.New(problem.Rejected, "value", r.order.Number, "what", "the order", "why", r.Message).
		With(`no order with this number was found there; correct the order and import it again from the sheet "To fix"`))}
}

// recordLookupError decides whether a failed look-up stops the run. If not, the journal counts it.
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

// retryLookup postpones an order after n failed look-ups in a row, or settles it as unknown.
func (s *Submitter) retryLookup(r *result, n int) {
	if n >= maxLookupErrors {
		s.settleUnknown(r, "looking it up failed: "+r.lookupErr.Error())
		return
	}
	r.NextLookup = s.roundUp(s.Now.Now().Add(min(s.SettleWait, s.SettleWait/4<<min(n-1, 4))))
}

// settleUnknown gives up on an order whose outcome can't be found out.
func (s *Submitter) settleUnknown(r *result, why string) {
	p := problem.New(problem.OutcomeUnknown, "value", r.order.Number, "why", why).With("", problem.Remedy{Kind: problem.ResumeRun, Run: s.Run.ID})
	r.State, r.Lookups, r.Message = ledger.Unknown, 0, p.Message
	r.Problems = []problem.Problem{s.locator().AtOrder(r.order, p)}
}
