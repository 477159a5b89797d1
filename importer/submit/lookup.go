package submit

import (
	"context"
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

// roundUp rounds a time up, so that look-ups come due together: one request then asks for many
// orders.
func (s *submitter) roundUp(t time.Time) time.Time {
	grid := max(min(250*time.Millisecond, s.SettleWait/16), time.Millisecond)
	return t.Truncate(grid).Add(grid)
}

// firstLookup is when an order whose outcome is unknown is first looked up: soon, since finding it
// is conclusive at any time.
func (s *submitter) firstLookup(lastByte time.Time) time.Time {
	return s.roundUp(lastByte.Add(min(time.Second, s.SettleWait/4)))
}

// lookUpCreated finds out which of some orders whose create has an unknown outcome exist.
func (s *submitter) lookUpCreated(ctx context.Context, all []result) {
	began := time.Now() // an answer shows what existed when it was asked for, at the earliest
	method, err := lookup.Changes, error(nil)
	if !lookup.Unfilterable(all[0].order.Number) { // neither are the others
		method, err = s.finder.Prove(ctx)
	}
	if method == lookup.Single && len(all) > maxSingleLookups {
		all = all[:maxSingleLookups] // the others are due again at once, for other workers too
	}
	var got lookup.Result
	if err == nil {
		got, err = s.find(ctx, method, all)
	}
	for i := range all {
		if err != nil {
			s.recordLookupError(ctx, &all[i], err)
			continue
		}
		s.settleLookup(&all[i], got, began)
	}
}

// find looks orders up.
func (s *submitter) find(ctx context.Context, method lookup.Method, all []result) (lookup.Result, error) {
	if !s.finder.KnowsAny() {
		s.earlier.Do(func() { s.rememberEarlier(ctx) })
	}
	numbers := make([]string, len(all))
	var last time.Time // byte of a request that may have created one of them
	for i, r := range all {
		numbers[i] = r.order.Number
		if r.LastByte.After(last) {
			last = r.LastByte
		}
	}
	return s.finder.Find(ctx, method, numbers, last)
}

// rememberEarlier finds an order in the ledger that an earlier process created. Without one, a
// look-up may be inconclusive, which is all that an error here leads to.
func (s *submitter) rememberEarlier(ctx context.Context) {
	if k, err := s.Journal.LatestKey(ctx, s.Run.Account, s.Run.Kind); err == nil && k.Number != "" {
		s.finder.Remember(k.Number, k.At)
	}
}

// settleLookup decides what a look-up means for one order.
func (s *submitter) settleLookup(r *result, got lookup.Result, began time.Time) {
	found, _ := plan.Existing(s.Run.Kind, r.order, got.Orders[r.order.Number])
	switch {
	case len(found) == 1:
		s.settleFound(r, found[0])
	case len(found) > 1:
		s.cells.HoldAmbiguous(&r.Settlement, r.order, found)
	default:
		s.settleAbsent(r, got, began)
	}
}

// settleFound settles an order that a look-up found.
func (s *submitter) settleFound(r *result, a order.Answer) {
	s.cells.SettleExisting(&r.Settlement, r.order, a)
	r.confirmed = true // it was found by its number
	switch {
	case r.State != ledger.Created:
	case plan.RejectedAsDuplicate(r.order) && r.order.Attempts <= 1:
		r.State, r.Message = ledger.Unchanged, fmt.Sprintf("already up to date (id %d)", r.ID)
	default:
		r.Message = confirmedByLookup
	}
}

// settleAbsent decides what a look-up that didn't find an order means.
func (s *submitter) settleAbsent(r *result, got lookup.Result, began time.Time) {
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
	if duplicate {
		s.settle(r, ledger.Rejected, problem.Rejected, r.Message,
			`no order with this number was found there; correct the order and import it again from the sheet "To fix"`)
		return
	}
	s.countAbsence(r, began, "its answer was lost and the order didn't exist; sent again")
}

// countAbsence sends an order again, for a reason, when enough look-ups have shown that its last
// request wasn't processed.
func (s *submitter) countAbsence(r *result, began time.Time, why string) {
	if r.Lookups++; r.Lookups < requiredAbsences {
		r.NextLookup = s.roundUp(began.Add(s.SettleWait / 4))
		return
	}
	r.State, r.Lookups, r.Message = ledger.OrderPlanned, 0, why
}

// inconclusive tries again later, or settles the order as unknown. This process may still create
// the order that shows that looking up works, so the wait begins with it at the earliest.
func (s *submitter) inconclusive(r *result, why string, settled, began time.Time) {
	if s.began.After(settled) {
		settled = s.began
	}
	if began.After(settled.Add(maxInconclusiveWaits * s.SettleWait)) {
		s.settleUnknown(r, why)
		return
	}
	r.NextLookup = s.roundUp(began.Add(s.SettleWait / 4))
}

// recordLookupError decides whether a failed look-up stops the run. If not, the journal counts it.
func (s *submitter) recordLookupError(ctx context.Context, r *result, err error) {
	e := apiError(err)
	r.nonAPI = e.NotAPI
	switch {
	case ctx.Err() != nil:
		r.stop = ErrStopped
	case e.Stop || e.Outcome == luminous.NotSent:
		r.stop = err
	default:
		r.lookupErr = err
	}
}

// retryLookup postpones an order after n failed look-ups in a row, or settles it as unknown.
func (s *submitter) retryLookup(r *result, n int) {
	if n >= maxLookupErrors {
		s.settleUnknown(r, "looking it up failed: "+r.lookupErr.Error())
		return
	}
	r.NextLookup = s.roundUp(time.Now().Add(min(s.SettleWait, s.SettleWait/4<<min(n-1, 4))))
}

// settleUnknown gives up on an order whose outcome can't be found out.
func (s *submitter) settleUnknown(r *result, why string) {
	s.settle(r, ledger.Unknown, problem.OutcomeUnknown, why, "", problem.Remedy{Kind: problem.ResumeRun, Run: s.Run.ID})
	r.Message = r.Problems[0].Message
}
