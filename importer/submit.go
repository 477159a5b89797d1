package importer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

// Submission sends the planned orders of one confirmed run, looks up those whose outcome is unknown, and settles each with its word.
type Submission struct {
	Journal Journal
	API     API
	Run     ledger.Run
	Sources []ledger.Source // of the run, to point from an API error to a cell
	Workers int             // orders in flight at most; 0 is 8

	// SettleWait is how long after a request's last byte an order may still appear; 0 is a minute. No request is assumed to commit later.
	SettleWait time.Duration
	Canary     int  // how many orders go one by one before the rest; 0 is none
	NoBreaker  bool // go on even when most orders fail for one and the same reason

	Total   int64 // planned orders, for Observe
	Observe Observe
	Now     Clock

	inFlight atomic.Int32
	halted   atomic.Bool
	finder   finder
}

// API is what submitting needs of the client. luminous.Client is one.
type API interface {
	// Create sends one payload. Its error is a *luminous.Error that says whether the order may stand.
	Create(ctx context.Context, kind order.Kind, payload []byte) (order.Answer, error)
	// FindByNumber returns the orders that bear exactly this number.
	FindByNumber(ctx context.Context, kind order.Kind, number string) ([]order.Answer, error)
	// ProveFilter says whether looking up by number works: it finds known and doesn't find what can't be.
	ProveFilter(ctx context.Context, kind order.Kind, known string) (bool, error)
}

// Journal is what submitting needs of the ledger.
type Journal interface {
	// Advance records what was settled and claims up to want more, in one durable transaction.
	Advance(ctx context.Context, run int64, settled []ledger.Settlement, want int) (ledger.Taken, error)
	// Asides returns up to limit orders whose next look-up is due before a time.
	Asides(ctx context.Context, run int64, before time.Time, limit int) ([]ledger.Order, error)
}

// What another process may ask of a run (ledger.Ask). Taking it back lets a paused run go on.
const (
	AskStop  = "stop"
	AskPause = "pause"
)

// ErrStopped says that a run ended before all its orders were tried. It can be resumed.
var ErrStopped = errors.New("stopped before the end")

// gather is how long a settled order may wait for others to be committed with it. It trades a little delay of the ledger, never of a worker,
// for far fewer commits.
const gather = 2 * time.Millisecond

// pausePoll is how often a paused run looks whether it may go on.
const pausePoll = 500 * time.Millisecond

// task is what a worker does next with an order: send it, or look it up.
type task struct {
	ledger.Order
	look bool
}

// outcome is what came of a task.
type outcome struct {
	ledger.Settlement
	order     ledger.Order
	look      bool
	stop      error  // ends the run when not nil
	signature string // of a failure, for the breaker
}

// loop is the state of one Do: everything in it belongs to the one goroutine that talks to the ledger.
type loop struct {
	*Submission
	tasks   chan task
	results chan outcome
	asides  []ledger.Order // outcome unknown, to be looked up
	group   []ledger.Settlement
	out     int   // tasks that are with workers
	done    int64 // orders with their final word
	more    bool  // the ledger may hold planned orders
	cause   error // why no new order is taken
	paused  bool  // asked for from another terminal: no new order is taken until it is taken back
	guard   guard
}

