package ledger

import (
	"context"
	"database/sql"
)

// Setting returns a value that SetSetting kept; empty when there is none.
func (l *Ledger) Setting(ctx context.Context, name string) (value string, err error) {
	err = l.read(ctx, `SELECT value FROM setting WHERE name = $1`, []any{name}, func(rows *sql.Rows) error { return rows.Scan(&value) })
	return value, explain("reading the setting "+name, err)
}

// SetSetting keeps a small value by name.
func (l *Ledger) SetSetting(ctx context.Context, name, value string) error {
	return l.write(ctx, "keeping the setting "+name, func(t *tx) error {
		_, err := t.exec(`INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`, name, value)
		return err
	})
}
