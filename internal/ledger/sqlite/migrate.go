package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"

	"ordersheet/internal/ledger"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings an older or an empty ledger up to date; a newer one is ErrNewer. When the ledger is
// up to date, which it nearly always is, this takes two queries and no goose.
func migrate(ctx context.Context, db *sql.DB) error {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	want, err := newest(steps)
	if err != nil {
		return err
	}
	// Two processes may open a new ledger at the same moment. The migration of the slower one fails,
	// and then there is nothing left to do.
	const tries = 5
	for try := 1; ; try++ {
		have, err := version(ctx, db)
		switch {
		case err != nil:
			return err
		case have > want:
			return fmt.Errorf("%w (its tables are version %d, this program knows them up to %d)", ledger.ErrNewer, have, want)
		case have == want:
			return nil
		}
		if err = step(ctx, db, steps); err != nil && try == tries {
			return fmt.Errorf("migrating the tables from version %d to %d: %w", have, want, err)
		}
	}
}

func step(ctx context.Context, db *sql.DB, steps fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, steps, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// newest returns the highest version among the migrations.
func newest(steps fs.FS) (n int64, err error) {
	names, err := fs.Glob(steps, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("listing the migrations: %w", err)
	}
	for _, name := range names {
		digits, _, _ := strings.Cut(name, "_")
		v, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the migration's number in %s: %w", name, err)
		}
		n = max(n, v)
	}
	return n, nil
}

// version returns the version of the tables: 0 in an empty file.
func version(ctx context.Context, db *sql.DB) (n int64, err error) {
	var tables, ours int64
	err = db.QueryRowContext(ctx, countTables).Scan(&tables, &ours)
	if err != nil || tables == 0 {
		return 0, err
	}
	if ours == 0 {
		return 0, fmt.Errorf("%w: it has the tables of another program", ledger.ErrDamaged)
	}
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&n)
	return n, err
}
