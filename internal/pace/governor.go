package pace

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	firstWindow = 2                      // requests in flight at the start
	round       = 200 * time.Millisecond // in which the window grows once, so that few requests hit a limit
	firstDelay  = 500 * time.Millisecond // backoff after a refusal without a requested wait; doubles
	maxDelay    = 30 * time.Second
	maxRefusals = 12 // in a row before giving up, however short the requested waits
)

// Governor decides for all workers when a request may leave: no more in flight than the window, no
// faster than the measured pace, and none during a pause that the server asked for. The window
// starts at 2 and doubles each round until the first refusal; from then on it grows by one a round
// and halves at a refusal. Latency is not a signal: a slow server isn't an overloaded one.
//
// It is safe for concurrent use. Make it with New.
type Governor struct {
	cfg  Config
	turn chan struct{} // held by the one request that may leave next; the others queue for it
	wake chan struct{} // tells that request to look again

	mu           sync.Mutex
	window       float64
	doubling     bool // no refusal yet
	windowFull   bool // the window held a request back in this round
	roundStart   time.Time
	roundAnswers float64
	inFlight     int
	pauseUntil   time.Time
	events       int           // refusals so far; refusals of requests sent before the last one belong to it
	row          int           // refusals without a success in between
	ownDelay     time.Duration // own backoff in this row
	quota        int           // requests that the server says are left; -1 if it doesn't say
	pace         pacer
	throttled    int64
	answered     bool  // the server has answered at least once
	gaveUp       int   // how often the server was given up
	why          error // the last time
}

// New makes a Governor.
func New(cfg Config) *Governor {
	cfg.Workers = cmp.Or(max(cfg.Workers, 0), 8)
	cfg.Rate = max(cfg.Rate, 0)
	cfg.Patience = cmp.Or(cfg.Patience, time.Minute)
	cfg.MaxWait = cmp.Or(cfg.MaxWait, 10*time.Minute)
	return &Governor{
		cfg: cfg, turn: make(chan struct{}, 1), wake: make(chan struct{}, 1), window: min(firstWindow, float64(cfg.Workers)), doubling: true, quota: -1, pace: pacer{fixed: cfg.Rate},
		roundStart: time.Now(),
	}
}

// Acquire waits until a request may leave. Its error is ctx's, ErrGaveUp or a *WaitError.
func (g *Governor) Acquire(ctx context.Context) (Ticket, error) {
	if err := ctx.Err(); err != nil {
		return Ticket{}, err
	}
	g.mu.Lock()
	gaveUp := g.gaveUp
	d := time.Until(g.pauseUntil)
	g.mu.Unlock()
	if d > g.cfg.MaxWait {
		return Ticket{}, &WaitError{d}
	}
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return Ticket{}, ctx.Err()
	}
	for {
		g.mu.Lock()
		d, t, err := time.Duration(0), Ticket{g.events}, g.why
		if g.gaveUp == gaveUp { // else it was waiting when the server was given up
			d, err = g.admit(time.Now()), nil
		}
		g.mu.Unlock()
		if d == 0 || err != nil {
			return t, err
		}
		timer := time.NewTimer(d)
		select {
		case <-timer.C:
		case <-g.wake:
		case <-ctx.Done():
			return Ticket{}, ctx.Err()
		}
		timer.Stop()
	}
}

// noTimer is the wait of a request that only another request's result can admit.
const noTimer = time.Duration(math.MaxInt64)

// admit lets one request go and returns 0, or returns how long it must wait.
func (g *Governor) admit(now time.Time) time.Duration {
	if d := g.pauseUntil.Sub(now); d > 0 {
		return d
	}
	if g.inFlight >= g.allowed() {
		g.windowFull = true
		return noTimer
	}
	if g.quota == 0 && g.inFlight > 0 {
		return noTimer
	}
	if d := g.pace.take(now); d > 0 {
		return d
	}
	if g.quota > 0 {
		g.quota--
	}
	g.inFlight++
	if g.inFlight >= g.allowed() {
		g.windowFull = true
	}
	return 0
}

// allowed returns how many requests may be in flight. After two refusals in a row one probe is
// enough.
func (g *Governor) allowed() int {
	if g.row > 1 {
		return 1
	}
	return max(1, int(g.window))
}

// WaitPause holds back a request that has its ticket but hasn't left, while the server wants a
// pause: connecting may take long. It reports whether the request may leave. A positive limit is
// the longest it waits.
func (g *Governor) WaitPause(ctx context.Context, limit time.Duration) bool {
	start := time.Now()
	for {
		g.mu.Lock()
		d := time.Until(g.pauseUntil)
		g.mu.Unlock()
		if d <= 0 {
			return true
		}
		if limit > 0 && time.Since(start)+d > limit {
			return false
		}
		if !Sleep(ctx, d) {
			return false
		}
	}
}

