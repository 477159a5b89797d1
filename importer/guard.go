package importer

import (
	"fmt"

	"ordersheet/internal/ledger"
)

// The breaker looks at this many orders, and stops the run when more than half of them failed with one signature.
const breakerWindow = 50

// guard keeps a wrong file or a broken server from doing harm: a few orders go first, and a failure that most orders share stops the run.
type guard struct {
	canary int  // orders that go one by one
	off    bool // no breaker
	sent   int
	recent [breakerWindow]string // signatures of the last outcomes, empty for one that stands
	next   int
}

// BreakerError says that most orders failed for one and the same reason.
type BreakerError struct {
	Failed, Of int
	Signature  string
}

// Error names the reason.
func (e *BreakerError) Error() string {
	return fmt.Sprintf("stopped: %d of the last %d orders failed with the same cause: %s", e.Failed, e.Of, e.Signature)
}

// room is how many orders may be claimed now, when free more would fit and out are in flight.
func (g *guard) room(free, out int) int {
	if g.sent >= g.canary {
		return max(free, 0)
	}
	if out > 0 {
		return 0
	}
	return 1
}

// saw takes an outcome into account.
func (g *guard) saw(r outcome) error {
	if r.look || r.State == ledger.OrderPlanned {
		return nil
	}
	g.sent++
	g.recent[g.next] = r.signature
	g.next = (g.next + 1) % breakerWindow
	if g.off || g.sent < breakerWindow || r.signature == "" {
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
