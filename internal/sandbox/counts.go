package sandbox

import (
	"maps"
	"sync"
	"time"
)

// Stats is what the sandbox saw.
type Stats struct {
	Requests     int            // all that arrived
	ByStatus     map[int]int    // answers by status; 0 = the connection was ended without one
	Writes       int            // commits: orders and payments created, changed, deleted
	Created      int            // orders created, of both kinds
	ClientWrites int            // writes by others; see Sandbox.Disturb
	Throttled    int            // answers 429
	InsidePause  int            // requests that arrived while a Retry-After ran, later than Config.PauseGrace after it was sent: it can have left before
	WhilePaused  int            // the same without that grace
	Faults       map[string]int // inflicted, by name
	MaxInFlight  int            // most requests at one time
	Second       []int          // requests let through by the rate limit in each second since the first one
	FirstRequest time.Time
}

type counts struct {
	mu         sync.Mutex
	s          Stats
	inFlight   int
	pauseBegin time.Time // when the newest pause began
	pauseEnd   time.Time // when the longest pause ends
}

func (c *counts) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s = Stats{ByStatus: map[int]int{}, Faults: map[string]int{}}
	c.pauseBegin, c.pauseEnd = time.Time{}, time.Time{}
}

// requestStarted counts a request in and gives its number.
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

// requestPassed counts a request that the rate limit let through.
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

// pauseStarted remembers that nothing may come between now and until. The first pause of overlapping ones starts the grace.
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

// clientWrote counts a write by another.
func (c *counts) clientWrote() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s.ClientWrites++
}

// Stats gives a copy of what was counted since New or Reset.
func (s *Sandbox) Stats() Stats {
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	out := s.counts.s
	out.ByStatus, out.Faults = maps.Clone(out.ByStatus), maps.Clone(out.Faults)
	out.Second = append([]int(nil), out.Second...)
	return out
}
