package importer

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/importer/submit"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// Status is how far a run is, and what can be done about it.
type Status struct {
	Summary
	Busy   bool              // a process is working on it: Run.Owner
	Paused bool              // that process waits until the run is resumed
	Next   []report.NextStep // what a person can do now
}

// StatusResult is the JSON object of a Status.
type StatusResult struct {
	RunLine
	Started  *time.Time `json:"started"`
	Ended    *time.Time `json:"ended"`
	Process  string     `json:"process,omitempty"` // pid@host that works on it now
	Since    *time.Time `json:"since,omitempty"`
	Asked    string     `json:"asked,omitempty"`
	Problems int64      `json:"errors"`
	Balanced bool       `json:"balanced"`
	Next     string     `json:"next"`
}

// Result returns the JSON object. command words what can be done next.
func (s Status) Result(command func(problem.Remedy) string) StatusResult {
	orNil := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	r := StatusResult{
		RunLine: s.Line(), Started: orNil(s.Run.Started), Ended: orNil(s.Run.Ended),
		Problems: s.Problems[problem.Error], Balanced: s.Reconciles(), Next: report.JoinSteps(s.Next, command),
	}
	if s.Busy {
		r.Process, r.Since, r.Asked = s.Run.Owner, orNil(s.Run.OwnerSince), s.Run.Asked
	}
	return r
}

// Status counts a run; ledger.ErrNotFound when there is none with that number.
func (s *Service) Status(ctx context.Context, id int64) (Status, error) {
	sum, err := s.Summary(ctx, id)
	if err != nil {
		return Status{}, err
	}
	busy := sum.Run.Busy()
	st := Status{Summary: sum, Busy: busy, Paused: busy && sum.Run.Asked == submit.AskPause}
	st.Next = st.next()
	return st, nil
}

// Next returns what a person can do about a run now; it is never empty.
func (s *Service) Next(ctx context.Context, id int64) ([]report.NextStep, error) {
	st, err := s.Status(ctx, id)
	return st.Next, err
}

func (s Status) next() []report.NextStep {
	step := func(text string, kind problem.RemedyKind) []report.NextStep {
		return []report.NextStep{{Text: text, Remedy: problem.Remedy{Kind: kind, Run: s.Run.ID}}}
	}
	n, planned := s.Outcomes, s.Run.State == ledger.Planned
	undo, incomplete := s.UndoNextStep()
	switch {
	case s.Paused:
		return step("it is paused; continue it", problem.ResumeRun)
	case s.Busy:
		return step("wait until it ends, or stop it", problem.StopRun)
	case planned && s.Run.PlanHash != "" && n[ledger.NotAttempted] > 0:
		return step("nothing was sent; carry out the plan", problem.ApplyRun)
	case planned:
		return []report.NextStep{{Text: "nothing was sent: this was a dry run, or it was not confirmed; import the file again to send it"}}
	case n[ledger.NotAttempted]+n[ledger.Unknown] > 0:
		return step("continue it", problem.ResumeRun)
	case incomplete:
		return []report.NextStep{undo}
	case s.HasRowsToFix():
		return step("correct the sheet To fix of the report and import that; write the report again", problem.ReportRun)
	}
	return []report.NextStep{{Text: "nothing: everything is done"}}
}

// Summary counts a run by outcome.
func (s *Service) Summary(ctx context.Context, id int64) (Summary, error) {
	if _, err := s.Run(ctx, id); err != nil {
		return Summary{}, err
	}
	return report.ReadSummary(ctx, s.cfg.Ledger, id)
}

// Runs counts all runs, newest first.
func (s *Service) Runs(ctx context.Context) ([]Summary, error) {
	runs, err := s.cfg.Ledger.Runs(ctx)
	if err != nil {
		return nil, err
	}
	var out []Summary
	for _, r := range runs {
		sum, err := report.ReadSummary(ctx, s.cfg.Ledger, r.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, sum)
	}
	return out, nil
}

// Newest returns the newest run; 0 when there is none yet.
func (s *Service) Newest(ctx context.Context) (int64, error) {
	run, _, err := s.newest(ctx, func(ledger.Run) (bool, error) { return true, nil })
	return run.ID, err
}

// NewestOf returns the newest run that read a file with that content; 0 when there is none.
func (s *Service) NewestOf(ctx context.Context, content io.Reader) (int64, error) {
	hash, err := plan.Hash(content)
	if err != nil {
		return 0, err
	}
	run, _, err := s.newest(ctx, func(r ledger.Run) (bool, error) {
		sources, err := s.cfg.Ledger.Sources(ctx, r.ID)
		return slices.ContainsFunc(sources, func(src ledger.Source) bool { return src.Hash == hash }), err
	})
	return run.ID, err
}

// PlanSummary counts what a planned run would do.
func (s *Service) PlanSummary(ctx context.Context, id int64) (PlanSummary, error) {
	return report.ReadPlanSummary(ctx, s.cfg.Ledger, id)
}

// Pause asks the process that works on a run to take no new orders until the run is resumed. It
// returns that process.
func (s *Service) Pause(ctx context.Context, id int64) (owner string, err error) {
	return s.ask(ctx, id, submit.AskPause)
}

// Stop asks the process that works on a run to end it. Orders that were sent stay. It returns that
// process.
func (s *Service) Stop(ctx context.Context, id int64) (owner string, err error) {
	return s.ask(ctx, id, submit.AskStop)
}

func (s *Service) ask(ctx context.Context, id int64, request string) (owner string, err error) {
	run, err := s.Run(ctx, id)
	if err != nil {
		return "", err
	}
	if !run.Busy() {
		return "", notAllowed(nil, "no process is working on run %d; it is %s", id, run.State)
	}
	return run.Owner, s.cfg.Ledger.Ask(ctx, id, request)
}

// Report reads what the report of a run shows; the Report writes it. command words a next step; nil
// leaves commands out.
func (s *Service) Report(ctx context.Context, id int64, command func(problem.Remedy) string) (*report.Report, error) {
	if _, err := s.Run(ctx, id); err != nil {
		return nil, err
	}
	return report.New(ctx, report.Config{Ledger: s.cfg.Ledger, Run: id, Command: command})
}

// KeepReport remembers the report of a run as it was written.
func (s *Service) KeepReport(ctx context.Context, id int64, content io.Reader) error {
	hash, err := plan.Hash(content)
	if err != nil {
		return err
	}
	return s.cfg.Ledger.SetSetting(ctx, reportSetting(id), hash)
}

// IsReport reports whether a content is the last report of a run as it was written, so that nothing
// is lost that somebody corrected in it.
func (s *Service) IsReport(ctx context.Context, id int64, content io.Reader) bool {
	kept, err := s.cfg.Ledger.Setting(ctx, reportSetting(id))
	if err != nil || kept == "" {
		return false
	}
	hash, err := plan.Hash(content)
	return err == nil && hash == kept
}

func reportSetting(run int64) string { return fmt.Sprintf("report of run %d", run) }

// WritePlan writes the workbook of a plan. command words a next step; nil leaves commands out.
func (s *Service) WritePlan(ctx context.Context, id int64, command func(problem.Remedy) string, out io.Writer) error {
	return report.WritePlan(ctx, report.Config{Ledger: s.cfg.Ledger, Run: id, Command: command}, out)
}
