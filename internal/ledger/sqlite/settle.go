package sqlite

import (
	"fmt"
	"slices"

	"ordersheet/internal/ledger"
)

// The rows that these statements insert exist already, so they update many rows at once, in half
// the time of a statement each. A final state is never changed, except that resuming may take up
// unknown and not_attempted again.
const (
	settleOrders = `INSERT INTO planned_order (id, number, action, state, message, attempts, lookups, last_byte, next_lookup, http_status,
		api_id, confirmed_total) VALUES %s ON CONFLICT (id) DO UPDATE SET state = excluded.state, message = excluded.message,
		attempts = planned_order.attempts + excluded.attempts, lookups = excluded.lookups, next_lookup = excluded.next_lookup,
		last_byte = coalesce(nullif(excluded.last_byte, 0), planned_order.last_byte),
		http_status = coalesce(nullif(excluded.http_status, 0), planned_order.http_status),
		api_id = coalesce(nullif(excluded.api_id, 0), planned_order.api_id),
		confirmed_total = coalesce(nullif(excluded.confirmed_total, ''), planned_order.confirmed_total)
		WHERE planned_order.state IN ('planned', 'claimed', 'unresolved', 'unknown', 'not_attempted')`

	// An order that was found unchanged stays known as the work of the run that made it.
	settleKeys = `INSERT INTO order_key (scope, number, claim_run, claim_seq, claimed, run, seq, outcome, api_id, fingerprint, at)
		VALUES %s ON CONFLICT (scope, number) DO UPDATE SET claim_run = 0, claim_seq = 0, claimed = 0, run = excluded.run,
		seq = excluded.seq, outcome = excluded.outcome, api_id = coalesce(nullif(excluded.api_id, 0), order_key.api_id),
		fingerprint = excluded.fingerprint, at = excluded.at
		WHERE order_key.claim_run = excluded.run AND order_key.claim_seq = excluded.seq
		AND NOT (excluded.outcome = 'unchanged' AND order_key.outcome IN ('created', 'updated'))`
)

// settle records settlements.
func (a *advance) settle(t *tx, settled []ledger.Settlement) error {
	var orders []any
	for i := range settled {
		s := &settled[i]
		if s.State == ledger.Claimed || !slices.Contains(ledger.States(), s.State) {
			return fmt.Errorf("settling order %d: it can't be settled as %q", s.Seq, s.State)
		}
		orders = append(orders, orderID(a.run, s.Seq), "", "", string(s.State), s.Message, s.Sent, s.Lookups, millis(s.LastByte),
			millis(s.NextLookup), s.HTTPStatus, s.ID, s.ConfirmedTotal)
	}
	n, err := t.bulk(settleOrders, 12, orders)
	if err == nil && int(n) != len(settled) {
		err = fmt.Errorf("settling %d orders of which %d may be settled: %w", len(settled), n, ledger.ErrSettled)
	}
	if err == nil {
		err = a.settleKeys(t, settled)
	}
	for i := 0; err == nil && i < len(settled); i++ {
		s := &settled[i]
		if at, found := slices.BinarySearch(a.again, s.Seq); s.State == ledger.OrderPlanned && s.Seq < a.cursor && !found {
			a.again = slices.Insert(a.again, at, s.Seq)
		}
		err = a.settleDetails(t, s)
	}
	return err
}

// settleKeys records the outcome of orders under their numbers, and frees the numbers of those that
// weren't done. Unresolved and unknown ones stay claimed: no other run may send them.
func (a *advance) settleKeys(t *tx, settled []ledger.Settlement) error {
	var keys []any
	claimed, free := 0, map[int64][]string{}
	for i := range settled {
		s := &settled[i]
		c, held := a.claims[s.Seq]
		if !held { // since a resume
			var err error
			if c, err = a.readClaim(t, s.Seq); err != nil {
				return fmt.Errorf("settling order %d: %w", s.Seq, err)
			}
		}
		recorded := s.State.Exists() || s.State == ledger.Deleted
		for _, number := range c.numbers {
			if recorded {
				keys = append(keys, a.scope, number, 0, 0, 0, a.run, s.Seq, string(s.State), s.ID, c.fingerprint, millis(a.now))
			}
		}
		switch {
		case s.State == ledger.Unresolved:
			continue
		case recorded && s.State != ledger.Unchanged:
			if held {
				claimed += len(c.numbers)
			}
		case s.State != ledger.Unknown:
			free[s.Seq] = c.numbers
		}
		delete(a.claims, s.Seq)
	}
	n, err := t.bulk(settleKeys, 11, keys)
	if err == nil && int(n) < claimed {
		err = fmt.Errorf("%w: of %d order numbers this run had claimed %d", ledger.ErrDamaged, claimed, n)
	}
	for seq, numbers := range free {
		if err == nil {
			err = t.freeKeys(a.scope, a.run, seq, numbers)
		}
	}
	return err
}

// settleDetails writes the change and the problems of a settlement.
func (a *advance) settleDetails(t *tx, s *ledger.Settlement) error {
	id := orderID(a.run, s.Seq)
	if s.Resolved != "" {
		if err := t.deleteProblems(id, s.Resolved); err != nil {
			return err
		}
	}
	if s.Change != nil {
		data, err := encodeChange(&a.enc, s.Change, nil)
		if err == nil {
			_, err = t.bulk(putChanges, 2, []any{id, data})
		}
		if err != nil {
			return err
		}
	}
	return t.insertProblems(a.run, appendProblems(nil, id, s.Problems))
}

// readClaim reads from the plan what settling an order needs.
func (a *advance) readClaim(t *tx, seq int64) (claim, error) {
	o := ledger.Order{Seq: seq}
	if err := t.get(`SELECT number FROM planned_order WHERE id = ?`, []any{orderID(a.run, seq)}, &o.Number); err != nil {
		return claim{}, err
	}
	plans := planFinder{read: t.each}
	err := plans.fill(a.run, &o)
	return claimOf(&o), err
}
