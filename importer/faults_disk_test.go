package importer_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"

	"ordersheet/importer/submit"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// after is what becomes of the disk when a call has failed.
type after int

const (
	goesOn after = iota // it works again, and a new process opens the same files
	lost                // power is cut: only what was synced is there
	partly              // power is cut: of what wasn't synced some writes are there, some by half
	kept                // power is cut: all is there, also what a failed sync was for
)

// diskFailure is how the disk fails.
type diskFailure struct {
	name string
	op   string
	code int32
	want error
	then after
}

var diskFailures = []diskFailure{
	{"write fails", "write", sqlite3.SQLITE_IOERR_WRITE, ledger.ErrNotWritable, goesOn},
	{"no space", "write", sqlite3.SQLITE_FULL, ledger.ErrFull, goesOn},
	{"write fails, then power", "write", sqlite3.SQLITE_IOERR_WRITE, ledger.ErrNotWritable, partly},
	{"sync fails", "sync", sqlite3.SQLITE_IOERR_FSYNC, ledger.ErrNotWritable, goesOn},
	{"sync fails, then power", "sync", sqlite3.SQLITE_IOERR_FSYNC, ledger.ErrNotWritable, lost},
	{"sync fails, then power, written", "sync", sqlite3.SQLITE_IOERR_FSYNC, ledger.ErrNotWritable, kept},
	{"power is cut", "sync", sqlite3.SQLITE_IOERR_FSYNC, ledger.ErrNotWritable, partly},
}

// TestDiskFails lets the nth write or sync of the ledger's files fail, for n = 1, 2, 3 ... until
// the run passes. The run ends at once with the cause, what is sent afterwards by the next process
// finds each order once, and nothing is lost: also when only what was synced is left of the ledger.
// A claim that was believed before it was durable would show as an order that was made twice.
func TestDiskFails(t *testing.T) {
	for _, f := range diskFailures {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			inBubble(t, func(t *testing.T) {
				_, _, d := sendOn(t, func(*disk) {})
				calls = d.count(f.op)
			})
			if calls < 4 {
				t.Fatalf("%d calls of %s in a whole run: nothing is tested", calls, f.op)
			}
			var failed atomic.Int32
			t.Run("nth", func(t *testing.T) {
				for n := 1; n <= calls; n++ {
					bubble(t, fmt.Sprint(n), func(t *testing.T) {
						if f.test(t, n) {
							failed.Add(1)
						}
					})
				}
			})
			if n := int(failed.Load()); n < calls/2 {
				t.Errorf("of %d calls only %d failed", calls, n)
			}
		})
	}
}

// test lets the nth call fail, and reports whether that ended the run.
func (f diskFailure) test(t *testing.T, n int) (failed bool) {
	h, err, d := sendOn(t, func(d *disk) { d.fail(f.op, n, f.code, f.then != goesOn) })
	if !d.hasFailed() && err != nil {
		t.Errorf("the run ended with %v", err)
	}
	if err == nil { // it had fewer commits than the first one, or the call was a heartbeat, which may fail
		h.verify(numbers(diskOrders), nil)
		return false
	}
	if !errors.Is(err, f.want) {
		t.Errorf("the run ended with %v, want %v", err, f.want)
	}
	h.nextProcess(d, f.then, uint64(n))
	h.finish()
	h.verify(numbers(diskOrders), nil)
	return true
}

const diskOrders = 8

// sendOn sends some orders with a ledger on a disk of its own.
func sendOn(t *testing.T, set func(*disk)) (*harness, error, *disk) {
	t.Helper()
	b := newPlannedHarness(t, order.SalesOrders, numbers(diskOrders), sandbox.Config{}, 1)
	b.check(b.ledger.Close())
	d := newDisk(t, b.dir)
	var err error
	b.ledger, err = sqlite.Open(b.ledger.Path())
	b.check(err)
	s := b.start()
	s.Workers = 2
	set(d)
	return b, submit.Run(context.Background(), context.Background(), s), d
}

// nextProcess opens the ledger as the next process finds it.
func (b *harness) nextProcess(d *disk, then after, seed uint64) {
	b.Helper()
	path := b.ledger.Path()
	if then != goesOn {
		reach := map[after]int{lost: 0, partly: 60, kept: 100}[then]
		to := b.TempDir()
		d.powerCut(b, to, reach, seed)
		path = filepath.Join(to, filepath.Base(path))
	}
	b.release()
	b.release = nil
	_ = b.ledger.Close() // on a disk that failed
	d.fail("", 0, 0, false)
	var err error
	b.ledger, err = sqlite.Open(path)
	b.check(err)
}
