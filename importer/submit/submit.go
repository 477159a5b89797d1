// Package submit sends a confirmed run: it claims orders in the ledger, sends them, looks up those whose
// outcome is unknown, and settles each.
package submit

import (
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

// stopCause returns why an order that wasn't sent ends the run.
func stopCause(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return ErrStopped
	}
	return err
}

// Submitter sends the planned orders of one confirmed run, looks up those whose outcome is unknown,
// and settles each with an outcome.
type Submitter struct {
	Journal Journal
	API     API
	Run     ledger.Run
	Sources []ledger.Source // of the run, to point from an API error to a cell
	Workers int             // orders in flight at most; 0 is 8

	// SettleWait is how long after a request's last byte an order may still appear; 0 is a minute. No request is assumed to commit later.
	SettleWait time.Duration
	Canary     int    // how many orders go one by one before the rest; 0 is none
	Verify     Verify // which orders are read again after they were written; "" is none
	NoBreaker  bool   // go on even when most orders fail for one and the same reason

	Total   int64 // planned orders, for Observe
	Observe plan.Observe
	Now     plan.Clock

	inFlight atomic.Int32
	halted   atomic.Bool
	began    time.Time // when this process began to send
	finder   *lookup.Finder
	earlier  sync.Once // the ledger was asked for an order of an earlier process
	rules    diff.Rules
	strict   atomic.Bool // PUT wants its required fields
	probed   sync.Map    // what was written and read again of those fields of which nobody knows whether an update replaces them
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
	// Advance records settlements and claims up to want more orders, in one durable transaction.
	Advance(ctx context.Context, run int64, settled []ledger.Settlement, want int) (ledger.Claims, error)
	// PendingLookups returns up to limit orders whose next look-up is due before a time.
	PendingLookups(ctx context.Context, run int64, before time.Time, limit int) ([]ledger.Order, error)
	Orders(ctx context.Context, run int64, f ledger.Filter, fn func(*ledger.Order) error) error
}

// What another process may ask of a run (ledger.Ask). Withdrawing it continues a paused run.
const (
	AskStop  = "stop"
	AskPause = "pause"
)

// ErrStopped means that a run ended before all its orders were tried. It can be resumed.
var ErrStopped = errors.New("stopped before the end")

// groupDelay is how long a settled order may wait for others to be committed with it. It delays the
// ledger a little, never a worker, and saves many commits.
const groupDelay = 2 * time.Millisecond

// pausePoll is how often a paused run checks whether it may continue.
const pausePoll = 500 * time.Millisecond

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
	fullPut    bool   // a PUT of what changes was refused since it lacks what is required
	stop       error  // ends the run when not nil
	signature  string // of a failure, for the breaker
	nonAPI     bool   // something else than the API answered
}

// journalLoop is the state of one Do. Only the goroutine that talks to the ledger uses it.
type journalLoop struct {
	*Submitter
	tasks      chan task
	results    chan []result
	unresolved lookupQueue // outcome unknown, to be looked up
	group      []ledger.Settlement
	sending    int           // orders that are with workers to be sent
	lookingUp  int           // look-ups that are with workers
	arrived    [2]int        // results that came during each of the last two commits
	tries      map[int64]int // of orders put back: how often this process sent them or tried to
	fails      map[int64]int // look-ups of an order that failed in a row
	done       int64         // orders with their final word
	more       bool          // the ledger may hold planned orders
	cause      error         // why no new order is taken
	paused     bool          // asked for from another terminal: no new order is taken until it is taken back
	guard      breaker
}

