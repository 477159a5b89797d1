package sqlite

import (
	"cmp"
	"context"
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
	run         int64
	source      int
	buf         []byte
	first, last int
	failures    int // of the spooler, when this began
	err         error
}

// spoolPart is a block of rows or answers, first as its content, then as it is stored.
type spoolPart struct {
	run                 int64
	source, first, last int
	data                []byte
}

// Spool returns a writer for the rows of a source.
func (l *Ledger) Spool(run int64, source int) ledger.SpoolWriter {
	w := &spoolWriter{spooler: &l.spooler, run: run, source: source, failures: l.spooler.failed()}
	w.out = newAsyncWriter(func(p spoolPart) error { return w.spooler.add(p, w.failures) })
	return w
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
		w.err = w.out.put(spoolPart{w.run, w.source, w.first, w.last, w.buf})
		w.buf = nil
	}
}

// Close writes what is left and waits until all of it is in the ledger.
func (w *spoolWriter) Close(ctx context.Context) error {
	if w.err == nil && ctx.Err() == nil {
		w.flush()
	}
	err := w.out.close(ctx, w.err)
	// Also after an error, so that nothing of this run waits until its rows were removed.
	return cmp.Or(err, w.spooler.flush(w.failures))
}

// spooler gathers the blocks of all sources that are being written, and writes them together.
type spooler struct {
	db       *db
	buffers  sync.Pool // *[]byte, to reuse
	mu       sync.Mutex
	enc      block.Encoder
	waiting  []spoolPart
	size     int
	failures int   // writes that failed: rows of any source that was open may be lost
	err      error // of the last one
}

func (s *spooler) failed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failures
}

// add compresses a block, and writes all that wait when they are enough.
func (s *spooler) add(p spoolPart, failures int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := p.data
	p.data = s.enc.Encode(content)
	s.buffers.Put(&content)
	s.waiting, s.size = append(s.waiting, p), s.size+len(p.data)
	return s.write(spoolBatch, failures)
}

// flush writes all that wait.
func (s *spooler) flush(failures int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(1, failures)
}

// write writes all that wait when it is enough. It fails when a write has failed since a writer
// began.
func (s *spooler) write(enough, failures int) error {
	if s.size >= enough {
		err := s.db.write(context.Background(), "spooling rows", func(t *tx) error { return t.insertBlocks(s.waiting) })
		if err != nil {
			s.failures, s.err = s.failures+1, err
		}
		clear(s.waiting)
		s.waiting, s.size = s.waiting[:0], 0
	}
	if s.failures != failures {
		return s.err
	}
	return nil
}

func (t *tx) insertBlocks(parts []spoolPart) error {
	for _, p := range parts {
		if _, err := t.exec(insertBlock, p.run, p.source, p.first, p.last, p.data); err != nil {
			return err
		}
	}
	return nil
}

// buffer returns an empty buffer for a block.
func (s *spooler) buffer() []byte {
	if b, ok := s.buffers.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, spoolBlock+spoolBlock/8)
}
