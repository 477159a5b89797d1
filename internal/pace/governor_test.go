package pace

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"
)

// limiter is the server in a simulation. take admits a request, or returns how long to wait (0: not
// said).
type limiter interface {
	take(now time.Time) (ok bool, wait time.Duration)
}

// bucketLimit is a token bucket that asks for waits of whole seconds.
type bucketLimit struct {
	rate, burst, tokens float64
	at                  time.Time
	silent              bool
}

func (b *bucketLimit) take(now time.Time) (bool, time.Duration) {
	if b.at.IsZero() {
		b.tokens = b.burst
	} else {
		b.tokens = min(b.burst, b.tokens+now.Sub(b.at).Seconds()*b.rate)
	}
	b.at = now
	if b.tokens >= 1 {
		b.tokens--
		return true, 0
	}
	if b.silent {
		return false, 0
	}
	return false, time.Duration(math.Ceil((1-b.tokens)/b.rate)) * time.Second
}

// windowLimit counts in fixed windows, as PHP frameworks do.
type windowLimit struct {
	limit  int
	length time.Duration
	from   time.Time
	used   int
}

func (w *windowLimit) take(now time.Time) (bool, time.Duration) {
	if now.Sub(w.from) >= w.length {
		w.from, w.used = now, 0
	}
	if w.used < w.limit {
		w.used++
		return true, 0
	}
	left := w.from.Add(w.length).Sub(now)
	return false, time.Duration(math.Ceil(left.Seconds())) * time.Second
}

// noise refuses at random.
type noise struct {
	limiter
	share float64
	dice  *rand.Rand
}

func (n noise) take(now time.Time) (bool, time.Duration) {
	if n.dice.Float64() < n.share {
		return false, time.Second
	}
	return n.limiter.take(now)
}

// change is a limit that turns into another one.
type change struct {
	first, then limiter
	after       time.Duration
	start       time.Time
}

func (c *change) take(now time.Time) (bool, time.Duration) {
	if c.start.IsZero() {
		c.start = now
	}
	if now.Sub(c.start) < c.after {
		return c.first.take(now)
	}
	return c.then.take(now)
}

// simulation is the result of running workers against a limiter.
type simulation struct {
	elapsed   time.Duration
	done      []time.Duration // when the server granted each order
	refused   []time.Duration
	inPause   int // requests that left during a pause that the governor knew of
	maxFlight int
}

// simulate sends orders through a governor. Half of the latency passes before the server decides.
func simulate(t *testing.T, cfg Config, server limiter, orders int, latency time.Duration) simulation {
	t.Helper()
	var s simulation
	synctest.Test(t, func(t *testing.T) {
		g := New(cfg)
		start := time.Now()
		var mu sync.Mutex
		var pauseEnd, pauseKnown time.Time // of the longest pause
		jobs := make(chan int, orders)
		for i := range orders {
			jobs <- i
		}
		close(jobs)
		flight := 0
		var pool errgroup.Group
		for range g.cfg.Workers {
			pool.Go(func() error {
				for range jobs {
					for ok := false; !ok; {
						ticket, err := g.Acquire(context.Background())
						if err != nil {
							return err
						}
						mu.Lock()
						if now := time.Now(); now.Before(pauseEnd) && now.After(pauseKnown) {
							s.inPause++
						}
						flight++
						s.maxFlight = max(s.maxFlight, flight)
						mu.Unlock()
						d := latency
						if j, ok := server.(jitter); ok {
							mu.Lock()
							d += time.Duration(j.dice.Int64N(int64(j.most / 3)))
							mu.Unlock()
						}
						Sleep(context.Background(), d/2)
						mu.Lock()
						now := time.Now()
						var wait time.Duration
						ok, wait = server.take(now)
						if ok {
							s.done = append(s.done, now.Sub(start))
						} else {
							s.refused = append(s.refused, now.Sub(start))
						}
						mu.Unlock()
						Sleep(context.Background(), d/2)
						v := Result{Kind: Answered}
						if !ok {
							v = Result{Kind: Throttled, Wait: wait}
						}
						mu.Lock()
						flight--
						mu.Unlock()
						g.Release(ticket, v)
						mu.Lock()
						if until := time.Now().Add(wait); !ok && until.After(pauseEnd) {
							pauseEnd, pauseKnown = until, time.Now()
						}
						mu.Unlock()
					}
				}
				return nil
			})
		}
		if err := pool.Wait(); err != nil {
			t.Error(err)
		}
		s.elapsed = time.Since(start)
	})
	return s
}

