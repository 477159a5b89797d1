package importer

import (
	"context"
	"errors"

	"ordersheet/importer/compare"
	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// Plan reads the files of a job (OpenInput) into the ledger and plans their orders there. It makes
// no request.
func (s *Service) Plan(ctx context.Context, in *plan.Input) (ledger.Run, error) {
	in.Observe = s.cfg.Observe
	run, err := in.Plan(ctx, s.cfg.Ledger)
	if err != nil && ctx.Err() != nil {
		return run, &NotSentError{ErrStopped}
	}
	return run, err
}

// Unfinished finds the newest confirmed run over the same content, with the same mapping, for the
// same account, that ended early. Such a run is resumed, since a second plan would send its orders
// again.
func (s *Service) Unfinished(ctx context.Context, in *plan.Input) (ledger.Run, bool, error) {
	input, mapped, err := in.Identity()
	if err != nil {
		return ledger.Run{}, false, err
	}
	return s.newestOpen(ctx, func(r ledger.Run) bool {
		return r.InputHash == input && r.MappingHash == mapped && r.Account == in.Account && r.State != ledger.Finished
	})
}

// Compare compares the orders of a planned run with those that exist, and freezes the plan, so that
// Apply carries out that and nothing else.
func (s *Service) Compare(ctx context.Context, id int64) (Summary, error) {
	t, err := s.take(ctx, id, nil, mayBegin)
	if err != nil {
		return Summary{}, err
	}
	defer t.release()
	return t.compareAndFreeze(ctx, false)
}

// Refresh compares the held orders of a run again, and plans those that can be sent now. change
// changes how orders are compared; nil is as the run was planned.
func (s *Service) Refresh(ctx context.Context, id int64, change func(*Options)) (Summary, error) {
	t, err := s.take(ctx, id, change, func(r ledger.Run) error { return s.mayRefresh(ctx, r) })
	if err != nil {
		return Summary{}, err
	}
	defer t.release()
	if change != nil {
		if err := t.keepOptions(ctx); err != nil {
			return Summary{}, err
		}
	}
	t.options.Existing = string(compare.CheckOn)
	return t.compareAndFreeze(ctx, true)
}

func (s *Service) mayRefresh(ctx context.Context, run ledger.Run) error {
	left, err := s.leftToDo(ctx, run)
	switch n := plan.Undoes(run); {
	case err != nil:
		return err
	case n != 0:
		return notAllowed(remedy(n, problem.UndoRun), "run %d is an undo of run %d; undo that run again to plan what is left of it", run.ID, n)
	case left:
		return notAllowed(remedy(run.ID, problem.ResumeRun), "run %d isn't finished", run.ID)
	case run.State == ledger.Planned && run.PlanHash == "":
		return notAllowed(nil, "run %d is not a plan: it was never compared with existing orders", run.ID)
	}
	return nil
}

func (t *task) compareAndFreeze(ctx context.Context, refresh bool) (Summary, error) {
	if err := t.compare(ctx, refresh); err != nil {
		return Summary{}, err
	}
	if err := plan.Freeze(ctx, t.cfg.Ledger, t.run.ID); err != nil {
		return Summary{}, err
	}
	return report.ReadSummary(ctx, t.cfg.Ledger, t.run.ID)
}

// compare compares the planned orders with those that exist; with refresh, the held ones.
func (t *task) compare(ctx context.Context, refresh bool) error {
	sources, err := t.cfg.Ledger.Sources(ctx, t.run.ID)
	if err != nil {
		return err
	}
	o := t.options
	unchecked, err := compare.Run(ctx, compare.Config{
		Ledger: t.cfg.Ledger, API: t.api, Run: t.run, Sources: sources, Workers: o.Workers,
		Existing: compare.CheckExisting(o.Existing), Recreate: o.Recreate, Refresh: refresh,
		Tags: o.Tags, ReplacePayments: o.ReplacePayments, AllowLineRemoval: o.LineRemoval,
		MayList: t.cfg.MayList, Observe: t.cfg.Observe,
	})
	if unchecked != "" {
		t.cfg.Observe.Tell(Event{Phase: plan.Checking, Note: unchecked})
	}
	switch {
	case ctx.Err() != nil:
		return &NotSentError{ErrStopped}
	case err != nil:
		return &NotSentError{err}
	}
	return nil
}

// leftToDo reports whether a confirmed run has orders without an outcome, or with an unknown one.
// It stops at the first: a run may have a million.
func (s *Service) leftToDo(ctx context.Context, run ledger.Run) (bool, error) {
	if run.State == ledger.Planning || run.State == ledger.Planned {
		return false, nil
	}
	open := ledger.Filter{States: []ledger.State{
		ledger.OrderPlanned, ledger.Claimed, ledger.Unresolved, ledger.NotAttempted, ledger.Unknown,
	}}
	errFound := errors.New("found")
	err := s.cfg.Ledger.Orders(ctx, run.ID, open, func(*ledger.Order) error { return errFound })
	if errors.Is(err, errFound) {
		return true, nil
	}
	return false, err
}

// newest finds the newest run that fits.
func (s *Service) newest(ctx context.Context, fits func(ledger.Run) (bool, error)) (ledger.Run, bool, error) {
	runs, err := s.cfg.Ledger.Runs(ctx)
	for _, run := range runs {
		if ok, err := fits(run); ok || err != nil {
			return run, err == nil, err
		}
	}
	return ledger.Run{}, false, err
}

// newestOpen finds the newest run that fits and has something left to do.
func (s *Service) newestOpen(ctx context.Context, fits func(ledger.Run) bool) (ledger.Run, bool, error) {
	return s.newest(ctx, func(r ledger.Run) (bool, error) {
		if !fits(r) {
			return false, nil
		}
		return s.leftToDo(ctx, r)
	})
}
