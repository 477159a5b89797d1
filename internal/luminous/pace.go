package luminous

import "time"

// The pacer's numbers.
const (
	leastRate  = 0.05             // requests a second; slower is never learned
	slack      = 0.1              // seconds of pace that may be caught up with, when timers or the machine were late
	probeCurve = 0.02             // before the rate is known: rate * (1 + 0.02 t³)
	dip        = 0.015            // after a refusal the pace starts this share below what was measured,
	recovery   = 8.0              // is back at it after this many seconds, and goes on as a cubic curve
	spendTime  = 5.0              // seconds over which a saved burst is spent
	spendShare = 0.9              // of what a pause is thought to have saved
	enough     = 10               // grants before the first refusal that is learned from
	tooEarly   = 0.95             // of the rate is kept when the refusal came at a pace below it
	leastShare = 0.5              // of the rate is kept in any case
	mostEarly  = 4                // more early refusals, less the others, mean that nothing was measured
	ignoreFor  = 10               // refusals to let pass, doubled each time, when they turn out to be no matter of pace
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

	early  int  // refusals that came at a pace below what was measured, less the others
	noises int  // how often refusals turned out to be no matter of pace
	ignore int  // refusals still to be let pass
	free   mean // grants between two refusals that were let pass
	paced  mean // and between two that weren't
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

// granted counts an answer. stray is one to a request that left before the last refusal: when it comes right after it, it only was overtaken.
func (p *pacer) granted(now time.Time, stray bool) {
	if !stray || now.Sub(p.emptied) > binTime {
		p.past.add(now)
	}
}

// refused learns from a 429: the bucket is empty now. wait is the pause that follows.
func (p *pacer) refused(now time.Time, wait time.Duration) {
	if p.fixed > 0 {
		return
	}
	p.past.end(now)
	p.tokens, p.saved, p.binding = 0, 0, false
	switch {
	case p.ignore > 0:
		p.ignore--
		p.free.add(p.past.total())
	case p.rate == 0 && p.past.total() < enough:
		return // too little was granted to learn from; it counts next time
	case p.rate == 0:
		p.guess(now, wait)
	default:
		p.measure(now)
		if p.early > mostEarly || p.useless() {
			p.noises++
			*p = pacer{past: p.past, noises: p.noises, ignore: ignoreFor << min(p.noises, 8)}
		}
	}
	p.clock, p.emptied = 0, now
	p.past.reset(now)
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
