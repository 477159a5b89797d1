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
	bins := max(0, int(now.Sub(h.origin)/h.width)) + 1
	for ; bins > maxBins; bins = int(now.Sub(h.origin)/h.width) + 1 {
		h.bins = append(h.bins, make([]float64, len(h.bins)%2)...)
		for k := range len(h.bins) / 2 {
			h.bins[k] = h.bins[2*k] + h.bins[2*k+1]
		}
		h.bins = h.bins[:len(h.bins)/2]
		h.width *= 2
	}
	h.bins = append(h.bins, make([]float64, max(0, bins-len(h.bins)))...)
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

// refill returns the smallest refill rate at which a bucket of this size, empty at the origin and
// now, could have granted all that was granted: in no time before now was more granted than the
// bucket holds and gets back meanwhile. The moments within a bin aren't known, hence one grant and
// the slack.
func (h *history) refill(size float64) float64 {
	rate, sum, elapsed := 0.0, 0.0, 0.0
	for _, n := range slices.Backward(h.bins) {
		sum += n
		elapsed += h.width.Seconds()
		rate = max(rate, min((sum-1)/(elapsed+slack), (sum-size)/elapsed))
	}
	return max(rate, sum/elapsed)
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
