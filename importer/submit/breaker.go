package submit

import (
	"errors"
	"fmt"
	"net/http"

	"ordersheet/internal/ledger"
)

const (
	// The breaker looks at this many orders, and stops the run when more than half of them failed with one signature.
	breakerWindow = 50
	// maxForbidden is how many orders in a row may be forbidden: by then it is the token's rights, not the order.
	maxForbidden = 10
	// maxNonAPI is how many answers in a row may come from something else than the API.
	maxNonAPI = 2
)

// breaker keeps a wrong file or a broken server from doing harm: a few orders go first, and a failure that most orders share stops the run.
type breaker struct {
	canary    int  // orders that go one by one
	off       bool // no breaker
	sent      int
	recent    [breakerWindow]string // signatures of the last outcomes, empty for one that stands
	next      int
	forbidden int // answers 403 in a row
	nonAPI    int // answers in a row that weren't the API's
}

// ErrNotAPI says that something else than the API answers. The run can be resumed once that has been put right.
var ErrNotAPI = errors.New("what answers is not the API but a page of HTML, such as a proxy's or a login page")

// BreakerError says that most orders failed for one and the same reason.
type BreakerError struct {
	Failed, Of int
	Signature  string
}

// Error names the reason.
func (e *BreakerError) Error() string {
	return fmt.Sprintf("stopped: %d of the last %d orders failed with the same cause: %s (to go on all the same: --no-breaker)", e.Failed, e.Of, e.Signature)
}

// capacity is how many orders may be claimed now, when free more would fit and out are in flight.
func (g *breaker) capacity(free, out int) int {
	if g.sent >= g.canary {
		return max(free, 0)
	}
	if out > 0 {
		return 0
	}
	return 1
}

// record takes an outcome into account.
func (g *breaker) record(r *result) error {
	if err := g.recordNonAPI(r); err != nil {
		return err
	}
	if r.isLookup || r.State == ledger.OrderPlanned {
		return nil
	}
	g.sent++
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

// recordNonAPI counts answers that aren't the API's.
func (g *breaker) recordNonAPI(r *result) error {
	if !r.nonAPI {
		if r.stop == nil && r.lookupErr == nil {
			g.nonAPI = 0
		}
		return nil
	}
	if g.nonAPI++; g.nonAPI >= maxNonAPI {
		return fmt.Errorf("%w: %w, %d times in a row. Is the base URL right, and is there a proxy that wants a login?", ErrStopped, ErrNotAPI, g.nonAPI)
	}
	return nil
}
