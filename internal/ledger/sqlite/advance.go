package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
	"ordersheet/internal/order"
)

// queue is what a lock on a run remembers between two calls of Advance. All of it can be read from
// the tables.
type queue struct {
	scope  int64 // 0: not read yet
	kind   order.Kind
	cursor int64           // no order before this Seq is planned, except those in again
	again  []int64         // rising: orders that were set back to planned
	claims map[int64]claim // claimed and not yet settled
	plans  planFinder
	enc    block.Encoder
}

// rewind forgets where the queue was, because a transaction failed.
func (q *queue) rewind() { q.cursor, q.again, q.plans.end = 1, nil, 0 }

// claim is what settling a claimed order needs.
type claim struct {
	numbers     []string
	fingerprint []byte
}

func claimOf(o *ledger.Order) claim { return claim{o.Keys(), block.PackFingerprint(o.Fingerprint)} }

// advance is one call of Advance.
type advance struct {
	*queue
	run int64
	now time.Time
	out ledger.Claims
}

// Advance records the outcome of claimed orders and claims up to want planned ones.
func (l *Ledger) Advance(ctx context.Context, run int64, settled []ledger.Settlement, want int) (ledger.Claims, error) {
	var out ledger.Claims
	err := l.writeHeld(ctx, run, "advancing run "+decimal(run), func(t *tx, k *runLock) error {
		if want > 0 && k.state != ledger.Confirmed && k.state != ledger.Running {
			return fmt.Errorf("%w: it is %s", ledger.ErrNotConfirmed, k.state)
		}
		a := advance{queue: &k.queue, run: run, now: time.Now(), out: ledger.Claims{Asked: k.asked}}
		err := a.do(t, settled, want)
		out = a.out
		return err
	})
	if err != nil {
		return ledger.Claims{}, err
	}
	return out, nil
}

func (a *advance) do(t *tx, settled []ledger.Settlement, want int) error {
	if err := a.prepare(t); err != nil {
		return err
	}
	if err := a.settle(t, settled); err != nil {
		return err
	}
	return a.claim(t, want)
}

// prepare reads what is the same for the whole run.
func (a *advance) prepare(t *tx) error {
	if a.scope != 0 {
		return nil
	}
	r, err := rowReader(t.each).run(a.run)
	if err != nil {
		return err
	}
	a.kind, a.claims, a.plans.read = r.Kind, map[int64]claim{}, t.each
	a.rewind()
	a.scope, err = t.keyScope(r.Account, r.Kind)
	return err
}

// Recover marks as unresolved the orders that a dead process had claimed.
func (l *Ledger) Recover(ctx context.Context, run int64, wait time.Duration) (n int64, err error) {
	err = l.writeHeld(ctx, run, "recovering run "+decimal(run), func(t *tx, k *runLock) (err error) {
		if len(k.queue.claims) > 0 {
			return errors.New("this process has claimed orders of it")
		}
		n, err = t.changed(`UPDATE planned_order SET state = 'unresolved', next_lookup = claimed + ?, attempts = attempts + 1
			WHERE id > ? AND id < ? AND state = 'claimed'`, wait.Milliseconds(), orderID(run, 0), orderID(run+1, 0))
		return err
	})
	return n, err
}