// Do sends and settles until no planned order is left, soft ends, or something stops the run: a refused token, a server that can't be
// reached, a ledger that can't be written, a failure that most orders share. An order that fails is not an error: it is settled with its word.
// When soft ends, tasks in flight are finished first; when hard ends they are broken off, which leaves their orders to be looked up.
func (s *Submission) Do(soft, hard context.Context) error {
	if s.Workers <= 0 {
		s.Workers = 8
	}
	if s.SettleWait <= 0 {
		s.SettleWait = time.Minute
	}
	l := &loop{
		Submission: s, tasks: make(chan task, 2*s.Workers), results: make(chan outcome, 2*s.Workers), more: true,
		guard: guard{canary: s.Canary, off: s.NoBreaker},
	}
	pool, poolCtx := errgroup.WithContext(hard)
	for range s.Workers { // one goroutine a worker: --workers bounds what is in flight
		pool.Go(func() error {
			for t := range l.tasks {
				l.results <- s.work(poolCtx, t)
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

// load takes up the orders that an earlier process left with an unknown outcome.
func (l *loop) load(ctx context.Context) (err error) {
	const all = 1 << 30
	l.asides, err = l.Journal.Asides(ctx, l.Run.ID, l.Now.now().AddDate(1, 0, 0), all)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	return nil
}

// run is the journal: it commits settles in groups and claims ahead, at most one order waiting for each worker, so that no worker waits for a
// commit.
func (l *loop) run(soft, hard context.Context) error {
	for {
		if err := l.commit(soft, hard); err != nil {
			return err
		}
		ended := l.cause != nil || soft.Err() != nil
		if !ended && !l.paused {
			l.lookUpDue()
		}
		if l.out == 0 && len(l.group) == 0 {
			if ended {
				return l.verdict()
			}
			if !l.more {
				if len(l.asides) == 0 {
					return nil
				}
			}
		}
		if l.out > 0 || l.paused || len(l.asides) > 0 && !l.more && !ended {
			l.collect(soft)
		}
	}
}

// verdict says why the run ended before its last order.
func (l *loop) verdict() error {
	if l.cause != nil {
		return l.cause
	}
	if l.more || len(l.asides) > 0 {
		return ErrStopped
	}
	return nil
}

// commit writes the group and claims as many orders as workers can take.
func (l *loop) commit(soft, hard context.Context) error {
	want := 0
	if l.more && l.cause == nil && !l.paused && soft.Err() == nil {
		want = l.guard.room(2*l.Workers-l.out, l.out)
	}
	if want == 0 && len(l.group) == 0 && !l.paused {
		return nil
	}
	taken, err := l.Journal.Advance(hard, l.Run.ID, l.group, want)
	if err != nil {
		l.halted.Store(true)
		l.drain()
		return errors.Join(l.cause, fmt.Errorf("writing the ledger: %w", err))
	}
	for _, s := range l.group {
		switch {
		case s.State.Final():
			l.done++
		case s.State == ledger.OrderPlanned:
			l.more = true
		}
	}
	l.done += int64(len(taken.Conflicts))
	if want > 0 && len(taken.Claimed)+len(taken.Conflicts) == 0 {
		l.more = hasPlanned(l.group)
	}
	l.group = l.group[:0]
	for _, o := range taken.Claimed {
		l.out++
		l.tasks <- task{Order: o}
	}
	l.paused = taken.Asked == AskPause
	if taken.Asked == AskStop && l.cause == nil {
		l.cause = fmt.Errorf("%w, as asked from another terminal; orders that stand stay", ErrStopped)
		l.halted.Store(true)
	}
	l.Observe.tell(Event{
		Phase: Submitting, Done: l.done, Total: l.Total, InFlight: int(l.inFlight.Load()), Aside: len(l.asides), Paused: l.paused,
	})
	return nil
}

// hasPlanned says that a group puts orders back to be sent again.
func hasPlanned(group []ledger.Settlement) bool {
	for _, s := range group {
		if s.State == ledger.OrderPlanned {
			return true
		}
	}
	return false
}

// collect waits for one result, takes those that come shortly after, up to half of the workers, and puts them into the next group. With
// nothing in flight it waits until the next look-up is due.
func (l *loop) collect(soft context.Context) {
	wait := l.untilDue()
	if l.paused {
		wait = pausePoll
	}
	due := time.NewTimer(wait)
	defer due.Stop()
	select {
	case r := <-l.results:
		l.take(r)
	case <-due.C:
		return
	case <-done(soft, l.out):
		return
	}
	timer := time.NewTimer(gather)
	defer timer.Stop()
	for n := 1; n < max(l.Workers/2, 1) && l.out > 0; n++ {
		select {
		case r := <-l.results:
			l.take(r)
		case <-timer.C:
			return
		}
	}
}

// done is soft's end while nothing is in flight; what is in flight is waited for.
func done(soft context.Context, out int) <-chan struct{} {
	if out > 0 {
		return nil
	}
	return soft.Done()
}

// take puts one result into the group and remembers what it means for the run.
func (l *loop) take(r outcome) {
	l.out--
	l.group = append(l.group, r.Settlement)
	if r.State == ledger.Aside {
		l.asides = append(l.asides, aside(r))
	}
	if r.State == ledger.Created {
		l.finder.standing(r.order.Number)
	}
	if err := l.guard.saw(r); err != nil && l.cause == nil {
		l.cause = err
	}
	if r.stop != nil && l.cause == nil {
		l.cause = r.stop
	}
	if l.cause != nil {
		l.halted.Store(true) // what is claimed but not sent goes back to planned
	}
}

// drain lets the tasks in flight end after the ledger was lost. Their claims stand in it, so the next process looks them up.
func (l *loop) drain() {
	for ; l.out > 0; l.out-- {
		<-l.results
	}
}

// work does one task.
func (s *Submission) work(ctx context.Context, t task) outcome {
	if s.halted.Load() {
		return s.putBack(t)
	}
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	if t.look {
		return s.lookUp(ctx, t.Order)
	}
	return s.send(ctx, t.Order)
}

// putBack leaves an order as it was before its task.
func (s *Submission) putBack(t task) outcome {
	r := outcome{order: t.Order, look: t.look}
	r.Seq, r.State, r.Looks, r.Message = t.Seq, ledger.OrderPlanned, t.Looks, t.Message
	if t.look {
		r.State, r.NextLook = ledger.Aside, t.NextLook
	}
	return r
}
