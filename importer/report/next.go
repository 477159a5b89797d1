package report

import (
	"fmt"
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// NextStep is what a person should do after a run, and how. The kind of the remedy is empty where
// there is nothing to start.
type NextStep struct {
	Text   string
	Remedy problem.Remedy
}

// NextSteps returns what to do after a run; it is never empty.
func (s Summary) NextSteps() []NextStep {
	var steps []NextStep
	n := s.Outcomes
	step := func(text string, kind problem.RemedyKind) {
		steps = append(steps, NextStep{text, problem.Remedy{Kind: kind, Run: s.Run.ID}})
	}
	if n[ledger.Unknown] > 0 {
		step("search Luminous for "+theOrders(n[ledger.Unknown])+" marked unknown, or look again", problem.ResumeRun)
	}
	if undo, ok := s.UndoNextStep(); ok {
		steps = append(steps, undo)
	} else if s.HasRowsToFix() {
		step("correct the rows on the sheet "+plan.ToFixSheet+", save, and import this workbook: only that sheet is read", "")
	}
	if n[ledger.NotAttempted] > 0 && !s.Run.Started.IsZero() {
		step("send "+theOrders(n[ledger.NotAttempted])+" not sent yet", problem.ResumeRun)
	}
	switch {
	case len(steps) > 0:
	case n[ledger.NotAttempted] == 0:
		step("nothing: everything is done", "")
	case s.Run.PlanHash != "":
		step("nothing was sent; carry out the plan", problem.ApplyRun)
	default:
		step("nothing is wrong with the file; import it without a dry run to send it", "")
	}
	return steps
}

// HasRowsToFix reports whether the sheet To fix of the run's report has rows that can be corrected.
func (s Summary) HasRowsToFix() bool {
	n := s.Outcomes
	return n[ledger.Invalid]+n[ledger.Rejected]+n[ledger.Held] > 0 || s.Run.Rows.Invalid > 0
}

// PlanNextSteps returns what to do with a plan; it is never empty.
func PlanNextSteps(s Summary, p PlanSummary) []NextStep {
	steps := []NextStep{{Text: "nothing is to be sent"}}
	switch {
	case !s.Run.Started.IsZero():
		steps[0] = NextStep{"see what became of it", problem.Remedy{Kind: problem.ReportRun, Run: s.Run.ID}}
	case p.Sends() > 0:
		steps[0] = NextStep{"carry out exactly this plan", problem.Remedy{Kind: problem.ApplyRun, Run: s.Run.ID}}
	}
	if step, ok := s.UndoNextStep(); ok {
		steps = append(steps, step)
	} else if s.Outcomes[ledger.Held]+s.Outcomes[ledger.Invalid] > 0 {
		steps = append(steps, NextStep{
			Text: "correct what is held or invalid in your own file, and plan it again; or go on without these orders",
		})
	}
	return steps
}

// UndoNextStep returns what to do about what an undo left as it was; false when there is nothing,
// or when the run is no undo.
func (s Summary) UndoNextStep() (NextStep, bool) {
	n := plan.Undoes(s.Run)
	left := s.Problems[problem.Error] + s.Outcomes[ledger.Held] + s.Outcomes[ledger.Invalid] + s.Outcomes[ledger.Rejected]
	return NextStep{
		"look in Luminous at what was kept or can't be undone (the report says why); to try again",
		problem.Remedy{Kind: problem.UndoRun, Run: n},
	}, n != 0 && left > 0
}

func theOrders(n int64) string {
	if n == 1 {
		return "the order"
	}
	return fmt.Sprintf("the %d orders", n)
}

// JoinSteps writes steps as one text. command words a remedy; nil leaves remedies out.
func JoinSteps(steps []NextStep, command func(problem.Remedy) string) string {
	var parts []string
	for _, s := range steps {
		text := s.Text
		if s.Remedy.Kind != "" && command != nil {
			text += ": " + command(s.Remedy)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}
