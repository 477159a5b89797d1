package pace

import (
	"time"
)

const (
	minRate      = 0.05             // requests/s; slower is never learned
	slack        = 0.1              // seconds that may be made up for when a timer or the machine was late
	probeCurve   = 0.02             // before a measurement: rate * (1 + 0.02 t³)
	dip          = 0.015            // after a refusal the pace starts this share below the measured rate,
	recovery     = 8.0              // is back at it after this many seconds, and goes on as a cubic curve
	spendTime    = 5.0              // seconds over which a saved burst is spent
	spendShare   = 0.9              // of what a pause is thought to have saved
	minGrants    = 10               // before the first refusal that is learned from
	earlyFactor  = 0.95             // of the rate is kept after a refusal at a pace below it
	minFactor    = 0.5              // of the rate is kept in any case
	maxEarly     = 4                // more early refusals than others mean that the pace isn't why
	ignoreFirst  = 10               // refusals to ignore when the pace isn't why; doubles each time
	fullWeight   = 30               // grants after which a measurement counts in full
	maxFirstSpan = 10 * time.Second // a first refusal later than this says nothing about a burst
)

// pacer learns how many requests per second the server allows, and keeps to it. It models the
// server as a token bucket: a refusal means that the bucket is empty, so the grants between two
// refusals are what the bucket was refilled with. The governor's lock guards it.
type pacer struct {
	fixed float64 // set by the user: nothing is learned

	rate     float64 // 0 while nothing is known; then nothing is paced
	measured bool    // between two refusals, not only estimated at the first one
	clock    float64 // seconds since the last refusal in which the pace was the limit
	binding  bool    // the pace held a request back
	tokens   float64 // requests that may leave now
	at       time.Time

	burst float64 // estimated size of the server's bucket
	saved float64 // requests that the last pause saved and that aren't spent

	emptied  time.Time // the last refusal
	pauseEnd time.Time // of the last refusal
	first    history   // grants before the first refusal
	since    history   // grants since the last refusal

	early   int  // refusals at a pace below the measured rate, less the others
	resets  int  // how often refusals turned out not to depend on the pace
	ignore  int  // refusals still to be ignored
	unpaced mean // grants between two ignored refusals
	paced   mean // grants between two others
}

// speed returns the pace now in requests per second; 0 is no limit.
func (p *pacer) speed() float64 {
	switch {
	case p.fixed > 0:
		return p.fixed
	case p.rate == 0:
		return 0
	case !p.measured:
		return p.rate * (1 + probeCurve*p.clock*p.clock*p.clock)
	}
	x := (p.clock - recovery) / recovery
	return p.rate * (1 + dip*x*x*x)
}

// take takes a token and returns 0, or returns how long until there is one.
func (p *pacer) take(now time.Time) time.Duration {
	if p.fixed == 0 && p.rate == 0 {
		return 0
	}
	p.refill(now)
	if p.tokens >= 1 {
		p.tokens--
		return 0
	}
	p.binding = true
	flow := p.speed()
	if p.saved > 0 {
		flow += max(p.burst, 1) / spendTime
	}
	return max(time.Duration((1-p.tokens)/flow*float64(time.Second)), time.Microsecond)
}

// refill adds the tokens of the time that passed. The clock of growth runs only while the pace is
// the limit: a pace that isn't used proves nothing.
func (p *pacer) refill(now time.Time) {
	if p.at.IsZero() {
		p.at, p.tokens = now, 1
		return
	}
	dt := now.Sub(p.at).Seconds()
	if dt <= 0 {
		return
	}
	p.at = now
	most := max(1, p.speed()*slack/5, min(p.speed()*slack, p.burst/2))
	if p.fixed > 0 {
		most = max(1, p.fixed*slack)
	}
	if p.saved > 0 {
		extra := min(p.saved, dt*max(p.burst, 1)/spendTime)
		p.saved -= extra
		p.tokens += extra
	}
	p.tokens += dt * p.speed()
	if p.tokens <= most {
		p.clock += dt
		return
	}
	p.saved += p.tokens - most // unused now, still in the server's bucket
	p.saved = min(p.saved, p.burst*spendShare)
	p.tokens, p.binding = most, false
}

