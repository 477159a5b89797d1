package ledger

import (
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What can be wrong with a ledger. Errors of this package wrap one of these where a caller may want to tell them apart. After any of the
// first six nothing more may be sent.
var (
	ErrNotWritable  = errors.New("the ledger can't be written")
	ErrFull         = errors.New("no space is left for the ledger")
	ErrVanished     = errors.New("the ledger's file is gone or was replaced")
	ErrBusy         = errors.New("another process keeps the ledger locked")
	ErrDamaged      = errors.New("the ledger is damaged or isn't one")
	ErrNewer        = errors.New("the ledger was written by a newer version of ordersheet")
	ErrNotFound     = errors.New("not in the ledger")
	ErrNotHeld      = errors.New("the run isn't held by this process")
	ErrNotConfirmed = errors.New("the run isn't confirmed")
	ErrUnresolved   = errors.New("the run has orders whose outcome isn't known")
	ErrSettled      = errors.New("the order has its final word already")
)

// OwnedError says that another process works on a run.
type OwnedError struct {
	Run   int64
	Owner string // pid@host
	Since time.Time
}

// Error names the process and since when it has the run.
func (e *OwnedError) Error() string {
	return fmt.Sprintf("run %d is in the hands of process %s since %s", e.Run, e.Owner, e.Since.Local().Format("2006-01-02 15:04:05"))
}

// explain wraps err with what was being done and, where SQLite says what is wrong, with the error of ours that means it. It returns nil
// for nil.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if kind := kindOf(err); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%s: %w: %w", doing, kind, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// kindOf sorts SQLite's result codes (https://www.sqlite.org/rescode.html) into our errors; nil for what is neither the disk's fault nor
// another process's.
func kindOf(err error) error {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return nil
	}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrDamaged
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOLFS:
		return ErrNotWritable
	}
	return nil
}

// ioFailed says that the disk failed while something was being committed.
func ioFailed(err error) bool {
	var se *sqlite.Error
	return errors.As(err, &se) && se.Code()&0xff == sqlite3.SQLITE_IOERR
}
