package sandbox

import (
	"cmp"
	"crypto/subtle"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// gate counts requests and decides which are answered as they should be.
type gate struct {
	mu          sync.Mutex
	stats       Stats
	pauseBegin  time.Time // start of the current or latest pause after a 429
	pauseEnd    time.Time // end of the longest pause
	token       string    // "" = any
	rejectAfter int       // requests until the token is rejected; 0 = never
	accepted    int
	limiter     *rate.Limiter // nil = no limit
	faults      []Fault
	attempts    map[string]int // of requests, for Call.Try
}

// reset forgets all requests.
func (g *gate) reset(c *Config) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats = Stats{ByStatus: map[int]int{}, Faults: map[string]int{}}
	g.pauseBegin, g.pauseEnd = time.Time{}, time.Time{}
	g.accepted, g.attempts = 0, map[string]int{}
	if c.Rate > 0 {
		g.limiter = rate.NewLimiter(rate.Limit(c.Rate), cmp.Or(c.Burst, max(1, int(math.Ceil(c.Rate)))))
	}
	for i := range g.faults {
		g.faults[i].seen = 0
	}
}

// authenticate reports whether a request has the right token and rejectAfter isn't reached.
func (g *gate) authenticate(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g.mu.Lock()
	defer g.mu.Unlock()
	if !ok || token == "" || g.token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) != 1 {
		return false
	}
	g.accepted++
	return g.rejectAfter == 0 || g.accepted <= g.rejectAfter
}

// throttle reports whether the rate limit lets a request pass, and otherwise responds with 429. The
// headers are those of the vendor's framework.
func (s *Sandbox) throttle(w http.ResponseWriter) bool {
	now := s.cfg.Now()
	s.gate.mu.Lock()
	l := s.gate.limiter
	if l == nil {
		s.gate.stats.passed(now)
		s.gate.mu.Unlock()
		return true
	}
	turn := l.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait > 0 {
		turn.CancelAt(now) // a rejected request takes no token
	}
	if wait == 0 {
		s.gate.stats.passed(now)
	}
	left := int(l.TokensAt(now))
	s.gate.mu.Unlock()
	w.Header().Set("X-RateLimit-Limit", strconv.Itoa(l.Burst()))
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(left))
	if wait == 0 {
		return true
	}
	seconds := int((wait + time.Second - 1) / time.Second)
	d := time.Duration(seconds) * time.Second
	w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(s.clock().Add(d).Unix(), 10))
	s.writeTooMany(w, strconv.Itoa(seconds), d)
	return false
}
