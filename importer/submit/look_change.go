package submit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// lookUpChanged reads orders whose update or deletion has an unknown outcome.
func (s *Submitter) lookUpChanged(ctx context.Context, out []result) {
	for i := range out {
		r := &out[i]
		if i >= maxSingleLookups {
			continue // it comes at once, by other workers too
		}
		began := s.Now.Now()
		a, err := s.read(ctx, r.order.Change)
		var e *luminous.Error
		switch {
		case errors.As(err, &e) && e.Status == http.StatusNotFound:
			s.settleGone(r, true)
		case err != nil:
			s.recordLookupError(ctx, r, err)
		default:
			s.settleChangedLookup(r, a, began)
		}
	}
}

// settleChangedLookup says what it means how an order stands whose update or deletion may have been done or not: as meant, it was; as before, with nobody
// else at it meanwhile, it wasn't, once no request can be on its way any more; everything else is for a person.
func (s *Submitter) settleChangedLookup(r *result, a order.Answer, began time.Time) {
	c := r.order.Change
	stand, err := s.rules.ThreeWay(c, a.Raw)
	if err != nil {
		r.lookupErr = err
		return
	}
	settled := r.order.LastByte.Add(s.SettleWait)
	tagsOnly := len(stand.Edited) == 0 && len(stand.Pending) == 1 && c.Tags != nil && stand.Pending[0] == "tags"
	switch {
	case len(stand.Edited)+len(stand.Pending) == 0 && len(stand.Done) > 0:
		s.settleDone(r, true)
	case began.Before(settled):
		r.NextLook = s.roundUp(settled)
	case len(stand.Edited) > 0:
		s.holdStale(r, stand.Edited)
		r.Message = "its answer was lost, and it stands neither as before nor as meant: " + strings.TrimPrefix(r.Message, "stale: ")
	case len(stand.Done) > 0 && !tagsOnly:
		s.holdAmbiguous(r, fmt.Sprintf("its answer was lost; %s stands as meant, %s as before", strings.Join(stand.Done, ", "), strings.Join(stand.Pending, ", ")))
	case len(stand.Done) == 0 && a.UpdatedAt != c.UpdatedAt:
		s.holdAmbiguous(r, fmt.Sprintf("its answer was lost; it stands as before, but it was changed at %s, after it had been read", a.UpdatedAt))
	default:
		if r.Looks++; r.Looks < requiredAbsences {
			r.NextLook = s.roundUp(began.Add(s.SettleWait / 4))
			return
		}
		r.State, r.Looks, r.Message = ledger.OrderPlanned, 0, "its answer was lost and nothing had changed; sent again"
	}
}

// holdAmbiguous holds an order of which it can't be told who left it as it stands.
func (s *Submitter) holdAmbiguous(r *result, why string) {
	r.State, r.Looks, r.Message = ledger.Held, 0, why
	r.Problems = []problem.Problem{s.locator().AtOrder(r.order, problem.New(problem.Stale, "value", r.order.Number, "why", why).
		With("look at the order in Luminous, then compare it again", s.compareAgain()))}
}
