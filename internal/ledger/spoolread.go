package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"ordersheet/internal/cell"
)

// SpoolRows calls fn for each spooled row of a source, in order. The row is valid only inside fn; an error of fn ends it and is returned as
// it is.
func (l *Ledger) SpoolRows(ctx context.Context, run int64, source int, fn func(*cell.Row) error) error {
	blocks, err := l.spoolBlocks(ctx, run, source)
	if err != nil {
		return err
	}
	var o opened
	for _, b := range blocks {
		if err := l.openBlock(ctx, &o, b); err != nil {
			return err
		}
		for len(o.r.b) > 0 {
			if err := o.next(); err != nil {
				return err
			}
			if err := fn(&o.row); err != nil {
				return err
			}
		}
	}
	return nil
}

// SpoolPick calls fn for the rows with these rising numbers, and reads no block that holds none of them. A number that isn't spooled is
// passed over.
func (l *Ledger) SpoolPick(ctx context.Context, run int64, source int, rows []int, fn func(*cell.Row) error) error {
	blocks, err := l.spoolBlocks(ctx, run, source)
	if err != nil {
		return err
	}
	var o opened
	for _, b := range blocks {
		for len(rows) > 0 && rows[0] < b.first {
			rows = rows[1:]
		}
		if len(rows) == 0 {
			return nil
		}
		if rows[0] > b.last {
			continue
		}
		if err := l.openBlock(ctx, &o, b); err != nil {
			return err
		}
		for len(o.r.b) > 0 && len(rows) > 0 {
			if err := o.next(); err != nil {
				return err
			}
			for len(rows) > 0 && rows[0] < o.row.Num {
				rows = rows[1:]
			}
			if len(rows) > 0 && rows[0] == o.row.Num {
				if err := fn(&o.row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// blockRef is where a block stands and which rows it holds.
type blockRef struct {
	id          int64
	first, last int
}

func (l *Ledger) spoolBlocks(ctx context.Context, run int64, source int) (all []blockRef, err error) {
	err = l.read(ctx, `SELECT rowid, first_row, last_row FROM spool WHERE run = $1 AND source = $2 ORDER BY first_row`, []any{run, source},
		func(rows *sql.Rows) error {
			var b blockRef
			err := rows.Scan(&b.id, &b.first, &b.last)
			all = append(all, b)
			return err
		})
	return all, explain("looking for the rows of source "+decimal(int64(source)), err)
}

// opened is a block that is being taken apart.
type opened struct {
	r      reader
	buf    []byte
	row    cell.Row
	before int
}

func (l *Ledger) openBlock(ctx context.Context, o *opened, b blockRef) error {
	found := false
	err := l.read(ctx, `SELECT data FROM spool WHERE rowid = $1`, []any{b.id}, func(rows *sql.Rows) error {
		found = true
		var sealed sql.RawBytes
		err := rows.Scan(&sealed)
		if err == nil {
			o.buf, err = unseal(o.buf, sealed)
		}
		return err
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	o.r, o.before = reader{b: o.buf}, 0
	return explain(fmt.Sprintf("reading the kept rows %d to %d", b.first, b.last), err)
}

func (o *opened) next() error {
	o.r.row(o.before, &o.row)
	o.before = o.row.Num
	if o.r.bad {
		return fmt.Errorf("reading the kept rows: %w: row %d doesn't end", ErrDamaged, o.row.Num)
	}
	return nil
}
