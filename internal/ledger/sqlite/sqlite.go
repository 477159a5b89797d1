// Package sqlite keeps a ledger in one SQLite file, written so that what a call has returned
// survives a kill and a power cut. See package ledger for what each method promises.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"sync"

	"ordersheet/internal/ledger"
)

// Ledger is an open ledger. It has all roles of ledger.Ledger.
type Ledger struct {
	*db
	spooler spooler
	closing sync.Once

	mu   sync.Mutex // guards held
	held map[int64]*runLock
}

var _ ledger.Ledger = (*Ledger)(nil)

// Open opens the ledger at path, or creates one that only its owner can read; ":memory:" is one
// that lives in memory. An older ledger is migrated; a newer one is ErrNewer. ErrNotWritable says
// that no record could be kept there.
func Open(path string) (*Ledger, error) {
	d := &db{path: path, token: make(chan struct{}, 1), stmts: map[string]*sql.Stmt{}}
	l := &Ledger{db: d, held: map[int64]*runLock{}, spooler: spooler{db: d}}
	if err := d.open(context.Background()); err != nil {
		return nil, errors.Join(wrap("opening the ledger "+path, err), l.Close())
	}
	return l, nil
}

// Close unlocks all runs that this process holds and closes the ledger. It may be called twice.
func (l *Ledger) Close() (err error) {
	l.closing.Do(func() {
		l.mu.Lock()
		held := slices.Collect(maps.Values(l.held))
		l.mu.Unlock()
		for _, k := range held {
			k.release()
		}
		err = l.db.close()
	})
	return err
}

// Path returns the path that Open was given.
func (l *Ledger) Path() string { return l.path }

// Setting returns a value that SetSetting kept; empty when there is none.
func (l *Ledger) Setting(ctx context.Context, name string) (value string, err error) {
	err = l.readRow(ctx, `SELECT value FROM setting WHERE name = ?`, []any{name}, &value)
	return value, wrap("reading the setting "+name, err)
}

// SetSetting keeps a small value by name.
func (l *Ledger) SetSetting(ctx context.Context, name, value string) error {
	return l.execute(ctx, "writing the setting "+name,
		`INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
}
