package luminous

import (
	"slices"
	"time"
)

// binTime is how finely grants are remembered at first. When the bins are used up, pairs of them are put together.
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

func (h *history) reset(now time.Time) {
	h.origin, h.width, h.bins = now, binTime, h.bins[:0]
}

// add counts one grant.
func (h *history) add(now time.Time) {
	if h.width == 0 {
		h.reset(now)
	}
	h.grow(now)
	h.bins[len(h.bins)-1]++
}

// end makes the history reach up to now.
func (h *history) end(now time.Time) {
	if h.width == 0 {
		h.reset(now)
	}
	h.grow(now)
}

func (h *history) grow(now time.Time) {
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

// since counts the grants after a time.
func (h *history) since(t time.Time) float64 {
	sum := 0.0
	for i, n := range slices.Backward(h.bins) {
		if h.origin.Add(time.Duration(i) * h.width).Before(t) {
			break
		}
		sum += n
	}
	return sum
}

// leastRate is the smallest rate of refill at which a bucket of this size, empty at the origin, could have granted all that was granted.
func (h *history) leastRate(size float64) float64 {
	low, high := 0.0, 1.0
	for !h.explains(high, size) && high < 1e6 {
		low, high = high, high*2
	}
	for range 40 {
		if mid := (low + high) / 2; h.explains(mid, size) {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

// explains says whether a bucket could have granted what was granted. A bin may overdraw by one: the moment of a grant within it isn't known.
func (h *history) explains(rate, size float64) bool {
	_, least := h.replay(rate, size)
	return least >= -1
}

// replay runs what was granted against a bucket that was empty at the origin.
func (h *history) replay(rate, size float64) (level, least float64) {
	dt := h.width.Seconds()
	size = max(size, rate*dt, rate*slack)
	for _, n := range h.bins {
		level = min(size, level+rate*dt) - n
		least = min(least, level)
	}
	return level, least
}

// need is how many tokens a bucket must hold so that none is lost while it refills at this rate.
func (h *history) need(rate float64) float64 {
	tokens, most := 0.0, 0.0
	for _, n := range h.bins {
		tokens += rate * h.width.Seconds()
		most = max(most, tokens)
		tokens -= n
	}
	return most
}

// drawdown is how large a bucket that was full at the origin must have been, when it refills at this rate.
func (h *history) drawdown(rate float64) float64 {
	missing, most := 0.0, 0.0
	for _, n := range h.bins {
		missing = max(0, missing+n-rate*h.width.Seconds())
		most = max(most, missing)
	}
	return most
}

func (h *history) clone() history {
	return history{origin: h.origin, width: h.width, bins: slices.Clone(h.bins)}
}
