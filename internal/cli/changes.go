package cli

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

func (a *app) planCommand() *cobra.Command {
	f := newRunFlags()
	var out string
	var refresh int64
	c := &cobra.Command{
		Use: "plan FILE...", GroupID: "changes",
		Short: "show what an import would do, and keep it as a plan to apply",
		Long: `plan reads files as import does, compares each order with Luminous, and shows what would be done:
created, updated (each field with its current and new value), cancelled or deleted, unchanged, held,
invalid. It writes nothing to Luminous. The plan is kept in the ledger and written to a workbook to
read; "ordersheet apply" carries out exactly that plan. Editing the workbook changes nothing.

With --refresh the held orders of a run are compared again, for example those that somebody had
changed since the plan.`,
		Example: `  ordersheet plan statuses.xlsx --mode update        writes statuses.plan.xlsx
  ordersheet apply 12                                carries it out
  ordersheet plan --refresh 12                       plans the held orders of run 12 again`,
		Args: func(c *cobra.Command, args []string) error { return checkPlanArgs(c, args, refresh) },
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkPlanName(out); err != nil {
				return err
			}
			job, err := a.job(args, f)
			if err != nil {
				return err
			}
			if refresh != 0 {
				return a.with(c.Context(), false, nil, func(s *session) error {
					sum, err := s.Refresh(s.soft, refresh, a.change(c.Flags()))
					return s.showPlan(sum, err, out)
				})
			}
			return a.with(c.Context(), false, (*session).given, func(s *session) error {
				job.Account = s.baseURL
				run, err := s.planFiles(job)
				if err != nil {
					return err
				}
				sum, err := s.Compare(s.soft, run.ID)
				return s.showPlan(sum, err, out)
			})
		},
	}
	fl := c.Flags()
	fl.StringVarP(&out, "out", "o", "", "where the workbook goes, `FILE`.xlsx (default NAME.plan.xlsx)")
	fl.Int64Var(&refresh, "refresh", 0, "plan the held orders of this `RUN` again (default none)")
	f.registerPlan(fl)
	bindPace(fl, &f.Options, false)
	group(fl, "Sending")
	return c
}

// checkPlanArgs wants files, or a run to refresh, not both.
func checkPlanArgs(c *cobra.Command, args []string, refresh int64) error {
	switch {
	case refresh < 0:
		return fail(Usage, listRuns, "--refresh takes the number of a run, not %d", refresh)
	case refresh == 0:
		return someFiles(c, args)
	case len(args) > 0:
		return fail(Usage, "", "--refresh plans the orders of a run again; it takes no file")
	}
	return nil
}

// showPlan prints a plan, writes its workbook, and ends the command; err says that there is no
// plan.
func (s *session) showPlan(sum importer.Summary, err error, out string) error {
	s.progress.done()
	if err != nil {
		return err
	}
	p, err := s.PlanSummary(s.hard, sum.Run.ID)
	if err != nil {
		return err
	}
	s.sayAll(append(sum.PlanLines(), p.ChangeLines(sum.Run.Kind)...))
	path, writeErr := s.folder.Plan(s.hard, sum, out)
	if n := sum.Problems[problem.Error]; n > 0 {
		s.say("problems: %s, each with its reason in the plan", count(n, "error"))
	}
	_, rows := sum.Totals()
	s.say("%s\n%s", importer.PlanTotals(sum, p), rows)
	if writeErr == nil {
		s.say("plan: %s (run %d)", path, sum.Run.ID)
	}
	if p.Sends() == 0 {
		s.say("nothing was sent, and there is nothing to send")
	}
	if err := s.endPlan(sum, p, path); err != nil {
		return err
	}
	switch {
	case !sum.Reconciles():
		return exitWith(Bug)
	case writeErr != nil:
		return fail(FileTrouble, "", "the plan's workbook was not written: %w", writeErr)
	case sum.Outcomes[ledger.Invalid]+sum.Outcomes[ledger.Held] > 0 || sum.Run.Rows.Invalid > 0:
		return exitWith(SomeInvalid)
	}
	return nil
}

// endPlan says how to carry out a plan, and prints its JSON.
func (s *session) endPlan(sum importer.Summary, p importer.PlanSummary, path string) error {
	if p.Sends() > 0 {
		s.say("nothing was sent; carry out exactly this plan with: %s", s.commandForRun(problem.ApplyRun, sum.Run.ID))
	}
	r := sum.PlanResult(s.started, p)
	r.Plan, r.Requests = path, s.client.Stats().Requests
	return s.show(r, nil)
}

func (a *app) applyCommand() *cobra.Command {
	return a.carryOutCommand(&cobra.Command{
		Use: "apply RUN", GroupID: "changes", Args: oneRun,
		Short: "carry out a plan exactly as it was shown",
		Long: `apply carries out a plan made by "ordersheet plan": no other order, no other field. Right before an
order is changed it is read again, and held if somebody has changed the fields that would be
written. A plan that was already applied, or that is no longer as it was shown, is refused.`,
	}, (*importer.Service).Apply)
}

// carryOutCommand makes a command that carries out a run of the ledger.
func (a *app) carryOutCommand(
	c *cobra.Command,
	step func(s *importer.Service, soft, hard context.Context, id int64, change func(*importer.Options)) (importer.Result, error),
) *cobra.Command {
	f := newRunFlags()
	f.registerSend(c.Flags(), true)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := checkOptions(f.Options); err != nil {
			return err
		}
		return a.with(c.Context(), f.yes, nil, func(s *session) error {
			id := int64(0)
			if len(args) > 0 {
				id = runNumber(args[0])
			} else if run, err := s.NewestOpen(s.hard); err != nil {
				return err
			} else {
				id = run.ID
			}
			return s.finish(step(s.Service, s.soft, s.hard, id, a.change(c.Flags())))
		})
	}
	return c
}

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
			if err := cmp.Or(checkOptions(f.Options), checkPlanName(out)); err != nil {
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
		if path, err = s.folder.Plan(s.hard, sum, out); err != nil {
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
