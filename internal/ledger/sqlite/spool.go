package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
)

const (
	// spoolBlock is how much of a source is compressed at once: large enough for the compressor, small
	// enough for reading single rows.
	spoolBlock = 128 << 10
	// spoolBatch is how much compressed content goes into one transaction: other runs wait no longer
	// than that takes.
	spoolBatch = 2 << 20

	insertBlock = `INSERT INTO spool (run, source, first_row, last_row, data) VALUES (?, ?, ?, ?, ?)`
)

// spoolWriter writes the rows of one source.
type spoolWriter struct {
	spooler     *spooler
	out         *asyncWriter[spoolPart]
	source      int
	buf         []byte
	first, last int
	err         error
}

// spoolPart is a block of rows or answers, first as its content, then as it is stored.
type spoolPart struct {
	source, first, last int
	data                []byte
}

// Spool returns a writer for the rows of a source.
func (l *Ledger) Spool(run int64, source int) ledger.SpoolWriter {
	s := l.spoolers.join(run)
	return &spoolWriter{spooler: s, source: source, out: newAsyncWriter(s.add)}
}

// Append adds a row.
func (w *spoolWriter) Append(r *cell.Row) error {
	if w.err != nil {
		return w.err
	}
	if r.Num <= w.last {
		w.err = fmt.Errorf("spooling row %d: it comes after row %d", r.Num, w.last)
		return w.err
	}
	before := w.last
	if len(w.buf) == 0 {
		if w.buf == nil {
			w.buf = w.spooler.buffer()
		}
		w.first, before = r.Num, 0
	}
	w.buf = block.AppendRow(w.buf, before, r)
	w.last = r.Num
	if len(w.buf) >= spoolBlock {
		w.flush()
	}
	return w.err
}

func (w *spoolWriter) flush() {
	if len(w.buf) > 0 {
		w.err = w.out.put(spoolPart{source: w.source, first: w.first, last: w.last, data: w.buf})
		w.buf = nil
	}
}

// Close writes what is left and waits until all of it is in the ledger.
func (w *spoolWriter) Close(ctx context.Context) error {
	if w.err == nil && ctx.Err() == nil {
		w.flush()
	}
	err := w.out.close()
	if err == nil {
		err = errors.Join(w.err, ctx.Err())
	}
	return w.spooler.leave(err)
}

// spooler gathers the blocks of all sources of a run that are being written, and writes them
// together.
type spooler struct {
	all     *spoolers
	run     int64
	writers int         // guarded by spoolers.mu
	free    chan []byte // buffers to reuse
	mu      sync.Mutex
	enc     block.Encoder
	waiting []spoolPart
	size    int
	err     error // the first; rows of any source may be lost with it
}

// spoolers are the runs whose sources are being written.
type spoolers struct {
	db *db
	mu sync.Mutex
	of map[int64]*spooler
}

func newSpoolers(d *db) spoolers { return spoolers{db: d, of: map[int64]*spooler{}} }

func (a *spoolers) join(run int64) *spooler {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.of[run]
	if s == nil {
		s = &spooler{all: a, run: run, free: make(chan []byte, 4)}
		a.of[run] = s
	}
	s.writers++
	return s
}

// leave ends the part of one writer; without an error of its own it first writes what waits.
func (s *spooler) leave(err error) error {
	if err == nil {
		s.mu.Lock()
		err = s.write()
		s.mu.Unlock()
	}
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	if s.writers--; s.writers == 0 {
		delete(s.all.of, s.run)
	}
	return err
}

// add compresses a block, and writes all that wait when they are enough.
func (s *spooler) add(p spoolPart) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := p.data
	p.data = s.enc.Encode(content)
	select {
	case s.free <- content[:0]:
	default:
	}
	s.waiting, s.size = append(s.waiting, p), s.size+len(p.data)
	if s.size < spoolBatch {
		return s.err
	}
	return s.write()
}

func (s *spooler) write() error {
	if s.err != nil || len(s.waiting) == 0 {
		return s.err
	}
	s.err = s.all.db.write(context.Background(), "spooling the rows of run "+decimal(s.run), func(t *tx) error {
		return t.insertBlocks(s.run, s.waiting)
	})
	clear(s.waiting)
	s.waiting, s.size = s.waiting[:0], 0
	return s.err
}

func (t *tx) insertBlocks(run int64, parts []spoolPart) error {
	for _, p := range parts {
		if _, err := t.exec(insertBlock, run, p.source, p.first, p.last, p.data); err != nil {
			return err
		}
	}
	return nil
}

// buffer returns an empty buffer for a block.
func (s *spooler) buffer() []byte {
	select {
	case b := <-s.free:
		return b
	default:
		return make([]byte, 0, spoolBlock+spoolBlock/8)
	}
}
