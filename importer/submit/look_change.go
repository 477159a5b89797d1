package submit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// lookAtChanged reads orders whose update or deletion has an unknown outcome.
func (s *Submission) lookAtChanged(ctx context.Context, out []outcome) {
	for i := range out {
		r := &out[i]
		if i >= lookInARow {
			continue // it comes at once, by other workers too
		}
		began := s.Now.Now()
		a, err := s.read(ctx, r.order.Change)
		var e *luminous.Error
		switch {
		case errors.As(err, &e) && e.Status == http.StatusNotFound:
			s.gone(r, true)
		case err != nil:
			s.lookFailed(ctx, r, err)
		default:
			s.judgeChanged(r, a, began)
		}
	}
}

// judgeChanged says what it means how an order stands whose update or deletion may have been done or not: as meant, it was; as before, with nobody
// else at it meanwhile, it wasn't, once no request can be on its way any more; everything else is for a person.
func (s *Submission) judgeChanged(r *outcome, a order.Answer, began time.Time) {
	c := r.order.Change
	stand, err := s.rules.ThreeWay(c, a.Raw)
	if err != nil {
		r.failed = err
		return
	}
	settled := r.order.LastByte.Add(s.SettleWait)
	tagsOnly := len(stand.Edited) == 0 && len(stand.Pending) == 1 && c.Tags != nil && stand.Pending[0] == "tags"
	switch {
	case len(stand.Edited)+len(stand.Pending) == 0 && len(stand.Done) > 0:
		s.doneAlready(r, true)
	case began.Before(settled):
		r.NextLook = s.together(settled)
	case len(stand.Edited) > 0:
		s.stale(r, stand.Edited)
		r.Message = "its answer was lost, and it stands neither as before nor as meant: " + strings.TrimPrefix(r.Message, "stale: ")
	case len(stand.Done) > 0 && !tagsOnly:
		s.torn(r, fmt.Sprintf("its answer was lost; %s stands as meant, %s as before", strings.Join(stand.Done, ", "), strings.Join(stand.Pending, ", ")))
	case len(stand.Done) == 0 && a.UpdatedAt != c.UpdatedAt:
		s.torn(r, fmt.Sprintf("its answer was lost; it stands as before, but it was changed at %s, after it had been read", a.UpdatedAt))
	default:
		if r.Looks++; r.Looks < absentLooks {
			r.NextLook = s.together(began.Add(s.SettleWait / 4))
			return
		}
		r.State, r.Looks, r.Message = ledger.OrderPlanned, 0, "its answer was lost and nothing had changed; sent again"
	}
}

// torn holds an order of which it can't be told who left it as it stands.
func (s *Submission) torn(r *outcome, why string) {
	r.State, r.Looks, r.Message = ledger.Held, 0, why
	r.Problems = []problem.Problem{s.where().AtOrder(r.order, problem.Problem{
		Severity: problem.Error, Code: plan.CodeStale, Value: r.order.Number, Message: why,
		Hint: "look at it in Luminous, then plan it again with: " + s.planAgain(),
	})}
}
