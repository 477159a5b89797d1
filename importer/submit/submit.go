// Package submit sends a confirmed run: it claims orders in the ledger, sends them, looks up those
// whose outcome is unknown, and settles each.
package submit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ordersheet/importer/plan"
	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/order"
)

// Config says which orders are sent, and how.
type Config struct {
	Journal Journal
	API     API
	Run     ledger.Run      // held by this process (ledger.Acquire)
	Sources []ledger.Source // of the run, to point from an API error to a cell; nil: to no cell
	Workers int             // orders in flight at most; 0 is 8

	// SettleWait is how long after a request's last byte an order may still appear; 0 is a minute.
	// No request is assumed to commit later.
	SettleWait time.Duration
	Canary     int          // how many orders are sent one by one before the rest; 0 is none
	Verify     Verify       // which orders are read again after they were written; "" is none
	NoBreaker  bool         // continue even when most orders fail for the same reason
	Total      int64        // planned orders, for Observe; 0 when it isn't known
	Observe    plan.Observe // nil: no progress is reported
}

// API is what submitting needs of the client. luminous.Client is one.
type API interface {
	lookup.API
	// Create sends one payload. Its error is a *luminous.Error that says whether the order may
	// exist.
	Create(ctx context.Context, kind order.Kind, payload []byte) (order.Answer, error)
	// Update, PutTags and Delete are for orders that were just read: sent within a time or not at
	// all.
	Update(ctx context.Context, kind order.Kind, id int64, payload []byte, within time.Duration) (order.Answer, error)
	PutTags(ctx context.Context, id int64, names []string, add bool, within time.Duration) error
	Delete(ctx context.Context, kind order.Kind, id int64, within time.Duration) error
}

// Journal is what submitting needs of the ledger.
type Journal interface {
	ledger.Journal
	plan.OrderReader
	LatestKey(ctx context.Context, account string, kind order.Kind) (ledger.KeyRecord, error)
}

// What another process may ask of a run (ledger.Ask). Withdrawing it continues a paused run.
const (
	AskStop  = "stop"
	AskPause = "pause"
)

// ErrStopped means that a run ended before all its orders were tried. It can be resumed.
var ErrStopped = errors.New("stopped before the end")

// task is what a worker does next: send one order, or look some up.
type task struct {
	orders   []ledger.Order
	isLookup bool
	canary   bool // one of those that go one by one
}

// result is what a task did to one order.
type result struct {
	ledger.Settlement
	order      ledger.Order
	isLookup   bool
	lookupErr  error  // why the look-up failed
	unreadable bool   // the order couldn't be read before its write, so nothing was sent
	fullPut    bool   // a PUT of what changes was rejected, since it lacks what is required
	stop       error  // ends the run when not nil
	signature  string // of a failure, for the breaker
	nonAPI     bool   // something else than the API answered

	confirmed   bool // an answer shows the created order under the number that was sent
	otherNumber bool // the answer to a create has another order number than was sent
}

// Run sends the planned orders of a confirmed run, looks up those whose outcome is unknown, and
// settles each, until no planned order is left, soft ends, or something stops the run: a rejected
// token, a server that can't be reached, a ledger that can't be written, a failure that most orders
// share. An order that fails is not an error: it is settled with its outcome. When soft ends, tasks
// in flight are finished first; when hard ends they are aborted, and their orders have to be looked
// up.
func Run(soft, hard context.Context, cfg Config) error {
	cfg.Workers = cmp.Or(max(cfg.Workers, 0), 8)
	cfg.SettleWait = cmp.Or(max(cfg.SettleWait, 0), time.Minute)
	l := &journalLoop{
		submitter: newSubmitter(cfg), tasks: make(chan task, 4*cfg.Workers), results: make(chan []result, 4*cfg.Workers), more: true,
		tries: map[int64]int{}, fails: map[int64]int{}, ids: map[int64]int64{}, guard: breaker{canary: cfg.Canary, off: cfg.NoBreaker},
	}
	pool, poolCtx := errgroup.WithContext(hard)
	for range cfg.Workers { // one goroutine a worker: Workers bounds what is in flight
		pool.Go(func() error {
			for t := range l.tasks {
				l.results <- l.work(poolCtx, t)
			}
			return nil
		})
	}
	err := l.load(hard)
	if err == nil {
		err = l.run(soft, hard)
	}
	close(l.tasks)
	return errors.Join(err, pool.Wait())
}

// submitter is what the workers of one run share.
type submitter struct {
	Config
	cells  plan.CellLocator
	finder *lookup.Finder
	rules  diff.Rules
	began  time.Time // when this process began to send

	inFlight atomic.Int32
	halted   atomic.Bool
	earlier  sync.Once   // the ledger was asked for an order of an earlier process
	strict   atomic.Bool // PUT requires its required fields
	probed   sync.Map    // fields that were written and read again to see whether an update replaces them
}

func newSubmitter(cfg Config) *submitter {
	s := &submitter{
		Config: cfg, cells: plan.CellLocator{Kind: cfg.Run.Kind, Sources: cfg.Sources},
		rules: plan.RulesOf(cfg.Run.Kind), began: time.Now(),
	}
	started := s.began
	if !cfg.Run.Started.IsZero() {
		started = cfg.Run.Started
	}
	s.finder = lookup.New(lookup.Config{API: cfg.API, Kind: cfg.Run.Kind, Since: started.Add(-clockSkew), Spacing: cfg.SettleWait / 64})
	return s
}

// work does one task.
func (s *submitter) work(ctx context.Context, t task) []result {
	out := make([]result, len(t.orders))
	for i, o := range t.orders {
		out[i] = newResult(o, t.isLookup)
	}
	if s.halted.Load() {
		return out
	}
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	switch isCreate := t.orders[0].Action == order.Create; {
	case t.isLookup && isCreate:
		s.lookUpCreated(ctx, out)
	case t.isLookup:
		s.lookUpChanged(ctx, out)
	default:
		r := &out[0]
		r.Lookups, r.Message = 0, ""
		switch c := r.order.Change; {
		case isCreate:
			s.create(ctx, r)
		case c == nil || c.ID == 0:
			s.holdAmbiguous(r, fmt.Sprintf("its action %s was never compared with existing orders", r.order.Action))
		default:
			s.change(ctx, r)
		}
		s.verify(ctx, r, t.canary)
	}
	return out
}

// newResult leaves an order as it was before its task.
func newResult(o ledger.Order, isLookup bool) result {
	r := result{order: o, isLookup: isLookup}
	r.Seq, r.State, r.Lookups, r.Message = o.Seq, ledger.OrderPlanned, o.Lookups, o.Message
	if isLookup {
		r.State, r.LastByte, r.NextLookup = ledger.Unresolved, o.LastByte, o.NextLookup
	}
	return r
}
