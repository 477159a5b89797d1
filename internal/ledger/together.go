package ledger

import (
	"fmt"
	"strconv"
	"strings"
)

// What most settlements and claims have in common is done for several orders in one statement: that costs half of one statement an order.

// plain says that a settlement is that of an order which stands or is gone, with nothing to tell about it, and which this process claimed.
func (a *advance) plain(s *Settlement) bool {
	if s.State != Created && s.State != Updated && s.State != Deleted {
		return false
	}
	who, ok := a.q.live[s.Seq]
	told := s.ID != 0 && s.HTTPStatus != 0 && !s.LastByte.IsZero() // nothing of it is left as it stood
	return ok && told && len(who.numbers) == 1 && len(s.Problems) == 0 && s.Resolved == "" && s.Change == nil
}

// settlePlain settles several orders at once.
func (a *advance) settlePlain(t *tx, settled []*Settlement) error {
	// Each row is there, so the insertion never takes place: this is an update of many rows that costs half of UPDATE ... FROM.
	const (
		orders = `INSERT INTO planned_order (id, number, action, state, message, attempts, looks, last_byte, http_status, api_id, confirmed_total)
		VALUES %s ON CONFLICT (id) DO UPDATE SET state = excluded.state, message = excluded.message, attempts = attempts + excluded.attempts,
		looks = excluded.looks, last_byte = excluded.last_byte, next_look = 0, http_status = excluded.http_status, api_id = excluded.api_id,
		confirmed_total = coalesce(nullif(excluded.confirmed_total, ''), confirmed_total)
		WHERE state IN ('claimed', 'unresolved')`
		keys = `INSERT INTO order_key (scope, number, claim_run, claim_seq, claimed, outcome, api_id, fingerprint, at)
		VALUES %s ON CONFLICT (scope, number) DO UPDATE SET run = claim_run, seq = claim_seq, claim_run = 0, claim_seq = 0, claimed = 0,
		outcome = excluded.outcome, api_id = excluded.api_id, fingerprint = excluded.fingerprint, at = excluded.at
		WHERE claim_run = excluded.claim_run AND claim_seq = excluded.claim_seq`
	)
	now := millis(a.now)
	var inOrders, inKeys []any
	for _, s := range settled {
		who := a.q.live[s.Seq]
		inOrders = append(inOrders, orderID(a.run, s.Seq), "", "", string(s.State), s.Message, s.Sent, s.Lookups, millis(s.LastByte), s.HTTPStatus,
			s.ID, s.ConfirmedTotal)
		inKeys = append(inKeys, a.q.scope, who.numbers[0], a.run, s.Seq, 0, string(s.State), s.ID, who.print, now)
	}
	n, err := t.together(orders, 11, inOrders)
	if err == nil && int(n) != len(settled) {
		err = ErrSettled
	}
	if err == nil {
		n, err = t.together(keys, 9, inKeys)
	}
	if err == nil && int(n) != len(settled) {
		err = fmt.Errorf("%w: of %d order numbers %d were this run's", ErrDamaged, len(settled), n)
	}
	if err != nil {
		return fmt.Errorf("settling orders %d to %d: %w", settled[0].Seq, settled[len(settled)-1].Seq, err)
	}
	return nil
}

// takeTogether takes the numbers of several orders at once. It says false when it couldn't have them all, or when they aren't alike: then
// they are to be taken one by one, which those that it took allow.
func (a *advance) takeTogether(t *tx, found []Order) (bool, error) {
	const keys = `INSERT INTO order_key (scope, number, claim_run, claim_seq, claimed) VALUES %s
		ON CONFLICT (scope, number) DO UPDATE SET claim_run = excluded.claim_run, claim_seq = excluded.claim_seq, claimed = excluded.claimed
		WHERE (order_key.claim_run = 0 OR (order_key.claim_run = excluded.claim_run AND order_key.claim_seq = excluded.claim_seq))
		AND order_key.outcome NOT IN ('created', 'updated', 'unchanged')`
	in := make([]any, 0, 5*len(found))
	for i := range found {
		o := &found[i]
		if err := a.q.plans.fill(a.run, o); err != nil {
			return false, err
		}
		if len(o.Numbers) > 1 || o.Recreate || o.Action != "create" {
			return false, nil
		}
		in = append(in, a.q.scope, o.Keys()[0], a.run, o.Seq, millis(a.now))
	}
	n, err := t.together(keys, 5, in)
	return int(n) == len(found), err
}

// together runs a statement for rows of the given width, as many at once as there are, in powers of two up to 32 so that few statements are
// prepared. The statement's %s stands for the rows. It returns how many rows were touched.
func (t *tx) together(query string, width int, args []any) (touched int64, err error) {
	for size := 32; len(args) > 0; {
		if len(args) < size*width {
			size /= 2
			continue
		}
		n, err := t.changed(t.l.rowsIn(query, width, size), args[:size*width]...)
		if err != nil {
			return touched, err
		}
		touched, args = touched+n, args[size*width:]
	}
	return touched, nil
}

// rowsIn puts n rows of placeholders into a statement, once for each n.
func (l *Ledger) rowsIn(query string, width, n int) string {
	key := bulkKey{query, n}
	if q, ok := l.bulks[key]; ok {
		return q
	}
	rows := make([]string, n)
	at := 0
	for i := range rows {
		places := make([]string, width)
		for j := range places {
			at++
			places[j] = "$" + strconv.Itoa(at)
		}
		rows[i] = "(" + strings.Join(places, ", ") + ")"
	}
	l.bulks[key] = fmt.Sprintf(query, strings.Join(rows, ", "))
	return l.bulks[key]
}
