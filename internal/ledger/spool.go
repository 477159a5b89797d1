package ledger

import (
	"context"
	"fmt"
	"sync"

	"ordersheet/internal/cell"
)

const (
	// spoolBlock is how much of a source is compressed at once: large enough for the compressor, small enough for picking single rows.
	spoolBlock = 128 << 10
	// spoolPiece is how much compressed text goes into one transaction: other runs wait no longer than that takes.
	spoolPiece = 2 << 20
)

const insertBlock = `INSERT INTO spool (run, source, first_row, last_row, data) VALUES ($1, $2, $3, $4, $5)`

// SpoolWriter keeps the rows of one source in the ledger. Close must be called, also after an error of Append.
type SpoolWriter struct {
	spooler     *spooler
	pump        *pump[spoolPart]
	source      int
	buf         []byte
	first, last int
	err         error
}

type spoolPart struct {
	source, first, last int
	rows                []byte
}

// Spool starts to keep the rows of a source. Several sources of a run may be kept at once; they share what memory it takes.
func (l *Ledger) Spool(run int64, source int) *SpoolWriter {
	s := l.spoolerOf(run)
	return &SpoolWriter{spooler: s, source: source, pump: startPump(s.add)}
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
			w.buf = w.spooler.buffer()
		}
		w.first, before = r.Num, 0
	}
	w.buf = appendRow(w.buf, before, r)
	w.last = r.Num
	if len(w.buf) >= spoolBlock {
		w.flush()
	}
	return w.err
}

func (w *SpoolWriter) flush() {
	if len(w.buf) > 0 {
		w.err = w.pump.put(spoolPart{source: w.source, first: w.first, last: w.last, rows: w.buf})
		w.buf = nil
	}
}

// Close writes what is left and waits until all of it is in the ledger. The rows belong to the run only as far as the caller goes on with
// it; Discard or DropRows takes them out again.
func (w *SpoolWriter) Close(ctx context.Context) error {
	if w.err == nil && ctx.Err() == nil {
		w.flush()
	}
	err := w.pump.close()
	if err == nil {
		err = w.err
	}
	if err == nil {
		err = ctx.Err()
	}
	return w.spooler.leave(err)
}

// spooler gathers the blocks of all sources of a run that are being kept, and writes them together.
type spooler struct {
	l       *Ledger
	run     int64
	writers int         // guarded by Ledger.mu
	free    chan []byte // buffers that may be filled again
	mu      sync.Mutex
	sealer  sealer
	waiting []spoolPart // sealed
	size    int
	err     error // the first; rows of any source may be lost with it
}

func (l *Ledger) spoolerOf(run int64) *spooler {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.spoolers[run]
	if s == nil {
		s = &spooler{l: l, run: run, free: make(chan []byte, 4)}
		l.spoolers[run] = s
	}
	s.writers++
	return s
}

// leave ends one writer's part in it; without an error of its own it first writes what waits.
func (s *spooler) leave(err error) error {
	if err == nil {
		s.mu.Lock()
		err = s.write()
		s.mu.Unlock()
	}
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	if s.writers--; s.writers == 0 {
		delete(s.l.spoolers, s.run)
	}
	return err
}

// add seals a block, and writes all that wait when they are enough.
func (s *spooler) add(p spoolPart) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := p.rows
	p.rows = s.sealer.seal(rows)
	select {
	case s.free <- rows[:0]:
	default:
	}
	s.waiting, s.size = append(s.waiting, p), s.size+len(p.rows)
	if s.size < spoolPiece {
		return s.err
	}
	return s.write()
}

func (s *spooler) write() error {
	if s.err != nil || len(s.waiting) == 0 {
		return s.err
	}
	s.err = s.l.write(background(), "keeping the rows of run "+decimal(s.run), func(t *tx) error {
		for _, p := range s.waiting {
			if _, err := t.exec(insertBlock, s.run, p.source, p.first, p.last, p.rows); err != nil {
				return err
			}
		}
		return nil
	})
	clear(s.waiting)
	s.waiting, s.size = s.waiting[:0], 0
	return s.err
}

// buffer returns a buffer that was given back, or a new one.
func (s *spooler) buffer() []byte {
	select {
	case b := <-s.free:
		return b
	default:
		return make([]byte, 0, spoolBlock+spoolBlock/8)
	}
}
