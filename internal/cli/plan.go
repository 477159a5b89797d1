package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	var send sendFlags
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
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case refresh != 0 && len(args) > 0:
				return fail(Usage, "", "--refresh plans the orders of a run again; it takes no file")
			case refresh < 0:
				return fail(Usage, listRuns, "--refresh takes the number of a run, not %d", refresh)
			case refresh == 0 && len(args) == 0:
				return fail(Usage, "ordersheet plan orders.xlsx", "no file was given")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			started := time.Now()
			if err := send.check(); err != nil {
				return err
			}
			if err := checkPlanName(out); err != nil {
				return err
			}
			if refresh != 0 {
				return a.refresh(c.Context(), refresh, f.changeFlags, out, started)
			}
			job, err := a.job(args, f)
			if err != nil {
				return err
			}
			send.change(a)(&job.Options)
			return a.plan(c.Context(), job, out, started)
		},
	}
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.StringVarP(&out, "out", "o", "", "where the workbook goes, `FILE`.xlsx (default NAME.plan.xlsx)")
		fl.Int64Var(&refresh, "refresh", 0, "plan the held orders of this `RUN` again (default none)")
	})
	f.register(c)
	addFlags(c, "Sending", func(fl *pflag.FlagSet) { send.registerPace(fl, false) })
	return c
}

// checkPlanName refuses a name of a plan that isn't that of a workbook; empty is the usual name.
func checkPlanName(out string) error {
	if out != "" && !strings.EqualFold(filepath.Ext(out), ".xlsx") {
		return fail(Usage, "name it FILE.xlsx", "a plan is a workbook, and %q isn't the name of one", out)
	}
	return nil
}

func (a *app) plan(ctx context.Context, job importer.Job, out string, started time.Time) error {
	s, err := a.openNew(ctx, false, false, 0)
	if err != nil {
		return err
	}
	defer s.end()
	job.Account = s.account
	run, err := s.planFiles(job)
	if err != nil {
		return err
	}
	sum, err := s.Compare(s.soft, run.ID)
	if err != nil {
		return err
	}
	return s.showPlan(sum, out, started)
}

// refresh plans the held orders of a run again.
func (a *app) refresh(ctx context.Context, id int64, f changeFlags, out string, started time.Time) error {
	if err := f.check(); err != nil {
		return err
	}
	s, err := a.openKept(ctx, false)
	if err != nil {
		return err
	}
	defer s.end()
	sum, err := s.Refresh(s.soft, id, f.change())
	if err != nil {
		return err
	}
	return s.showPlan(sum, out, started)
}

// showPlan prints a plan, writes its workbook, and ends the command.
func (s *session) showPlan(sum importer.Summary, out string, started time.Time) error {
	s.progress.done()
	p, err := s.PlanSummary(s.hard, sum.Run.ID)
	if err != nil {
		return err
	}
	s.printPlan(sum)
	s.printChanges(sum.Run, p)
	path, writeErr := s.savePlan(sum, out)
	s.printPlanEnd(sum, p, path, writeErr)
	if s.global.json {
		if err := s.printPlanJSON(sum, p, path, started); err != nil {
			return err
		}
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

// printPlanEnd prints the totals of a plan and what to do with it.
func (s *session) printPlanEnd(sum importer.Summary, p importer.PlanSummary, path string, writeErr error) {
	w := s.Stderr
	if n := sum.Problems[problem.Error]; n > 0 {
		fmt.Fprintf(w, "problems: %s, each with its reason in the plan\n", count(n, "error"))
	}
	_, rows := sum.Totals()
	fmt.Fprintf(w, "%s\n%s\n", importer.PlanTotals(sum, p), rows)
	if writeErr == nil {
		fmt.Fprintf(w, "plan: %s (run %d)\n", path, sum.Run.ID)
	}
	if p.Sends() > 0 {
		fmt.Fprintf(w, "nothing was sent; carry out exactly this plan with: %s\n", s.commandForRun(problem.ApplyRun, sum.Run.ID))
		return
	}
	fmt.Fprintln(w, "nothing was sent, and there is nothing to send")
}

func (a *app) applyCommand() *cobra.Command {
	var f sendFlags
	c := &cobra.Command{
		Use: "apply RUN", GroupID: "changes",
		Short: "carry out a plan exactly as it was shown",
		Long: `apply carries out a plan made by "ordersheet plan": no other order, no other field. Right before an
order is changed it is read again, and held if somebody has changed the fields that would be
written. A plan that was already applied, or that is no longer as it was shown, is refused.`,
		Args: oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			return a.carryOut(c.Context(), args[0], &f, (*importer.Service).Apply)
		},
	}
	f.register(c)
	return c
}

// carryOut carries out a run of the ledger, by apply or by resume.
func (a *app) carryOut(
	ctx context.Context, arg string, f *sendFlags,
	step func(s *importer.Service, soft, hard context.Context, id int64, change func(*importer.Options)) (importer.Result, error),
) error {
	started := time.Now()
	id, err := runNumber(arg)
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return err
	}
	s, err := a.openKept(ctx, f.yes)
	if err != nil {
		return err
	}
	defer s.end()
	r, err := step(s.Service, s.soft, s.hard, id, f.change(a))
	return s.finish(r, err, started)
}
