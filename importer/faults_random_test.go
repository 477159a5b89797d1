package importer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/importer/submit"
	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sandbox"
)

// scenario is a run under random faults. Its time is not the clock's, so that thousands of them can
// be tried.
type scenario struct {
	kind         order.Kind
	orders       int
	workers      int
	cfg          sandbox.Config
	jitter       uint64
	stop         time.Duration // after which the run is told to stop; 0 is never
	unfilterable bool          // one number has a comma
}

// drawScenario draws a scene.
func drawScenario(t *rapid.T) scenario {
	s := scenario{
		kind:   rapid.SampledFrom([]order.Kind{order.SalesOrders, order.PurchaseOrders}).Draw(t, "kind"),
		orders: rapid.IntRange(2, 14).Draw(t, "orders"), workers: rapid.IntRange(1, 6).Draw(t, "workers"),
		jitter: rapid.Uint64().Draw(t, "jitter"), unfilterable: rapid.Bool().Draw(t, "odd"),
		stop: time.Duration(rapid.IntRange(0, 1500).Draw(t, "stop")) * time.Millisecond,
	}
	s.cfg = sandbox.Config{
		Seed: rapid.Uint64().Draw(t, "seed"), Duplicates: "accept", AnySKU: true, LateCommit: timeout / 2, SlowFor: 2 * timeout, DripEvery: timeout / 4,
		IgnoreFilters: rapid.SampledFrom(lookups).Draw(t, "look-ups").ignore,
		ListLag:       time.Duration(rapid.SampledFrom([]int{0, 0, 100, 400}).Draw(t, "lag")) * time.Millisecond,
	}
	names := rapid.SliceOfNDistinct(rapid.SampledFrom(faultNames()), 0, 5, rapid.ID).Draw(t, "faults")
	for _, name := range names {
		s.cfg.Faults = append(s.cfg.Faults, sandbox.Fault{
			Name: name, P: float64(rapid.IntRange(5, 40).Draw(t, "percent")) / 100, Method: rapid.SampledFrom([]string{"POST", "POST", ""}).Draw(t, "method"),
		})
	}
	return s
}

// faultNames are those that a write can meet and that don't end the run for good.
func faultNames() []string {
	var out []string
	for _, f := range faults {
		if !slices.Contains(out, f.name) {
			out = append(out, f.name)
		}
	}
	return out
}

// TestRandomFaults proves, under random faults and orders of completion, that no order exists
// twice, that no result is ever attached to another order's rows, and that what the ledger says of
// an order is true. ORDERSHEET_SEQUENCES asks for more sequences.
func TestRandomFaults(t *testing.T) {
	const parts = 4
	sequences := 2000
	if s := os.Getenv("ORDERSHEET_SEQUENCES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		sequences = n
	}
	tryRandom(t, max(1, sequences/parts))
	var tried, orders, struck atomic.Int64
	t.Cleanup(func() {
		t.Logf("counted: **%d sequences of faults, %d orders, %d requests with faults**", tried.Load(), orders.Load(), struck.Load())
	})
	for i := range parts {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				s := drawScenario(rt)
				var hit int
				var err error
				synctest.Test(t, func(*testing.T) { hit, err = s.run() })
				tried.Add(1)
				orders.Add(int64(s.orders))
				struck.Add(int64(hit))
				if err != nil {
					rt.Fatal(err)
				}
			})
		})
	}
}

// start builds what a scene needs; end takes it down.
func (s scenario) start(cfg sandbox.Config) (box *sandbox.Sandbox, client *luminous.Client, book ledger.Ledger, end func() error, err error) {
	if box, err = sandbox.New(cfg); err != nil {
		return nil, nil, nil, nil, err
	}
	wire := newPipes()
	server := &http.Server{Handler: delayed(box, s.jitter)}
	go server.Serve(wire) //nolint:errcheck // ends with Close
	client, err = luminous.New(luminous.Config{
		BaseURL: baseURL, Token: "t", Timeout: timeout, Workers: s.workers, Dial: wire.dial,
	})
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if book, err = sqlite.Open(":memory:"); err != nil {
		return nil, nil, nil, nil, err
	}
	return box, client, book, func() error {
		client.Close()
		box.Close()
		return errors.Join(server.Close(), book.Close())
	}, nil
}

// run runs the scene to its end and says what is wrong afterwards.
func (s scenario) run() (struck int, err error) {
	dir, err := os.MkdirTemp("", "scene-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	numbers := numbers(s.orders)
	if s.unfilterable {
		numbers[s.orders/2] = "A, " + numbers[s.orders/2]
	}
	file := filepath.Join(dir, "orders.csv")
	if err := os.WriteFile(file, []byte(csvOf(s.kind, numbers)), 0o600); err != nil {
		return 0, err
	}
	box, client, book, end, err := s.start(s.cfg)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, end()) }()
	run, err := planJob(book, plan.Job{Files: []string{file}, Kind: s.kind, Account: client.BaseURL()})
	if err != nil {
		return 0, err
	}
	if err := s.submit(book, client, box, run.ID); err != nil {
		return 0, err
	}
	box.Settle()
	for _, n := range box.Stats().Faults {
		struck += n
	}
	return struck, s.check(book, box, run.ID, numbers)
}

