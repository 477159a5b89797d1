package importer

import (
	"context"
	"slices"
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/importer/report"
	"ordersheet/importer/undo"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
)

// PlanUndo plans how to undo a run: a run of its own, which Apply carries out. change changes the
// default options.
func (s *Service) PlanUndo(ctx context.Context, id int64, change func(*Options)) (Summary, error) {
	open, ok, err := s.unfinishedUndo(ctx, id, change)
	if err == nil && ok {
		err = notAllowed(remedy(open, problem.ResumeRun), "run %d is an undo of run %d and isn't finished", open, id)
	}
	if err != nil {
		return Summary{}, err
	}
	t, err := s.planUndo(ctx, ctx, id, change)
	if err != nil {
		return Summary{}, err
	}
	defer t.release()
	return report.ReadSummary(ctx, s.cfg.Ledger, t.run.ID)
}

// Undo plans how to undo a run, has that confirmed, and carries it out. An undo of the run that
// ended early is resumed instead. change changes the default options, or those of the resumed undo.
func (s *Service) Undo(soft, hard context.Context, id int64, change func(*Options)) (Result, error) {
	open, ok, err := s.unfinishedUndo(hard, id, change)
	if err != nil {
		return Result{}, err
	}
	if ok {
		return s.Resume(soft, hard, open, change)
	}
	t, err := s.planUndo(soft, hard, id, change)
	if err != nil {
		return Result{}, err
	}
	defer t.release()
	return t.carryOut(soft, hard)
}

// unfinishedUndo finds an undo of a run that ended early; it fails where the run can't be undone.
func (s *Service) unfinishedUndo(ctx context.Context, id int64, change func(*Options)) (undo int64, ok bool, err error) {
	run, err := s.Run(ctx, id)
	switch {
	case err != nil:
	case run.Mode == ledger.ExportMode:
		err = notAllowed(nil, "run %d is an export, which changed nothing", id)
	case run.Started.IsZero():
		err = notAllowed(nil, "run %d sent nothing, so there is nothing to undo", id)
	case run.Busy():
		err = notAllowed(remedy(id, problem.StopRun), "process %s is working on run %d", run.Owner, id)
	default:
		err = checkUndoStatus(run.Kind, undoOptions(change).Status)
	}
	if err != nil {
		return 0, false, err
	}
	open, ok, err := s.newestOpen(ctx, func(r ledger.Run) bool { return plan.Undoes(r) == id && r.State != ledger.Finished })
	return open.ID, ok, err
}

// planUndo plans the undo of a run and takes that plan. The undone run stays taken as well, so that
// nobody continues it meanwhile.
func (s *Service) planUndo(soft, hard context.Context, id int64, change func(*Options)) (*task, error) {
	undone, err := s.take(hard, id, func(o *Options) { *o = undoOptions(change) }, func(ledger.Run) error { return nil })
	if err != nil {
		return nil, err
	}
	t := &task{Service: s, options: undone.options, api: undone.api}
	t.run, err = undo.Plan(soft, undo.Config{
		Ledger: s.cfg.Ledger, API: t.api, Run: undone.run, Options: t.options, Observe: s.cfg.Observe,
	})
	release := func() {}
	switch {
	case soft.Err() != nil:
		err = &NotSentError{ErrStopped}
	case err != nil:
		err = &NotSentError{err}
	default:
		release, err = s.cfg.Ledger.Acquire(hard, t.run.ID, s.cfg.Owner)
		t.options.Undo = id
	}
	if err != nil {
		undone.release()
		return nil, err
	}
	t.release = func() { release(); undone.release() }
	return t, nil
}

func undoOptions(change func(*Options)) Options {
	o := plan.DefaultOptions()
	if change != nil {
		change(&o)
	}
	return o
}

// checkUndoStatus reports why an undo can't give sales orders a status.
func checkUndoStatus(kind order.Kind, status string) error {
	allowed := catalog.FieldByPath(order.SalesOrders, "order_status").UpdateEnum
	switch {
	case status == "":
		return nil
	case kind == order.PurchaseOrders:
		return notAllowed(nil, "a status is for sales orders; purchase orders that a run created are deleted")
	case slices.Contains(allowed, status):
		return nil
	}
	return notAllowed(nil, "the status is one of %s, not %q", strings.Join(allowed, ", "), status)
}

// UndoLeft returns what an undo leaves as it is: because somebody changed it since, and because it
// can't be undone.
func (s *Service) UndoLeft(ctx context.Context, id int64) (changed, irreversible report.Left, err error) {
	orders := [2]map[string]bool{{}, {}}
	err = s.cfg.Ledger.Problems(ctx, id, func(_ int64, p problem.Problem) error {
		switch {
		case undo.Kept(p):
			changed.Problems = append(changed.Problems, p)
			orders[0][p.OrderNumber] = true
		case undo.CannotUndo(p):
			irreversible.Problems = append(irreversible.Problems, p)
			orders[1][p.OrderNumber] = true
		}
		return nil
	})
	changed.Orders, irreversible.Orders = len(orders[0]), len(orders[1])
	return changed, irreversible, err
}

// PlanLines says what a person has to know about a planned run before confirming it: in counts
// where it only creates orders.
func (s *Service) PlanLines(ctx context.Context, sum Summary) ([]string, error) {
	lines, undo := sum.PlanLines(), plan.Undoes(sum.Run) != 0
	if !undo && sum.Actions[order.Update]+sum.Actions[order.Delete] == 0 {
		return lines, nil
	}
	p, err := s.PlanSummary(ctx, sum.Run.ID)
	if err != nil || !undo {
		return append(lines, p.ChangeLines(sum.Run.Kind)...), err
	}
	changed, irreversible, err := s.UndoLeft(ctx, sum.Run.ID)
	return sum.UndoLines(p, changed, irreversible), err
}
