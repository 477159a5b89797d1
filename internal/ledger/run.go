package ledger

import (
	"context"
	"database/sql"
	"time"

	"ordersheet/internal/order"
)

// RunState says how far a run has come.
type RunState string

// The states of a run. Only what was confirmed is ever sent. A run that is still being planned is shown to nobody.
const (
	Planning  RunState = "planning"
	Planned   RunState = "planned"
	Confirmed RunState = "confirmed"
	Running   RunState = "running"
	Stopped   RunState = "stopped"
	Finished  RunState = "finished"
)

// Run is one import (or undo) from its plan to its report.
type Run struct {
	ID          int64 // given by NewRun
	Kind        order.Kind
	Account     string // the normalised base URL; resuming or undoing under another is refused
	State       RunState
	Mode        string // create, update, upsert, delete, undo ...: the caller's word
	Created     time.Time
	Started     time.Time // zero before the first claim
	Ended       time.Time // zero while it isn't over
	InputHash   string    // over all files of the run
	MappingHash string
	Mapping     []byte // as the caller wrote it
	Options     []byte // JSON, the caller's
	Rows        RowCounts
	Orders      int64  // orders found in the file, whatever became of them
	Stats       []byte // JSON, the caller's: requests, throttled ...
	PlanHash    string // the caller's: what the plan was when it was confirmed

	// Kept by Acquire and Ask; UpdateRun leaves them alone.

	Owner      string    // who works on it now, as pid@host; empty when nobody does
	OwnerSince time.Time // since when
	OwnerBeat  time.Time // its last sign of life
	Asked      string    // what somebody asked of it from outside: stop, pause; empty when nothing
}

// RowCounts is what became of the rows that were read: Read = Used + Blank + Ignored + Invalid.
type RowCounts struct {
	Read    int64 // all rows read
	Used    int64 // rows in orders
	Blank   int64
	Ignored int64 // above the header, totals, left out on purpose
	Invalid int64 // rows that belong to no order because they have no usable number
}

const runColumns = `kind, account, state, mode, created, started, ended, input_hash, mapping_hash, mapping, options, rows_read, rows_used,
	rows_blank, rows_ignored, rows_invalid, orders, stats, sealed`

// values are those of runColumns.
func (r *Run) values() []any {
	return []any{
		string(r.Kind), r.Account, string(r.State), r.Mode, millis(r.Created), millis(r.Started), millis(r.Ended), r.InputHash, r.MappingHash,
		r.Mapping, r.Options, r.Rows.Read, r.Rows.Used, r.Rows.Blank, r.Rows.Ignored, r.Rows.Invalid, r.Orders, r.Stats, r.PlanHash,
	}
}

func scanRun(rows *sql.Rows) (r Run, err error) {
	var created, started, ended, since, beat int64
	err = rows.Scan(&r.Kind, &r.Account, &r.State, &r.Mode, &created, &started, &ended, &r.InputHash, &r.MappingHash,
		&r.Mapping, &r.Options, &r.Rows.Read, &r.Rows.Used, &r.Rows.Blank, &r.Rows.Ignored, &r.Rows.Invalid, &r.Orders, &r.Stats, &r.PlanHash,
		&r.ID, &r.Owner, &since, &beat, &r.Asked)
	r.Created, r.Started, r.Ended, r.OwnerSince, r.OwnerBeat = moment(created), moment(started), moment(ended), moment(since), moment(beat)
	return r, err
}

const selectRun = `SELECT ` + runColumns + `, id, owner, owner_since, owner_beat, asked FROM run `

// NewRun starts a run and returns its id. An empty State means Planning, a zero Created now.
func (l *Ledger) NewRun(ctx context.Context, r Run) (id int64, err error) {
	if r.State == "" {
		r.State = Planning
	}
	if r.Created.IsZero() {
		r.Created = time.Now()
	}
	err = l.write(ctx, "starting a run", func(t *tx) error {
		res, err := t.exec(t.l.rowsOf(`INSERT INTO run (`+runColumns+`) VALUES`, len(r.values()), 1), r.values()...)
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	})
	return id, err
}

// GetRun returns a run; ErrNotFound when there is none with that id.
func (l *Ledger) GetRun(ctx context.Context, id int64) (r Run, err error) {
	found := false
	err = l.read(ctx, selectRun+`WHERE id = $1`, []any{id}, func(rows *sql.Rows) error {
		found = true
		r, err = scanRun(rows)
		return err
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return r, explain("reading run "+decimal(id), err)
}

// Runs returns all runs whose plan is complete, newest first, exports left out.
func (l *Ledger) Runs(ctx context.Context) (all []Run, err error) {
	err = l.read(ctx, selectRun+`WHERE state <> 'planning' AND mode <> $1 ORDER BY id DESC`, []any{ExportMode}, func(rows *sql.Rows) error {
		r, err := scanRun(rows)
		all = append(all, r)
		return err
	})
	return all, explain("listing the runs", err)
}

// UpdateRun reads a run, lets change work on it, and writes it back, in one transaction. change must not call the ledger; what it does to
// ID, Owner and the fields after it is lost.
func (l *Ledger) UpdateRun(ctx context.Context, id int64, change func(*Run)) error {
	return l.write(ctx, "updating run "+decimal(id), func(t *tx) error {
		var r Run
		found := false
		err := t.each(selectRun+`WHERE id = $1`, []any{id}, func(rows *sql.Rows) (err error) {
			found = true
			r, err = scanRun(rows)
			return err
		})
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		change(&r)
		_, err = t.exec(`UPDATE run SET kind = $1, account = $2, state = $3, mode = $4, created = $5, started = $6, ended = $7,
			input_hash = $8, mapping_hash = $9, mapping = $10, options = $11, rows_read = $12, rows_used = $13, rows_blank = $14,
			rows_ignored = $15, rows_invalid = $16, orders = $17, stats = $18, sealed = $19 WHERE id = $20`, append(r.values(), id)...)
		return err
	})
}

// Ask leaves a wish for the process that has the run: stop, pause, or "" to take it back. Advance brings it to that process; Acquire
// forgets it.
func (l *Ledger) Ask(ctx context.Context, run int64, wish string) error {
	return l.write(ctx, "asking run "+decimal(run)+" to "+wish, func(t *tx) error {
		n, err := t.changed(`UPDATE run SET asked = $1 WHERE id = $2`, wish, run)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}