// submit runs the submission until it is done, for the first time under faults, and without any at
// the end.
func (s scenario) submit(book ledger.Ledger, client *luminous.Client, box *sandbox.Sandbox, run int64) error {
	ctx := context.Background()
	for try := range 8 {
		if try == 4 {
			if err := box.SetFaults(); err != nil {
				return err
			}
		}
		before, err := book.GetRun(ctx, run)
		if err != nil {
			return err
		}
		let, err := book.Acquire(ctx, run, "1@scene")
		if err != nil {
			return err
		}
		if before.State != ledger.Planned {
			err = submit.Recover(ctx, book, before, timeout)
		}
		err = errors.Join(err, book.UpdateRun(ctx, run, func(r *ledger.Run) { r.State, r.Started = ledger.Running, time.Now() }))
		sum, sumErr := report.ReadSummary(ctx, book, run)
		if err := errors.Join(err, sumErr); err != nil {
			let()
			return err
		}
		soft, stop := context.WithCancel(ctx)
		if s.stop > 0 && try == 0 {
			time.AfterFunc(s.stop, stop)
		}
		sub := submit.Config{
			Journal: book, API: client, Run: sum.Run, Sources: sum.Sources, Workers: s.workers, SettleWait: settleWait, Canary: 1, NoBreaker: true,
		}
		err = submit.Run(soft, ctx, sub)
		stop()
		let()
		if err == nil {
			return nil
		}
	}
	return errors.New("eight starts didn't end the run")
}

// check says what is wrong.
func (s scenario) check(book ledger.Ledger, box *sandbox.Sandbox, run int64, numbers []string) error {
	ctx := context.Background()
	sum, err := report.ReadSummary(ctx, book, run)
	if err != nil {
		return err
	}
	if !sum.Reconciles() {
		return fmt.Errorf("the totals don't reconcile: %v", sum.Outcomes)
	}
	made, standing, rows := box.Created(string(s.kind)), map[string]sandbox.Order{}, map[int64]*ledger.Order{}
	for _, o := range box.Orders(string(s.kind)) {
		standing[o.Numbers[0]] = o
	}
	var wrong []error
	err = book.Orders(ctx, run, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		rows[o.Seq] = o
		n, exists := made[o.Number], standing[o.Number]
		at := slices.Index(numbers, o.Number)
		switch {
		case n > 1:
			wrong = append(wrong, fmt.Errorf("order %s was made %d times (%s: %s)", o.Number, n, o.State, o.Message))
		case o.State == ledger.Created && (n != 1 || o.ID != exists.ID):
			wrong = append(wrong, fmt.Errorf("order %s is created as %d, but was made %d times and is %d", o.Number, o.ID, n, exists.ID))
		case o.State == ledger.Rejected && n != 0:
			wrong = append(wrong, fmt.Errorf("order %s is rejected, but exists as %d", o.Number, exists.ID))
		case o.ID != 0 && o.ID != exists.ID:
			wrong = append(wrong, fmt.Errorf("order %s has the id %d, but exists as %d", o.Number, o.ID, exists.ID))
		case o.State == ledger.Created && o.ConfirmedTotal != "" && o.ConfirmedTotal != totalOf(at) && !s.strikes("wrong_total"):
			wrong = append(wrong, fmt.Errorf("order %s has the total %s, want %s", o.Number, o.ConfirmedTotal, totalOf(at)))
		case !o.State.Final():
			wrong = append(wrong, fmt.Errorf("order %s is still %s", o.Number, o.State))
		}
		return nil
	})
	wrong = append(wrong, err, book.Problems(ctx, run, func(seq int64, p problem.Problem) error {
		return ownProblem(rows[seq], p)
	}))
	return errors.Join(wrong...)
}

func (s scenario) strikes(name string) bool {
	return slices.ContainsFunc(s.cfg.Faults, func(f sandbox.Fault) bool { return f.Name == name })
}

// ownProblem says whether a problem is about the order that it is attached to, and points at one of
// its rows.
func ownProblem(o *ledger.Order, p problem.Problem) error {
	if o == nil {
		return nil
	}
	row, _, ok := cell.ParseA1(p.Cell)
	if !ok || p.OrderNumber != o.Number || !slices.ContainsFunc(o.Rows, func(r ledger.RowRef) bool { return r.Row == row }) {
		return fmt.Errorf("order %s (rows %v) has a problem of order %s at %s: %s", o.Number, o.Rows, p.OrderNumber, p.Cell, p.Message)
	}
	return nil
}
