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
	err := l.read(ctx, `SELECT state, count(*) FROM run WHERE mode <> $1 GROUP BY state`, []any{ledger.ExportMode}, countInto(info.Runs))
	if err != nil {
		return err
	}
	if err := l.readRow(ctx, `SELECT count(*) FROM run WHERE mode = $1`, []any{ledger.ExportMode}, &info.Exports); err != nil {
		return err
	}
	if err := l.readRow(ctx, `SELECT count(*) FROM planned_order`, nil, &info.Orders); err != nil {
		return err
	}
	if err := l.readRow(ctx, `SELECT count(*) FROM order_key`, nil, &info.Numbers); err != nil {
		return err
	}
	var oldest, newest int64
	err = l.readRow(ctx, `SELECT coalesce(min(created), 0), coalesce(max(created), 0) FROM run`, nil, &oldest, &newest)
	info.Oldest, info.Newest = fromMillis(oldest), fromMillis(newest)
	return err
}

// readRow reads a query of one row.
func (l *Ledger) readRow(ctx context.Context, query string, args []any, into ...any) error {
	return l.read(ctx, query, args, func(rows *sql.Rows) error { return rows.Scan(into...) })
}
