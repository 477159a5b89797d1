package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// Decision is what comparing one planned order with what stands has come to.
type Decision struct {
	Seq            int64
	State          State             // OrderPlanned when something is to be sent, or the order's final word
	Action         string            // create, update, delete; empty leaves what stands
	Number         string            // empty leaves what stands; an order that the sheet names by its id alone gets its number here
	ID             int64             // 0 leaves what is known
	ConfirmedTotal string            // empty leaves what is known
	Message        string            // replaces what stands
	Change         *order.Change     // replaces what stands; nil leaves it
	IfCreated      []problem.Problem // kept with Change
	Problems       []problem.Problem
	Resolved       []string // codes of those of the order's problems that no longer hold
}

// Decide records what comparing has come to, in one transaction: all of it or nothing. It takes orders that are planned, and held ones that are
// planned again; anything else is ErrSettled. What
// was tried for them before counts no more. The run must be held (Acquire) and must have nothing on its way.
func (l *Ledger) Decide(ctx context.Context, run int64, decisions []Decision) error {
	h, err := l.holdOf(run)
	if err != nil {
		return fmt.Errorf("comparing run %d: %w", run, err)
	}
	h.queue.mu.Lock()
	defer h.queue.mu.Unlock()
	return l.write(ctx, "comparing run "+decimal(run), func(t *tx) error {
		if _, _, err := h.check(t); err != nil {
			return err
		}
		var changes []any
		for i := range decisions {
			if err := t.decide(run, &decisions[i]); err != nil {
				return fmt.Errorf("deciding on order %d: %w", decisions[i].Seq, err)
			}
			data, err := sealChange(&t.l.changes, decisions[i].Change, decisions[i].IfCreated)
			if err != nil {
				return err
			}
			if data != nil {
				changes = append(changes, orderID(run, decisions[i].Seq), data)
			}
		}
		_, err := t.together(putChanges, 2, changes)
		return err
	})
}

func (t *tx) decide(run int64, d *Decision) error {
	id := orderID(run, d.Seq)
	n, err := t.changed(`UPDATE planned_order SET state = $2, action = coalesce(nullif($3, ''), action), number = coalesce(nullif($4, ''), number),
		api_id = coalesce(nullif($5, 0), api_id), confirmed_total = coalesce(nullif($6, ''), confirmed_total), message = $7,
		attempts = 0, looks = 0, http_status = 0, last_byte = 0
		WHERE id = $1 AND state IN ('planned', 'held')`, id, string(d.State), d.Action, d.Number, d.ID, d.ConfirmedTotal, d.Message)
	if err == nil && n == 0 {
		err = ErrSettled
	}
	for _, code := range d.Resolved {
		if err == nil {
			_, err = t.exec(`DELETE FROM problem WHERE order_id = $1 AND code = $2`, id, code)
		}
	}
	if err != nil {
		return err
	}
	return t.putProblems(run, appendProblems(nil, id, d.Problems))
}

// putChanges writes changes, or replaces those that stand.
const putChanges = `INSERT INTO change (id, data) VALUES %s ON CONFLICT (id) DO UPDATE SET data = excluded.data`

// kept is a change as it is kept.
type kept struct {
	*order.Change
	IfCreated []problem.Problem `json:"if_created,omitempty"`
}

// sealChange is a change as it is kept; nil for none.
func sealChange(s *sealer, c *order.Change, ifCreated []problem.Problem) ([]byte, error) {
	if c == nil {
		return nil, nil
	}
	b, err := json.Marshal(kept{c, ifCreated})
	if err != nil {
		return nil, fmt.Errorf("keeping a change: %w", err)
	}
	return s.seal(b), nil
}

// fillChanges reads the changes of some orders of a run, whose Seqs rise.
func fillChanges(read func(query string, args []any, scan func(*sql.Rows) error) error, run int64, orders []Order) error {
	if len(orders) == 0 {
		return nil
	}
	var buf []byte
	at := 0
	return read(`SELECT id, data FROM change WHERE id BETWEEN $1 AND $2 ORDER BY id`,
		[]any{orderID(run, orders[0].Seq), orderID(run, orders[len(orders)-1].Seq)}, func(rows *sql.Rows) error {
			var id int64
			var sealed sql.RawBytes
			if err := rows.Scan(&id, &sealed); err != nil {
				return err
			}
			for at < len(orders) && orders[at].Seq < seqOf(id) {
				at++
			}
			if at == len(orders) || orders[at].Seq != seqOf(id) {
				return nil
			}
			var err error
			if buf, err = unseal(buf, sealed); err != nil {
				return err
			}
			c := kept{Change: new(order.Change)}
			if err := json.Unmarshal(buf, &c); err != nil {
				return fmt.Errorf("%w: the change of order %d: %w", ErrDamaged, seqOf(id), err)
			}
			orders[at].Change, orders[at].IfCreated = c.Change, c.IfCreated
			return nil
		})
}
