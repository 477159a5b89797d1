package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
)

func allBlocks(_, _ int) bool { return true }

// SpoolRows calls fn for each spooled row of a source, in order.
func (l *Ledger) SpoolRows(ctx context.Context, run int64, source int, fn func(*cell.Row) error) error {
	return l.rowsOf(ctx, run, source, allBlocks, fn)
}

// SpoolPick calls fn for the rows with these rising numbers.
func (l *Ledger) SpoolPick(ctx context.Context, run int64, source int, wanted []int, fn func(*cell.Row) error) error {
	next := func(from, to int) bool { // reports whether a row of that range is wanted
		for len(wanted) > 0 && wanted[0] < from {
			wanted = wanted[1:]
		}
		return len(wanted) > 0 && wanted[0] <= to
	}
	return l.rowsOf(ctx, run, source, next, func(r *cell.Row) error {
		if !next(r.Num, r.Num) {
			return nil
		}
		return fn(r)
	})
}

// rowsOf calls fn for each row of the blocks that may hold a wanted one.
func (l *Ledger) rowsOf(ctx context.Context, run int64, source int, wanted func(first, last int) bool, fn func(*cell.Row) error) error {
	var rows block.Rows
	return l.eachBlock(ctx, run, source, wanted, rows.Open, func(_, _ int) error {
		for {
			r, err := rows.Next()
			if r == nil || err != nil {
				return err
			}
			if err := fn(r); err != nil {
				return err
			}
		}
	})
}

// eachBlock opens each wanted block of a source, in order, and calls fn with the numbers of its
// first and its last row or answer.
func (l *Ledger) eachBlock(
	ctx context.Context, run int64, source int, wanted func(first, last int) bool, open func(stored []byte) error, fn func(first, last int) error,
) error {
	type block struct{ first, last int }
	all, err := collect(l.reader(ctx), nil, func(rows *sql.Rows) (b block, err error) {
		err = rows.Scan(&b.first, &b.last)
		return b, err
	}, `SELECT first_row, last_row FROM spool WHERE run = ? AND source = ? ORDER BY first_row`, run, source)
	if err != nil {
		return wrap("listing the rows of source "+decimal(int64(source)), err)
	}
	for _, b := range all {
		if !wanted(b.first, b.last) {
			continue
		}
		if err := l.openBlock(ctx, run, source, b.first, open); err != nil {
			return wrap(fmt.Sprintf("reading the spooled rows %d to %d", b.first, b.last), err)
		}
		if err := fn(b.first, b.last); err != nil {
			return err
		}
	}
	return nil
}

// openBlock reads a block and hands it to open.
func (l *Ledger) openBlock(ctx context.Context, run int64, source, first int, open func(stored []byte) error) error {
	found := false
	err := l.read(ctx, `SELECT data FROM spool WHERE run = ? AND source = ? AND first_row = ?`, []any{run, source, first},
		func(rows *sql.Rows) error {
			found = true
			var stored sql.RawBytes
			if err := rows.Scan(&stored); err != nil {
				return err
			}
			return open(stored)
		})
	if err == nil && !found {
		err = ledger.ErrNotFound
	}
	return err
}
