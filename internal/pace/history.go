package pace

import (
	"slices"
	"time"
)

// binTime is how finely grants are remembered at first. When all bins are used, pairs are merged.
const (
	binTime = 20 * time.Millisecond
	maxBins = 1024
)

// history counts grants by time since an origin.
type history struct {
	origin time.Time
	width  time.Duration
	bins   []float64
}

func (h *history) reset(now time.Time) { h.origin, h.width, h.bins = now, binTime, h.bins[:0] }

func (h *history) clone() history {
	return history{origin: h.origin, width: h.width, bins: slices.Clone(h.bins)}
}

// add counts one grant.
func (h *history) add(now time.Time) {
	h.extend(now)
	h.bins[len(h.bins)-1]++
}

// extend makes the history reach up to now.
func (h *history) extend(now time.Time) {
	if h.width == 0 {
		h.reset(now)
	}
	i := max(0, int(now.Sub(h.origin)/h.width))
	for i >= maxBins {
		half := (len(h.bins) + 1) / 2
		for k := range half {
			h.bins[k] = h.bins[2*k]
			if 2*k+1 < len(h.bins) {
				h.bins[k] += h.bins[2*k+1]
			}
		}
		h.bins = h.bins[:half]
		h.width *= 2
		i = int(now.Sub(h.origin) / h.width)
	}
	if n := i + 1 - len(h.bins); n > 0 {
		h.bins = append(h.bins, make([]float64, n)...)
	}
}

func (h *history) total() float64 {
	sum := 0.0
	for _, n := range h.bins {
		sum += n
	}
	return sum
}

// after counts the grants after a time.
func (h *history) after(t time.Time) float64 {
	sum := 0.0
	for i, n := range slices.Backward(h.bins) {
		if h.origin.Add(time.Duration(i) * h.width).Before(t) {
			break
		}
		sum += n
	}
	return sum
}

// minRate returns the smallest refill rate at which a bucket of this size, empty at the origin,
// could have granted all that was granted.
func (h *history) minRate(size float64) float64 {
	low, high := 0.0, 1.0
	for !h.possible(high, size) && high < 1e6 {
		low, high = high, high*2
	}
	for range 40 {
		if mid := (low + high) / 2; h.possible(mid, size) {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

// possible reports whether a bucket that was empty at the origin could have granted what was
// granted. A bin may overdraw it by one, since the moment of a grant within the bin isn't known.
func (h *history) possible(rate, size float64) bool {
	dt := h.width.Seconds()
	size = max(size, rate*dt, rate*slack)
	level := 0.0
	for _, n := range h.bins {
		if level = min(size, level+rate*dt) - n; level < -1 {
			return false
		}
	}
	return true
}

// need returns how many tokens a bucket must hold to lose none while it refills at this rate.
func (h *history) need(rate float64) float64 {
	tokens, most := 0.0, 0.0
	for _, n := range h.bins {
		tokens += rate * h.width.Seconds()
		most = max(most, tokens)
		tokens -= n
	}
	return most
}

// drawdown returns how large a bucket that was full at the origin must have been, if it refills at
// this rate.
func (h *history) drawdown(rate float64) float64 {
	missing, most := 0.0, 0.0
	for _, n := range h.bins {
		missing = max(0, missing+n-rate*h.width.Seconds())
		most = max(most, missing)
	}
	return most
}
