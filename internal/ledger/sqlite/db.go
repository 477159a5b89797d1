package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"

	"ordersheet/internal/ledger"
)

// maxReaders limits the connections that read: a report, a status line and a page at once.
const maxReaders = 4

// db is an open database file: one connection that writes, and several that read.
type db struct {
	path string
	file os.FileInfo // the file that was opened; nil in memory

	writer *sql.DB
	conn   *sql.Conn     // the one connection that writes
	token  chan struct{} // holds one token; whoever has it uses conn, stmts, bulks and broken
	stmts  map[string]*statement
	bulks  map[bulkKey]string
	broken error // set once when the disk failed: nothing is written after that

	readers  *sql.DB
	readLock sync.Mutex // guards reads
	reads    map[string]*statement
}

// bulkKey identifies an INSERT of n rows.
type bulkKey struct {
	query string
	n     int
}

func newDB(path string) *db {
	return &db{
		path: path, token: make(chan struct{}, 1),
		stmts: map[string]*statement{}, bulks: map[bulkKey]string{}, reads: map[string]*statement{},
	}
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
	for _, s := range d.reads {
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

// lock waits for the connection that writes.
func (d *db) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-d.token:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *db) unlock() { d.token <- struct{}{} }

// write runs fn in a transaction. When it returns nil, what fn wrote is on the disk; otherwise
// nothing of it is.
func (d *db) write(ctx context.Context, doing string, fn func(*tx) error) error {
	if err := d.lock(ctx); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer d.unlock()
	if d.broken != nil {
		return fmt.Errorf("%s: %w", doing, d.broken)
	}
	if d.file != nil {
		if err := checkFile(d.path, d.file); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	t := &tx{d}
	if _, err := t.exec(begin); err != nil {
		return wrap(doing, err)
	}
	err := fn(t)
	if err == nil {
		_, err = t.exec("COMMIT")
		d.noteFailure(err)
	}
	if err != nil {
		// The error that matters is err; SQLite has often rolled back already.
		_, _ = t.exec("ROLLBACK")
		return wrap(doing, err)
	}
	return nil
}

// noteFailure ends all writing when the disk failed during a sync: what that left on the disk isn't
// known, and a second sync may succeed without having written anything.
func (d *db) noteFailure(err error) {
	if ioFailed(err) {
		d.broken = wrap("relying on the disk", err)
	}
}

// checkpoint moves the log into the file, as far as no reader needs it, so that the commits of a run
// overwrite what planning left in the log instead of making it longer.
func (d *db) checkpoint(ctx context.Context) error {
	if err := d.lock(ctx); err != nil {
		return err
	}
	defer d.unlock()
	if d.broken != nil {
		return d.broken
	}
	var busy, frames, moved int64
	err := (&tx{d}).get(checkpoint, nil, &busy, &frames, &moved)
	d.noteFailure(err)
	return err
}

// read calls scan for each row of a query outside any transaction. Callers ask for a limited number
// of rows, so that a long report never holds a checkpoint up.
func (d *db) read(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	if d.readers == nil { // in memory there is only one connection
		if err := d.lock(ctx); err != nil {
			return err
		}
		defer d.unlock()
		return (&tx{d}).each(query, args, scan)
	}
	s, err := d.readStatement(ctx, query)
	if err != nil {
		return err
	}
	return s.each(ctx, args, scan)
}

func (d *db) readStatement(ctx context.Context, query string) (s *statement, err error) {
	d.readLock.Lock()
	defer d.readLock.Unlock()
	if s, ok := d.reads[query]; ok {
		return s, nil
	}
	if s, err = prepare(ctx, d.readers, query); err == nil {
		d.reads[query] = s
	}
	return s, err
}

// tx is a transaction on the connection that writes. Only write starts and ends one. It is short:
// nothing inside waits for anything but the disk, so its statements can't be canceled.
type tx struct {
	db *db
}

// exec runs a statement, prepared once for the connection.
func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	s, err := t.prepared(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.Background(), s.arrange(args)...)
}

// changed runs a statement and returns how many rows it changed.
func (t *tx) changed(query string, args ...any) (int64, error) {
	res, err := t.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// get reads one row; ErrNotFound when there is none.
func (t *tx) get(query string, args []any, into ...any) error {
	s, err := t.prepared(query)
	if err != nil {
		return err
	}
	err = s.QueryRowContext(context.Background(), s.arrange(args)...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.ErrNotFound
	}
	return err
}

// each calls scan for each row of a query.
func (t *tx) each(query string, args []any, scan func(*sql.Rows) error) error {
	s, err := t.prepared(query)
	if err != nil {
		return err
	}
	return s.each(context.Background(), args, scan)
}

// bulk runs an INSERT for rows of the given width, in powers of two up to 32 rows at once so that few
// statements are prepared: that takes a third of the time of one statement a row. The %s of the
// query is replaced by the rows. It returns how many rows were changed.
func (t *tx) bulk(query string, width int, args []any) (changed int64, err error) {
	for size := 32; len(args) > 0; {
		if len(args) < size*width {
			size /= 2
			continue
		}
		n, err := t.changed(t.db.bulkQuery(query, width, size), args[:size*width]...)
		if err != nil {
			return changed, err
		}
		changed, args = changed+n, args[size*width:]
	}
	return changed, nil
}

func (d *db) bulkQuery(query string, width, n int) string {
	key := bulkKey{query, n}
	q, ok := d.bulks[key]
	if !ok {
		q = withRows(query, width, n)
		d.bulks[key] = q
	}
	return q
}

func (t *tx) prepared(query string) (s *statement, err error) {
	if s, ok := t.db.stmts[query]; ok {
		return s, nil
	}
	if s, err = prepare(context.Background(), t.db.conn, query); err == nil {
		t.db.stmts[query] = s
	}
	return s, err
}
