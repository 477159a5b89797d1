package luminous

import (
	"math"
	"time"
)

// useless says that keeping a pace doesn't bring more grants between two refusals than none did, while refusals were let pass.
func (p *pacer) useless() bool {
	return p.free.n > 0 && p.paced.n > mostEarly && p.paced.mean() < 2*p.free.mean()
}

// mean is the mean of some numbers.
type mean struct{ sum, n float64 }

func (m *mean) add(x float64) { m.sum, m.n = m.sum+x, m.n+1 }

func (m *mean) mean() float64 { return m.sum / max(m.n, 1) }

// guess makes a first rate of the first refusal: all that was granted, over the time until more will be. When that took long, only the end of
// it counts.
func (p *pacer) guess(now time.Time, wait time.Duration) {
	elapsed := min(now.Sub(p.past.origin), longStart)
	n := p.past.since(now.Add(-elapsed))
	if elapsed < longStart && p.emptied.IsZero() {
		elapsed += wait
	}
	p.rate = max(leastRate, n/max(elapsed.Seconds(), 0.1))
	p.burst = max(1, n)
	p.start = p.past.clone()
}

// measure takes the rate from what was granted since the last refusal.
func (p *pacer) measure(now time.Time) {
	elapsed := max(now.Sub(p.emptied).Seconds(), 0.01)
	n := p.past.total()
	s := stretch{mean: n / elapsed, pause: p.heldTo.Sub(p.emptied).Seconds() / elapsed}
	s.need = p.past.need(s.mean)
	if !p.sure {
		for range 8 { // the first stretch began with a full bucket: its size follows from the rate, and the rate from its size
			p.burst = max(1, p.start.drawdown(p.past.leastRate(p.burst)))
		}
	}
	rate := p.past.leastRate(p.burst)
	if paused := s.mean * s.pause * elapsed; rate > 1.1*s.mean && s.agrees(p.last, paused) {
		rate, p.burst = s.mean, max(p.burst, paused)
	}
	p.last = s
	p.settle(max(rate, leastRate), n)
}

// settle makes a measurement of n grants the new rate. A bucket isn't empty before the pace has reached what was measured; when it seems so
// time after time, the refusals have nothing to do with the pace, and nothing was measured.
func (p *pacer) settle(rate, n float64) {
	if n < enough {
		rate = max(rate, leastShare*p.rate)
	}
	if !p.sure {
		p.rate, p.sure = rate, n >= enough
		return
	}
	p.paced.add(n)
	w := min(1, n/trustAfter)
	rate = min(p.rate*(1-w)+rate*w, p.speed())
	if p.clock >= recovery {
		p.early = max(0, p.early-1)
	} else {
		p.early++
		if p.saved == 0 {
			rate = min(rate, tooEarly*p.rate)
		}
	}
	p.rate = max(rate, leastShare*p.rate)
}

// stretch is what is known of the time between two refusals.
type stretch struct {
	mean  float64 // grants a second
	pause float64 // the part of it in which nothing was sent
	need  float64 // how large a bucket must be that refills at the mean and loses nothing
}

// agrees says that two stretches have the same mean although one was mostly pause and the other wasn't: then the pauses were saved in full,
// and the mean is the rate. paused is what the bucket saved in the last pause.
func (s stretch) agrees(t stretch, paused float64) bool {
	if t.mean == 0 || math.Abs(s.mean-t.mean) > 0.05*s.mean {
		return false
	}
	differ := max(s.pause, t.pause) > 1.5*min(s.pause, t.pause)
	return differ && max(s.need, t.need) < 1.5*paused
}
