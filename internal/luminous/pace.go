package luminous

import (
	"math"
	"time"
)

// The pacer's numbers.
const (
	leastRate  = 0.05             // requests a second; slower is never learned
	slack      = 0.1              // seconds of pace that may be caught up with, when timers or the machine were late
	probeCurve = 0.02             // before the rate is known: rate * (1 + 0.02 t³)
	dip        = 0.015            // after a refusal the pace starts this share below what was measured,
	recovery   = 8.0              // is back at it after this many seconds, and goes on as a cubic curve
	spendTime  = 5.0              // seconds over which a saved burst is spent
	spendShare = 0.9              // of what a pause is thought to have saved
	trustAfter = 30               // grants that a measurement needs to be taken at its word
	longStart  = 10 * time.Second // a first refusal later than this says nothing about a burst
)

// pacer learns how many requests a second the server grants, and keeps to it. It takes the server for a bucket of tokens: a refusal means
// that the bucket is empty, so what was granted between two refusals is what the bucket was refilled with meanwhile. It isn't safe for
// concurrent use; the governor's lock guards it.
type pacer struct {
	fixed float64 // set by the user: nothing is learned

	rate    float64 // measured; 0 while nothing is known, then nothing is paced
	sure    bool    // measured between two refusals, not only guessed at the first one
	clock   float64 // seconds since the last refusal in which the pace was the limit
	binding bool    // the pace held somebody back
	tokens  float64 // requests that may leave now
	at      time.Time

	burst float64 // what the server's bucket seems to hold
	saved float64 // requests that the last pause has saved and that aren't spent

	emptied time.Time // the last refusal
	heldTo  time.Time // the end of its pause
	start   history   // grants before the first refusal
	last    stretch   // between the last two refusals
	past    history   // grants since the last refusal
}

// speed is the pace now, in requests a second; 0 is none.
func (p *pacer) speed() float64 {
	switch {
	case p.fixed > 0:
		return p.fixed
	case p.rate == 0:
		return 0
	case !p.sure:
		return p.rate * (1 + probeCurve*p.clock*p.clock*p.clock)
	}
	x := (p.clock - recovery) / recovery
	return p.rate * (1 + dip*x*x*x)
}

// take takes a token, or says how long until there is one.
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
	return max(time.Duration((1-p.tokens)/p.flow()*float64(time.Second)), time.Microsecond)
}

// giveBack returns a token that wasn't used.
func (p *pacer) giveBack() { p.tokens++ }

// flow is the pace, with what is spent of a saved burst.
func (p *pacer) flow() float64 {
	if p.saved > 0 {
		return p.speed() + max(p.burst, 1)/spendTime
	}
	return p.speed()
}

// refill adds the tokens of the time that passed. The clock of growth runs only while the pace is the limit: a pace that isn't used proves
// nothing.
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

// granted counts an answer.
func (p *pacer) granted(now time.Time) {
	p.past.add(now)
}

// refused learns from a 429: the bucket is empty now. wait is the pause that follows.
func (p *pacer) refused(now time.Time, wait time.Duration) {
	if p.fixed > 0 {
		return
	}
	switch {
	case p.emptied.IsZero():
		p.guess(now, wait)
	default:
		p.measure(now)
	}
	p.rate = max(p.rate, leastRate)
	p.clock, p.binding = 0, false
	p.emptied, p.tokens, p.saved = now, 0, 0
	p.past.reset(now)
}

// guess makes a first rate of the first refusal: all that was granted, over the time until more will be. When that took long, only the end of
// it counts.
func (p *pacer) guess(now time.Time, wait time.Duration) {
	p.past.end(now)
	elapsed := min(now.Sub(p.past.origin), longStart)
	n := p.past.since(now.Add(-elapsed))
	if elapsed < longStart {
		elapsed += wait
	}
	p.rate = max(n, 1) / max(elapsed.Seconds(), 0.1)
	p.burst = max(1, n)
	p.start = p.past.clone()
}

// measure takes the rate from what was granted since the last refusal.
func (p *pacer) measure(now time.Time) {
	elapsed := max(now.Sub(p.emptied).Seconds(), 0.01)
	p.past.end(now)
	n := p.past.total()
	s := stretch{mean: n / elapsed, pause: p.heldTo.Sub(p.emptied).Seconds() / elapsed}
	s.need = p.past.need(s.mean)
	if !p.sure {
		for range 8 { // the first stretch began with a full bucket: its size follows from the rate, and the rate from its size
			p.burst = max(1, p.start.drawdown(p.past.leastRate(p.burst)))
		}
	}
	if p.sure && p.saved > 0.1*p.burst { // refused while spending what was thought to be saved
		p.burst = max(1, p.burst/2)
	}
	rate := p.past.leastRate(p.burst)
	if paused := s.mean * s.pause * elapsed; rate > 1.1*s.mean && s.agrees(p.last, paused) {
		rate, p.burst = s.mean, max(p.burst, paused)
	}
	p.last = s
	p.settle(rate, n)
}

// settle makes a measurement of n grants the new rate.
func (p *pacer) settle(rate, n float64) {
	switch {
	case !p.sure:
		p.rate, p.sure = rate, true
	case n < 10:
		p.rate = min(p.rate*0.7, max(rate, leastRate))
	default:
		w := min(1, n/trustAfter)
		rate = min(p.rate*(1-w)+rate*w, p.speed())
		if p.clock < recovery && p.saved == 0 && rate > 0.95*p.rate { // refused below what was measured: it was too much
			rate = 0.95 * p.rate
		}
		p.rate = rate
	}
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

// held is told of a pause: nothing may leave before its end, and what it saves may be spent after it.
func (p *pacer) held(until time.Time) {
	if p.fixed > 0 {
		return
	}
	p.heldTo = until
	if p.sure {
		p.saved = min(p.burst, p.rate*until.Sub(p.emptied).Seconds()) * spendShare
	}
	if until.After(p.at) {
		p.at = until
	}
}
