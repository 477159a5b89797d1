package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
	"ordersheet/internal/order"
)

// queue is what a lock on a run remembers between two calls of Advance. All of it can be read from
// the tables; it is changed only after a commit.
type queue struct {
	mu     sync.Mutex // one Advance of a run at a time
	scope  int64      // 0: not read yet
	kind   order.Kind
	cursor int64           // no order before this Seq is planned, except those in again
	again  []int64         // rising: orders that were set back to planned
	claims map[int64]claim // claimed and not yet settled
	plans  planFinder
	enc    block.Encoder
}

// claim is what settling a claimed order needs.
type claim struct {
	numbers     []string
	fingerprint []byte
}

func claimOf(o *ledger.Order) claim { return claim{o.Keys(), block.PackFingerprint(o.Fingerprint)} }

// Advance records the outcome of claimed orders and claims up to want planned ones.
func (l *Ledger) Advance(ctx context.Context, run int64, settled []ledger.Settlement, want int) (ledger.Claims, error) {
	k, err := l.locks.of(run)
	if err != nil {
		return ledger.Claims{}, fmt.Errorf("advancing run %d: %w", run, err)
	}
	k.queue.mu.Lock()
	defer k.queue.mu.Unlock()
	a := advance{lock: k, q: &k.queue, run: run, now: time.Now()}
	err = l.write(ctx, "advancing run "+decimal(run), func(t *tx) error { return a.do(t, settled, want) })
	if err != nil {
		k.queue.plans.end = 0
		return ledger.Claims{}, err
	}
	a.keep(settled)
	return a.out, nil
}

// advance is one call of Advance.
type advance struct {
	lock   *runLock
	q      *queue
	run    int64
	now    time.Time
	cursor int64
	again  []int64
	out    ledger.Claims
}

func (a *advance) do(t *tx, settled []ledger.Settlement, want int) error {
	state, asked, err := a.lock.check(t)
	if err != nil {
		return err
	}
	if want > 0 && state != ledger.Confirmed && state != ledger.Running {
		return fmt.Errorf("%w: it is %s", ledger.ErrNotConfirmed, state)
	}
	a.out.Asked = asked
	if err := a.prepare(t); err != nil {
		return err
	}
	if err := a.settleAll(t, settled); err != nil {
		return err
	}
	if want > 0 {
		return a.claim(t, want)
	}
	return nil
}

// prepare reads what is the same for the whole run, and starts from where the last call ended.
func (a *advance) prepare(t *tx) error {
	if a.q.scope == 0 {
		var account string
		if err := t.get(`SELECT account, kind FROM run WHERE id = $1`, []any{a.run}, &account, &a.q.kind); err != nil {
			return err
		}
		scope, err := t.keyScope(account, a.q.kind)
		if err != nil {
			return err
		}
		a.q.claims, a.q.cursor = map[int64]claim{}, 1
		a.q.plans.read = t.each
		a.q.scope = scope
	}
	a.cursor, a.again = a.q.cursor, slices.Clone(a.q.again)
	return nil
}

// keep remembers, after the commit, what the transaction did.
func (a *advance) keep(settled []ledger.Settlement) {
	a.q.cursor, a.q.again = a.cursor, a.again
	for i := range settled {
		if settled[i].State != ledger.Unresolved {
			delete(a.q.claims, settled[i].Seq)
		}
	}
	for i := range a.out.Claimed {
		o := &a.out.Claimed[i]
		a.q.claims[o.Seq] = claimOf(o)
	}
}

// Recover marks as unresolved the orders that a dead process had claimed.
func (l *Ledger) Recover(ctx context.Context, run int64, wait time.Duration) (n int64, err error) {
	doing := "recovering run " + decimal(run)
	k, err := l.locks.of(run)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	k.queue.mu.Lock()
	defer k.queue.mu.Unlock()
	if len(k.queue.claims) > 0 {
		return 0, fmt.Errorf("%s: %w", doing, errors.New("this process has claimed orders of it"))
	}
	err = l.write(ctx, doing, func(t *tx) (err error) {
		if _, _, err = k.check(t); err != nil {
			return err
		}
		n, err = t.changed(`UPDATE planned_order SET state = 'unresolved', next_lookup = claimed + $3, attempts = attempts + 1
			WHERE id > $1 AND id < $2 AND state = 'claimed'`, orderID(run, 0), orderID(run+1, 0), wait.Milliseconds())
		return err
	})
	return n, err
}
