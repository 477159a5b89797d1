package cli

import (
	"time"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// result is what the JSON objects of all runs and plans have. docs/json.md describes them.
type result struct {
	Run            int64            `json:"run"`
	Kind           string           `json:"kind"`
	Sources        []sourceResult   `json:"sources"`
	Rows           rowResult        `json:"rows"`
	Orders         map[string]int64 `json:"orders"`
	Problems       map[string]int64 `json:"problems"`
	Requests       int64            `json:"requests"`
	ElapsedSeconds float64          `json:"elapsed_seconds"`
	Balanced       bool             `json:"balanced"`
}

// runResult is the one JSON object of a run.
type runResult struct {
	result
	Throttled int64       `json:"throttled"`
	Retries   int64       `json:"retries"`
	Report    string      `json:"report"`
	Undo      *undoResult `json:"undo,omitempty"`
}

// planResult is the one JSON object of a plan. docs/changing-orders.md describes it.
type planResult struct {
	result
	Account  string           `json:"account"`
	Fields   []importer.Count `json:"fields"`
	Lines    []importer.Count `json:"lines"`
	Channels []importer.Count `json:"channels"`
	Notes    []importer.Count `json:"notes"`
	Warnings []string         `json:"warnings"`
	Plan     string           `json:"plan"`
}

type sourceResult struct {
	File      string `json:"file"`
	Sheet     string `json:"sheet"`
	SHA256    string `json:"sha256"`
	HeaderRow int    `json:"header_row"`
	Rows      int64  `json:"rows"`
	LeftOut   string `json:"left_out,omitempty"`
}

type rowResult struct {
	Read    int64 `json:"read"`
	Used    int64 `json:"used"`
	Blank   int64 `json:"blank"`
	Ignored int64 `json:"ignored"`
	Invalid int64 `json:"invalid"`
}

// undoResult is what JSON says of an undo beside what it says of every run.
type undoResult struct {
	Run    int64 `json:"run"`    // the run that is undone
	Kept   int   `json:"kept"`   // fields or orders that somebody has changed since
	Cannot int   `json:"cannot"` // fields or orders that can't be undone
}

// resultOf returns what is the same for runs and plans. The zero Summary is for a command that ended
// before it had one.
func (a *app) resultOf(sum importer.Summary) result {
	r := result{
		Run: sum.Run.ID, Kind: string(sum.Run.Kind), Sources: []sourceResult{}, Rows: rowResult(sum.Run.Rows),
		Orders: map[string]int64{"found": sum.Run.Orders},
		Problems: map[string]int64{
			"errors": sum.Problems[problem.Error], "warnings": sum.Problems[problem.Warning], "notices": sum.Problems[problem.Notice],
		},
		Requests: sum.Stats.Requests, ElapsedSeconds: float64(time.Since(a.started).Milliseconds()) / 1000,
		Balanced: sum.Reconciles(),
	}
	for _, src := range sum.Sources {
		r.Sources = append(r.Sources, sourceResult{src.File, src.Sheet, src.Hash, src.HeaderRow, src.Rows, src.LeftOut})
	}
	for _, o := range importer.Outcomes() {
		r.Orders[string(o)] = sum.Outcomes[o]
	}
	return r
}

func (s *session) printRunJSON(sum importer.Summary, report string) error {
	r := runResult{result: s.resultOf(sum), Throttled: sum.Stats.Throttled, Retries: sum.Stats.Retries}
	if report != "" {
		r.Report = reportFiles(report)[0]
	}
	if undone := importer.Undoes(sum.Run); undone != 0 {
		changed, irreversible, err := s.UndoLeft(s.hard, sum.Run.ID)
		if err != nil {
			return err
		}
		r.Undo = &undoResult{undone, len(changed.Problems), len(irreversible.Problems)}
	}
	return s.show(r, nothing)
}

func (s *session) printPlanJSON(sum importer.Summary, p importer.PlanSummary, path string) error {
	r := planResult{
		result: s.resultOf(sum), Account: sum.Run.Account, Plan: path,
		Fields: p.Fields, Lines: p.Lines, Channels: p.Channels, Notes: p.Notes,
		Warnings: append([]string{}, p.Warnings(sum.Run.Kind)...),
	}
	r.Requests = s.client.Stats().Requests
	delete(r.Orders, string(ledger.NotAttempted)) // counted by what is to be done
	for _, action := range []string{"create", "update", "delete"} {
		r.Orders[action] = p.Actions[action]
	}
	return s.show(r, nothing)
}
