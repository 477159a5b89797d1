// Package ledger describes the durable record of the program: runs, the spooled rows of their
// files, the orders planned from them, the outcome of each, and which run has which order number.
// Submitting, resuming, reporting and undoing need nothing else. It holds the types, the errors and
// the roles; package sqlite keeps a ledger in a file. It knows nothing of file formats, mapping or
// HTTP. importer and exporter use it.
package ledger

import (
	"context"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// Ledger is all roles together. What a method has returned without an error survives a kill and a
// power cut. Its methods may be called from several goroutines, and several processes may have one
// ledger open.
type Ledger interface {
	Runs
	Spool
	Plan
	Journal
	Keys
	Exports
	Store
}

// Runs are the runs, and which process works on which of them.
type Runs interface {
	// NewRun starts a run and returns its id. An empty State means Planning, a zero Created now.
	NewRun(ctx context.Context, r Run) (id int64, err error)
	// GetRun returns a run; ErrNotFound when there is none with that id.
	GetRun(ctx context.Context, id int64) (Run, error)
	// Runs returns all runs whose plan is complete, newest first, without exports.
	Runs(ctx context.Context) ([]Run, error)
	// UpdateRun reads a run, calls change, and writes the run back, in one transaction. change must
	// not call the ledger; what it does to ID, Owner and the fields after it is lost.
	UpdateRun(ctx context.Context, id int64, change func(*Run)) error
	// Discard removes a run with all that belongs to it: one whose file turned out to be damaged, or
	// an old one. KeyInfo still knows its order numbers. ErrUnresolved when the run has orders whose
	// outcome isn't known.
	Discard(ctx context.Context, run int64) error
	// Ask leaves a request for the process that works on a run: stop, pause, or "" to withdraw it.
	// Advance passes it on; Acquire clears it.
	Ask(ctx context.Context, run int64, request string) error
	// Acquire locks a run for this process, which names itself pid@host. While that process lives,
	// any other gets an *OwnedError; one that was killed loses the run at once on its own host and
	// after 30 s of silence elsewhere. release unlocks the run and may be called twice.
	Acquire(ctx context.Context, run int64, owner string) (release func(), err error)
}

// Spool holds the files of a run: their sheets and the rows below the header.
type Spool interface {
	// AddSource adds a source to a run and returns its number.
	AddSource(ctx context.Context, run int64, s Source) (n int, err error)
	// UpdateSource replaces the source with the number of s; its spooled rows stay.
	UpdateSource(ctx context.Context, run int64, s Source) error
	// Sources returns the sources of a run, ordered by number.
	Sources(ctx context.Context, run int64) ([]Source, error)
	// Spool returns a writer for the rows of a source. Several sources of a run may be written at
	// once; they share the memory for it.
	Spool(run int64, source int) SpoolWriter
	// SpoolRows calls fn for each spooled row of a source, in order. The row is valid only inside
	// fn; an error of fn ends the loop and is returned as it is.
	SpoolRows(ctx context.Context, run int64, source int, fn func(*cell.Row) error) error
	// SpoolPick calls fn for the rows with these rising numbers, and reads no block that holds none
	// of them. A number that isn't spooled is skipped.
	SpoolPick(ctx context.Context, run int64, source int, rows []int, fn func(*cell.Row) error) error
	// DropRows removes the spooled rows of a source; a source of -1 means all sources of the run.
	DropRows(ctx context.Context, run int64, source int) error
}

// SpoolWriter writes the rows of one source.
type SpoolWriter interface {
	// Append adds a row. Row numbers must rise.
	Append(r *cell.Row) error
	// Close writes what is left and waits until all of it is in the ledger. It must be called, also
	// after an error of Append.
	Close(ctx context.Context) error
}

// Plan is what a run is to do, and what became of each order.
type Plan interface {
	// PutOrders returns a writer for the plan of a run. A run has one writer at a time, and none
	// once its plan is confirmed.
	PutOrders(run int64) OrderWriter
	// Orders calls fn for each order of a run that the filter selects, in rising Seq. fn may keep
	// what it is given and may use the ledger; its error ends the loop and is returned as it is.
	Orders(ctx context.Context, run int64, f Filter, fn func(*Order) error) error
	// CountStates counts the orders of a run by state.
	CountStates(ctx context.Context, run int64) (map[State]int64, error)
	// CountActions counts the orders of a run that are in a state, by action.
	CountActions(ctx context.Context, run int64, s State) (map[string]int64, error)
	// Decide records the decisions of a comparison in one transaction. It accepts orders that are
	// planned or held; any other is ErrSettled. Counts of earlier attempts restart at zero. The run
	// must be held (Acquire) and must have no claimed orders.
	Decide(ctx context.Context, run int64, decisions []Decision) error
	// AddProblems adds problems to an order of a run; seq 0 is the run itself.
	AddProblems(ctx context.Context, run, seq int64, problems []problem.Problem) error
	// Problems calls fn for each problem of a run in the order in which they were added; seq is 0
	// for those of the run itself. fn may use the ledger; its error ends the loop and is returned
	// as it is.
	Problems(ctx context.Context, run int64, fn func(seq int64, p problem.Problem) error) error
}

// OrderWriter writes the plan of a run.
type OrderWriter interface {
	// Add plans an order and returns its Seq: its own, which must be higher than the last, or the
	// next one. An empty State means OrderPlanned. Nothing of o is kept after Add returns.
	Add(o Order, problems []problem.Problem) (seq int64, err error)
	// AddProblems adds problems to an order that was added, or to the run itself (seq 0), in the
	// transactions of the orders.
	AddProblems(seq int64, problems []problem.Problem) error
	// Close writes what is left and waits until the whole plan is in the ledger. It must be called,
	// also after an error of Add.
	Close(ctx context.Context) error
}

// Journal records what is sent before it is sent, and what became of it.
type Journal interface {
	// Advance records the outcome of claimed orders and claims up to want planned ones, in rising
	// Seq, in one transaction. When it returns, all of that is on the disk: the orders that it
	// returns as claimed may be sent. It needs the run to be held (Acquire) and, unless want is 0,
	// confirmed or running. An order whose number another run has, or which the ledger knows to
	// exist, isn't claimed but held. After an error nothing was recorded and nothing may be sent.
	Advance(ctx context.Context, run int64, settled []Settlement, want int) (Claims, error)
	// PendingLookups returns up to limit unresolved orders, with their plans, whose NextLookup isn't
	// after before, the longest due first.
	PendingLookups(ctx context.Context, run int64, before time.Time, limit int) ([]Order, error)
	// Recover marks as unresolved the orders that a dead process had claimed: each may have been
	// sent. Their NextLookup is the time of their claim + wait. It is called once, after Acquire and
	// before the first Advance.
	Recover(ctx context.Context, run int64, wait time.Duration) (n int64, err error)
}

// Keys is what is known of the order numbers of an account.
type Keys interface {
	// KeyInfo returns what the ledger remembers of these order numbers of an account; numbers that
	// it doesn't know are left out.
	KeyInfo(ctx context.Context, account string, kind order.Kind, numbers []string) (map[string]KeyRecord, error)
	// LatestKey returns the order number under which an order of an account was last seen to exist; a
	// record without a number if there is none.
	LatestKey(ctx context.Context, account string, kind order.Kind) (KeyRecord, error)
	// NewListing starts an empty listing of orders of one kind. A ledger has one at a time: an
	// earlier one is dropped.
	NewListing(ctx context.Context, kind order.Kind) (Listing, error)
}

// Listing keeps orders that a list of the API showed, so that a long list takes disk and not
// memory. It ends with the process at the latest: another process would have to read the list again
// anyway, since it may have changed.
type Listing interface {
	// Add keeps an order under one of its numbers. One that is there already is replaced, so that a
	// list whose pages shifted shows none twice.
	Add(ctx context.Context, number string, a order.Answer) error
	// Find returns the orders that were kept under each of some numbers.
	Find(ctx context.Context, numbers []string) (map[string][]order.Answer, error)
	// Close drops the listing.
	Close() error
}

// Exports are the exports: the answers that each has read so far, and how far the published ones
// have come.
type Exports interface {
	// OpenExport returns the open export of a name, or starts one; found reports whether it was
	// there. An account has at most one open export of a name and kind. r needs Kind, Account and
	// Options.
	OpenExport(ctx context.Context, r Run, name string) (e Export, found bool, err error)
	// KeepAnswers keeps answers and the progress of the reading in one transaction. first is the
	// number of the first answer, counted from 1; numbers rise without gaps. The export must be held
	// by this process.
	KeepAnswers(ctx context.Context, run int64, first int, answers []Answer, progress []byte) error
	// Answers calls fn for each kept answer of an export with its number, in order. An error of fn
	// ends the loop and is returned as it is.
	Answers(ctx context.Context, run int64, fn func(n int, a Answer) error) error
	// CloseExport ends an export that this process holds and removes its answers. With a watermark
	// it was published, and the watermark is set in the same transaction; nil leaves it unchanged.
	CloseExport(ctx context.Context, run int64, w *Watermark) error
	// Watermark returns the watermark of an export's name; the zero Watermark when nothing of that
	// name was published.
	Watermark(ctx context.Context, account string, kind order.Kind, name string) (Watermark, error)
}

// Store is the ledger as a whole: its settings, its size and its upkeep.
type Store interface {
	// Path returns where the ledger is kept.
	Path() string
	// Setting returns a value that SetSetting kept; empty when there is none.
	Setting(ctx context.Context, name string) (string, error)
	// SetSetting keeps a small value by name.
	SetSetting(ctx context.Context, name, value string) error
	// Info measures the ledger.
	Info(ctx context.Context) (Info, error)
	// Prune removes the finished runs that ended before a time, and plans that were never completed
	// and were started before it. It returns how many runs it removed. What became of their order
	// numbers stays known, so nothing is ever sent twice. Runs with unknown outcomes stay.
	Prune(ctx context.Context, before time.Time) (runs int, err error)
	// Vacuum gives the space of what was removed back to the disk. It rewrites the whole ledger, and
	// other runs wait for it.
	Vacuum(ctx context.Context) error
	// Close unlocks all runs that this process holds and closes the ledger. It may be called twice.
	Close() error
}

// Info is the size of a ledger and what it holds.
type Info struct {
	Path        string
	Bytes       int64 // on disk, with its log
	Reclaimable int64 // bytes that Vacuum would give back
	Runs        map[RunState]int64
	Exports     int64     // open ones and finished ones, not in Runs
	Orders      int64     // of all runs
	Numbers     int64     // order numbers that it remembers
	Oldest      time.Time // when the oldest run was created; zero without runs
	Newest      time.Time
}
