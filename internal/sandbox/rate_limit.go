package sandbox

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// bucket is a token bucket that holds up to burst tokens and refills at rate tokens per second.
// Each accepted request takes one; a rejected request takes none.
type bucket struct {
	mu     sync.Mutex
	rate   float64
	burst  float64
	tokens float64
	at     time.Time
}

// newBucket returns nil if there is no limit.
func newBucket(rate float64, burst int, now time.Time) *bucket {
	if rate <= 0 {
		return nil
	}
	b := float64(burst)
	if burst <= 0 {
		b = math.Max(1, math.Ceil(rate))
	}
	return &bucket{rate: rate, burst: b, tokens: b, at: now}
}

// take returns the number of tokens left, or the time until the next one.
func (b *bucket) take(now time.Time) (left int, wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := now.Sub(b.at); d > 0 {
		b.tokens = math.Min(b.burst, b.tokens+d.Seconds()*b.rate)
		b.at = now
	}
	if b.tokens >= 1 {
		b.tokens--
		return int(b.tokens), 0, true
	}
	return 0, time.Duration((1 - b.tokens) / b.rate * float64(time.Second)), false
}

// throttle reports whether the rate limit lets a request pass, and otherwise responds with 429. The
// headers are those of the vendor's framework.
func (s *Sandbox) throttle(w http.ResponseWriter) bool {
	now := s.cfg.Now()
	if s.bucket == nil {
		s.counts.requestPassed(now)
		return true
	}
	left, wait, ok := s.bucket.take(now)
	w.Header().Set("X-RateLimit-Limit", strconv.Itoa(int(s.bucket.burst)))
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(left))
	if ok {
		s.counts.requestPassed(now)
		return true
	}
	seconds := int((wait + time.Second - 1) / time.Second)
	d := time.Duration(seconds) * time.Second
	w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(s.clock().Add(d).Unix(), 10))
	s.writeTooMany(w, strconv.Itoa(seconds), d)
	return false
}
