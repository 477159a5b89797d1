package sandbox

import (
	"maps"
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

// update changes the counts.
func (g *gate) update(change func(*Stats)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change(&g.stats)
}

// requestStarted counts a request and returns its number.
func (g *gate) requestStarted(now time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stats.Requests == 0 {
		g.stats.FirstRequest = now
	}
	g.stats.Requests++
	if now.Before(g.pauseEnd) && now.Sub(g.pauseBegin) > pauseGrace {
		g.stats.InsidePause++
	}
	return g.stats.Requests
}

// passed counts a request that passed the rate limit.
func (st *Stats) passed(now time.Time) {
	second := int(now.Sub(st.FirstRequest) / time.Second)
	if second < 0 || second >= 1<<20 {
		return // a test's clock has jumped
	}
	for len(st.Second) <= second {
		st.Second = append(st.Second, 0)
	}
	st.Second[second]++
}

// pauseStarted records that clients must not send until the given time. If pauses overlap, the
// grace period runs from the first.
func (g *gate) pauseStarted(now, until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !now.Before(g.pauseEnd) {
		g.pauseBegin = now
	}
	if until.After(g.pauseEnd) {
		g.pauseEnd = until
	}
}

// Stats returns a copy of the counts since New or Reset.
func (s *Sandbox) Stats() Stats {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	out := s.gate.stats
	out.ByStatus, out.Faults = maps.Clone(out.ByStatus), maps.Clone(out.Faults)
	out.Second = append([]int(nil), out.Second...)
	return out
}
