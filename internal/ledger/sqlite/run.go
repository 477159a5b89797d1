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
	updateRun = `UPDATE run SET (` + runColumns + `) = %s WHERE id = ?`
)

// runValues returns the values of runColumns.
func runValues(r *ledger.Run) []any {
	return []any{
		string(r.Kind), r.Account, string(r.State), r.Mode, millis(r.Created), millis(r.Started), millis(r.Ended), r.InputHash, r.MappingHash,
		r.Mapping, r.Options, r.Rows.Read, r.Rows.Used, r.Rows.Blank, r.Rows.Ignored, r.Rows.Invalid, r.Orders, r.Stats, r.PlanHash,
	}
}

func scanRun(rows *sql.Rows) (r ledger.Run, err error) {
	err = rows.Scan(&r.Kind, &r.Account, &r.State, &r.Mode, storedTime{&r.Created}, storedTime{&r.Started}, storedTime{&r.Ended},
		&r.InputHash, &r.MappingHash, &r.Mapping, &r.Options, &r.Rows.Read, &r.Rows.Used, &r.Rows.Blank, &r.Rows.Ignored, &r.Rows.Invalid,
		&r.Orders, &r.Stats, &r.PlanHash, &r.ID, &r.Owner, storedTime{&r.OwnerSince}, storedTime{&r.OwnerBeat}, &r.Asked)
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
	err = t.get(withRows(insertRun, runWidth, 1), runValues(r), &id)
	return id, err
}

// run returns a run.
func (read rowReader) run(id int64) (ledger.Run, error) {
	found, err := collect(read, nil, scanRun, selectRun+`WHERE id = ?`, id)
	if err == nil && len(found) == 0 {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return ledger.Run{}, err
	}
	return found[0], nil
}

// GetRun returns a run.
func (l *Ledger) GetRun(ctx context.Context, id int64) (ledger.Run, error) {
	r, err := l.reader(ctx).run(id)
	return r, wrap("reading run "+decimal(id), err)
}

// Runs returns all runs whose plan is complete, newest first, without exports.
func (l *Ledger) Runs(ctx context.Context) ([]ledger.Run, error) {
	all, err := collect(l.reader(ctx), nil, scanRun, selectRun+`WHERE state <> 'planning' AND mode <> ? ORDER BY id DESC`, ledger.ExportMode)
	return all, wrap("listing the runs", err)
}

// UpdateRun reads a run, calls change, and writes the run back, in one transaction.
func (l *Ledger) UpdateRun(ctx context.Context, id int64, change func(*ledger.Run)) error {
	return l.write(ctx, "updating run "+decimal(id), func(t *tx) error {
		r, err := rowReader(t.each).run(id)
		if err != nil {
			return err
		}
		change(&r)
		_, err = t.exec(withRows(updateRun, runWidth, 1), append(runValues(&r), id)...)
		return err
	})
}

// Ask leaves a request for the process that works on a run.
func (l *Ledger) Ask(ctx context.Context, run int64, request string) error {
	return l.write(ctx, "asking run "+decimal(run)+" to "+request, func(t *tx) error {
		return t.change(ledger.ErrNotFound, `UPDATE run SET asked = ? WHERE id = ?`, request, run)
	})
}