// share returns which share of a rate was used from a time on, up to the last grant.
func (s simulation) share(rate float64, from time.Duration) float64 {
	n := 0
	last := s.done[len(s.done)-1]
	for _, d := range s.done {
		if d >= from {
			n++
		}
	}
	return float64(n) / (last - from).Seconds() / rate
}

func (s simulation) refusedShare() float64 {
	return float64(len(s.refused)) / float64(len(s.refused)+len(s.done))
}

// TestFindsLimit measures how well different limits are used, and how many requests are refused.
func TestFindsLimit(t *testing.T) {
	ms := time.Millisecond
	down := &change{first: &bucketLimit{rate: 100, burst: 100}, then: &bucketLimit{rate: 20, burst: 20}, after: 15 * time.Second}
	up := &change{first: &bucketLimit{rate: 20, burst: 20}, then: &bucketLimit{rate: 100, burst: 100}, after: 15 * time.Second}
	for _, c := range []struct {
		name    string
		server  limiter
		rate    float64
		workers int
		orders  int
		latency time.Duration
		from    time.Duration
		share   float64
		refused float64
	}{
		{"100 a second, burst 100", &bucketLimit{rate: 100, burst: 100}, 100, 32, 3000, 20 * ms, 5 * time.Second, 0.97, 0.01},
		{"the same, 5 ms away", &bucketLimit{rate: 100, burst: 100}, 100, 32, 3000, 5 * ms, 5 * time.Second, 0.97, 0.015},
		{"the same, 200 ms away", &bucketLimit{rate: 100, burst: 100}, 100, 32, 3000, 200 * ms, 5 * time.Second, 0.94, 0.015},
		{"the same, 250 workers", &bucketLimit{rate: 100, burst: 100}, 100, 250, 3000, 20 * ms, 5 * time.Second, 0.97, 0.01},
		{"the same, for long", &bucketLimit{rate: 100, burst: 100}, 100, 32, 30000, 20 * ms, 5 * time.Second, 0.97, 0.005},
		{"small burst", &bucketLimit{rate: 100, burst: 10}, 100, 32, 6000, 20 * ms, 15 * time.Second, 0.93, 0.015},
		{"large burst", &bucketLimit{rate: 20, burst: 400}, 20, 32, 3000, 20 * ms, 15 * time.Second, 0.95, 0.03},
		{"slow", &bucketLimit{rate: 2, burst: 5}, 2, 8, 300, 50 * ms, 15 * time.Second, 0.90, 0.10},
		{"fast", &bucketLimit{rate: 1000, burst: 50}, 1000, 64, 60000, 10 * ms, 20 * time.Second, 0.93, 0.01},
		{"no header", &bucketLimit{rate: 100, burst: 100, silent: true}, 100, 32, 3000, 20 * ms, 5 * time.Second, 0.97, 0.015},
		{"windows of a minute", &windowLimit{limit: 60, length: time.Minute}, 1, 8, 600, 50 * ms, 2 * time.Minute, 0.85, 0.06},
		{"windows of a second", &windowLimit{limit: 100, length: time.Second}, 100, 32, 6000, 20 * ms, 10 * time.Second, 0.78, 0.02},
		{"down to a fifth", down, 20, 32, 4000, 20 * ms, 40 * time.Second, 0.90, 0.03},
		{"up to five times", up, 100, 32, 10000, 20 * ms, 70 * time.Second, 0.90, 0.02},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := simulate(t, Config{Workers: c.workers}, c.server, c.orders, c.latency)
			t.Logf("%v: %.1f %% used from %v on, %d refused (%.2f %%), most in flight %d", s.elapsed, 100*s.share(c.rate, c.from), c.from,
				len(s.refused), 100*s.refusedShare(), s.maxFlight)
			if got := s.share(c.rate, c.from); got < c.share {
				t.Errorf("%.1f %% of what was allowed was used from %v on, want at least %.0f %%", 100*got, c.from, 100*c.share)
			}
			if got := s.refusedShare(); got > c.refused {
				t.Errorf("%.2f %% of the requests were refused, want at most %.1f %%", 100*got, 100*c.refused)
			}
			if s.inPause > 0 {
				t.Errorf("%d requests left during a pause", s.inPause)
			}
			if len(s.done) != c.orders {
				t.Errorf("%d orders granted, want %d", len(s.done), c.orders)
			}
		})
	}
}

