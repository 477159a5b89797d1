package report

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// Stats is what a run's submissions cost, kept with the run and added up over resumes.
type Stats struct {
	Requests       int64   `json:"requests"`
	Throttled      int64   `json:"throttled"`
	Retries        int64   `json:"retries"`
	ElapsedSeconds float64 `json:"elapsed_seconds"`
}

// Summary are the accounts of a run: what was found, and what became of it.
type Summary struct {
	Run      ledger.Run
	Sources  []ledger.Source
	Outcomes map[ledger.State]int64 // orders by final word
	Actions  map[string]int64       // orders that are planned to be sent, by action: create, update, delete
	Problems map[problem.Severity]int64
	Stats    Stats
}

// outcomes are the words of a report in the order in which they are shown.
var outcomes = []ledger.State{
	ledger.Created, ledger.Updated, ledger.Deleted, ledger.Unchanged, ledger.Skipped, ledger.Refused, ledger.Rejected, ledger.Held,
	ledger.Unknown, ledger.NotAttempted,
}

// Outcome is the final word that a report has for an order in a state: what is still to be sent was not attempted, and what was claimed or set
// aside may stand or not.
func Outcome(s ledger.State) ledger.State {
	switch s {
	case ledger.OrderPlanned:
		return ledger.NotAttempted
	case ledger.Claimed, ledger.Aside:
		return ledger.Unknown
	}
	return s
}

// ReadSummary adds up a run from the ledger. A run whose plan never came to its end is ledger.ErrNotFound: there is nothing to add up.
func ReadSummary(ctx context.Context, l *ledger.Ledger, run int64) (Summary, error) {
	b := Summary{Outcomes: map[ledger.State]int64{}, Problems: map[problem.Severity]int64{}}
	var err error
	if b.Run, err = l.GetRun(ctx, run); err != nil {
		return b, err
	}
	if b.Run.State == ledger.Planning {
		return b, ledger.ErrNotFound
	}
	if b.Sources, err = l.Sources(ctx, run); err != nil {
		return b, err
	}
	states, err := l.CountStates(ctx, run)
	if err != nil {
		return b, err
	}
	for s, n := range states {
		b.Outcomes[Outcome(s)] += n
	}
	if b.Actions, err = l.CountActions(ctx, run, ledger.OrderPlanned); err != nil {
		return b, err
	}
	if len(b.Run.Stats) > 0 {
		if err := json.Unmarshal(b.Run.Stats, &b.Stats); err != nil {
			return b, fmt.Errorf("reading the run's figures: %w", err)
		}
	}
	err = l.Problems(ctx, run, func(_ int64, p problem.Problem) error {
		b.Problems[p.Severity]++
		return nil
	})
	return b, err
}

// Reconciles says that every order and every row that was found is accounted for.
func (b Summary) Reconciles() bool {
	var sum int64
	for _, n := range b.Outcomes {
		sum += n
	}
	r := b.Run.Rows
	return sum == b.Run.Orders && r.Read == r.Used+r.Blank+r.Ignored+r.Refused
}

// Totals are the two closing equations that every report prints.
func (b Summary) Totals() (orders, rows string) {
	var parts []string
	for _, w := range outcomes {
		if n := b.Outcomes[w]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(w), "_", " ")))
		}
	}
	if len(parts) == 0 {
		parts = []string{"0"}
	}
	r := b.Run.Rows
	return fmt.Sprintf("orders found: %d = %s", b.Run.Orders, strings.Join(parts, " + ")),
		fmt.Sprintf("rows read: %d = %d in orders + %d blank + %d ignored + %d refused without an order", r.Read, r.Used, r.Blank, r.Ignored, r.Refused)
}

// Outcomes are the words of a report in the order in which they are shown.
func Outcomes() []ledger.State { return outcomes }
