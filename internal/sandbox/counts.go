package sandbox

import (
	"maps"
	"sync"
	"time"
)

// Stats counts what the sandbox received and did.
type Stats struct {
	Requests     int            // all requests received
	ByStatus     map[int]int    // responses by status; 0 = connection dropped without a response
	Writes       int            // orders and payments created, changed or deleted
	Created      int            // orders of both kinds created
	ClientWrites int            // writes of simulated clients
	Throttled    int            // 429 responses
	InsidePause  int            // requests during a Retry-After, not counting Config.PauseGrace
	WhilePaused  int            // requests during a Retry-After, including Config.PauseGrace
	Faults       map[string]int // injected faults by name
	MaxInFlight  int            // maximum number of concurrent requests
	Second       []int          // requests that passed the rate limit, by second since the first
	FirstRequest time.Time
}

type counts struct {
	mu         sync.Mutex
	s          Stats
	inFlight   int
	pauseBegin time.Time // start of the current or latest pause
	pauseEnd   time.Time // end of the longest pause
}

func (c *counts) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s = Stats{ByStatus: map[int]int{}, Faults: map[string]int{}}
	c.pauseBegin, c.pauseEnd = time.Time{}, time.Time{}
}

// requestStarted counts a request and returns its number.
func (c *counts) requestStarted(now time.Time, grace time.Duration) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.s.Requests == 0 {
		c.s.FirstRequest = now
	}
	c.s.Requests++
	if c.inFlight++; c.inFlight > c.s.MaxInFlight {
		c.s.MaxInFlight = c.inFlight
	}
	if now.Before(c.pauseEnd) {
		c.s.WhilePaused++
		if now.Sub(c.pauseBegin) > grace {
			c.s.InsidePause++
		}
	}
	return c.s.Requests
}

func (c *counts) requestEnded() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inFlight--
}

// requestPassed counts a request that passed the rate limit.
func (c *counts) requestPassed(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	second := int(now.Sub(c.s.FirstRequest) / time.Second)
	for second >= 0 && second < 1<<20 && len(c.s.Second) <= second {
		c.s.Second = append(c.s.Second, 0)
	}
	if second >= 0 && second < len(c.s.Second) {
		c.s.Second[second]++
	}
}

// pauseStarted records that clients must not send until the given time. If pauses overlap, the
// grace period runs from the first.
func (c *counts) pauseStarted(now, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !now.Before(c.pauseEnd) {
		c.pauseBegin = now
	}
	if until.After(c.pauseEnd) {
		c.pauseEnd = until
	}
}

func (c *counts) responseSent(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s.ByStatus[status]++
	if status == 429 {
		c.s.Throttled++
	}
}

func (c *counts) faultInjected(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s.Faults[name]++
}

func (c *counts) writeCommitted(created bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s.Writes++
	if created {
		c.s.Created++
	}
}

// clientWrote counts a write of a simulated client.
func (c *counts) clientWrote() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s.ClientWrites++
}

// Stats returns a copy of the counts since New or Reset.
func (s *Sandbox) Stats() Stats {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	out := s.counts.s
	out.ByStatus, out.Faults = maps.Clone(out.ByStatus), maps.Clone(out.Faults)
	out.Second = append([]int(nil), out.Second...)
	return out
}