// granted counts an answer. overtaken means that its request left before the last refusal; right
// after that refusal it isn't counted.
func (p *pacer) granted(now time.Time, overtaken bool) {
	if !overtaken || now.Sub(p.emptied) > binTime {
		p.since.add(now)
	}
}

// refused learns from a refusal: the bucket is empty now. wait is the pause that follows.
func (p *pacer) refused(now time.Time, wait time.Duration) {
	if p.fixed > 0 {
		return
	}
	p.since.extend(now)
	p.tokens, p.saved, p.binding = 0, 0, false
	switch {
	case p.ignore > 0:
		p.ignore--
		p.unpaced.add(p.since.total())
	case p.rate == 0 && p.since.total() < minGrants:
		return // too few to learn from; they count next time
	case p.rate == 0:
		p.estimate(now, wait)
	default:
		p.measure()
		if p.early > maxEarly || p.useless() {
			p.resets++
			*p = pacer{since: p.since, resets: p.resets, ignore: ignoreFirst << min(p.resets, 8)}
		}
	}
	p.clock, p.emptied = 0, now
	p.since.reset(now)
}

// paused notes a pause: nothing leaves before its end, and what it saves may be spent afterwards.
func (p *pacer) paused(until time.Time) {
	if p.fixed > 0 {
		return
	}
	p.pauseEnd = until
	if p.measured {
		p.saved = min(p.burst, p.rate*until.Sub(p.emptied).Seconds()) * spendShare
	}
	if until.After(p.at) {
		p.at = until
	}
}

// useless reports whether keeping a pace doesn't bring clearly more grants between two refusals
// than ignoring refusals did.
func (p *pacer) useless() bool {
	return p.unpaced.n > 0 && p.paced.n > maxEarly && p.paced.value() < 2*p.unpaced.value()
}

type mean struct{ sum, n float64 }

func (m *mean) add(x float64) { m.sum, m.n = m.sum+x, m.n+1 }

func (m *mean) value() float64 { return m.sum / max(m.n, 1) }

// estimate makes a first rate of the first refusal: all grants over the time until more will be
// allowed. After a long time only the end of it counts.
func (p *pacer) estimate(now time.Time, wait time.Duration) {
	elapsed := min(now.Sub(p.since.origin), maxFirstSpan)
	n := p.since.after(now.Add(-elapsed))
	if elapsed < maxFirstSpan && p.emptied.IsZero() {
		elapsed += wait
	}
	p.rate = max(minRate, n/max(elapsed.Seconds(), 0.1))
	p.burst = max(1, n)
	p.first = p.since.clone()
}

// measure computes the rate from the grants since the last refusal.
func (p *pacer) measure() {
	if !p.measured {
		// The first stretch began with a full bucket: its size follows from the rate, and the rate
		// from its size.
		for range 8 {
			p.burst = max(1, p.first.drawdown(p.since.refill(p.burst)))
		}
	}
	p.update(max(p.since.refill(p.burst), minRate), p.since.total())
}

// update blends a measurement of n grants into the rate. A bucket isn't empty before the pace
// reaches the measured rate; if it seems so time after time, refusals don't depend on the pace.
func (p *pacer) update(rate, n float64) {
	if n < minGrants {
		rate = max(rate, minFactor*p.rate)
	}
	if !p.measured {
		p.rate, p.measured = rate, n >= minGrants
		return
	}
	p.paced.add(n)
	w := min(1, n/fullWeight)
	rate = min(p.rate*(1-w)+rate*w, p.speed())
	if p.clock >= recovery {
		p.early = max(0, p.early-1)
	} else {
		p.early++
		if p.saved == 0 {
			rate = min(rate, earlyFactor*p.rate)
		}
	}
	p.rate = max(rate, minFactor*p.rate)
}
