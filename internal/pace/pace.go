// Package pace decides how many requests may be in flight and how fast they may leave. It learns
// both from what becomes of them: answers, refusals with or without a requested wait, and no answer
// at all. It knows nothing of HTTP; luminous asks it before each request and reports the result.
package pace

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Config bounds the pace.
type Config struct {
	Workers  int           // requests in flight at most; 0 is 8
	Rate     float64       // requests per second; 0 learns what the server allows
	Patience time.Duration // own backoff before giving up, a sixth of it if the server never answered; 0 is 1 minute
	MaxWait  time.Duration // the longest requested wait that is obeyed; a longer one ends the run. 0 is 10 minutes
}

// Ticket is the right to send one request. Each must be released.
type Ticket struct{ events int }

// Result is what became of a request.
type Result struct {
	Kind  Kind
	Wait  time.Duration // requested by the server; 0 if it didn't say
	Quota Quota
}

// Kind classifies results. The zero value is NoAnswer.
type Kind int

// The kinds of results.
const (
	NoAnswer    Kind = iota // says nothing about the pace
	Answered                // successfully or not
	Throttled               // the server refused it because of the rate
	Busy                    // the server is overloaded or down
	Unreachable             // no connection
)

// Quota is what a server says about the requests that it still allows.
type Quota struct {
	Known bool
	Left  int
	Reset time.Duration // until more are allowed; 0 if it doesn't say
}

// ErrGaveUp means that the patience with a server is used up.
var ErrGaveUp = errors.New("gave up after several tries")

// WaitError is a wait that the server asked for and that exceeds Config.MaxWait.
type WaitError struct{ Wait time.Duration }

func (e *WaitError) Error() string {
	return fmt.Sprintf("the server asks to wait %v before the next request, longer than allowed; try again later",
		e.Wait.Round(time.Second))
}

// Sleep waits for d and reports whether it wasn't cut short by ctx.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
