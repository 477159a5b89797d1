package luminous

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"ordersheet/internal/pace"
)

// Retries of one call. A write is repeated only if no byte of it was sent or the server answered
// 429.
const (
	readTries    = 5 // a read is sent at most this often
	newConnTries = 3 // closed connections that are replaced at once
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 10 * time.Second
)

// call sends a request, repeating it where that is safe, until it is answered, fails for good, or
// ctx ends.
func (c *Client) call(ctx context.Context, r request) (answer, *Error) {
	tries, conns := 0, 0
	for {
		if e := c.rejected.Load(); e != nil {
			other := *e
			other.Call = r.name()
			return answer{}, &other
		}
		a, e := c.once(ctx, r)
		if e == nil {
			return a, nil
		}
		if e.TokenRejected {
			c.rejected.CompareAndSwap(nil, e)
		}
		if e.Stop || ctx.Err() != nil {
			return a, e
		}
		if r.within > 0 && (e.retry == afterPause || e.retry == unreachable) {
			return a, e
		}
		switch e.retry {
		case never:
			return a, e
		case newConn:
			if conns++; conns > newConnTries {
				return a, e
			}
		case afterBackoff:
			if tries++; tries >= readTries || !c.budget.take() {
				return a, e
			}
			if !pace.Sleep(ctx, backoff(tries-1)) {
				return a, e
			}
		case afterPause, unreachable: // the governor delays the next attempt
		}
		c.retries.Add(1)
	}
}

// once makes one attempt when the governor allows it, and reports the result to the governor.
func (c *Client) once(ctx context.Context, r request) (answer, *Error) {
	waiting := ctx
	if r.within > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, r.within)
		defer cancel()
	}
	t, err := c.governor.Acquire(waiting)
	if err != nil {
		return answer{}, notAllowed(r, err)
	}
	a, e := c.attempt(ctx, r)
	if gaveUp := c.governor.Release(t, paceResult(a, e)); gaveUp != nil && e != nil {
		e.Stop, e.retry = true, never
		e.Message = strings.TrimSuffix(e.Message, ".") + "; " + gaveUp.Error()
	}
	if e == nil {
		c.budget.refund()
	}
	return a, e
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
	}
	return r
}

// notAllowed is the error of a call that never began, since ctx ended or the governor gave up.
func notAllowed(r request, err error) *Error {
	e := &Error{Call: r.name(), Outcome: NotSent, Message: err.Error(), Err: err, Signature: "not sent"}
	var wait *pace.WaitError
	switch {
	case errors.As(err, &wait):
		e.Stop, e.RetryAfter = true, wait.Wait
	case errors.Is(err, pace.ErrGaveUp):
		e.Stop, e.Message = true, "the server can't be reached or refuses everything; "+err.Error()
	default:
		e.Message = "canceled before it was sent"
	}
	return e
}

// backoff grows with the number of tries, with full jitter: clients that failed together don't come
// back together.
func backoff(tries int) time.Duration {
	d := min(firstBackoff<<min(tries, 16), maxBackoff)
	return time.Duration(rand.Int64N(int64(d)) + 1)
}

// retryBudget limits the repeats of reads over the whole run to a quarter of the successful calls,
// and 20 to begin with, so that an outage costs little more than one request a call.
type retryBudget struct {
	mu   sync.Mutex
	used float64
}

const (
	budgetSize   = 20
	budgetRefund = 0.25
)

func (b *retryBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used > budgetSize-1 {
		return false
	}
	b.used++
	return true
}

func (b *retryBudget) refund() {
	b.mu.Lock()
	b.used = max(0, b.used-budgetRefund)
	b.mu.Unlock()
}
