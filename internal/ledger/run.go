package ledger

import (
	"os"
	"strconv"
	"strings"
	"time"

	"ordersheet/internal/order"
)

// RunState is where a run is in its life.
type RunState string

// The states of a run. Only a confirmed run is ever sent. Runs leaves out a run that is still being
// planned.
const (
	Planning  RunState = "planning"
	Planned   RunState = "planned"
	Confirmed RunState = "confirmed"
	Running   RunState = "running"
	Stopped   RunState = "stopped"
	Finished  RunState = "finished"
)

// ExportMode is the mode of a run that is an export. Runs leaves such runs out.
const ExportMode = "export"

// Run is one import (or undo) from its plan to its report.
type Run struct {
	ID          int64 // given by NewRun
	Kind        order.Kind
	Account     string // the normalized base URL; no other may resume or undo the run
	State       RunState
	Mode        string // create, update, upsert, delete, undo ...: chosen by the caller
	Created     time.Time
	Started     time.Time // zero before the first claim
	Ended       time.Time // zero until it is over
	InputHash   string    // over all files of the run
	MappingHash string
	Mapping     []byte // the caller's
	Options     []byte // the caller's JSON
	Rows        RowCounts
	Orders      int64  // orders found in the file, whatever became of them
	Stats       []byte // the caller's JSON: requests, throttled ...
	PlanHash    string // the caller's: hash of the plan when it was frozen

	// Kept by Acquire and Ask; UpdateRun leaves them alone.

	Owner      string    // the process that works on it, as pid@host; empty when none does
	OwnerSince time.Time // since when
	OwnerBeat  time.Time // its last heartbeat
	Asked      string    // the pending request of another process: stop or pause; empty for none
}

// RowCounts counts the rows that were read by use: Read = Used + Blank + Ignored + Invalid.
type RowCounts struct {
	Read    int64 `json:"read"` // all rows read
	Used    int64 `json:"used"` // rows in orders
	Blank   int64 `json:"blank"`
	Ignored int64 `json:"ignored"` // above the header, totals, left out on purpose
	Invalid int64 `json:"invalid"` // rows that belong to no order because they have no usable number
}

// OwnerTimeout is how long a silent process keeps its run: six missed heartbeats, so that a machine
// under load isn't taken for a dead one.
const OwnerTimeout = 30 * time.Second

// Busy reports whether the process that locked the run, by what its record says, is still alive.
func (r *Run) Busy() bool {
	if r.Owner == "" || time.Since(r.OwnerBeat).Abs() >= OwnerTimeout {
		return false
	}
	digits, host, _ := strings.Cut(r.Owner, "@")
	here, err := os.Hostname()
	pid, bad := strconv.Atoi(digits)
	if err != nil || bad != nil || host != here {
		return true
	}
	return processLives(pid)
}
