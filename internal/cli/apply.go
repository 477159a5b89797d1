package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
)

func (a *app) applyCommand() *cobra.Command {
	var f sendFlags
	c := &cobra.Command{
		Use:   "apply RUN",
		Short: "do a plan that ordersheet plan has made, exactly as it was shown",
		Long: `apply does a plan: no order that isn't in it, no field that it doesn't name. Each order that is changed is read again right before its write, and
held when somebody has changed since what would be written. A plan that was applied before, or that isn't any more as it was shown, is refused.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail(Usage, "list the runs with: ordersheet runs", "apply takes the number of one run")
			}
			_, err := runNumber(args[0])
			return err
		},
		RunE: func(c *cobra.Command, args []string) error { return a.apply(c.Context(), args[0], f) },
	}
	f.register(c)
	return c
}

// openFor builds what working on a run of the ledger stands on, once may has nothing against it.
func (a *app) openFor(ctx context.Context, arg string, f sendFlags, may func(*ledger.Ledger, ledger.Run) error) (*session, ledger.Run, error) {
	var run ledger.Run
	id, err := runNumber(arg)
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return nil, run, err
	}
	err = a.withLedger(func(l *ledger.Ledger) (err error) {
		if run, err = runOf(ctx, l, id); err == nil {
			err = may(l, run)
		}
		return err
	})
	if err != nil {
		return nil, run, err
	}
	s, err := a.open(ctx, f, run.Account, false)
	if err != nil {
		return nil, run, err
	}
	if err := s.sameAccount(run); err != nil {
		s.end()
		return nil, run, err
	}
	return s, run, nil
}

func (a *app) apply(ctx context.Context, arg string, f sendFlags) error {
	started := time.Now()
	s, run, err := a.openFor(ctx, arg, f, func(_ *ledger.Ledger, run ledger.Run) error { return mayApply(run) })
	if err != nil {
		return err
	}
	defer s.end()
	release, err := s.ledger.Acquire(s.hard, run.ID, owner())
	if err != nil {
		return err
	}
	defer release()
	books, err := importer.ReadSummary(s.hard, s.ledger, run.ID)
	if err == nil {
		err = mayApply(books.Run) // somebody may have been faster
	}
	if err == nil {
		err = importer.VerifyPlan(s.hard, s.ledger, books.Run)
	}
	if err != nil {
		return err
	}
	if err := s.showWhole(books); err != nil {
		return err
	}
	return s.askAndDo(books, started)
}

// mayApply refuses a run that is no plan waiting to be done.
func mayApply(run ledger.Run) error {
	switch {
	case run.State == ledger.Finished:
		return fail(Usage, fmt.Sprintf("see what became of it with: ordersheet report %d; plan its held orders again with: ordersheet plan --refresh %d", run.ID, run.ID),
			"run %d was applied already", run.ID)
	case run.State != ledger.Planned:
		return fail(Usage, fmt.Sprintf("go on with it with: ordersheet resume %d", run.ID), "run %d was begun already; it is %s", run.ID, run.State)
	case run.Sealed == "":
		return fail(Usage, "make one with: ordersheet plan FILE", "run %d is no plan: it was never compared with what stands in Luminous", run.ID)
	}
	return nil
}