// Release returns a ticket and learns from the result. Its error is ErrGaveUp or a *WaitError: no
// further request will fare better.
func (g *Governor) Release(t Ticket, r Result) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	g.inFlight--
	g.answered = g.answered || r.Kind == Answered || r.Kind == Throttled || r.Kind == Busy
	var err error
	switch r.Kind {
	case Answered:
		g.grow(t, now)
	case Throttled:
		g.throttled++
		err = g.slowDown(t, r, now)
	case Busy, Unreachable:
		err = g.slowDown(t, r, now)
	case NoAnswer: // it may have cost the server as much as an answered request
		g.pace.granted(now, t.events < g.events)
	}
	g.updateQuota(r, now)
	select {
	case g.wake <- struct{}{}:
	default: // it looks again already
	}
	return err
}

// grow counts an answer, and grows the window at the end of a round in which it was the limit.
func (g *Governor) grow(t Ticket, now time.Time) {
	g.row, g.ownDelay = 0, 0
	g.pace.granted(now, t.events < g.events)
	g.roundAnswers++
	if g.roundAnswers < g.window || now.Sub(g.roundStart) < round {
		return
	}
	switch {
	case !g.windowFull:
	case g.doubling:
		g.window *= 2
	default:
		g.window += max(1, float64(now.Sub(g.roundStart)/round))
	}
	g.window = min(g.window, float64(g.cfg.Workers))
	g.newRound(now)
}

func (g *Governor) newRound(now time.Time) {
	g.roundStart, g.roundAnswers, g.windowFull = now, 0, false
}

// slowDown sets a pause, the longer of the requested one and the governor's own, and halves the
// window. Refusals of requests that left before the last refusal only lengthen its pause.
func (g *Governor) slowDown(t Ticket, r Result, now time.Time) error {
	requested := r.Wait
	if requested == 0 && r.Kind == Throttled && r.Quota.Left == 0 {
		requested = r.Quota.Reset
	}
	if t.events < g.events {
		g.pauseTo(now.Add(requested), now)
		return nil
	}
	g.events++
	g.row++
	g.doubling = g.doubling && r.Kind == Unreachable
	own := g.backoff(r, requested)
	wait := max(requested, own)
	if r.Kind == Throttled {
		g.pace.refused(now, wait)
	}
	if r.Kind == Busy || r.Kind == Throttled && !g.pace.measured { // a measured pace is the better brake
		g.window = max(1, g.window/2)
	}
	g.newRound(now)
	g.pauseTo(now.Add(wait), now)
	g.ownDelay += max(0, own-requested)
	return g.giveUp(r.Kind, requested)
}

// giveUp rejects all that wait if the server can't be expected to answer, and returns why.
func (g *Governor) giveUp(kind Kind, requested time.Duration) error {
	patience := g.cfg.Patience
	if kind == Unreachable && !g.answered { // a wrong address is likelier than an outage
		patience /= 6
	}
	var err error
	switch {
	case requested > g.cfg.MaxWait:
		err = &WaitError{requested}
	case g.ownDelay > patience || g.row > maxRefusals:
		err = ErrGaveUp
	default:
		return nil
	}
	g.gaveUp++
	g.why = err
	return err
}

// backoff returns the pause without a requested wait, or beyond a requested one that wasn't enough.
func (g *Governor) backoff(r Result, requested time.Duration) time.Duration {
	if g.row == 1 && (requested > 0 || r.Kind == Busy) {
		return 0
	}
	d := min(min(firstDelay, g.cfg.Patience/8)<<min(g.row-1, 16), maxDelay)
	return d/2 + time.Duration(rand.Int64N(int64(d/2)+1))
}

func (g *Governor) pauseTo(until, now time.Time) {
	if until.After(g.pauseUntil) && until.After(now) {
		g.pauseUntil = until
		g.pace.paused(until)
	}
}

// updateQuota sets how many requests the server says are left, less those in flight.
func (g *Governor) updateQuota(r Result, now time.Time) {
	q := r.Quota
	if !q.Known {
		if r.Kind == Answered {
			g.quota = -1
		}
		return
	}
	g.quota = max(0, q.Left-g.inFlight)
	if q.Left == 0 && q.Reset > 0 && r.Kind == Answered {
		g.pauseTo(now.Add(min(q.Reset, g.cfg.MaxWait)), now)
	}
}

// Stats is a snapshot of a Governor.
type Stats struct {
	Throttled     int64     // results of kind Throttled
	InFlight      int       // requests waiting for their answer
	Window        int       // how many may be in flight
	RatePerSecond float64   // 0 while none is known
	Limit         string    // what limits the speed now: "workers", "server" or "rate"
	WaitUntil     time.Time // no request leaves before this; zero if there is no pause
}

// Stats returns the current figures.
func (g *Governor) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	paused := g.pauseUntil.After(time.Now())
	s := Stats{
		Throttled: g.throttled, InFlight: g.inFlight, Window: g.allowed(), RatePerSecond: g.pace.speed(), Limit: "workers",
	}
	if paused {
		s.WaitUntil = g.pauseUntil
	}
	switch {
	case g.pace.fixed > 0:
		s.Limit = "rate"
	case paused || g.pace.binding || g.quota == 0 || !g.doubling && g.allowed() < g.cfg.Workers && g.windowFull:
		s.Limit = "server"
	}
	return s
}
