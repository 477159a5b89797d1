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
	InsidePause  int            // requests during a Retry-After, not counting those right after the 429
	Faults       map[string]int // injected faults by name
	Second       []int          // requests that passed the rate limit, by second since the first
	FirstRequest time.Time
}

// pauseGrace is how long after a 429 requests may still arrive that were sent before it.
const pauseGrace = 100 * time.Millisecond

type counts struct {
	mu         sync.Mutex
	s          Stats
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
func (c *counts) requestStarted(now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.s.Requests == 0 {
		c.s.FirstRequest = now
	}
	c.s.Requests++
	if now.Before(c.pauseEnd) && now.Sub(c.pauseBegin) > pauseGrace {
		c.s.InsidePause++
	}
	return c.s.Requests
}

// update changes the counts.
func (c *counts) update(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.s)
}

// requestPassed counts a request that passed the rate limit.
func (c *counts) requestPassed(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	second := int(now.Sub(c.s.FirstRequest) / time.Second)
	if second < 0 || second >= 1<<20 {
		return // a test's clock has jumped
	}
	for len(c.s.Second) <= second {
		c.s.Second = append(c.s.Second, 0)
	}
	c.s.Second[second]++
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

// Stats returns a copy of the counts since New or Reset.
func (s *Sandbox) Stats() Stats {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	out := s.counts.s
	out.ByStatus, out.Faults = maps.Clone(out.ByStatus), maps.Clone(out.Faults)
	out.Second = append([]int(nil), out.Second...)
	return out
}
