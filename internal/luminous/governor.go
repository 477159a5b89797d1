package luminous

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// The governor's numbers.
const (
	firstWindow = 2                      // in flight at the start
	steepest    = 2500.0                 // requests a second by which the speed may grow in a second: a limit is met by a few, not by all workers
	longRound   = 250 * time.Millisecond // but no round lasts longer than this, when there is more than one answer in it
	shortRound  = 100 * time.Millisecond // of additive growth: one more in flight each
	firstHold   = 500 * time.Millisecond // own backoff after a refusal that names no time, less when there is little patience; doubles while nothing succeeds
	longestHold = 30 * time.Second
	patientFor  = 12 // refusals in a row before giving up, however short the waits that the server names
)

// governor decides for all workers together when a request may leave: no more in flight than the window, no faster than the pace, and none
// while the server wants to be left alone. It starts with 2 in flight and doubles each round of successes until the first refusal or until
// all workers are busy; from then on it grows by one a round and halves at each refusal. Latency is no signal: a slow server isn't an
// overloaded one.
type governor struct {
	max      int
	maxWait  time.Duration
	patience time.Duration

	mu       sync.Mutex
	window   float64
	slow     bool // still doubling
	full     bool // the window held somebody back in this round
	round    time.Time
	inRound  int // successes in this round
	inFlight int
	waiting  []*waiter
	timer    *time.Timer   // runs pump when time is what is waited for
	hold     time.Time     // no request leaves before this
	events   int           // refusals so far; those of requests that left before the last one belong to it
	row      int           // refusals without a success in between
	waited   time.Duration // own backoff in this row
	quota    int           // requests that the server said are left; -1 when it didn't say
	pace     pacer
	refusals int64
	met      bool // the server has answered at least once
}

// ticket is the right to send one request. It must be released.
type ticket struct{ events int }

// waiter is a caller that waits for its ticket.
type waiter struct {
	ready chan error // nil is a ticket
	t     ticket
}

// verdict is what an attempt means for the pace.
type verdict struct {
	kind      verdictKind
	wait      time.Duration // what the server asked for; 0 when it didn't
	allowance allowance
}

type verdictKind int

const (
	lost      verdictKind = iota // no answer: says nothing about the pace
	granted                      // answered, well or not
	throttled                    // 429
	busy                         // 503
	noServer                     // nobody could be reached
)

// errGivenUp ends the waiting when the patience with a server is used up.
var errGivenUp = errors.New("given up after several tries")

// tooLongError is a wait that the server asked for and that is longer than is waited for.
type tooLongError struct{ wait time.Duration }

func (e *tooLongError) Error() string {
	return fmt.Sprintf("the server asks to wait %v before the next request, longer than is waited for; go on later", e.wait.Round(time.Second))
}

func newGovernor(cfg Config) *governor {
	return &governor{
		max: cfg.Workers, maxWait: cfg.MaxWait, patience: cfg.Patience, window: min(firstWindow, float64(cfg.Workers)), slow: true, quota: -1,
		pace: pacer{fixed: cfg.Rate},
	}
}

// acquire waits until a request may leave.
func (g *governor) acquire(ctx context.Context) (ticket, error) {
	if err := ctx.Err(); err != nil {
		return ticket{}, err
	}
	g.mu.Lock()
	now := time.Now()
	if d := g.hold.Sub(now); d > g.maxWait {
		g.mu.Unlock()
		return ticket{}, &tooLongError{d}
	}
	if len(g.waiting) == 0 && g.admit(now) == 0 {
		t := ticket{g.events}
		g.mu.Unlock()
		return t, nil
	}
	w := &waiter{ready: make(chan error, 1)}
	g.waiting = append(g.waiting, w)
	g.pump(now)
	g.mu.Unlock()
	select {
	case err := <-w.ready:
		return w.t, err
	case <-ctx.Done():
		g.leave(w)
		return ticket{}, ctx.Err()
	}
}

// leave takes a waiter out of the queue; a ticket that it got meanwhile goes back.
func (g *governor) leave(w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.waiting, w); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	} else if err := <-w.ready; err == nil {
		g.inFlight--
		g.pace.giveBack()
		g.pump(time.Now())
	}
	if len(g.waiting) == 0 && g.timer != nil {
		g.timer.Stop()
	}
}

// forever is the wait of a request that only another's answer can let go.
const forever = time.Duration(math.MaxInt64)

// admit lets one request go and returns 0, or says how long it must wait.
func (g *governor) admit(now time.Time) time.Duration {
	if d := g.hold.Sub(now); d > 0 {
		return d
	}
	if g.inFlight >= g.allowed() {
		g.full = true
		return forever
	}
	if g.quota == 0 && g.inFlight > 0 {
		return forever
	}
	if d := g.pace.take(now); d > 0 {
		return d
	}
	if g.quota > 0 {
		g.quota--
	}
	g.inFlight++
	if g.inFlight >= g.allowed() {
		g.full = true
	}
	return 0
}

// allowed is how many may be in flight. When refusals follow each other one probe is enough.
func (g *governor) allowed() int {
	if g.row > 1 {
		return 1
	}
	return max(1, int(g.window))
}

// pump gives tickets to those who wait, first come first served, and sets the timer for the next one.
func (g *governor) pump(now time.Time) {
	for len(g.waiting) > 0 {
		d := g.admit(now)
		if d > 0 {
			if d < forever {
				g.wakeIn(d)
			}
			return
		}
		w := g.waiting[0]
		g.waiting = slices.Delete(g.waiting, 0, 1)
		w.t = ticket{g.events}
		w.ready <- nil
	}
}

