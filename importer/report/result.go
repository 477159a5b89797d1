package report

import (
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// Counted is what the JSON objects of all runs and plans have. docs/json.md describes them.
type Counted struct {
	Run            int64            `json:"run"`
	Kind           string           `json:"kind"`
	Sources        []Sheet          `json:"sources"`
	Rows           ledger.RowCounts `json:"rows"`
	Orders         map[string]int64 `json:"orders"`
	Problems       map[string]int64 `json:"problems"`
	Requests       int64            `json:"requests"`
	ElapsedSeconds float64          `json:"elapsed_seconds"`
	Balanced       bool             `json:"balanced"`
}

// Sheet is one sheet that a run read or left out.
type Sheet struct {
	File      string `json:"file"`
	Sheet     string `json:"sheet"`
	SHA256    string `json:"sha256"`
	HeaderRow int    `json:"header_row"`
	Rows      int64  `json:"rows"`
	LeftOut   string `json:"left_out,omitempty"`
}

// RunResult is the JSON object of a run.
type RunResult struct {
	Counted
	Throttled int64       `json:"throttled"`
	Retries   int64       `json:"retries"`
	Report    string      `json:"report"`
	Undo      *UndoResult `json:"undo,omitempty"`
}

// UndoResult is what JSON says of an undo beside what it says of every run.
type UndoResult struct {
	Run    int64 `json:"run"`    // the run that is undone
	Kept   int   `json:"kept"`   // fields or orders that somebody has changed since
	Cannot int   `json:"cannot"` // fields or orders that can't be undone
}

// PlanResult is the JSON object of a plan. docs/changing-orders.md describes it.
type PlanResult struct {
	Counted
	Account  string   `json:"account"`
	Fields   []Count  `json:"fields"`
	Lines    []Count  `json:"lines"`
	Channels []Count  `json:"channels"`
	Notes    []Count  `json:"notes"`
	Warnings []string `json:"warnings"`
	Plan     string   `json:"plan"`
}

// RunLine is the JSON object of a run in a list.
type RunLine struct {
	Run     int64            `json:"run"`
	Kind    string           `json:"kind"`
	Account string           `json:"account"`
	State   string           `json:"state"`
	Created time.Time        `json:"created"`
	Files   []string         `json:"files"`
	Orders  map[string]int64 `json:"orders"`
}

func (s Summary) counted(started time.Time) Counted {
	c := Counted{
		Run: s.Run.ID, Kind: string(s.Run.Kind), Sources: []Sheet{}, Rows: s.Run.Rows,
		Orders: map[string]int64{"found": s.Run.Orders},
		Problems: map[string]int64{
			"errors": s.Problems[problem.Error], "warnings": s.Problems[problem.Warning], "notices": s.Problems[problem.Notice],
		},
		Requests: s.Stats.Requests, ElapsedSeconds: float64(time.Since(started).Milliseconds()) / 1000,
		Balanced: s.Reconciles(),
	}
	for _, src := range s.Sources {
		c.Sources = append(c.Sources, Sheet{src.File, src.Sheet, src.Hash, src.HeaderRow, src.Rows, src.LeftOut})
	}
	for _, o := range outcomes {
		c.Orders[string(o)] = s.Outcomes[o]
	}
	return c
}

// Result returns the JSON object of a run, by a command or a task that started then. changed and
// irreversible are what an undo leaves. The zero Summary is for what ended before there was a run.
func (s Summary) Result(started time.Time, changed, irreversible Left) RunResult {
	r := RunResult{Counted: s.counted(started), Throttled: s.Stats.Throttled, Retries: s.Stats.Retries}
	if undone := plan.Undoes(s.Run); undone != 0 {
		r.Undo = &UndoResult{undone, len(changed.Problems), len(irreversible.Problems)}
	}
	return r
}

// PlanResult returns the JSON object of a plan.
func (s Summary) PlanResult(started time.Time, p PlanSummary) PlanResult {
	r := PlanResult{
		Counted: s.counted(started), Account: s.Run.Account, Fields: p.Fields, Lines: p.Lines, Channels: p.Channels,
		Notes: p.Notes, Warnings: append([]string{}, p.Warnings(s.Run.Kind)...),
	}
	delete(r.Orders, string(ledger.NotAttempted)) // counted by what is to be done
	for _, action := range []string{"create", "update", "delete"} {
		r.Orders[action] = p.Actions[action]
	}
	return r
}

// Line returns the JSON object of a run in a list.
func (s Summary) Line() RunLine {
	r := s.Run
	line := RunLine{r.ID, string(r.Kind), r.Account, string(r.State), r.Created, []string{}, map[string]int64{"found": r.Orders}}
	for _, src := range s.Sources {
		if n := len(line.Files); n == 0 || line.Files[n-1] != src.File {
			line.Files = append(line.Files, src.File)
		}
	}
	for outcome, n := range s.Outcomes {
		if n > 0 {
			line.Orders[string(outcome)] = n
		}
	}
	return line
}
