package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"ordersheet/internal/ledger"
)

// maxReaders limits the connections that read: a report, a status line and a page at once.
const maxReaders = 4

// db is an open database file: one connection that writes, and several that read.
type db struct {
	path string
	file os.FileInfo // the file that was opened; nil in memory

	writer  *sql.DB
	conn    *sql.Conn            // the one connection that writes
	token   chan struct{}        // holds one token; whoever has it uses conn, stmts and broken
	stmts   map[string]*sql.Stmt // of conn, by their text
	broken  error                // set once when the disk failed: nothing is written after that
	readers *sql.DB              // nil in memory, where there is only one connection
}

func (d *db) open(ctx context.Context) (err error) {
	if d.path != memory {
		if d.file, err = makeFile(d.path); err != nil {
			return err
		}
		if d.readers, err = sql.Open("sqlite", readerDSN(d.path)); err != nil {
			return err
		}
		d.readers.SetMaxOpenConns(maxReaders)
	}
	if d.writer, err = sql.Open("sqlite", writerDSN(d.path)); err != nil {
		return err
	}
	d.writer.SetMaxOpenConns(1)
	if err := migrate(ctx, d.writer); err != nil {
		return err
	}
	if d.conn, err = d.writer.Conn(ctx); err != nil {
		return err
	}
	d.token <- struct{}{}
	// Proves that the file can be written, so that no run begins without a record. If another process
	// has it locked, it can be.
	err = d.write(ctx, "trying to write", func(*tx) error { return nil })
	if errors.Is(err, ledger.ErrBusy) {
		return nil
	}
	return err
}

func (d *db) close() error {
	var errs []error
	for _, s := range d.stmts {
		errs = append(errs, s.Close())
	}
	if d.readers != nil {
		errs = append(errs, d.readers.Close()) // before the writer: the last one to close moves the log into the file
	}
	if d.conn != nil {
		errs = append(errs, d.conn.Close())
	}
	if d.writer != nil {
		errs = append(errs, d.writer.Close())
	}
	return wrap("closing the ledger", errors.Join(errs...))
}

// locked waits for the connection that writes, and runs fn on it outside any transaction.
func (d *db) locked(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-d.token:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { d.token <- struct{}{} }()
	if d.broken != nil {
		return d.broken
	}
	return fn(&tx{d})
}

// write runs fn in a transaction. When it returns nil, what fn wrote is on the disk; otherwise
// nothing of it is.
func (d *db) write(ctx context.Context, doing string, fn func(*tx) error) error {
	return wrap(doing, d.locked(ctx, func(t *tx) error {
		if d.file != nil {
			if err := checkFile(d.path, d.file); err != nil {
				return err
			}
		}
		if _, err := t.exec(begin); err != nil {
			return err
		}
		err := fn(t)
		if err == nil {
			_, err = t.exec("COMMIT")
			d.noteFailure(err)
		}
		if err != nil {
			// The error that matters is err; SQLite has often rolled back already.
			_, _ = t.exec("ROLLBACK")
		}
		return err
	}))
}

// execute runs one statement in a transaction.
func (d *db) execute(ctx context.Context, doing, query string, args ...any) error {
	return d.write(ctx, doing, func(t *tx) error {
		_, err := t.exec(query, args...)
		return err
	})
}

// noteFailure ends all writing when the disk failed during a sync: what that left on the disk isn't
// known, and a second sync may succeed without having written anything.
func (d *db) noteFailure(err error) {
	if ioFailed(err) {
		d.broken = wrap("relying on the disk", err)
	}
}

// checkpoint moves the log into the file, as far as no reader needs it, so that the commits of a
// run overwrite what planning left in the log instead of making it longer.
func (d *db) checkpoint(ctx context.Context) error {
	return d.locked(ctx, func(t *tx) error {
		var busy, frames, moved int64
		err := t.get(checkpoint, nil, &busy, &frames, &moved)
		d.noteFailure(err)
		return err
	})
}

// read calls scan for each row of a query outside any transaction. Callers ask for a limited number
// of rows, so that a long report never holds a checkpoint up.
func (d *db) read(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	if d.readers == nil {
		return d.locked(ctx, func(t *tx) error { return t.each(query, args, scan) })
	}
	return scanRows(scan, func() (*sql.Rows, error) { return d.readers.QueryContext(ctx, query, args...) })
}