func (g *governor) wakeIn(d time.Duration) {
	if g.timer == nil {
		g.timer = time.AfterFunc(d, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.pump(time.Now())
		})
		return
	}
	g.timer.Reset(d)
}

// gate holds a request back that has its ticket but hasn't left, when the server asked for a pause meanwhile: connecting can take long. It
// says whether the request may leave; not when that would take longer than a time that isn't 0.
func (g *governor) gate(ctx context.Context, within time.Duration) bool {
	began := time.Now()
	for {
		g.mu.Lock()
		d := time.Until(g.hold)
		g.mu.Unlock()
		if d <= 0 {
			return true
		}
		if within > 0 && time.Since(began)+d > within {
			return false
		}
		if !sleep(ctx, d) {
			return false
		}
	}
}

// release gives a ticket back and learns from what came of it. It returns errGivenUp when the patience with the server is used up.
func (g *governor) release(t ticket, v verdict) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	g.inFlight--
	g.met = g.met || v.kind == granted || v.kind == throttled || v.kind == busy
	var err error
	switch v.kind {
	case granted:
		g.grant(t, now)
	case throttled:
		g.refusals++
		err = g.refuse(t, v, now)
	case busy, noServer:
		err = g.refuse(t, v, now)
	case lost: // it may have cost the server as much as an answered one
		g.pace.granted(now, t.events < g.events)
	}
	g.learnQuota(v, now)
	g.pump(now)
	return err
}

// grant counts an answer, and grows the window at the end of a round in which the window was the limit.
func (g *governor) grant(t ticket, now time.Time) {
	g.row, g.waited = 0, 0
	g.pace.granted(now, t.events < g.events)
	if g.round.IsZero() {
		g.round = now
	}
	g.inRound++
	if float64(g.inRound) < g.window || now.Sub(g.round) < g.roundTime(now) {
		return
	}
	if g.full {
		if g.slow {
			g.window *= 2
		} else {
			g.window += max(1, float64(now.Sub(g.round)/shortRound))
		}
		g.window = min(g.window, float64(g.max))
	}
	g.round, g.inRound, g.full = now, 0, false
}

// roundTime is how long a round lasts at least. To double the window may double the speed, so the time grows with the speed.
func (g *governor) roundTime(now time.Time) time.Duration {
	if !g.slow {
		return shortRound
	}
	speed := float64(g.inRound) / max(now.Sub(g.round).Seconds(), 0.001)
	return min(longRound, seconds(speed/steepest))
}

// refuse halves the window once an event and sets the pause: what the server asks for, and at least the own backoff when refusals follow
// each other. Refusals of requests that left before the event only lengthen its pause.
func (g *governor) refuse(t ticket, v verdict, now time.Time) error {
	asked := v.wait
	if asked == 0 && v.kind == throttled && v.allowance.left == 0 {
		asked = v.allowance.reset
	}
	if t.events < g.events {
		g.holdUntil(now.Add(asked), now)
		return nil
	}
	g.events++
	g.row++
	g.slow = g.slow && v.kind == noServer
	own := g.ownBackoff(v, asked)
	wait := max(asked, own)
	if v.kind == throttled {
		g.pace.refused(now, wait)
	}
	if v.kind == busy || v.kind == throttled && !g.pace.sure { // a measured pace is the better brake
		g.window = max(1, g.window/2)
	}
	g.round, g.inRound, g.full = now, 0, false
	g.holdUntil(now.Add(wait), now)
	g.waited += max(0, own-asked)
	if asked > g.maxWait {
		err := &tooLongError{asked}
		g.dismiss(err)
		return err
	}
	patience := g.patience
	if v.kind == noServer && !g.met { // a wrong address is likelier than an outage
		patience /= 6
	}
	if g.waited > patience || g.row > patientFor {
		g.dismiss(errGivenUp)
		return errGivenUp
	}
	return nil
}

// ownBackoff is how long is waited without being told, or beyond what was told when that wasn't enough.
func (g *governor) ownBackoff(v verdict, asked time.Duration) time.Duration {
	if g.row == 1 && (asked > 0 || v.kind == busy) {
		return 0
	}
	d := min(min(firstHold, g.patience/8)<<min(g.row-1, 16), longestHold)
	return d/2 + time.Duration(rand.Int64N(int64(d/2)+1))
}

// dismiss sends all who wait away.
func (g *governor) dismiss(err error) {
	for _, w := range g.waiting {
		w.ready <- err
	}
	g.waiting = g.waiting[:0]
}

func (g *governor) holdUntil(until, now time.Time) {
	if until.After(g.hold) && until.After(now) {
		g.hold = until
		g.pace.held(until)
	}
}

// learnQuota takes over how many requests the server says are left, less those on their way.
func (g *governor) learnQuota(v verdict, now time.Time) {
	a := v.allowance
	if !a.known {
		if v.kind == granted {
			g.quota = -1
		}
		return
	}
	g.quota = max(0, a.left-g.inFlight)
	if a.left == 0 && a.reset > 0 && v.kind == granted {
		g.holdUntil(now.Add(min(a.reset, g.maxWait)), now)
	}
}

// stats says where the governor stands.
func (g *governor) stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	s := Stats{Throttled: g.refusals, InFlight: g.inFlight, Window: g.allowed(), RatePerSecond: g.pace.speed(), Limit: "workers"}
	if g.hold.After(now) {
		s.WaitUntil = g.hold
	}
	switch {
	case g.pace.fixed > 0:
		s.Limit = "rate"
	case g.hold.After(now) || g.pace.binding || g.quota == 0 || !g.slow && g.allowed() < g.max && g.full:
		s.Limit = "server"
	}
	return s
}
