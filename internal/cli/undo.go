package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

func (a *app) undoCommand() *cobra.Command {
	f := newRunFlags()
	var out string
	var planOnly bool
	c := &cobra.Command{
		Use: "undo RUN", GroupID: "changes", Args: oneRun,
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
		RunE: func(c *cobra.Command, args []string) error {
			err := checkOptions(f.Options)
			if err == nil {
				err = checkPlanName(out)
			}
			if err != nil {
				return err
			}
			change := func(o *importer.Options) {
				a.change(c.Flags())(o)
				o.Status = f.Status
			}
			return a.with(c.Context(), f.yes, nil, func(s *session) error {
				return s.undo(runNumber(args[0]), change, out, planOnly)
			})
		},
	}
	fl := c.Flags()
	f.registerSend(fl, false)
	fl.BoolVar(&planOnly, "plan-only", false, "plan and show, change nothing; ordersheet apply carries it out later")
	fl.StringVarP(&out, "out", "o", "", "write the plan as a workbook too, `FILE`.xlsx")
	fl.StringVar(&f.Status, "status", "", "order_status for sales orders that the run created (default cancelled)")
	group(fl, "Everyday")
	return c
}

// undo undoes a run, or only plans that.
func (s *session) undo(id int64, change func(*importer.Options), out string, planOnly bool) error {
	run, err := s.Run(s.hard, id)
	if err != nil {
		return err
	}
	path := ""
	s.beforeAsking = func(sum importer.Summary) (err error) {
		if run.State != ledger.Finished {
			s.say("warning: run %d was stopped before its end; this undoes only what it sent, so don't resume it afterwards", id)
		}
		if out == "" {
			return nil
		}
		if path, err = s.savePlan(sum, out); err != nil {
			return fail(FileTrouble, "", "the plan's workbook was not written: %w", err)
		}
		s.say("plan: %s (run %d)", path, sum.Run.ID)
		return nil
	}
	if !planOnly {
		s.mustAsk = true
		return s.finish(s.Undo(s.soft, s.hard, id, change))
	}
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
	p, err := s.PlanSummary(s.hard, sum.Run.ID)
	if err != nil {
		return err
	}
	s.printApply(sum.Run.ID, p)
	if err := s.printPlanJSON(sum, p, path); err != nil {
		return err
	}
	return s.verdict(sum, nil, nil)
}

// printUndo prints what an undo would reverse, what it keeps, and what can't be undone.
func (s *session) printUndo(ctx context.Context, sum importer.Summary, p importer.PlanSummary) error {
	s.say("undo of run %d: it may have written %s", importer.Undoes(sum.Run), count(sum.Run.Orders, sum.Run.Kind.Word()))
	if n := sum.Outcomes[ledger.Unchanged]; n > 0 {
		s.say("already as before: %s", count(n, "order"))
	}
	if p.Sends() > 0 {
		var parts []string
		if n := p.Actions[order.Delete]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", n, importer.Verb(sum.Run.Kind, order.Delete)))
		}
		if n := p.Actions[order.Update]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d to restore", n))
		}
		s.say("will be reversed: %s: %s", count(p.Sends(), "order"), strings.Join(parts, ", "))
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
	s.say("%s: %d, in %s", title, n, count(int64(left.Orders), "order"))
	for _, p := range left.Problems[:min(n, mostShown)] {
		s.say("  %s: %s", p.OrderNumber, p.Message)
	}
	if n > mostShown {
		s.say("  and %d more, all in the report", n-mostShown)
	}
}
