package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"ordersheet/internal/order"
)

// queue is what a hold remembers between two calls of Advance. All of it can be found again in the tables; it is changed only after a
// commit.
type queue struct {
	mu     sync.Mutex // one Advance of a run at a time
	scope  int64      // 0: not read yet
	kind   order.Kind
	cursor int64              // no order before this Seq is planned, but those in again
	again  []int64            // rising: orders put back to planned
	live   map[int64]claimant // claimed and not yet settled
	plans  planFinder
}

// claimant is what settling a claimed order needs of it.
type claimant struct {
	numbers []string
	print   []byte
}

// Advance records what has become of claimed orders and claims up to want further planned ones, in rising Seq, in one transaction. When it
// returns, all of that is on the disk: what it returns as claimed may be sent. It needs the run to be held (Acquire) and, where want isn't
// 0, confirmed or running. A number that another run has, or that the ledger knows to stand, isn't claimed: that order is held. On an
// error nothing was recorded and nothing may be sent.
func (l *Ledger) Advance(ctx context.Context, run int64, settled []Settlement, want int) (Claims, error) {
	h, err := l.holdOf(run)
	if err != nil {
		return Claims{}, fmt.Errorf("advancing run %d: %w", run, err)
	}
	h.queue.mu.Lock()
	defer h.queue.mu.Unlock()
	a := advance{h: h, q: &h.queue, run: run, now: time.Now()}
	err = l.write(ctx, "advancing run "+decimal(run), func(t *tx) error { return a.do(t, settled, want) })
	if err != nil {
		h.queue.plans.end = 0
		return Claims{}, err
	}
	a.keep(settled)
	return a.taken, nil
}

// advance is one call of Advance.
type advance struct {
	h      *hold
	q      *queue
	run    int64
	now    time.Time
	cursor int64
	again  []int64
	taken  Claims
}

func (a *advance) do(t *tx, settled []Settlement, want int) error {
	state, asked, err := a.h.check(t)
	if err != nil {
		return err
	}
	if want > 0 && state != Confirmed && state != Running {
		return fmt.Errorf("%w: it is %s", ErrNotConfirmed, state)
	}
	a.taken.Asked = asked
	if err := a.prepare(t); err != nil {
		return err
	}
	var plain []*Settlement
	for i := range settled {
		if a.plain(&settled[i]) {
			plain = append(plain, &settled[i])
			continue
		}
		if err := a.settle(t, &settled[i]); err != nil {
			return fmt.Errorf("settling order %d: %w", settled[i].Seq, err)
		}
	}
	if len(plain) > 0 {
		if err := a.settlePlain(t, plain); err != nil {
			return err
		}
	}
	if want > 0 {
		return a.claim(t, want)
	}
	return nil
}

// prepare reads what stays the same for the whole run, and starts from what the last call left.
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
		a.q.live, a.q.cursor = map[int64]claimant{}, 1
		a.q.plans.read = t.each
		a.q.scope = scope
	}
	a.cursor, a.again = a.q.cursor, slices.Clone(a.q.again)
	return nil
}

// keep remembers, after the commit, what the transaction did.
func (a *advance) keep(settled []Settlement) {
	a.q.cursor, a.q.again = a.cursor, a.again
	for i := range settled {
		if settled[i].State != Unresolved {
			delete(a.q.live, settled[i].Seq)
		}
	}
	for i := range a.taken.Claimed {
		o := &a.taken.Claimed[i]
		a.q.live[o.Seq] = claimant{o.Keys(), packPrint(o.Fingerprint)}
	}
}

// settle records one settlement. A final word is never changed, but that resuming may take up again what is unknown or wasn't attempted.
func (a *advance) settle(t *tx, s *Settlement) error {
	if s.State == Claimed || !slices.Contains(States(), s.State) {
		return fmt.Errorf("%q is no state to settle an order in", s.State)
	}
	n, err := t.changed(`UPDATE planned_order SET state = $2, message = $3, attempts = attempts + $4, looks = $5,
		last_byte = coalesce(nullif($6, 0), last_byte), next_look = $7, http_status = coalesce(nullif($8, 0), http_status),
		api_id = coalesce(nullif($9, 0), api_id), confirmed_total = coalesce(nullif($10, ''), confirmed_total)
		WHERE id = $1 AND state IN ('planned', 'claimed', 'unresolved', 'unknown', 'not_attempted')`,
		orderID(a.run, s.Seq), string(s.State), s.Message, s.Sent, s.Lookups, millis(s.LastByte), millis(s.NextLookup), s.HTTPStatus, s.ID,
		s.ConfirmedTotal)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrSettled
	}
	who, err := a.claimant(t, s.Seq)
	if err != nil {
		return err
	}
	if err := t.settleKeys(a.q.scope, a.run, s, who, millis(a.now)); err != nil {
		return err
	}
	if s.State == OrderPlanned && s.Seq < a.cursor {
		if at, there := slices.BinarySearch(a.again, s.Seq); !there {
			a.again = slices.Insert(a.again, at, s.Seq)
		}
	}
	return a.details(t, s)
}

// details writes the change and the problems that came with a settlement.
func (a *advance) details(t *tx, s *Settlement) error {
	if s.Resolved != "" {
		if _, err := t.exec(`DELETE FROM problem WHERE order_id = $1 AND code = $2`, orderID(a.run, s.Seq), s.Resolved); err != nil {
			return err
		}
	}
	if s.Change != nil {
		data, err := sealChange(&t.l.changes, s.Change, nil)
		if err == nil {
			_, err = t.together(putChanges, 2, []any{orderID(a.run, s.Seq), data})
		}
		if err != nil {
			return err
		}
	}
	return t.putProblems(a.run, appendProblems(nil, orderID(a.run, s.Seq), s.Problems))
}

