package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
)

// SpoolRows calls fn for each spooled row of a source, in order.
func (l *Ledger) SpoolRows(ctx context.Context, run int64, source int, fn func(*cell.Row) error) error {
	var rows block.Rows
	return l.eachBlock(ctx, run, source, func(b blockRef) error {
		if err := l.openBlock(ctx, b, rows.Open); err != nil {
			return err
		}
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

// SpoolPick calls fn for the rows with these rising numbers.
func (l *Ledger) SpoolPick(ctx context.Context, run int64, source int, wanted []int, fn func(*cell.Row) error) error {
	var rows block.Rows
	return l.eachBlock(ctx, run, source, func(b blockRef) error {
		for len(wanted) > 0 && wanted[0] < b.first {
			wanted = wanted[1:]
		}
		if len(wanted) == 0 || wanted[0] > b.last {
			return nil
		}
		if err := l.openBlock(ctx, b, rows.Open); err != nil {
			return err
		}
		for len(wanted) > 0 {
			r, err := rows.Next()
			if r == nil || err != nil {
				return err
			}
			for len(wanted) > 0 && wanted[0] < r.Num {
				wanted = wanted[1:]
			}
			if len(wanted) > 0 && wanted[0] == r.Num {
				if err := fn(r); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// blockRef is the key of a block in spool and the last row or answer that it holds.
type blockRef struct {
	run         int64
	source      int
	first, last int
}

// eachBlock calls fn for each block of a source, in order.
func (l *Ledger) eachBlock(ctx context.Context, run int64, source int, fn func(blockRef) error) error {
	all, err := collect(l.reader(ctx), nil, func(rows *sql.Rows) (blockRef, error) {
		b := blockRef{run: run, source: source}
		return b, rows.Scan(&b.first, &b.last)
	}, `SELECT first_row, last_row FROM spool WHERE run = ? AND source = ? ORDER BY first_row`, run, source)
	if err != nil {
		return wrap("listing the rows of source "+decimal(int64(source)), err)
	}
	for _, b := range all {
		if err := fn(b); err != nil {
			return err
		}
	}
	return nil
}

// openBlock reads a block and hands it to open.
func (l *Ledger) openBlock(ctx context.Context, b blockRef, open func(stored []byte) error) error {
	found := false
	err := l.read(ctx, `SELECT data FROM spool WHERE run = ? AND source = ? AND first_row = ?`, []any{b.run, b.source, b.first},
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
	return wrap(fmt.Sprintf("reading the spooled rows %d to %d", b.first, b.last), err)
}
