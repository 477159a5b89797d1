// Package ledger is the durable record of the program: runs, the spooled rows of their files, the orders planned from them, what became
// of each, and which order number belongs to whom. Submitting, resuming, reporting and undoing need nothing else. It is one SQLite file,
// written so that what a call has returned survives a kill and a power cut. It knows nothing of files' formats, of mapping or of HTTP;
// importer and exporter call it.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"sync"
)

// memory is the path that asks for a ledger without a file.
const memory = ":memory:"

// Ledger is an open ledger. Its methods may be called from several goroutines, and several processes may have the same file open.
type Ledger struct {
	path string
	file os.FileInfo // the file that was opened; nil in memory

	writer  *sql.DB
	conn    *sql.Conn     // the one connection that writes
	turn    chan struct{} // holds one token; whoever has it uses conn
	stmts   map[string]*statement
	bulks   map[bulkKey]string
	changes sealer // of the connection that writes
	broken  error  // set once when the disk failed: nothing is believed after that
	readers *sql.DB
	prepare sync.Mutex // guards reads
	reads   map[string]*statement

	closing sync.Once

	mu       sync.Mutex // guards what follows
	held     map[int64]*hold
	spoolers map[int64]*spooler
}

// Open opens the ledger at path and makes it, readable by its owner only, when there is none; ":memory:" is one that lives in memory.
// An older ledger is brought up to date, a newer one refused (ErrNewer). ErrNotWritable says that no record could be kept there.
func Open(path string) (*Ledger, error) {
	l := &Ledger{
		path: path, turn: make(chan struct{}, 1), held: map[int64]*hold{}, spoolers: map[int64]*spooler{},
		stmts: map[string]*statement{}, bulks: map[bulkKey]string{}, reads: map[string]*statement{},
	}
	if err := l.open(context.Background()); err != nil {
		return nil, errors.Join(explain("opening the ledger "+path, err), l.Close())
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context) (err error) {
	if l.path != memory {
		if l.file, err = makeFile(l.path); err != nil {
			return err
		}
		if l.readers, err = sql.Open("sqlite", readerDSN(l.path)); err != nil {
			return err
		}
		l.readers.SetMaxOpenConns(maxReaders)
	}
	if l.writer, err = sql.Open("sqlite", writerDSN(l.path)); err != nil {
		return err
	}
	l.writer.SetMaxOpenConns(1)
	if err := migrate(ctx, l.writer); err != nil {
		return err
	}
	if l.conn, err = l.writer.Conn(ctx); err != nil {
		return err
	}
	l.turn <- struct{}{}
	return l.tryWriting(ctx)
}

// Close gives back what the ledger has open. Runs that are still held are let go. It may be called twice.
func (l *Ledger) Close() (err error) {
	l.closing.Do(func() { err = l.close() })
	return err
}

func (l *Ledger) close() error {
	l.mu.Lock()
	held := make([]*hold, 0, len(l.held))
	for _, h := range l.held {
		held = append(held, h)
	}
	l.mu.Unlock()
	for _, h := range held {
		h.release()
	}
	var errs []error
	for _, s := range l.stmts {
		errs = append(errs, s.Close())
	}
	for _, s := range l.reads {
		errs = append(errs, s.Close())
	}
	if l.readers != nil {
		errs = append(errs, l.readers.Close()) // before the writer: the last one to close folds the log into the file
	}
	if l.conn != nil {
		errs = append(errs, l.conn.Close())
	}
	if l.writer != nil {
		errs = append(errs, l.writer.Close())
	}
	return explain("closing the ledger", errors.Join(errs...))
}

// Path returns the path that Open was given.
func (l *Ledger) Path() string { return l.path }
