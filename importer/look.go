package importer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

const (
	maxSends     = 3 // an order is sent once, and again at most twice after conclusive absences
	absentLooks  = 2 // look-ups that must find nothing, a quarter of the settle wait apart
	maxLookFails = 6 // look-ups that may fail in a row before nobody can say
)

// finder knows whether looking up by number works in this run.
type finder struct {
	mu     sync.Mutex
	known  string // the number of an order that stands
	proven bool
	failed bool
}

// standing tells the finder of an order that stands.
func (f *finder) standing(number string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == "" && !strings.Contains(number, ",") {
		f.known = number
	}
}

// works proves once in a run that looking up by number finds what stands and nothing else.
func (f *finder) works(ctx context.Context, api API, kind order.Kind) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.proven || f.failed {
		return f.proven, nil
	}
	if f.known == "" {
		return false, nil
	}
	ok, err := api.ProveFilter(ctx, kind, f.known)
	if err != nil {
		return false, err
	}
	f.proven, f.failed = ok, !ok
	return ok, nil
}

// hopeless says that waiting for a proof is in vain.
func (f *finder) hopeless() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

func (s *Submission) where() whereabouts { return whereabouts{s.Run, s.Sources} }

// untilDue is how long nothing has to be looked up.
func (l *loop) untilDue() time.Duration {
	if len(l.asides) == 0 {
		return time.Hour
	}
	next := l.asides[0].NextLook
	for _, o := range l.asides[1:] {
		if o.NextLook.Before(next) {
			next = o.NextLook
		}
	}
	return max(next.Sub(l.Now.now()), time.Millisecond)
}

// lookUpDue hands the orders whose time has come to the workers.
func (l *loop) lookUpDue() {
	now := l.Now.now()
	keep := l.asides[:0]
	for _, o := range l.asides {
		if l.out < 2*l.Workers && !o.NextLook.After(now) {
			l.out++
			l.tasks <- task{Order: o, look: true}
			continue
		}
		keep = append(keep, o)
	}
	l.asides = keep
}

// aside is the order as its result leaves it, to be looked up later.
func aside(r outcome) ledger.Order {
	o := r.order
	o.State, o.NextLook, o.Looks, o.Message = ledger.Aside, r.NextLook, r.Looks, r.Message
	o.Attempts += r.Sent
	if !r.LastByte.IsZero() {
		o.LastByte = r.LastByte
	}
	return o
}

// firstLook is when an order whose outcome is unknown is first looked up: soon, since finding it is conclusive at any time.
func (s *Submission) firstLook(lastByte time.Time) time.Time {
	return lastByte.Add(min(time.Second, s.SettleWait/4))
}

// lookUp asks the API whether an order stands whose outcome is unknown.
func (s *Submission) lookUp(ctx context.Context, o ledger.Order) outcome {
	r := outcome{order: o, look: true}
	r.Seq, r.State, r.Looks, r.Message, r.NextLook = o.Seq, ledger.Aside, o.Looks, o.Message, o.NextLook
	found, err := s.API.FindByNumber(ctx, s.Run.Kind, o.Number)
	if err != nil {
		return s.lookFailed(r, err)
	}
	switch len(found) {
	case 0:
		return s.absent(ctx, r)
	case 1:
		s.finder.standing(o.Number)
		return s.recovered(r, found[0])
	}
	s.where().several(&r.Settlement, o, found)
	return r
}

// recovered settles an order that a look-up found.
func (s *Submission) recovered(r outcome, a order.Answer) outcome {
	s.where().compared(&r.Settlement, r.order, a)
	if r.State == ledger.Created {
		r.Message = "the answer was lost; confirmed by looking the order up"
	}
	return r
}

// absent decides what a look-up that found nothing means.
func (s *Submission) absent(ctx context.Context, r outcome) outcome {
	now := s.Now.now()
	settled := r.order.LastByte.Add(s.SettleWait)
	if now.Before(settled) {
		r.NextLook = settled
		return r
	}
	works, err := s.finder.works(ctx, s.API, s.Run.Kind)
	if err != nil {
		return s.lookFailed(r, err)
	}
	if !works {
		if s.finder.hopeless() || s.Now.now().After(settled.Add(2*s.SettleWait)) {
			return s.nobodyKnows(r, "looking up by order number can't be shown to work")
		}
		r.NextLook = now.Add(s.SettleWait / 4)
		return r
	}
	r.Looks++
	if r.Looks < absentLooks {
		r.NextLook = now.Add(s.SettleWait / 4)
		return r
	}
	if r.order.Attempts >= maxSends {
		return s.nobodyKnows(r, fmt.Sprintf("it was sent %d times and never appeared", r.order.Attempts))
	}
	r.State, r.Looks, r.Message = ledger.OrderPlanned, 0, "its answer was lost and it doesn't stand; sent again"
	return r
}

// lookFailed puts a look-up off, or gives up on it.
func (s *Submission) lookFailed(r outcome, err error) outcome {
	var e *luminous.Error
	if errors.As(err, &e) && (e.TokenRefused || e.Outcome == luminous.NotSent) {
		r.stop = err
		return r
	}
	r.Looks = r.order.Looks + lookFailure
	if r.Looks/lookFailure >= maxLookFails {
		return s.nobodyKnows(r, "looking it up failed: "+err.Error())
	}
	r.NextLook = s.Now.now().Add(s.SettleWait / 4)
	return r
}

// lookFailure counts failed look-ups in the upper part of Looks, beside those that found nothing.
const lookFailure = 100

// nobodyKnows settles an order as unknown, with the question that was asked.
func (s *Submission) nobodyKnows(r outcome, why string) outcome {
	r.State, r.Message = ledger.Unknown, "nobody can say whether it stands: "+why
	r.Problems = []cell.Problem{s.where().at(r.order, cell.Problem{
		Severity: cell.Err, Code: "outcome_unknown", Value: r.order.Number, Message: r.Message,
		Hint: "search for this order number in Luminous; if it isn't there, run ordersheet resume",
	})}
	return r
}
