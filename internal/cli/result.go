package cli

import (
	"encoding/json"
	"io"
	"time"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// result is the one JSON object of a run. docs/json.md describes it.
type result struct {
	Run            int64            `json:"run"`
	Kind           string           `json:"kind"`
	Sources        []sourceResult   `json:"sources"`
	Rows           rowResult        `json:"rows"`
	Orders         map[string]int64 `json:"orders"`
	Problems       map[string]int64 `json:"problems"`
	Requests       int64            `json:"requests"`
	Throttled      int64            `json:"throttled"`
	Retries        int64            `json:"retries"`
	ElapsedSeconds float64          `json:"elapsed_seconds"`
	Report         string           `json:"report"`
	Balanced       bool             `json:"balanced"`
	Undo           *undoResult      `json:"undo,omitempty"`
}

// planResult is the one JSON object of a plan. docs/changing-orders.md describes it.
type planResult struct {
	Run            int64            `json:"run"`
	Kind           string           `json:"kind"`
	Account        string           `json:"account"`
	Sources        []sourceResult   `json:"sources"`
	Rows           rowResult        `json:"rows"`
	Orders         map[string]int64 `json:"orders"`
	Fields         []importer.Count `json:"fields"`
	Lines          []importer.Count `json:"lines"`
	Channels       []importer.Count `json:"channels"`
	Notes          []importer.Count `json:"notes"`
	Warnings       []string         `json:"warnings"`
	Problems       map[string]int64 `json:"problems"`
	Requests       int64            `json:"requests"`
	ElapsedSeconds float64          `json:"elapsed_seconds"`
	Plan           string           `json:"plan"`
	Balanced       bool             `json:"balanced"`
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

func (s *session) printJSON(sum importer.Summary, report string, started time.Time) error {
	r := result{
		Run: sum.Run.ID, Kind: string(sum.Run.Kind), Sources: sourceResults(sum), Rows: rowResult(sum.Run.Rows),
		Orders: outcomeCounts(sum), Problems: problemCounts(sum),
		Requests: sum.Stats.Requests, Throttled: sum.Stats.Throttled, Retries: sum.Stats.Retries,
		ElapsedSeconds: secondsSince(started), Balanced: sum.Reconciles(),
	}
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
	return json.NewEncoder(s.Stdout).Encode(r)
}

func (s *session) printPlanJSON(sum importer.Summary, p importer.PlanSummary, path string, started time.Time) error {
	r := planResult{
		Run: sum.Run.ID, Kind: string(sum.Run.Kind), Account: sum.Run.Account,
		Sources: sourceResults(sum), Rows: rowResult(sum.Run.Rows), Orders: outcomeCounts(sum),
		Fields: p.Fields, Lines: p.Lines, Channels: p.Channels, Notes: p.Notes,
		Warnings: append([]string{}, p.Warnings(sum.Run.Kind)...), Problems: problemCounts(sum),
		Requests: s.client.Stats().Requests, ElapsedSeconds: secondsSince(started), Plan: path, Balanced: sum.Reconciles(),
	}
	delete(r.Orders, string(ledger.NotAttempted)) // counted by what is to be done
	for _, action := range []string{"create", "update", "delete"} {
		r.Orders[action] = p.Actions[action]
	}
	return json.NewEncoder(s.Stdout).Encode(r)
}

// printFailure prints the one JSON object of a command that ended before it had a result.
func printFailure(w io.Writer, code Code) error {
	r := result{Sources: []sourceResult{}, Orders: outcomeCounts(importer.Summary{}), Problems: problemCounts(importer.Summary{}), Balanced: code != Bug}
	return json.NewEncoder(w).Encode(r)
}

func outcomeCounts(sum importer.Summary) map[string]int64 {
	out := map[string]int64{"found": sum.Run.Orders}
	for _, o := range importer.Outcomes() {
		out[string(o)] = sum.Outcomes[o]
	}
	return out
}

func problemCounts(sum importer.Summary) map[string]int64 {
	return map[string]int64{
		"errors": sum.Problems[problem.Error], "warnings": sum.Problems[problem.Warning], "notices": sum.Problems[problem.Notice],
	}
}

func sourceResults(sum importer.Summary) []sourceResult {
	out := []sourceResult{}
	for _, src := range sum.Sources {
		out = append(out, sourceResult{src.File, src.Sheet, src.Hash, src.HeaderRow, src.Rows, src.LeftOut})
	}
	return out
}

func secondsSince(t time.Time) float64 { return float64(time.Since(t).Milliseconds()) / 1000 }
