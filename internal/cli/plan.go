package cli

import (
	"path/filepath"
	"strings"

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
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case refresh < 0:
				return fail(Usage, listRuns, "--refresh takes the number of a run, not %d", refresh)
			case refresh == 0:
				return someFiles(c, args)
			case len(args) > 0:
				return fail(Usage, "", "--refresh plans the orders of a run again; it takes no file")
			}
			return nil
		},
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
				job.Account = s.account
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

// checkPlanName refuses a name of a plan that isn't that of a workbook; empty is the usual name.
func checkPlanName(out string) error {
	if out != "" && !strings.EqualFold(filepath.Ext(out), ".xlsx") {
		return fail(Usage, "name it FILE.xlsx", "a plan is a workbook, and %q isn't the name of one", out)
	}
	return nil
}

// showPlan prints a plan, writes its workbook, and ends the command; err says that there is no plan.
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
	path, writeErr := s.savePlan(sum, out)
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
	return s.show(r, nothing)
}
