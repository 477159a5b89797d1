package submit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

const (
	// groupDelay is how long a settled order may wait for others to be committed with it. It delays
	// the ledger a little, never a worker, and saves many commits.
	groupDelay = 2 * time.Millisecond
	// pausePoll is how often a paused run checks whether it may continue.
	pausePoll = 500 * time.Millisecond
)

// journalLoop is the state of one Run. Only the goroutine that talks to the ledger uses it.
type journalLoop struct {
	*submitter
	tasks      chan task
	results    chan []result
	unresolved lookupQueue // outcome unknown, to be looked up
	group      []ledger.Settlement
	sending    int             // orders that are with workers to be sent
	lookingUp  int             // look-ups that are with workers
	arrived    [2]int          // results that came during each of the last two commits
	tries      map[int64]int   // of orders put back: how often this process sent them or tried to
	fails      map[int64]int   // look-ups of an order that failed in a row
	ids        map[int64]int64 // of created orders, to their Seq: no two orders have one id
	done       int64           // orders with their outcome
	more       bool            // the ledger may hold planned orders
	cause      error           // why no new order is claimed
	paused     bool            // as another process asked: no new order is claimed until that is withdrawn
	guard      breaker
}

// load reads the orders that an earlier process left with an unknown outcome.
func (l *journalLoop) load(ctx context.Context) error {
	const all = 1 << 30
	pending, err := l.Journal.PendingLookups(ctx, l.Run.ID, time.Now().AddDate(1, 0, 0), all)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	for _, o := range pending {
		l.unresolved.add(o)
	}
	created := ledger.Filter{States: []ledger.State{ledger.Created}}
	return l.Journal.Orders(ctx, l.Run.ID, created, func(o *ledger.Order) error {
		l.ids[o.ID] = o.Seq
		return nil
	})
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
	l.more = l.more && (want == 0 || len(taken.Claimed)+len(taken.Conflicts) > 0)
	l.done += int64(len(taken.Conflicts))
	for _, s := range l.group {
		if s.State.Final() {
			l.done++
		}
		l.more = l.more || s.State == ledger.OrderPlanned // it is to be sent again
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

// collect waits for the results of one task and takes those that arrive shortly after, up to one
// per worker, into the next group: the longer commits take, the larger the groups. With nothing in
// flight it waits until the next look-up is due.
func (l *journalLoop) collect(soft context.Context, ended bool) {
	wait := l.unresolved.untilNext(time.Now())
	switch {
	case ended:
		wait = time.Hour
	case l.paused:
		wait = pausePoll
	}
	stopped := soft.Done()
	if l.sending+l.lookingUp > 0 {
		stopped = nil // what is in flight is waited for
	}
	select {
	case r := <-l.results:
		l.addResults(r)
	case <-time.After(wait):
		return
	case <-stopped:
		return
	}
	enough := time.After(groupDelay)
	for n := 1; n < l.Workers && l.sending > 0 || len(l.results) > 0; n++ {
		select {
		case r := <-l.results:
			l.addResults(r)
		case <-enough:
			return
		}
	}
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
		l.checkID(r)
		l.group = append(l.group, r.Settlement)
		switch r.State {
		case ledger.Unresolved:
			l.unresolved.add(pendingOrder(r))
		case ledger.Created:
			if !r.confirmed {
				break
			}
			l.finder.Remember(r.order.Number, time.Now())
		}
		l.end(r.stop)
		if i == 0 || !r.isLookup { // a look-up fails once, however many orders it was for
			l.end(l.guard.record(r))
		}
	}
}

// checkID doesn't believe an id that another order of this run has: the order is looked up by its
// number, and held if that finds the same id.
func (l *journalLoop) checkID(r *result) {
	if r.State != ledger.Created {
		return
	}
	switch other, taken := l.ids[r.ID]; {
	case !taken:
		l.ids[r.ID] = r.Seq
	case other == r.Seq:
	case r.isLookup:
		why := fmt.Sprintf("Luminous gives the id %d to this order and to another one of this run", r.ID)
		l.settle(r, ledger.Held, problem.ExistingDiffers, why, "look at both orders in Luminous")
		r.ID = 0
	default:
		r.Message = fmt.Sprintf("the answer has the id %d, which another order of this run has", r.ID)
		r.State, r.ID, r.ConfirmedTotal, r.confirmed, r.Problems = ledger.Unresolved, 0, "", false, nil
		r.NextLookup = l.firstLookup(r.LastByte)
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
