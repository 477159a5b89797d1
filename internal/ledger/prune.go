package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// dropPiece is how many rows of a table one transaction deletes.
const dropPiece = 20000

// DropRows forgets the spooled rows of a source; a source of -1 means all of the run.
func (l *Ledger) DropRows(ctx context.Context, run int64, source int) error {
	return l.drop(ctx, `DELETE FROM spool WHERE rowid IN (SELECT rowid FROM spool WHERE run = $1 AND (source = $2 OR $2 < 0) LIMIT 500)`,
		run, source)
}

// Discard removes a run with all that belongs to it: one whose file turned out to be damaged, or an old one. What became of its order
// numbers stays known, as KeyInfo tells it. It refuses a run that has claimed orders whose outcome isn't known.
func (l *Ledger) Discard(ctx context.Context, run int64) error {
	if err := l.hide(ctx, run); err != nil {
		return err
	}
	if err := l.DropRows(ctx, run, -1); err != nil {
		return err
	}
	from, to := orderID(run, 0), orderID(run+1, 0)
	for _, step := range []string{
		`DELETE FROM problem WHERE id IN (SELECT id FROM problem WHERE id >= $1 AND id < $2 LIMIT $3)`,
		`DELETE FROM change WHERE id IN (SELECT id FROM change WHERE id >= $1 AND id < $2 LIMIT $3)`,
		`DELETE FROM plan_block WHERE id IN (SELECT id FROM plan_block WHERE id >= $1 AND id < $2 LIMIT $3)`,
		`DELETE FROM planned_order WHERE id IN (SELECT id FROM planned_order WHERE id >= $1 AND id < $2 LIMIT $3)`,
	} {
		if err := l.drop(ctx, step, from, to, dropPiece); err != nil {
			return err
		}
	}
	return l.write(ctx, "removing run "+decimal(run), func(t *tx) error {
		for _, of := range []string{`DELETE FROM source WHERE run = $1`, `DELETE FROM export WHERE run = $1`} {
			if _, err := t.exec(of, run); err != nil {
				return err
			}
		}
		_, err := t.exec(`DELETE FROM run WHERE id = $1`, run)
		return err
	})
}

// hide takes a run out of sight before it is taken apart, so that a half of one is never shown.
func (l *Ledger) hide(ctx context.Context, run int64) error {
	return l.write(ctx, "removing run "+decimal(run), func(t *tx) error {
		var open int64
		if err := t.get(`SELECT count(*) FROM order_key WHERE claim_run = $1`, []any{run}, &open); err != nil {
			return err
		}
		if open > 0 {
			return ErrUnresolved
		}
		n, err := t.changed(`UPDATE run SET state = 'planning' WHERE id = $1`, run)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// drop runs a DELETE of a bounded number of rows until it finds none, so that other runs wait for none of them long.
func (l *Ledger) drop(ctx context.Context, query string, args ...any) error {
	for {
		n := int64(0)
		err := l.write(ctx, "removing rows", func(t *tx) (err error) {
			n, err = t.changed(query, args...)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// Prune removes the finished runs that ended before a time, and what was left behind of plans that were never completed, begun before it.
// It returns how many runs went.
func (l *Ledger) Prune(ctx context.Context, before time.Time) (n int, err error) {
	all, err := l.prunable(ctx, before)
	if err != nil {
		return 0, err
	}
	for _, run := range all {
		switch err := l.Discard(ctx, run); {
		case errors.Is(err, ErrUnresolved): // kept: its unknown orders are all that anybody knows of them
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}

func (l *Ledger) prunable(ctx context.Context, before time.Time) (all []int64, err error) {
	err = l.read(ctx, `SELECT id FROM run WHERE owner_beat < $2 AND (state = 'finished' AND ended < $1 OR state = 'planning' AND created < $1)`,
		[]any{millis(before), millis(time.Now().Add(-lapse))}, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			all = append(all, id)
			return err
		})
	return all, explain("looking for old runs", err)
}

// Vacuum gives the room of what was removed back to the disk. It rewrites the whole file, and other runs wait for it.
func (l *Ledger) Vacuum(ctx context.Context) error {
	if err := l.take(ctx); err != nil {
		return explain("shrinking the ledger", err)
	}
	defer l.give()
	t := &tx{l}
	if _, err := t.exec("VACUUM"); err != nil {
		return explain("shrinking the ledger", err)
	}
	return nil
}