// Do sends and settles until no planned order is left, soft ends, or something stops the run: a
// rejected token, a server that can't be reached, a ledger that can't be written, a failure that
// most orders share. An order that fails is not an error: it is settled with its outcome. When soft
// ends, tasks in flight are finished first; when hard ends they are aborted, and their orders have
// to be looked up.
func (s *Submitter) Do(soft, hard context.Context) error {
	if s.Workers <= 0 {
		s.Workers = 8
	}
	if s.SettleWait <= 0 {
		s.SettleWait = time.Minute
	}
	l := &journalLoop{
		Submitter: s, tasks: make(chan task, 4*s.Workers), results: make(chan []result, 4*s.Workers), more: true,
		tries: map[int64]int{}, fails: map[int64]int{}, guard: breaker{canary: s.Canary, off: s.NoBreaker},
	}
	s.rules = plan.RulesOf(s.Run.Kind)
	s.began = s.Now.Now()
	started := s.began
	if !s.Run.Started.IsZero() {
		started = s.Run.Started
	}
	s.finder = lookup.New(lookup.Config{API: s.API, Kind: s.Run.Kind, Since: started.Add(-clockSkew), Spacing: s.SettleWait / 64})
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

// load reads the orders that an earlier process left with an unknown outcome.
func (l *journalLoop) load(ctx context.Context) error {
	const all = 1 << 30
	pending, err := l.Journal.PendingLookups(ctx, l.Run.ID, l.Now.Now().AddDate(1, 0, 0), all)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	for i := range pending {
		l.unresolved.add(pending[i])
	}
	return nil
}

// run is the journal: it commits settlements in groups and claims ahead, at most one waiting order
// per worker, so that no worker waits for a commit.
func (l *journalLoop) run(soft, hard context.Context) error {
	for {
		if err := l.commit(soft, hard); err != nil {
			return err
		}
		ended := l.cause != nil || soft.Err() != nil
		switch {
		case ended:
			l.halted.Store(true) // what is claimed and waits for a worker goes back to planned
		case !l.paused:
			l.lookUpDue()
		}
		busy := l.sending+l.lookingUp > 0
		if !busy && len(l.group) == 0 && (ended || !l.more && len(l.unresolved) == 0) {
			return l.verdict()
		}
		if busy || !ended && (l.paused || !l.more) {
			l.collect(soft, ended)
		}
	}
}

// verdict returns why the run ended before its last order.
func (l *journalLoop) verdict() error {
	if l.cause != nil {
		return l.cause
	}
	if l.more || len(l.unresolved) > 0 {
		return ErrStopped
	}
	return nil
}

// commit writes the group and claims as many orders as workers can take. It also writes what
// happened when the run is ending.
func (l *journalLoop) commit(soft, hard context.Context) error {
	want := 0
	if l.more && l.cause == nil && !l.paused && soft.Err() == nil {
		want = l.guard.capacity(2*l.Workers-l.sending+l.expectedFree(), l.sending)
	}
	if want == 0 && len(l.group) == 0 && !l.paused {
		return nil
	}
	taken, err := l.Journal.Advance(context.WithoutCancel(hard), l.Run.ID, l.group, want)
	if err != nil {
		l.halted.Store(true)
		l.drain()
		return errors.Join(l.cause, fmt.Errorf("writing the ledger: %w", err))
	}
	l.arrived = [2]int{l.arrived[1], len(l.results)}
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
	for i := range taken.Claimed {
		l.sending++
		l.tasks <- task{orders: taken.Claimed[i : i+1 : i+1], canary: l.guard.sent < l.guard.canary}
	}
	l.paused = taken.Asked == AskPause
	if taken.Asked == AskStop {
		l.end(fmt.Errorf("%w, as asked from another terminal; orders that exist are kept", ErrStopped))
	}
	l.Observe.Tell(plan.Event{
		Phase: plan.Submitting, Done: l.done, Total: l.Total, InFlight: int(l.inFlight.Load()), Unresolved: len(l.unresolved), Paused: l.paused,
	})
	return nil
}

// end stops claiming. The first cause is the one that is returned.
func (l *journalLoop) end(cause error) {
	if l.cause == nil && cause != nil {
		l.cause = cause
		l.halted.Store(true)
	}
}

// hasPlanned reports whether a group puts orders back to be sent again.
func hasPlanned(group []ledger.Settlement) bool {
	for _, s := range group {
		if s.State == ledger.OrderPlanned {
			return true
		}
	}
	return false
}

// collect waits for the results of one task and takes those that arrive shortly after, up to one
// per worker, into the next group: the longer commits take, the larger the groups. With nothing in
// flight it waits until the next look-up is due.
func (l *journalLoop) collect(soft context.Context, ended bool) {
	wait := l.unresolved.untilNext(l.Now.Now())
	switch {
	case ended:
		wait = time.Hour
	case l.paused:
		wait = pausePoll
	}
	due := time.NewTimer(wait)
	defer due.Stop()
	select {
	case r := <-l.results:
		l.addResults(r)
	case <-due.C:
		return
	case <-done(soft, l.sending+l.lookingUp):
		return
	}
	timer := time.NewTimer(groupDelay)
	defer timer.Stop()
	for n := 1; n < l.Workers && l.sending > 0 || len(l.results) > 0; n++ {
		select {
		case r := <-l.results:
			l.addResults(r)
		case <-timer.C:
			return
		}
	}
}

// done is soft's end while nothing is in flight; what is in flight is waited for.
func done(soft context.Context, busy int) <-chan struct{} {
	if busy > 0 {
		return nil
	}
	return soft.Done()
}

// addResults adds the results of one task to the group.
func (l *journalLoop) addResults(results []result) {
	if results[0].isLookup {
		l.lookingUp--
	} else {
		l.sending--
	}
	for i := range results {
		r := &results[i]
		l.countAttempts(r)
		l.group = append(l.group, r.Settlement)
		switch r.State {
		case ledger.Unresolved:
			l.unresolved.add(pendingOrder(r))
		case ledger.Created:
			l.finder.Remember(r.order.Number, l.Now.Now())
		}
		l.end(r.stop)
		if i == 0 || !r.isLookup { // what befalls a look-up befalls it once, however many orders it was for
			l.end(l.guard.record(r))
		}
	}
}

// countAttempts counts attempts and failed look-ups of an order, and ends those that happened too
// often.
func (l *journalLoop) countAttempts(r *result) {
	seq := r.Seq
	if r.lookupErr != nil {
		l.fails[seq]++
		l.retryLookup(r, l.fails[seq])
	} else if r.isLookup {
		delete(l.fails, seq)
	}
	if r.State != ledger.OrderPlanned || r.stop != nil || l.cause != nil {
		return
	}
	l.tries[seq]++
	switch n := l.tries[seq]; {
	case n <= maxResends:
	case r.isLookup:
		l.settleUnknown(r, fmt.Sprintf("it was sent %d times, and %s later it still didn't exist", n, l.SettleWait))
	case r.unreadable:
		l.holdUnreadable(r)
	default:
		r.stop = fmt.Errorf("%w: order %s couldn't be sent %d times in a row: %s", ErrStopped, r.order.Number, n, r.Message)
	}
}

// drain waits for the tasks in flight after the ledger was lost. Their claims are in it, so the
// next process looks them up.
func (l *journalLoop) drain() {
	for ; l.sending+l.lookingUp > 0; l.sending-- {
		<-l.results
	}
}

// work does one task.
func (s *Submitter) work(ctx context.Context, t task) []result {
	if s.halted.Load() {
		return putBack(t)
	}
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	if t.isLookup {
		return s.lookUp(ctx, t.orders)
	}
	var r result
	switch o := t.orders[0]; {
	case o.Action == order.Create:
		r = s.send(ctx, o)
	case o.Change == nil || o.Change.ID == 0:
		r = result{order: o}
		r.Seq = o.Seq
		s.holdAmbiguous(&r, fmt.Sprintf("its action %s was never compared with existing orders", o.Action))
	default:
		r = s.change(ctx, o)
	}
	s.verify(ctx, &r, t.canary)
	return []result{r}
}

// putBack leaves orders as they were before their task.
func putBack(t task) []result {
	out := make([]result, len(t.orders))
	for i, o := range t.orders {
		r := &out[i]
		r.order, r.isLookup = o, t.isLookup
		r.Seq, r.State, r.Lookups, r.Message = o.Seq, ledger.OrderPlanned, o.Lookups, o.Message
		if t.isLookup {
			r.State, r.NextLookup = ledger.Unresolved, o.NextLookup
		}
	}
	return out
}