// TestRandomRefusals checks that refusals at random cost little more than their pauses: they don't
// lower the pace each time.
func TestRandomRefusals(t *testing.T) {
	for _, workers := range []int{1, 2, 8, 32} {
		for _, share := range []float64{0.02, 0.05, 0.10} {
			server := noise{&bucketLimit{rate: 1e9, burst: 1e9}, share, rand.New(rand.NewPCG(1, uint64(workers)))}
			s := simulate(t, Config{Workers: workers}, server, 2000, 20*time.Millisecond)
			pauses := 0
			last := -time.Hour
			for _, r := range s.refused {
				if r-last > 900*time.Millisecond {
					pauses++
				}
				last = r
			}
			best := time.Duration(pauses)*time.Second + time.Duration(2000*20/workers)*time.Millisecond
			t.Logf("%d workers, %.0f %%: %v, pauses alone are %ds, the best possible is %v", workers, 100*share, s.elapsed.Round(time.Second), pauses, best)
			if s.elapsed > 4*best {
				t.Errorf("%d workers, %.0f %%: took %v, want at most four times %v", workers, 100*share, s.elapsed, best)
			}
		}
	}
}

// TestJitter checks the required figures with latencies that vary from request to request.
func TestJitter(t *testing.T) {
	for seed := range uint64(12) {
		dice := rand.New(rand.NewPCG(7, seed))
		latency := 20*time.Millisecond + time.Duration(dice.IntN(6))*time.Millisecond
		server := &bucketLimit{rate: 100, burst: 100}
		s := simulate(t, Config{Workers: 32}, jitter{server, dice, latency}, 3000, latency)
		t.Logf("latency from %v: %.1f %% used, %.2f %% refused", latency, 100*s.share(100, 5*time.Second), 100*s.refusedShare())
		if s.share(100, 5*time.Second) < 0.97 || s.refusedShare() > 0.01 {
			t.Errorf("latency from %v, seed %d: %.1f %% used, %.2f %% refused; want at least 97 %% and at most 1 %%", latency, seed,
				100*s.share(100, 5*time.Second), 100*s.refusedShare())
		}
	}
}

// jitter adds up to a third to a latency.
type jitter struct {
	limiter
	dice *rand.Rand
	most time.Duration
}

// TestFixedRate checks that a rate set by the user is kept, whatever the server allows.
func TestFixedRate(t *testing.T) {
	for _, rate := range []float64{0.5, 5, 50, 500} {
		orders := int(20 * rate)
		s := simulate(t, Config{Workers: 32, Rate: rate}, &bucketLimit{rate: 1e9, burst: 1e9}, orders, 20*time.Millisecond)
		if got := float64(orders) / s.elapsed.Seconds(); got < 0.97*rate || got > 1.12*rate {
			t.Errorf("%.1f orders a second at a rate of %g", got, rate)
		}
		for i, from := range s.done {
			n := 0
			for _, d := range s.done[i:] {
				if d-from < time.Second {
					n++
				}
			}
			if float64(n) > max(1.1*rate+1, 2) {
				t.Fatalf("%d orders within a second at a rate of %g", n, rate)
			}
		}
	}
	g := New(Config{Rate: 50})
	if s := g.Stats(); s.Limit != "rate" || s.RatePerSecond != 50 {
		t.Errorf("got %+v", s)
	}
}
