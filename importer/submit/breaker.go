package submit

import (
	"errors"
	"fmt"
	"net/http"

	"ordersheet/internal/ledger"
)

const (
	// The breaker looks at so many orders, and stops the run when more than half of them failed
	// with the same signature.
	breakerWindow = 50
	// maxForbidden is how many orders in a row may be forbidden: then the token lacks a permission.
	maxForbidden = 10
	// maxBadCanaries is how many of the first orders may fail, for whatever reasons.
	maxBadCanaries = 3
	// maxNonAPI is how many answers in a row may come from something other than the API.
	maxNonAPI = 2
)

// breaker keeps a wrong file or a broken server from doing harm: a few orders are sent first, one
// by one, and a failure that most orders share stops the run.
type breaker struct {
	canary    int  // orders that go one by one
	off       bool // no breaker
	sent      int
	recent    [breakerWindow]string // signatures of the last outcomes, empty for a success
	next      int
	confirmed bool // an answer had the order number that was sent
	bad       int  // canary orders that failed
	forbidden int  // answers 403 in a row
	nonAPI    int  // answers in a row that weren't the API's
}

// ErrNotAPI means that something other than the API answers. The run can be resumed once that is
// fixed.
var ErrNotAPI = errors.New("the server answered with an HTML page, such as a proxy's or a login page, not with the API's JSON")

// BreakerError means that most orders failed for the same reason.
type BreakerError struct {
	Failed, Of int
	Signature  string
}

// Error names the reason.
func (e *BreakerError) Error() string {
	return fmt.Sprintf("stopped: %d of the last %d orders failed with the same cause: %s", e.Failed, e.Of, e.Signature)
}

// capacity returns how many more orders may be claimed, if there is room for free and out are in
// flight.
func (g *breaker) capacity(free, out int) int {
	if g.sent >= g.canary {
		return max(free, 0)
	}
	if out > 0 {
		return 0
	}
	return 1
}

// record adds a result, and returns why the run should stop.
func (g *breaker) record(r *result) error {
	if err := g.recordNonAPI(r); err != nil {
		return err
	}
	if r.isLookup || r.State == ledger.OrderPlanned {
		return nil
	}
	g.sent++
	if err := g.recordCanary(r); err != nil {
		return err
	}
	g.recent[g.next] = r.signature
	g.next = (g.next + 1) % breakerWindow
	if g.off {
		return nil
	}
	if r.HTTPStatus != http.StatusForbidden {
		g.forbidden = 0
	} else if g.forbidden++; g.forbidden >= maxForbidden {
		return &BreakerError{Failed: g.forbidden, Of: g.forbidden, Signature: "403: " + r.Message}
	}
	if g.sent < breakerWindow || r.signature == "" {
		return nil
	}
	n := 0
	for _, s := range g.recent {
		if s == r.signature {
			n++
		}
	}
	if 2*n > breakerWindow {
		return &BreakerError{Failed: n, Of: breakerWindow, Signature: r.signature}
	}
	return nil
}

// recordCanary stops the run at an answer with another order number than was sent, unless an
// earlier one had the right number, and when several canary orders failed.
func (g *breaker) recordCanary(r *result) error {
	g.confirmed = g.confirmed || r.confirmed
	if r.otherNumber && !g.confirmed {
		return fmt.Errorf("%w at one of the first orders: %s, though %s was sent; does Luminous change order numbers?", ErrStopped, r.Message, r.order.Number)
	}
	if g.sent > g.canary {
		return nil
	}
	if r.State == ledger.Rejected || r.State == ledger.Held {
		g.bad++
	}
	if g.off || g.bad < maxBadCanaries {
		return nil
	}
	return fmt.Errorf("%w: %d of the first orders, which go one by one, failed; the last one: %s", ErrStopped, g.bad, r.Message)
}

// recordNonAPI counts consecutive answers that don't come from the API.
func (g *breaker) recordNonAPI(r *result) error {
	if !r.nonAPI {
		if r.stop == nil && r.lookupErr == nil {
			g.nonAPI = 0
		}
		return nil
	}
	if g.nonAPI++; g.nonAPI >= maxNonAPI {
		return fmt.Errorf("%w: %w, %d times in a row; check the base URL, and whether a proxy asks for a login", ErrStopped, ErrNotAPI, g.nonAPI)
	}
	return nil
}
