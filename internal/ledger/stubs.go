package ledger

import (
	"context"
	"errors"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
)

var errStub = errors.New("not written yet")

// Ledger is an open ledger.
type Ledger struct{ path string }

// Open opens the ledger at path and makes it when there is none; ":memory:" is one that lives in memory.
func Open(path string) (*Ledger, error) { return nil, errStub }
func (l *Ledger) Close() error          { return errStub }
func (l *Ledger) Path() string          { return l.path }

// NewRun starts a run; an empty State means Planning.
func (l *Ledger) NewRun(ctx context.Context, r Run) (id int64, err error)          { return 0, errStub }
func (l *Ledger) GetRun(ctx context.Context, id int64) (Run, error)                { return Run{}, errStub }
func (l *Ledger) Runs(ctx context.Context) ([]Run, error)                          { return nil, errStub }
func (l *Ledger) UpdateRun(ctx context.Context, id int64, change func(*Run)) error { return errStub }
func (l *Ledger) Acquire(ctx context.Context, run int64, owner string) (release func(), err error) {
	return nil, errStub
}

// Ask leaves a wish for the process that has the run: stop, pause, or "" to take it back. Taken.Asked brings it.
func (l *Ledger) Ask(ctx context.Context, run int64, wish string) error { return errStub }
func (l *Ledger) AddSource(ctx context.Context, run int64, s Source) (n int, err error) {
	return 0, errStub
}

// UpdateSource writes all of s but its spooled rows over source s.N.
func (l *Ledger) UpdateSource(ctx context.Context, run int64, s Source) error { return errStub }
func (l *Ledger) Sources(ctx context.Context, run int64) ([]Source, error)    { return nil, errStub }
func (l *Ledger) DropRows(ctx context.Context, run int64, source int) error   { return errStub }
func (l *Ledger) Discard(ctx context.Context, run int64) error                { return errStub }

type SpoolWriter struct{}

func (l *Ledger) Spool(run int64, source int) *SpoolWriter { return nil }
func (w *SpoolWriter) Append(r *cell.Row) error            { return errStub }
func (w *SpoolWriter) Close(ctx context.Context) error     { return errStub }

// SpoolRows calls fn for each spooled row, in order; the row is valid only inside fn.
func (l *Ledger) SpoolRows(ctx context.Context, run int64, source int, fn func(*cell.Row) error) error {
	return errStub
}

// SpoolPick calls fn for the rows with these rising numbers and decodes no block without one of them.
func (l *Ledger) SpoolPick(ctx context.Context, run int64, source int, rows []int, fn func(*cell.Row) error) error {
	return errStub
}

type OrderWriter struct{}

func (l *Ledger) PutOrders(run int64) *OrderWriter                                 { return nil }
func (w *OrderWriter) Add(o Order, problems []cell.Problem) (seq int64, err error) { return 0, errStub }
func (w *OrderWriter) Close(ctx context.Context) error                             { return errStub }
func (l *Ledger) AddProblems(ctx context.Context, run, seq int64, problems []cell.Problem) error {
	return errStub
}

// Advance records what was settled and claims up to want more, in one durable transaction.
func (l *Ledger) Advance(ctx context.Context, run int64, settled []Settlement, want int) (Taken, error) {
	return Taken{}, errStub
}

// Recover sets aside what a dead process had claimed; NextLook is the claim's time + wait.
func (l *Ledger) Recover(ctx context.Context, run int64, wait time.Duration) (n int64, err error) {
	return 0, errStub
}

// Asides returns up to limit orders (full) whose NextLook is not after before, the longest due first.
func (l *Ledger) Asides(ctx context.Context, run int64, before time.Time, limit int) ([]Order, error) {
	return nil, errStub
}
func (l *Ledger) CountStates(ctx context.Context, run int64) (map[State]int64, error) {
	return nil, errStub
}

// Orders calls fn for each order in rising Seq.
func (l *Ledger) Orders(ctx context.Context, run int64, f Filter, fn func(*Order) error) error {
	return errStub
}
func (l *Ledger) GetOrder(ctx context.Context, run, seq int64) (Order, error) {
	return Order{}, errStub
}
func (l *Ledger) OrderByNumber(ctx context.Context, run int64, number string) (Order, error) {
	return Order{}, errStub
}

// Problems calls fn for each problem in the order in which they were added; seq is 0 for those of the run itself.
func (l *Ledger) Problems(ctx context.Context, run int64, fn func(seq int64, p cell.Problem) error) error {
	return errStub
}
func (l *Ledger) OrderProblems(ctx context.Context, run, seq int64) ([]cell.Problem, error) {
	return nil, errStub
}
func (l *Ledger) Attempts(ctx context.Context, run, seq int64) ([]Attempt, error) {
	return nil, errStub
}

// KeyInfo returns what the ledger remembers of these order numbers; numbers it doesn't know are left out.
func (l *Ledger) KeyInfo(ctx context.Context, account string, kind order.Kind, numbers []string) (map[string]KeyRecord, error) {
	return nil, errStub
}
func (l *Ledger) Setting(ctx context.Context, name string) (string, error) { return "", errStub }
func (l *Ledger) SetSetting(ctx context.Context, name, value string) error { return errStub }
