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
func (s *submitter) lookUpChanged(ctx context.Context, all []result) {
	for i := range all {
		r, began := &all[i], time.Now()
		a, err := s.read(ctx, r.order.Change)
		if lookup.NotFound(err) {
			if err = s.isGone(ctx, r); err == nil {
				s.settleGone(r)
				continue
			}
		}
		switch {
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
func (s *submitter) settleChangedLookup(r *result, a order.Answer, began time.Time) {
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
		s.settleDone(r)
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
		s.countAbsence(r, began, "its answer was lost and nothing had changed; sent again")
	}
}

// holdAmbiguous holds an order that may have been changed by this run or by somebody else.
func (s *submitter) holdAmbiguous(r *result, why string) {
	s.settle(r, ledger.Held, problem.Stale, why, "look at the order in Luminous, then compare it again", s.compareAgain())
}
