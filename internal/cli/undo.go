package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// undoFlags say how a run is undone.
type undoFlags struct {
	sendFlags
	status, out string
	planOnly    bool
}

func (a *app) undoCommand() *cobra.Command {
	var f undoFlags
	c := &cobra.Command{
		Use: "undo RUN", GroupID: "changes",
		Short: "reverse what a run did, except where somebody has changed it since",
		Long: `undo reads each order that the run created or changed, and plans to reverse that: sales orders that
the run created are cancelled, purchase orders that it created are deleted, and fields that it
changed get their previous values. What somebody has changed since is kept; what can't be undone is
listed with the reason. undo shows the plan, asks, carries it out as an import does (each order is
read again right before it is written), and writes a report. It exits with 0 only if everything was
undone.`,
		Example: `  ordersheet undo 12                            shows what would be undone, asks, does it
  ordersheet undo 12 --plan-only -o undo.xlsx   look first; ordersheet apply carries it out later
  ordersheet undo 12 --status on_hold           puts sales orders that run 12 created on hold`,
		Args: oneRun,
		RunE: func(c *cobra.Command, args []string) error { return a.undo(c.Context(), args[0], &f) },
	}
	f.register(c)
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.BoolVar(&f.planOnly, "plan-only", false, "plan and show, change nothing; ordersheet apply carries it out later")
		fl.StringVarP(&f.out, "out", "o", "", "write the plan as a workbook too, `FILE`.xlsx")
		fl.StringVar(&f.status, "status", "", "order_status for sales orders that the run created (default cancelled)")
	})
	return c
}

func (a *app) undo(ctx context.Context, arg string, f *undoFlags) error {
	started := time.Now()
	id, err := runNumber(arg)
	if err == nil {
		err = f.check()
	}
	if err == nil {
		err = checkPlanName(f.out)
	}
	if err != nil {
		return err
	}
	s, err := a.openKept(ctx, f.yes)
	if err != nil {
		return err
	}
	defer s.end()
	change := func(o *importer.Options) {
		f.change(a)(o)
		o.Status = f.status
	}
	run, err := s.Run(s.hard, id)
	if err != nil {
		return err
	}
	path := ""
	s.beforeAsking = func(sum importer.Summary) (err error) {
		path, err = s.printUndone(run, sum, f.out)
		return err
	}
	if f.planOnly {
		sum, err := s.PlanUndo(s.soft, id, change)
		if err != nil {
			return err
		}
		s.progress.done()
		if err := s.printWholePlan(s.hard, sum); err != nil {
			return err
		}
		if err := s.beforeAsking(sum); err != nil {
			return err
		}
		return s.endPlannedUndo(sum, path, started)
	}
	s.mustAsk = true
	r, err := s.Undo(s.soft, s.hard, id, change)
	return s.finish(r, err, started)
}

// printUndone warns of what isn't part of an undo, and writes its plan if that was asked for.
func (s *session) printUndone(run ledger.Run, sum importer.Summary, out string) (path string, err error) {
	if run.State != ledger.Finished {
		fmt.Fprintf(s.Stderr, "warning: run %d was stopped before its end; this undoes only what it sent, so don't resume it afterwards\n", run.ID)
	}
	if out == "" {
		return "", nil
	}
	if path, err = s.savePlan(sum, out); err != nil {
		return "", fail(FileTrouble, "", "the plan's workbook was not written: %w", err)
	}
	fmt.Fprintf(s.Stderr, "plan: %s (run %d)\n", path, sum.Run.ID)
	return path, nil
}

// endPlannedUndo ends a command that planned an undo and didn't carry it out.
func (s *session) endPlannedUndo(sum importer.Summary, path string, started time.Time) error {
	p, err := s.PlanSummary(s.hard, sum.Run.ID)
	if err != nil {
		return err
	}
	if p.Sends() > 0 {
		fmt.Fprintf(s.Stderr, "nothing was sent; carry out exactly this plan with: %s\n", s.commandForRun(problem.ApplyRun, sum.Run.ID))
	}
	if s.global.json {
		if err := s.printPlanJSON(sum, p, path, started); err != nil {
			return err
		}
	}
	return s.verdict(sum, nil, nil)
}

// printUndo prints what an undo would reverse, what it keeps, and what can't be undone.
func (s *session) printUndo(ctx context.Context, sum importer.Summary, p importer.PlanSummary) error {
	w := s.Stderr
	fmt.Fprintf(w, "undo of run %d: it may have written %s\n", importer.Undoes(sum.Run), count(sum.Run.Orders, sum.Run.Kind.Word()))
	if n := sum.Outcomes[ledger.Unchanged]; n > 0 {
		fmt.Fprintf(w, "already as before: %s\n", count(n, "order"))
	}
	if p.Sends() > 0 {
		parts := ""
		if n := p.Actions[order.Delete]; n > 0 {
			parts = fmt.Sprintf("%d to %s", n, importer.Verb(sum.Run.Kind, order.Delete))
		}
		if n := p.Actions[order.Update]; n > 0 {
			if parts != "" {
				parts += ", "
			}
			parts += fmt.Sprintf("%d to restore", n)
		}
		fmt.Fprintf(w, "will be reversed: %s: %s\n", count(p.Sends(), "order"), parts)
		s.printTouched(p)
	}
	changed, irreversible, err := s.UndoLeft(ctx, sum.Run.ID)
	s.printLeft("kept, because somebody changed it since", changed)
	s.printLeft("can't be undone", irreversible)
	s.printWarnings(sum.Run, p)
	return err
}

// mostShown is how many orders of an undo a list on the terminal has; the report has them all.
const mostShown = 10

func (s *session) printLeft(title string, left importer.UndoLeft) {
	n := len(left.Problems)
	if n == 0 {
		return
	}
	fmt.Fprintf(s.Stderr, "%s: %d, in %s\n", title, n, count(int64(left.Orders), "order"))
	for _, p := range left.Problems[:min(n, mostShown)] {
		fmt.Fprintf(s.Stderr, "  %s: %s\n", p.OrderNumber, p.Message)
	}
	if n > mostShown {
		fmt.Fprintf(s.Stderr, "  and %d more, all in the report\n", n-mostShown)
	}
}
