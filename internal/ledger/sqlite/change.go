package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// putChanges inserts or replaces changes.
const putChanges = `INSERT INTO change (id, data) VALUES %s ON CONFLICT (id) DO UPDATE SET data = excluded.data`

// storedChange is a change as it is stored.
type storedChange struct {
	*order.Change
	IfCreated []problem.Problem `json:"if_created,omitempty"`
}

// encodeChange returns a change as it is stored; nil for none.
func encodeChange(e *block.Encoder, c *order.Change, ifCreated []problem.Problem) ([]byte, error) {
	if c == nil {
		return nil, nil
	}
	b, err := json.Marshal(storedChange{c, ifCreated})
	if err != nil {
		return nil, fmt.Errorf("encoding a change: %w", err)
	}
	return e.Encode(b), nil
}

// fillChanges reads the changes of some orders of a run, whose Seqs rise.
func (read rowReader) fillChanges(run int64, orders []ledger.Order) error {
	if len(orders) == 0 {
		return nil
	}
	var buf []byte
	return read(`SELECT id, data FROM change WHERE id BETWEEN ? AND ? ORDER BY id`,
		[]any{orderID(run, orders[0].Seq), orderID(run, orders[len(orders)-1].Seq)}, func(rows *sql.Rows) (err error) {
			var id int64
			var stored sql.RawBytes
			if err := rows.Scan(&id, &stored); err != nil {
				return err
			}
			at, found := slices.BinarySearchFunc(orders, seqOf(id), func(o ledger.Order, seq int64) int { return cmp.Compare(o.Seq, seq) })
			if !found {
				return nil
			}
			if buf, err = block.Decode(buf, stored); err != nil {
				return err
			}
			c := storedChange{Change: new(order.Change)}
			if err := json.Unmarshal(buf, &c); err != nil {
				return fmt.Errorf("%w: the change of order %d: %w", ledger.ErrDamaged, seqOf(id), err)
			}
			orders[at].Change, orders[at].IfCreated = c.Change, c.IfCreated
			return nil
		})
}

// Decide records the decisions of a comparison in one transaction.
func (l *Ledger) Decide(ctx context.Context, run int64, decisions []ledger.Decision) error {
	return l.writeHeld(ctx, run, "comparing run "+decimal(run), func(t *tx, k *runLock) error {
		var changes []any
		for i := range decisions {
			d := &decisions[i]
			if err := t.decide(run, d); err != nil {
				return fmt.Errorf("recording the decision on order %d: %w", d.Seq, err)
			}
			data, err := encodeChange(&k.queue.enc, d.Change, d.IfCreated)
			if err != nil {
				return err
			}
			if data != nil {
				changes = append(changes, orderID(run, d.Seq), data)
			}
		}
		_, err := t.bulk(putChanges, 2, changes)
		return err
	})
}

func (t *tx) decide(run int64, d *ledger.Decision) error {
	id := orderID(run, d.Seq)
	err := t.change(ledger.ErrSettled, `UPDATE planned_order SET state = ?, action = coalesce(nullif(?, ''), action),
		number = coalesce(nullif(?, ''), number), api_id = coalesce(nullif(?, 0), api_id),
		confirmed_total = coalesce(nullif(?, ''), confirmed_total), message = ?, attempts = 0, lookups = 0, http_status = 0, last_byte = 0
		WHERE id = ? AND state IN ('planned', 'held')`, string(d.State), d.Action, d.Number, d.ID, d.ConfirmedTotal, d.Message, id)
	if err != nil {
		return err
	}
	for _, code := range d.Resolved {
		if err := t.deleteProblems(id, code); err != nil {
			return err
		}
	}
	return t.insertProblems(run, appendProblems(nil, id, d.Problems))
}
