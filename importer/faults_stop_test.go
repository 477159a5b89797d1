package importer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ordersheet/importer/report"
	"ordersheet/importer/submit"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sandbox"
)

// TestStops lets what befalls every order from a certain one on end the run: the error says what
// happened, few requests are wasted, and after it is put right the run goes on to its end.
func TestStops(t *testing.T) {
	const n, from = 120, 20
	for name, c := range map[string]struct {
		fault string
		says  string // part of the error
		most  int    // requests after the fault began, each order's only one
	}{
		"refused token":     {"401", "401", 0},
		"forbidden":         {"403", "10 of the last 10 orders failed with the same cause: 403", 10},
		"a page of HTML":    {"html", "HTML", 2},
		"another address":   {"redirect", "base URL", 1},
		"too many requests": {"429_bare", "gave up after several tries", 14},
		"unavailable":       {"503_before", "gave up after several tries", 14},
		"server error":      {"500_before", "failed with the same cause: 500", 50},
		"no answers":        {"drop_before", "failed with the same cause: connection lost", 50},
		"cut off after":     {"drop_after", "failed with the same cause: connection lost", 50},
		"rejected":          {"422_bare", "failed with the same cause: 422", 50},
	} {
		bubble(t, name, func(t *testing.T) {
			var broken atomic.Bool
			var calls, wasted atomic.Int32
			broken.Store(true)
			b := newPlannedHarness(t, order.SalesOrders, numbers(n), sandbox.Config{Token: "", Script: func(call sandbox.Call) string {
				if call.Method == "POST" {
					calls.Add(1)
				}
				if !broken.Load() || calls.Load() <= from {
					return ""
				}
				if wasted.Add(1); c.fault == "401" {
					return ""
				}
				return c.fault
			}}, 1)
			b.impatient()
			if c.fault == "401" {
				b.check(b.sandbox.SetFaults(sandbox.Fault{Name: "401_after", P: from}))
			}
			err := b.submit()
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the run ended with %v, want an error that says %q", err, c.says)
			}
			// Those in flight when the cause is found, and what a round of look-ups costs, come on top.
			if got := int(wasted.Load()); got > c.most*11/10+2*workers {
				t.Errorf("%d requests were made after the fault began, want at most %d", got, c.most*11/10+2*workers)
			}
			if s := b.states(); s[ledger.OrderPlanned] < n-from-60 {
				t.Errorf("the run went on after its cause: %v", s)
			}
			broken.Store(false)
			b.check(b.sandbox.SetFaults())
			b.connect("another")
			b.finish()
			wants := map[string]wanted{}
			b.check(b.ledger.Orders(context.Background(), b.run.ID, ledger.Filter{States: []ledger.State{ledger.Rejected}}, func(o *ledger.Order) error {
				wants[o.Number] = wanted{state: ledger.Rejected}
				return nil
			}))
			if (len(wants) > 0) != (c.fault == "403" || c.fault == "422_bare") {
				t.Errorf("%d orders are rejected", len(wants))
			}
			b.verify(numbers(n), wants)
		})
	}
}

// TestNoServer lets nobody answer at all: nothing is sent, nothing is lost.
func TestNoServer(t *testing.T) { inBubble(t, testNoServer) }

func testNoServer(t *testing.T) {
	b := newPlannedHarness(t, order.PurchaseOrders, numbers(5), sandbox.Config{}, 0)
	b.wire.down.Store(true)
	b.impatient()
	err := b.submit()
	if err == nil || !strings.Contains(err.Error(), "can't be reached") {
		t.Errorf("the run ended with %v", err)
	}
	if s := b.states(); s[ledger.OrderPlanned] != 5 {
		t.Errorf("without a server the orders are %v, want 5 planned", s)
	}
	b.wire.down.Store(false)
	b.connect("token")
	b.finish()
	b.verify(numbers(5), nil)
}

// TestSoftStop stops a run in the middle: what is in flight is finished, what waits goes back, and
// the rest is sent by the next process.
func TestSoftStop(t *testing.T) { inBubble(t, testSoftStop) }

func testSoftStop(t *testing.T) {
	const n = 60
	soft, stop := context.WithCancel(context.Background())
	var posts atomic.Int32
	b := newPlannedHarness(t, order.SalesOrders, numbers(n), sandbox.Config{Latency: 5 * time.Millisecond, Script: func(sandbox.Call) string {
		if posts.Add(1) == 20 {
			stop()
		}
		return ""
	}}, 1)
	s := b.start()
	if err := submit.Run(soft, context.Background(), s); !errors.Is(err, submit.ErrStopped) {
		t.Errorf("the run ended with %v, want %v", err, submit.ErrStopped)
	}
	states := b.states()
	if states[ledger.Claimed]+states[ledger.Unresolved] > 0 || states[ledger.Created] != int64(posts.Load()) || posts.Load() > 20+2*workers {
		t.Errorf("after the stop the orders are %v, and %d were sent", states, posts.Load())
	}
	b.finish()
	b.verify(numbers(n), nil)
}

// TestHardStop breaks off what is in flight: it is looked up by the next process.
func TestHardStop(t *testing.T) { inBubble(t, testHardStop) }

