package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"

	"ordersheet/internal/ledger"
)

//go:embed schema.sql
var schema string

//go:embed migrations/*.sql
var migrations embed.FS

const (
	schemaVersion = 8  // of schema.sql, and the number of the last migration
	noTables      = -1 // the version of an empty file
)

// migrate makes the tables of a new ledger and brings an older one up to date; a newer one is
// ErrNewer. Running all migrations in a new ledger would take four times as long.
func migrate(ctx context.Context, db *sql.DB) error {
	// Two processes may migrate a ledger at the same moment. The migration of the slower one fails,
	// and then there is nothing left to do. While one of them turns on the write-ahead log, SQLite
	// doesn't wait by itself.
	const tries, busyTries, pause = 5, 100, 20 * time.Millisecond
	for try := 1; ; try++ {
		have, err := version(ctx, db)
		switch {
		case errors.Is(kindOf(err), ledger.ErrBusy) && try < busyTries:
			time.Sleep(pause)
			continue
		case err != nil:
			return err
		case have > schemaVersion:
			return fmt.Errorf("%w (its tables are version %d, this program knows them up to %d)", ledger.ErrNewer, have, schemaVersion)
		case have == schemaVersion:
			return nil
		case have == noTables:
			err = createTables(ctx, db)
		default:
			err = runMigrations(ctx, db)
		}
		if err != nil && try >= tries {
			return fmt.Errorf("migrating the tables from version %d to %d: %w", have, schemaVersion, err)
		}
	}
}

// createTables makes all tables in one transaction, unless another process was faster.
func createTables(ctx context.Context, db *sql.DB) error {
	t, err := db.BeginTx(ctx, nil) // with the write lock: see writerDSN
	if err != nil {
		return err
	}
	defer t.Rollback()
	have, err := version(ctx, t)
	if err == nil && have == noTables {
		_, err = t.ExecContext(ctx, schema)
	}
	if err != nil {
		return err
	}
	return t.Commit()
}

func runMigrations(ctx context.Context, db *sql.DB) error {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, steps, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// rowQuerier is a database or a transaction.
type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// version returns the version of the tables.
func version(ctx context.Context, on rowQuerier) (n int64, err error) {
	var tables, ours int64
	err = on.QueryRowContext(ctx, countTables).Scan(&tables, &ours)
	switch {
	case err != nil:
		return 0, err
	case tables == 0:
		return noTables, nil
	case ours == 0:
		return 0, fmt.Errorf("%w: it has the tables of another program", ledger.ErrDamaged)
	}
	err = on.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&n)
	return n, err
}
