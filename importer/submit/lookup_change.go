package submit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// lookUpChanged reads orders whose update or deletion has an unknown outcome.
func (s *Submitter) lookUpChanged(ctx context.Context, out []result) {
	for i := range out {
		r := &out[i]
		if i >= maxSingleLookups {
			continue // it is due again at once, for other workers too
		}
		began := s.Now.Now()
		a, err := s.read(ctx, r.order.Change)
		switch {
		case lookup.NotFound(err):
			s.settleGone(r, true)
		case err != nil:
			s.recordLookupError(ctx, r, err)
		default:
			s.settleChangedLookup(r, a, began)
		}
	}
}

// settleChangedLookup decides from an order's current values whether its update or deletion was
// processed. It was if they are as wanted. It wasn't if they are the previous ones, nobody edited
// the order meanwhile and no request can still be processed. In all other cases a person must
// decide.
func (s *Submitter) settleChangedLookup(r *result, a order.Answer, began time.Time) {
	c := r.order.Change
	compared, err := s.rules.ThreeWay(c, a.Raw)
	if err != nil {
		r.lookupErr = err
		return
	}
	settled := r.order.LastByte.Add(s.SettleWait)
	tagsOnly := len(compared.Edited) == 0 && len(compared.Pending) == 1 && c.Tags != nil && compared.Pending[0] == "tags"
	switch {
	case len(compared.Edited)+len(compared.Pending) == 0 && len(compared.Done) > 0:
		s.settleDone(r, true)
	case began.Before(settled):
		r.NextLookup = s.roundUp(settled)
	case len(compared.Edited) > 0:
		s.holdStale(r, compared.Edited)
		r.Message = "its answer was lost, and its current values are neither the previous nor the new ones: " + strings.TrimPrefix(r.Message, "stale: ")
	case len(compared.Done) > 0 && !tagsOnly:
		s.holdAmbiguous(r, fmt.Sprintf("its answer was lost; %s changed, %s didn't", strings.Join(compared.Done, ", "), strings.Join(compared.Pending, ", ")))
	case len(compared.Done) == 0 && a.UpdatedAt != c.UpdatedAt:
		s.holdAmbiguous(r, fmt.Sprintf("its answer was lost; its values are the previous ones, but somebody edited it at %s, after it was read", a.UpdatedAt))
	default:
		if r.Lookups++; r.Lookups < requiredAbsences {
			r.NextLookup = s.roundUp(began.Add(s.SettleWait / 4))
			return
		}
		r.State, r.Lookups, r.Message = ledger.OrderPlanned, 0, "its answer was lost and nothing had changed; sent again"
	}
}

// holdAmbiguous holds an order that may have been changed by this run or by somebody else.
func (s *Submitter) holdAmbiguous(r *result, why string) {
	r.State, r.Lookups, r.Message = ledger.Held, 0, why
	r.Problems = []problem.Problem{s.locator().AtOrder(r.order, problem.New(problem.Stale, "value", r.order.Number, "why", why).
		With("look at the order in Luminous, then compare it again", s.compareAgain()))}
}