func testHardStop(t *testing.T) {
	const n = 40
	hard, leave := context.WithCancel(context.Background())
	var posts atomic.Int32
	b := newPlannedHarness(t, order.SalesOrders, numbers(n), sandbox.Config{Script: func(sandbox.Call) string {
		if posts.Add(1) == 15 {
			time.AfterFunc(timeout/8, leave)
			return "slow"
		}
		return ""
	}}, 1)
	s := b.start()
	if err := submit.Run(hard, hard, s); err == nil {
		t.Error("a run that was left ended without an error")
	}
	b.finish()
	b.verify(numbers(n), nil)
}

// TestLaggingLists lets lists show an order only long after it was made: what isn't seen isn't
// taken for absent, since they don't show either what is known to exist.
func TestLaggingLists(t *testing.T) {
	for _, kind := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
		for _, look := range lookups {
			bubble(t, string(kind)+"/"+look.name, func(t *testing.T) {
				numbers := numbers(8)
				b := newPlannedHarness(t, kind, numbers, sandbox.Config{ListLag: 3 * settleWait, IgnoreFilters: look.ignore, Script: func(c sandbox.Call) string {
					if c.Method == "POST" && c.Numbers[0] == numbers[3] && c.Try == 1 {
						return "drop_after"
					}
					return ""
				}}, 1)
				b.check(b.submit())
				b.verify(numbers, nil)
			})
		}
	}
}

// TestSecondHand finds orders that somebody else has made meanwhile: one as meant, one that
// differs, and two under one number.
func TestSecondHand(t *testing.T) { inBubble(t, testSecondHand) }

func testSecondHand(t *testing.T) {
	numbers := numbers(6)
	b := newPlannedHarness(t, order.SalesOrders, numbers, sandbox.Config{Script: func(c sandbox.Call) string {
		if c.Method == "POST" && slices.Contains([]string{numbers[2], numbers[4], numbers[5]}, c.Numbers[0]) {
			return "409"
		}
		return ""
	}}, 1)
	var bodies []string
	b.check(b.ledger.Orders(context.Background(), b.run.ID, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		bodies = append(bodies, string(o.Payload))
		return nil
	}))
	for _, body := range []string{bodies[2], strings.Replace(bodies[4], "Buyer 4", "Somebody else", 1), bodies[5], bodies[5]} {
		_, err := b.sandbox.Create(sandbox.SalesOrders, []byte(body))
		b.check(err)
	}
	b.check(b.submit())
	b.verify(numbers, map[string]wanted{numbers[2]: {state: ledger.Unchanged, created: 1}, numbers[4]: {state: ledger.Held, created: 1}, numbers[5]: {state: ledger.Held, created: 2}})
}

// TestLostTooOften loses one order's every request: the run ends with that one unknown, and the
// next process sends it; what was said of it then no longer is in the report.
func TestLostTooOften(t *testing.T) { inBubble(t, testLostTooOften) }

func testLostTooOften(t *testing.T) {
	numbers := numbers(5)
	var lost atomic.Int32
	b := newPlannedHarness(t, order.SalesOrders, numbers, sandbox.Config{Script: func(c sandbox.Call) string {
		if c.Method == "POST" && c.Numbers[0] == numbers[2] && lost.Add(1) <= 5 {
			return "drop_before"
		}
		return ""
	}}, 1)
	b.check(b.submit())
	b.verify(numbers, map[string]wanted{numbers[2]: {state: ledger.Unknown}})
	b.check(b.submit())
	b.verify(numbers, nil)
	sum, err := report.ReadSummary(context.Background(), b.ledger, b.run.ID)
	b.check(err)
	if n := sum.Problems[problem.Error]; n != 0 {
		t.Errorf("%d problems are left of a run whose orders all exist", n)
	}
}

// TestDeadProcess takes up a run whose process died with claims: long ago, or so short ago that a
// request of it may still be on its way.
func TestDeadProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		book, err := sqlite.Open(":memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		run, err := book.NewRun(ctx, ledger.Run{Kind: order.SalesOrders, Account: "a", State: ledger.Running, Orders: 1})
		if err != nil {
			t.Fatal(err)
		}
		w := book.PutOrders(run)
		if _, err := w.Add(ledger.Order{Number: "A", Action: "create", Payload: []byte(`{}`)}, nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(ctx); err != nil {
			t.Fatal(err)
		}
		let, err := book.Acquire(ctx, run, "1@a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := book.Advance(ctx, run, nil, 1); err != nil {
			t.Fatal(err)
		}
		claimed := time.Now()
		time.Sleep(10 * time.Minute) // the server wanted to be left alone
		died := time.Now()
		let()
		before, err := book.GetRun(ctx, run)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if let, err = book.Acquire(ctx, run, "2@a"); err != nil {
			t.Fatal(err)
		}
		defer let()
		if err := submit.Recover(ctx, book, before, 30*time.Second); err != nil {
			t.Fatal(err)
		}
		pending, err := book.PendingLookups(ctx, run, time.Now(), 10)
		if err != nil || len(pending) != 1 {
			t.Fatalf("%d orders are to be looked up (%v), want 1", len(pending), err)
		}
		if got := pending[0].LastByte; got.Before(died) || got.After(died.Add(time.Minute)) {
			t.Errorf("the last byte was at %v at the latest, it says; the order was claimed at %v and its process died at %v", got, claimed, died)
		}
	})
}
