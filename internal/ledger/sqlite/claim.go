package sqlite

import (
	"fmt"
	"slices"

	"ordersheet/internal/ledger"
)

// maxConflicts limits the orders that one transaction holds besides those it claims, so that it
// stays short.
const maxConflicts = 512

// claim claims planned orders until it has want or none is left: first those that were set back to
// planned, then on from the cursor.
func (a *advance) claim(t *tx, want int) error {
	for len(a.again) > 0 && len(a.out.Claimed) < want {
		id := orderID(a.run, a.again[0])
		a.again = a.again[1:]
		if err := a.claimRange(t, id, id, 1); err != nil {
			return err
		}
	}
	for len(a.out.Claimed) < want && len(a.out.Conflicts) < maxConflicts {
		from := a.cursor
		err := a.claimRange(t, orderID(a.run, from), orderID(a.run+1, 0)-1, want-len(a.out.Claimed))
		if err != nil || a.cursor == from {
			return err
		}
	}
	return nil
}

// claimRange claims up to n of the planned orders between two ids.
func (a *advance) claimRange(t *tx, from, to int64, n int) error {
	found, err := collect(t.each, nil, scanOrder, selectOrder+`WHERE id BETWEEN ? AND ? AND state = 'planned' ORDER BY id LIMIT ?`,
		from, to, n)
	if err == nil && slices.ContainsFunc(found, func(o ledger.Order) bool { return o.Action != "create" }) {
		err = rowReader(t.each).fillChanges(a.run, found)
	}
	if err != nil || len(found) == 0 {
		return err
	}
	before := len(a.out.Claimed)
	all, err := a.claimTogether(t, found)
	if err != nil {
		return fmt.Errorf("claiming %d orders: %w", len(found), err)
	}
	for i := range found {
		if all {
			a.claimed(&found[i])
		} else if err := a.claimOne(t, &found[i]); err != nil {
			return fmt.Errorf("claiming order %s: %w", found[i].Number, err)
		}
	}
	last := found[len(found)-1].Seq
	a.cursor = max(a.cursor, last+1)
	// Orders with a conflict are held by now, so every order in between that is still planned was
	// claimed: one statement marks them.
	marked, err := t.changed(`UPDATE planned_order SET state = 'claimed', claimed = ? WHERE id BETWEEN ? AND ? AND state = 'planned'`,
		millis(a.now), from, orderID(a.run, last))
	if err == nil && int(marked) != len(a.out.Claimed)-before {
		err = fmt.Errorf("%w: %d orders were claimed and %d marked", ledger.ErrDamaged, len(a.out.Claimed)-before, marked)
	}
	return err
}

// claimTogether claims the numbers of several new orders in one statement. It returns false when
// one of them isn't free or isn't a plain create: then claimOne has to claim each, which may claim
// again those that this did.
func (a *advance) claimTogether(t *tx, found []ledger.Order) (bool, error) {
	const keys = `INSERT INTO order_key (scope, number, claim_run, claim_seq, claimed) VALUES %s
		ON CONFLICT (scope, number) DO UPDATE SET claim_run = excluded.claim_run, claim_seq = excluded.claim_seq, claimed = excluded.claimed
		WHERE (order_key.claim_run = 0 OR (order_key.claim_run = excluded.claim_run AND order_key.claim_seq = excluded.claim_seq))
		AND order_key.outcome NOT IN ('created', 'updated', 'unchanged')`
	in := make([]any, 0, 5*len(found))
	for i := range found {
		o := &found[i]
		if err := a.plans.fill(a.run, o); err != nil {
			return false, err
		}
		if len(o.Numbers) > 1 || o.Recreate || o.Action != "create" {
			return false, nil
		}
		in = append(in, a.scope, o.Keys()[0], a.run, o.Seq, millis(a.now))
	}
	n, err := t.bulk(keys, 5, in)
	return int(n) == len(found), err
}

// claimOne claims the numbers of an order, or holds the order when one of them isn't free.
func (a *advance) claimOne(t *tx, o *ledger.Order) error {
	if err := a.plans.fill(a.run, o); err != nil {
		return err
	}
	conflict, err := t.claimKeys(a.scope, a.run, o, millis(a.now))
	if err != nil {
		return err
	}
	if conflict != nil {
		o.State, o.Message = ledger.Held, conflictMessage(a.kind, a.run, conflict)
		a.out.Conflicts = append(a.out.Conflicts, *o)
		_, err = t.exec(`UPDATE planned_order SET state = 'held', message = ? WHERE id = ?`, o.Message, orderID(a.run, o.Seq))
		return err
	}
	a.claimed(o)
	return nil
}

func (a *advance) claimed(o *ledger.Order) {
	o.State, o.ClaimedAt = ledger.Claimed, a.now
	a.out.Claimed = append(a.out.Claimed, *o)
	a.claims[o.Seq] = claimOf(o)
}
