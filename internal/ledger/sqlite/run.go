package sqlite

import (
	"context"
	"database/sql"
	"time"

	"ordersheet/internal/ledger"
)

const (
	runColumns = `kind, account, state, mode, created, started, ended, input_hash, mapping_hash, mapping, options, rows_read, rows_used,
	rows_blank, rows_ignored, rows_invalid, orders, stats, plan_hash`
	runWidth  = 19
	selectRun = `SELECT ` + runColumns + `, id, owner, owner_since, owner_beat, asked FROM run `
	insertRun = `INSERT INTO run (` + runColumns + `) VALUES %s RETURNING id`
)

// runValues returns the values of runColumns.
func runValues(r *ledger.Run) []any {
	return []any{
		string(r.Kind), r.Account, string(r.State), r.Mode, millis(r.Created), millis(r.Started), millis(r.Ended), r.InputHash, r.MappingHash,
		r.Mapping, r.Options, r.Rows.Read, r.Rows.Used, r.Rows.Blank, r.Rows.Ignored, r.Rows.Invalid, r.Orders, r.Stats, r.PlanHash,
	}
}

func scanRun(rows *sql.Rows) (r ledger.Run, err error) {
	var created, started, ended, since, beat int64
	err = rows.Scan(&r.Kind, &r.Account, &r.State, &r.Mode, &created, &started, &ended, &r.InputHash, &r.MappingHash,
		&r.Mapping, &r.Options, &r.Rows.Read, &r.Rows.Used, &r.Rows.Blank, &r.Rows.Ignored, &r.Rows.Invalid, &r.Orders, &r.Stats, &r.PlanHash,
		&r.ID, &r.Owner, &since, &beat, &r.Asked)
	r.Created, r.Started, r.Ended = fromMillis(created), fromMillis(started), fromMillis(ended)
	r.OwnerSince, r.OwnerBeat = fromMillis(since), fromMillis(beat)
	return r, err
}

// NewRun starts a run and returns its id.
func (l *Ledger) NewRun(ctx context.Context, r ledger.Run) (id int64, err error) {
	if r.State == "" {
		r.State = ledger.Planning
	}
	if r.Created.IsZero() {
		r.Created = time.Now()
	}
	err = l.write(ctx, "starting a run", func(t *tx) (err error) {
		id, err = t.insertRun(&r)
		return err
	})
	return id, err
}

func (t *tx) insertRun(r *ledger.Run) (id int64, err error) {
	err = t.get(t.db.bulkQuery(insertRun, runWidth, 1), runValues(r), &id)
	return id, err
}

// GetRun returns a run.
func (l *Ledger) GetRun(ctx context.Context, id int64) (r ledger.Run, err error) {
	err = l.read(ctx, selectRun+`WHERE id = $1`, []any{id}, func(rows *sql.Rows) error {
		r, err = scanRun(rows)
		return err
	})
	if err == nil && r.ID == 0 {
		err = ledger.ErrNotFound
	}
	return r, wrap("reading run "+decimal(id), err)
}

// Runs returns all runs whose plan is complete, newest first, without exports.
func (l *Ledger) Runs(ctx context.Context) (all []ledger.Run, err error) {
	err = l.read(ctx, selectRun+`WHERE state <> 'planning' AND mode <> $1 ORDER BY id DESC`, []any{ledger.ExportMode},
		func(rows *sql.Rows) error {
			r, err := scanRun(rows)
			all = append(all, r)
			return err
		})
	return all, wrap("listing the runs", err)
}

// UpdateRun reads a run, calls change, and writes the run back, in one transaction.
func (l *Ledger) UpdateRun(ctx context.Context, id int64, change func(*ledger.Run)) error {
	return l.write(ctx, "updating run "+decimal(id), func(t *tx) error {
		var r ledger.Run
		err := t.each(selectRun+`WHERE id = $1`, []any{id}, func(rows *sql.Rows) (err error) {
			r, err = scanRun(rows)
			return err
		})
		if err != nil {
			return err
		}
		if r.ID == 0 {
			return ledger.ErrNotFound
		}
		change(&r)
		_, err = t.exec(`UPDATE run SET kind = $1, account = $2, state = $3, mode = $4, created = $5, started = $6, ended = $7,
			input_hash = $8, mapping_hash = $9, mapping = $10, options = $11, rows_read = $12, rows_used = $13, rows_blank = $14,
			rows_ignored = $15, rows_invalid = $16, orders = $17, stats = $18, plan_hash = $19 WHERE id = $20`, append(runValues(&r), id)...)
		return err
	})
}

// Ask leaves a request for the process that works on a run.
func (l *Ledger) Ask(ctx context.Context, run int64, request string) error {
	return l.write(ctx, "asking run "+decimal(run)+" to "+request, func(t *tx) error {
		n, err := t.changed(`UPDATE run SET asked = $1 WHERE id = $2`, request, run)
		if err == nil && n == 0 {
			err = ledger.ErrNotFound
		}
		return err
	})
}
