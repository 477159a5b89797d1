package ledger

import (
	"time"

	"ordersheet/internal/order"
)

// RunState says how far a run has come.
type RunState string

// The states of a run. Only what was confirmed is ever sent. A run that is still being planned is shown to nobody.
const (
	Planning  RunState = "planning"
	Planned   RunState = "planned"
	Confirmed RunState = "confirmed"
	Running   RunState = "running"
	Stopped   RunState = "stopped"
	Finished  RunState = "finished"
)

// Run is one import (or undo) from its plan to its report.
type Run struct {
	ID          int64 // given by NewRun
	Kind        order.Kind
	Account     string // the normalised base URL; resuming or undoing under another is refused
	State       RunState
	Mode        string // create, update, upsert, delete, undo ...: the caller's word
	Created     time.Time
	Started     time.Time // zero before the first claim
	Ended       time.Time // zero while it isn't over
	InputHash   string    // over all files of the run
	MappingHash string
	Mapping     []byte // as the caller wrote it
	Options     []byte // JSON, the caller's
	Rows        RowCounts
	Orders      int64  // orders found in the file, whatever became of them
	Stats       []byte // JSON, the caller's: requests, throttled ...
	Sealed      string // the caller's: what the plan was when it was confirmed

	// Kept by Acquire and Ask; UpdateRun leaves them alone.

	Owner      string    // who works on it now, as pid@host; empty when nobody does
	OwnerSince time.Time // since when
	OwnerBeat  time.Time // its last sign of life
	Asked      string    // what somebody asked of it from outside: stop, pause; empty when nothing
}

// RowCounts is what became of the rows that were read: Read = Used + Blank + Ignored + Refused.
type RowCounts struct {
	Read    int64 // all rows read
	Used    int64 // rows in orders
	Blank   int64
	Ignored int64 // above the header, totals, left out on purpose
	Refused int64 // rows that belong to no order because they have no usable number
}
