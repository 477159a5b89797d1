package ledger

import (
	"errors"
	"fmt"
	"time"
)

// What can be wrong with a ledger. Errors of this package wrap one of these where a caller may want to tell them apart; all but
// ErrNotFound mean that nothing more may be sent.
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
