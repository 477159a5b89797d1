package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// tx is a transaction on the one connection that writes. It is begun and committed by write alone, and is short: nothing that waits for
// anything but the disk happens inside.
type tx struct {
	l *Ledger
}

// background is the context of statements inside a transaction: once begun, it is ended, since it is short and a half that is interrupted
// helps nobody.
func background() context.Context { return context.Background() }

// write runs fn in a transaction. When it returns nil, what fn wrote is on the disk; otherwise nothing of it is.
func (l *Ledger) write(ctx context.Context, doing string, fn func(*tx) error) error {
	if err := l.take(ctx); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer l.give()
	if l.broken != nil {
		return fmt.Errorf("%s: %w", doing, l.broken)
	}
	if err := l.present(); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	t := &tx{l}
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return explain(doing, err)
	}
	err := fn(t)
	if err == nil {
		_, err = t.exec("COMMIT")
		if ioFailed(err) {
			// What a failed sync has left on the disk can't be known, and a second one may succeed without having written anything.
			l.broken = explain("trusting the disk", err)
		}
	}
	if err != nil {
		// The error that matters is err; SQLite has often rolled back already.
		_, _ = t.exec("ROLLBACK")
		return explain(doing, err)
	}
	return nil
}

// take waits for the connection that writes.
func (l *Ledger) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-l.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Ledger) give() { l.turn <- struct{}{} }

// present says whether the file is still where it was. SQLite would go on writing into a file that was deleted, and the record would be
// gone when the program ends.
func (l *Ledger) present() error {
	if l.file == nil {
		return nil
	}
	now, err := os.Stat(l.path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVanished, err)
	}
	if !os.SameFile(l.file, now) {
		return fmt.Errorf("%w: %s is another file now", ErrVanished, l.path)
	}
	return nil
}

// tryWriting proves at once that the file can be written, so that no run begins without a record.
func (l *Ledger) tryWriting(ctx context.Context) error {
	err := l.write(ctx, "trying to write", func(*tx) error { return nil })
	if errors.Is(err, ErrBusy) { // somebody else can write it, so can we
		return nil
	}
	return err
}

// exec runs a statement, prepared once for the connection.
func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	s, err := t.prepared(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(background(), s.arrange(args)...)
}

// changed runs a statement and returns how many rows it touched.
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
	err = s.QueryRowContext(background(), s.arrange(args)...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// each calls scan for each row of a query.
func (t *tx) each(query string, args []any, scan func(*sql.Rows) error) error {
	s, err := t.prepared(query)
	if err != nil {
		return err
	}
	return drain(background(), s, args, scan)
}

func (t *tx) prepared(query string) (s *statement, err error) {
	if s, ok := t.l.stmts[query]; ok {
		return s, nil
	}
	if s, err = prepare(background(), t.l.conn, query); err == nil {
		t.l.stmts[query] = s
	}
	return s, err
}

// read calls scan for each row of a query outside any transaction. Callers ask for bounded pieces, so that a long report never keeps the
// log from being folded into the file.
func (l *Ledger) read(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	if l.readers == nil { // in memory there is only one connection
		if err := l.take(ctx); err != nil {
			return err
		}
		defer l.give()
		return (&tx{l}).each(query, args, scan)
	}
	s, err := l.readerStmt(ctx, query)
	if err != nil {
		return err
	}
	return drain(ctx, s, args, scan)
}

func (l *Ledger) readerStmt(ctx context.Context, query string) (s *statement, err error) {
	l.prepare.Lock()
	defer l.prepare.Unlock()
	if s, ok := l.reads[query]; ok {
		return s, nil
	}
	if s, err = prepare(ctx, l.readers, query); err == nil {
		l.reads[query] = s
	}
	return s, err
}

func drain(ctx context.Context, s *statement, args []any, scan func(*sql.Rows) error) (err error) {
	rows, err := s.QueryContext(ctx, s.arrange(args)...)
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
