package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"ordersheet/internal/cell"
)

const (
	// spoolBlock is how much of a source is compressed at once: large enough for the compressor, small enough for picking single rows.
	spoolBlock = 128 << 10
	// spoolPiece is how much compressed text goes into one transaction: other runs wait no longer than that takes.
	spoolPiece = 2 << 20
)

// SpoolWriter keeps the rows of one source in the ledger. Close must be called, also after an error of Append.
type SpoolWriter struct {
	pump        *pump[spoolPart]
	buf         []byte
	free        chan []byte // buffers that the pump is done with
	first, last int
	err         error
}

type spoolPart struct {
	first, last int
	rows        []byte
	end         bool // write what has gathered
}

// Spool starts to keep the rows of a source.
func (l *Ledger) Spool(run int64, source int) *SpoolWriter {
	w := &SpoolWriter{free: make(chan []byte, 2)}
	var waiting []spoolPart // sealed
	size := 0
	var s sealer
	w.pump = startPump(func(p spoolPart) error {
		if !p.end {
			rows := p.rows
			p.rows = s.seal(rows)
			w.giveBack(rows)
			size += len(p.rows)
			waiting = append(waiting, p)
		}
		if size < spoolPiece && !p.end {
			return nil
		}
		err := l.keepRows(run, source, waiting)
		clear(waiting)
		waiting, size = waiting[:0], 0
		return err
	})
	return w
}

func (l *Ledger) keepRows(run int64, source int, parts []spoolPart) error {
	return l.write(background(), "keeping the rows of the source", func(t *tx) error {
		for _, p := range parts {
			if _, err := t.exec(`INSERT INTO spool (run, source, first_row, last_row, data) VALUES ($1, $2, $3, $4, $5)`,
				run, source, p.first, p.last, p.rows); err != nil {
				return err
			}
		}
		return nil
	})
}

// Append keeps a row. Rows come in rising numbers.
func (w *SpoolWriter) Append(r *cell.Row) error {
	if w.err != nil {
		return w.err
	}
	if r.Num <= w.last {
		w.err = fmt.Errorf("keeping row %d: it comes after row %d", r.Num, w.last)
		return w.err
	}
	before := w.last
	if len(w.buf) == 0 {
		if w.buf == nil {
			w.buf = w.buffer()
		}
		w.first, before = r.Num, 0
	}
	w.buf = appendRow(w.buf, before, r)
	w.last = r.Num
	if len(w.buf) >= spoolBlock {
		w.flush(false)
	}
	return w.err
}

// buffer returns a buffer that the pump gave back, or a new one.
func (w *SpoolWriter) buffer() []byte {
	select {
	case b := <-w.free:
		return b
	default:
		return make([]byte, 0, spoolBlock+spoolBlock/8)
	}
}

func (w *SpoolWriter) giveBack(b []byte) {
	select {
	case w.free <- b[:0]:
	default:
	}
}

func (w *SpoolWriter) flush(end bool) {
	part := spoolPart{first: w.first, last: w.last, rows: w.buf}
	w.buf = nil
	if len(part.rows) > 0 {
		w.err = w.pump.put(part)
	}
	if end && w.err == nil {
		w.err = w.pump.put(spoolPart{end: true})
	}
}

// Close writes what is left and waits until all of it is in the ledger. The rows belong to the run only as far as the caller goes on with
// it; Discard or DropRows takes them out again.
func (w *SpoolWriter) Close(ctx context.Context) error {
	if w.err == nil && ctx.Err() == nil {
		w.flush(true)
	}
	err := w.pump.close()
	if err == nil {
		err = errors.Join(w.err, ctx.Err())
	}
	return err
}

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