// claimant returns what is known of an order that is settled; after a resume it is read from the plan.
func (a *advance) claimant(t *tx, seq int64) (claimant, error) {
	if who, ok := a.q.live[seq]; ok {
		return who, nil
	}
	o := Order{Seq: seq}
	if err := t.get(`SELECT number FROM planned_order WHERE id = $1`, []any{orderID(a.run, seq)}, &o.Number); err != nil {
		return claimant{}, err
	}
	plans := planFinder{read: t.each}
	if err := plans.fill(a.run, &o); err != nil {
		return claimant{}, err
	}
	return claimant{o.Keys(), packPrint(o.Fingerprint)}, nil
}

// maxConflicts bounds the orders that one transaction holds besides those it claims, so that it stays short.
const maxConflicts = 512

// claim takes planned orders until want are claimed or none is left: first those that were put back, then on from the cursor.
func (a *advance) claim(t *tx, want int) error {
	for len(a.again) > 0 && len(a.taken.Claimed) < want {
		id := orderID(a.run, a.again[0])
		a.again = a.again[1:]
		if err := a.claimRange(t, id, id, 1); err != nil {
			return err
		}
	}
	for len(a.taken.Claimed) < want && len(a.taken.Conflicts) < maxConflicts {
		from := a.cursor
		err := a.claimRange(t, orderID(a.run, from), orderID(a.run+1, 0)-1, want-len(a.taken.Claimed))
		if err != nil || a.cursor == from {
			return err
		}
	}
	return nil
}

// claimRange claims up to n of the planned orders between two ids.
func (a *advance) claimRange(t *tx, from, to int64, n int) error {
	var found []Order
	err := t.each(selectOrder+`WHERE id BETWEEN $1 AND $2 AND state = 'planned' ORDER BY id LIMIT $3`, []any{from, to, n},
		func(rows *sql.Rows) error {
			o, err := scanOrder(rows)
			found = append(found, o)
			return err
		})
	if err != nil || len(found) == 0 {
		return err
	}
	if err := a.fillChanges(t, found); err != nil {
		return err
	}
	had := len(a.taken.Claimed)
	all, err := a.takeTogether(t, found)
	if err != nil {
		return fmt.Errorf("claiming %d orders: %w", len(found), err)
	}
	for i := range found {
		if all {
			a.claimed(&found[i])
		} else if err := a.take(t, &found[i]); err != nil {
			return fmt.Errorf("claiming order %s: %w", found[i].Number, err)
		}
	}
	last := found[len(found)-1].Seq
	a.cursor = max(a.cursor, last+1)
	// Those that couldn't be had are held by now, so all that is still planned in between is what was taken: one statement claims it.
	marked, err := t.changed(`UPDATE planned_order SET state = 'claimed', claimed = $3 WHERE id BETWEEN $1 AND $2 AND state = 'planned'`,
		from, orderID(a.run, last), millis(a.now))
	if err == nil && int(marked) != len(a.taken.Claimed)-had {
		err = fmt.Errorf("%w: %d orders were taken and %d marked so", ErrDamaged, len(a.taken.Claimed)-had, marked)
	}
	return err
}

// fillChanges reads the changes of orders that are about to be claimed, where there can be any.
func (a *advance) fillChanges(t *tx, found []Order) error {
	if slices.ContainsFunc(found, func(o Order) bool { return o.Action != "create" }) {
		return fillChanges(t.each, a.run, found)
	}
	return nil
}

// take takes an order's numbers for this run, or holds the order when one of them can't be had.
func (a *advance) take(t *tx, o *Order) error {
	if err := a.q.plans.fill(a.run, o); err != nil {
		return err
	}
	other, err := t.claimKeys(a.q.scope, a.run, o, millis(a.now))
	if err != nil {
		return err
	}
	if other != nil {
		o.State, o.Message = Held, conflict(a.q.kind, a.run, other)
		a.taken.Conflicts = append(a.taken.Conflicts, *o)
		_, err = t.exec(`UPDATE planned_order SET state = 'held', message = $2 WHERE id = $1`, orderID(a.run, o.Seq), o.Message)
		return err
	}
	a.claimed(o)
	return nil
}

func (a *advance) claimed(o *Order) {
	o.State, o.ClaimedAt = Claimed, a.now
	a.taken.Claimed = append(a.taken.Claimed, *o)
}

// Recover marks as unresolved the orders that a dead process had claimed: each may have been sent. Their NextLook is the time of their claim + wait.
// It is called once, after Acquire and before the first Advance.
func (l *Ledger) Recover(ctx context.Context, run int64, wait time.Duration) (n int64, err error) {
	h, err := l.holdOf(run)
	if err != nil {
		return 0, fmt.Errorf("recovering run %d: %w", run, err)
	}
	h.queue.mu.Lock()
	defer h.queue.mu.Unlock()
	if len(h.queue.live) > 0 {
		return 0, fmt.Errorf("recovering run %d: %w", run, errors.New("it has orders on their way"))
	}
	err = l.write(ctx, "recovering run "+decimal(run), func(t *tx) (err error) {
		if _, _, err = h.check(t); err != nil {
			return err
		}
		n, err = t.changed(`UPDATE planned_order SET state = 'unresolved', next_look = claimed + $3, attempts = attempts + 1
			WHERE id > $1 AND id < $2 AND state = 'claimed'`, orderID(run, 0), orderID(run+1, 0), wait.Milliseconds())
		return err
	})
	return n, err
}
