package cli

import (
	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
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
	lines, err := s.PlanLines(s.hard, sum)
	s.sayAll(lines)
	if err != nil {
		return err
	}
	if err := s.beforeAsking(sum); err != nil {
		return err
	}
	p, err := s.PlanSummary(s.hard, sum.Run.ID)
	if err != nil {
		return err
	}
	if err := s.endPlan(sum, p, path); err != nil {
		return err
	}
	return s.verdict(sum, nil, nil)
}
