package sqlite

import (
	"context"
	"errors"
	"time"

	"ordersheet/internal/ledger"
)

// deleteBatch is how many rows of a table one transaction deletes.
const deleteBatch = 20000

// DropRows removes the spooled rows of a source; a source of -1 means all sources of the run.
func (l *Ledger) DropRows(ctx context.Context, run int64, source int) error {
	return l.deleteAll(ctx, `DELETE FROM spool WHERE (run, source, first_row) IN
		(SELECT run, source, first_row FROM spool WHERE run = ? AND (source = ? OR ? < 0) LIMIT 500)`, run, source, source)
}

// Discard removes a run with all that belongs to it.
func (l *Ledger) Discard(ctx context.Context, run int64) error {
	if err := l.hide(ctx, run); err != nil {
		return err
	}
	if err := l.DropRows(ctx, run, -1); err != nil {
		return err
	}
	for _, table := range []string{"problem", "change", "plan_block", "planned_order"} {
		err := l.deleteAll(ctx, `DELETE FROM `+table+` WHERE id IN (SELECT id FROM `+table+` WHERE id >= ? AND id < ? LIMIT ?)`,
			orderID(run, 0), orderID(run+1, 0), deleteBatch)
		if err != nil {
			return err
		}
	}
	return l.write(ctx, "removing run "+decimal(run), func(t *tx) error {
		for _, query := range []string{`DELETE FROM source WHERE run = ?`, `DELETE FROM export WHERE run = ?`, `DELETE FROM run WHERE id = ?`} {
			if _, err := t.exec(query, run); err != nil {
				return err
			}
		}
		return nil
	})
}

// hide makes Runs leave a run out before parts of it are removed.
func (l *Ledger) hide(ctx context.Context, run int64) error {
	return l.write(ctx, "removing run "+decimal(run), func(t *tx) error {
		var unresolved int64
		if err := t.get(`SELECT count(*) FROM order_key WHERE claim_run = ?`, []any{run}, &unresolved); err != nil {
			return err
		}
		if unresolved > 0 {
			return ledger.ErrUnresolved
		}
		return t.change(ledger.ErrNotFound, `UPDATE run SET state = 'planning' WHERE id = ?`, run)
	})
}

// deleteAll repeats a DELETE of a limited number of rows until it finds none, so that no other run
// waits long.
func (l *Ledger) deleteAll(ctx context.Context, query string, args ...any) error {
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

// Prune removes the finished runs that ended before a time, and plans that were never completed and
// were started before it.
func (l *Ledger) Prune(ctx context.Context, before time.Time) (runs int, err error) {
	all, err := collect(l.reader(ctx), nil, scanRun, selectRun+`WHERE (owner = '' OR owner_beat < ?)
		AND (state = 'finished' AND ended < ? OR state = 'planning' AND created < ?)`,
		millis(time.Now().Add(-ledger.OwnerTimeout)), millis(before), millis(before))
	if err != nil {
		return 0, wrap("looking for old runs", err)
	}
	for _, run := range all {
		switch err := l.Discard(ctx, run.ID); {
		case errors.Is(err, ledger.ErrUnresolved): // its orders are all that is known of them
		case err != nil:
			return runs, err
		default:
			runs++
		}
	}
	return runs, nil
}

// Vacuum gives the space of what was removed back to the disk.
func (l *Ledger) Vacuum(ctx context.Context) error {
	return wrap("shrinking the ledger", l.locked(ctx, func(t *tx) error {
		if _, err := t.exec(vacuum); err != nil {
			return err
		}
		var busy, frames, moved int64
		return t.get(truncateLog, nil, &busy, &frames, &moved)
	}))
}