func scanRows(scan func(*sql.Rows) error, query func() (*sql.Rows, error)) (err error) {
	rows, err := query()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// rowReader calls scan for each row of a query: a transaction, or the ledger outside of one.
type rowReader func(query string, args []any, scan func(*sql.Rows) error) error

func (d *db) reader(ctx context.Context) rowReader {
	return func(q string, args []any, scan func(*sql.Rows) error) error { return d.read(ctx, q, args, scan) }
}

// collect appends the rows of a query to into.
func collect[T any](read rowReader, into []T, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	err := read(query, args, func(rows *sql.Rows) error {
		v, err := scan(rows)
		into = append(into, v)
		return err
	})
	return into, err
}

// readBatch is how many rows are read at once: no query stays open while its rows are worked on.
const readBatch = 512

// eachBatch calls fn for the rows of a query, readBatch at a time. The query selects the rows from
// one id to before another, and is limited. scan returns the id of a row, too.
func eachBatch[T any](read rowReader, query string, from, to int64, scan func(*sql.Rows) (id int64, v T, err error), fn func([]T) error) error {
	for batch := make([]T, 0, readBatch); ; batch = batch[:0] {
		err := read(query, []any{from, to, readBatch}, func(rows *sql.Rows) error {
			id, v, err := scan(rows)
			from, batch = id+1, append(batch, v)
			return err
		})
		if err != nil {
			return wrap("reading from the ledger", err)
		}
		if err := fn(batch); err != nil || len(batch) < readBatch {
			return err
		}
	}
}

// tx is a transaction on the connection that writes. Only write starts and ends one. It is short:
// nothing inside waits for anything but the disk, so its statements can't be canceled.
type tx struct {
	db *db
}

// exec runs a statement, prepared once for the connection.
func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	s, err := t.prepared(query) //nolint:sqlclosecheck // kept for the connection
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.Background(), args...)
}

// changed runs a statement and returns how many rows it changed.
func (t *tx) changed(query string, args ...any) (int64, error) {
	res, err := t.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// change runs a statement that has to change a row, and returns missing when it changed none.
func (t *tx) change(missing error, query string, args ...any) error {
	n, err := t.changed(query, args...)
	if err == nil && n == 0 {
		err = missing
	}
	return err
}

// get reads one row; ErrNotFound when there is none.
func (t *tx) get(query string, args []any, into ...any) error {
	s, err := t.prepared(query) //nolint:sqlclosecheck // kept for the connection
	if err != nil {
		return err
	}
	err = s.QueryRowContext(context.Background(), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.ErrNotFound
	}
	return err
}

// each calls scan for each row of a query.
func (t *tx) each(query string, args []any, scan func(*sql.Rows) error) error {
	s, err := t.prepared(query) //nolint:sqlclosecheck // kept for the connection
	if err != nil {
		return err
	}
	return scanRows(scan, func() (*sql.Rows, error) { return s.QueryContext(context.Background(), args...) })
}

// bulk runs an INSERT for rows of the given width, in powers of two up to 32 rows at once so that
// few statements are prepared: that takes a third of the time of one statement a row. The %s of the
// query is replaced by the rows. It returns how many rows were changed.
func (t *tx) bulk(query string, width int, args []any) (changed int64, err error) {
	for size := 32; len(args) > 0; {
		if len(args) < size*width {
			size /= 2
			continue
		}
		n, err := t.changed(withRows(query, width, size), args[:size*width]...)
		if err != nil {
			return changed, err
		}
		changed, args = changed+n, args[size*width:]
	}
	return changed, nil
}

// withRows replaces the %s of a statement by n rows of placeholders.
func withRows(query string, width, n int) string {
	row := "(" + strings.Repeat("?, ", width-1) + "?)"
	return fmt.Sprintf(query, strings.Repeat(row+", ", n-1)+row)
}

func (t *tx) prepared(query string) (s *sql.Stmt, err error) {
	if s, ok := t.db.stmts[query]; ok {
		return s, nil
	}
	if s, err = t.db.conn.PrepareContext(context.Background(), query); err == nil {
		t.db.stmts[query] = s
	}
	return s, err
}
