package luminous

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"ordersheet/internal/pace"
)

// Retries of one call. A write is only ever repeated when nothing of it left or the server refused to look at it.
const (
	readTries   = 5                      // a read is sent at most this often
	staleTries  = 3                      // closed connections that are replaced at once
	readBackoff = 200 * time.Millisecond // before the first repeat of a read; doubles, full jitter
	maxBackoff  = 10 * time.Second
)

// call sends a request, again where that is safe, until it is answered, fails for good, or ctx ends.
func (c *Client) call(ctx context.Context, r request) (answer, *Error) {
	tries, stales := 0, 0
	for {
		if e := c.refused.Load(); e != nil {
			return answer{}, e.again(r)
		}
		a, e := c.once(ctx, r)
		if e == nil {
			return a, nil
		}
		if e.TokenRefused {
			c.refused.CompareAndSwap(nil, e)
		}
		if e.Stop || ctx.Err() != nil {
			return a, e
		}
		if r.within > 0 && (e.retry == held || e.retry == unreachable) {
			return a, e
		}
		switch e.retry {
		case never:
			return a, e
		case stale:
			if stales++; stales > staleTries {
				return a, e
			}
		case flaky:
			if tries++; tries >= readTries || !c.budget.take() {
				return a, e
			}
			if !pace.Sleep(ctx, backoff(readBackoff, tries-1)) {
				return a, e
			}
		case held, unreachable: // the governor holds the next attempt back
		}
		c.retries.Add(1)
	}
}

// once makes one attempt when the governor lets it, and tells the governor what came of it.
func (c *Client) once(ctx context.Context, r request) (answer, *Error) {
	t, err := c.acquire(ctx, r.within)
	if err != nil {
		return answer{}, c.notLet(r, err)
	}
	a, e := c.attempt(ctx, r)
	if gaveUp := c.governor.Release(t, paceResult(a, e)); gaveUp != nil && e != nil {
		e.Stop, e.retry = true, never
		e.Message = strings.TrimSuffix(e.Message, ".") + "; " + gaveUp.Error()
	}
	if e == nil {
		c.budget.succeeded()
	}
	return a, e
}

// acquire waits for the governor, no longer than a time that isn't 0.
func (c *Client) acquire(ctx context.Context, within time.Duration) (pace.Ticket, error) {
	if within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, within)
		defer cancel()
	}
	return c.governor.Acquire(ctx)
}

// paceResult is what an attempt means for the pace.
func paceResult(a answer, e *Error) pace.Result {
	r := pace.Result{Wait: a.retryAfter, Quota: a.quota}
	switch {
	case a.status == http.StatusTooManyRequests:
		r.Kind = pace.Throttled
	case a.status == http.StatusServiceUnavailable:
		r.Kind = pace.Busy
	case a.status != 0:
		r.Kind = pace.Answered
	case e != nil && e.retry == unreachable:
		r.Kind = pace.Unreachable
	default:
		r.Kind = pace.NoAnswer
	}
	return r
}

// notLet is a call that never began, since ctx ended while it waited or the governor gave up.
func (c *Client) notLet(r request, err error) *Error {
	e := &Error{Call: r.name(), Outcome: NotSent, Message: err.Error(), Err: err, Signature: "not sent"}
	var tooLong *pace.WaitError
	if errors.As(err, &tooLong) {
		e.Stop, e.RetryAfter = true, tooLong.Wait
	}
	if errors.Is(err, pace.ErrGaveUp) {
		e.Stop, e.Message = true, "the server can't be reached or refuses everything; "+err.Error()
	}
	if ctxErr(err) {
		e.Message = "stopped before it was sent"
	}
	return e
}

// again is the refusal of the token, for another call that wasn't sent because of it.
func (e *Error) again(r request) *Error {
	f := *e
	f.Call = r.name()
	return &f
}

func ctxErr(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// backoff grows with the number of tries made, with full jitter: many clients that failed together don't come back together.
func backoff(base time.Duration, tries int) time.Duration {
	d := min(base<<min(tries, 16), maxBackoff)
	return time.Duration(rand.Int64N(int64(d)) + 1)
}

// retryBudget bounds the repeats of reads over the whole run: a quarter of what succeeds, and 20 to begin with, so that an outage costs
// little more than one request a call.
type retryBudget struct {
	mu     sync.Mutex
	tokens float64
}

const (
	budgetSize   = 20
	budgetRefund = 0.25
)

func newRetryBudget() retryBudget { return retryBudget{tokens: budgetSize} }

func (b *retryBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

func (b *retryBudget) succeeded() {
	b.mu.Lock()
	b.tokens = min(budgetSize, b.tokens+budgetRefund)
	b.mu.Unlock()
}

// name is how messages call a request.
func (r request) name() string { return fmt.Sprintf("%s %s", r.method, r.path) }
