package report

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// Stats is what a run's requests cost, kept with the run and added up over resumes.
type Stats struct {
	Requests       int64   `json:"requests"`
	Throttled      int64   `json:"throttled"`
	Retries        int64   `json:"retries"`
	ElapsedSeconds float64 `json:"elapsed_seconds"`
}

// Summary counts a run's rows and orders by outcome.
type Summary struct {
	Run      ledger.Run
	Sources  []ledger.Source
	Outcomes map[ledger.State]int64 // orders by outcome
	Actions  map[string]int64       // orders still to be sent, by action: create, update, delete
	Problems map[problem.Severity]int64
	Stats    Stats
}

// outcomes are the outcomes of an order in the order in which reports show them.
var outcomes = []ledger.State{
	ledger.Created, ledger.Updated, ledger.Deleted, ledger.Unchanged, ledger.Skipped, ledger.Invalid,
	ledger.Rejected, ledger.Held, ledger.Unknown, ledger.NotAttempted,
}

// Outcome returns what a report calls an order's state: an order that is still to be sent wasn't
// attempted, and one that was claimed or waits for a lookup may exist or not.
func Outcome(s ledger.State) ledger.State {
	switch s {
	case ledger.OrderPlanned:
		return ledger.NotAttempted
	case ledger.Claimed, ledger.Unresolved:
		return ledger.Unknown
	}
	return s
}

// ReadSummary counts a run from the ledger. A run whose plan was never completed is
// ledger.ErrNotFound.
func ReadSummary(ctx context.Context, l Ledger, run int64) (Summary, error) {
	s := Summary{Outcomes: map[ledger.State]int64{}, Problems: map[problem.Severity]int64{}}
	var err error
	if s.Run, err = l.GetRun(ctx, run); err != nil {
		return s, err
	}
	if s.Run.State == ledger.Planning {
		return s, ledger.ErrNotFound
	}
	if s.Sources, err = l.Sources(ctx, run); err != nil {
		return s, err
	}
	states, err := l.CountStates(ctx, run)
	if err != nil {
		return s, err
	}
	for state, n := range states {
		s.Outcomes[Outcome(state)] += n
	}
	if s.Actions, err = l.CountActions(ctx, run, ledger.OrderPlanned); err != nil {
		return s, err
	}
	if len(s.Run.Stats) > 0 {
		if err := json.Unmarshal(s.Run.Stats, &s.Stats); err != nil {
			return s, fmt.Errorf("reading the run's statistics: %w", err)
		}
	}
	err = l.Problems(ctx, run, func(_ int64, p problem.Problem) error {
		s.Problems[p.Severity]++
		return nil
	})
	return s, err
}

// Reconciles reports whether every order and every row that was found is accounted for.
func (s Summary) Reconciles() bool {
	var sum int64
	for _, n := range s.Outcomes {
		sum += n
	}
	r := s.Run.Rows
	return sum == s.Run.Orders && r.Read == r.Used+r.Blank+r.Ignored+r.Invalid
}

// Totals returns the two sums that every report prints: of the orders and of the rows.
func (s Summary) Totals() (orders, rows string) {
	var parts []string
	for _, o := range outcomes {
		if n := s.Outcomes[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, outcomeWords(o)))
		}
	}
	r := s.Run.Rows
	return orderTotal(s.Run.Orders, parts), fmt.Sprintf(
		"rows read: %d = %d in orders + %d blank + %d ignored + %d invalid without an order",
		r.Read, r.Used, r.Blank, r.Ignored, r.Invalid)
}

func orderTotal(n int64, parts []string) string {
	if len(parts) == 0 {
		parts = []string{"0"}
	}
	return fmt.Sprintf("orders found: %d = %s", n, strings.Join(parts, " + "))
}

// outcomeWords returns an outcome as prose: not_attempted is "not sent".
func outcomeWords(o ledger.State) string {
	if o == ledger.NotAttempted {
		return "not sent"
	}
	return string(o)
}
