package ledger

import (
	"errors"
	"fmt"
	"time"
)

// Errors of a ledger wrap one of these where a caller may want to tell them apart. After any of the
// first six nothing more may be sent.
var (
	ErrNotWritable  = errors.New("the ledger can't be written")
	ErrFull         = errors.New("no space is left for the ledger")
	ErrVanished     = errors.New("the ledger's file is gone or was replaced")
	ErrBusy         = errors.New("another process keeps the ledger locked")
	ErrDamaged      = errors.New("the ledger is damaged or isn't one")
	ErrNewer        = errors.New("the ledger was written by a newer version of ordersheet")
	ErrNotFound     = errors.New("not in the ledger")
	ErrNotHeld      = errors.New("the run isn't locked by this process")
	ErrNotConfirmed = errors.New("the run isn't confirmed")
	ErrUnresolved   = errors.New("the run has orders whose outcome isn't known")
	ErrSettled      = errors.New("the order's outcome is final already")
)

// OwnedError says that another process works on a run.
type OwnedError struct {
	Run   int64
	Owner string // pid@host
	Since time.Time
}

// Error names the process and since when it has had the run.
func (e *OwnedError) Error() string {
	return fmt.Sprintf("process %s has been working on run %d since %s", e.Owner, e.Run,
		e.Since.Local().Format("2006-01-02 15:04:05"))
}
