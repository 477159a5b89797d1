package sqlite

import (
	"context"
	"database/sql"
	"os"

	"ordersheet/internal/ledger"
)

// Info measures the ledger.
func (l *Ledger) Info(ctx context.Context) (ledger.Info, error) {
	info := ledger.Info{Path: l.path, Runs: map[ledger.RunState]int64{}}
	err := l.measure(ctx, &info)
	return info, wrap("measuring the ledger", err)
}

func (l *Ledger) measure(ctx context.Context, info *ledger.Info) error {
	if err := l.readRow(ctx, pageCounts, nil, &info.Bytes, &info.Reclaimable); err != nil {
		return err
	}
	if l.file != nil {
		info.Bytes = 0
		for _, end := range []string{"", "-wal"} {
			if f, err := os.Stat(l.path + end); err == nil {
				info.Bytes += f.Size()
			}
		}
	}
	err := l.read(ctx, `SELECT state, count(*) FROM run WHERE mode <> ? GROUP BY state`, []any{ledger.ExportMode}, countInto(info.Runs))
	if err != nil {
		return err
	}
	return l.readRow(ctx, `SELECT (SELECT count(*) FROM run WHERE mode = ?), (SELECT count(*) FROM planned_order),
		(SELECT count(*) FROM order_key), coalesce(min(created), 0), coalesce(max(created), 0) FROM run`, []any{ledger.ExportMode},
		&info.Exports, &info.Orders, &info.Numbers, storedTime{&info.Oldest}, storedTime{&info.Newest})
}

// readRow reads a query of at most one row.
func (l *Ledger) readRow(ctx context.Context, query string, args []any, into ...any) error {
	return l.read(ctx, query, args, func(rows *sql.Rows) error { return rows.Scan(into...) })
}
