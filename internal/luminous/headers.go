package luminous

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ordersheet/internal/pace"
)

// retryAfter reads Retry-After, in seconds or as a date (RFC 9110, 10.2.3); 0 if there is none or
// it can't be read. A date is compared with the server's own Date, so that a wrong local clock does
// no harm.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		return seconds(s)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(serverTime(h, now)))
}

// readQuota reads X-RateLimit-Remaining and X-RateLimit-Reset, also without X-. A reset is either
// seconds from now or a Unix time.
func readQuota(h http.Header, now time.Time) pace.Quota {
	left, ok := number(h, "X-RateLimit-Remaining", "RateLimit-Remaining")
	if !ok || left < 0 {
		return pace.Quota{}
	}
	q := pace.Quota{Known: true, Left: int(min(left, math.MaxInt32))}
	if reset, ok := number(h, "X-RateLimit-Reset", "RateLimit-Reset"); ok {
		const unix, milliseconds = 1e9, 1e11 // a reset beyond this many seconds is a point in time
		if reset >= milliseconds {
			reset /= 1000
		}
		if reset >= unix {
			reset -= float64(serverTime(h, now).Unix())
		}
		q.Reset = seconds(reset)
	}
	return q
}

// serverTime returns the server's clock, or ours if it doesn't say.
func serverTime(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}

// seconds turns a number from outside into a duration that is neither negative nor overflows.
func seconds(s float64) time.Duration {
	if math.IsNaN(s) || s <= 0 {
		return 0
	}
	return time.Duration(min(s, 1e9) * float64(time.Second))
}

// number returns the number in the first of some headers that is present.
func number(h http.Header, names ...string) (float64, bool) {
	for _, name := range names {
		if v := h.Get(name); v != "" {
			n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			return n, err == nil
		}
	}
	return 0, false
}
