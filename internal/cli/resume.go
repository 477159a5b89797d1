package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
)

func (a *app) resumeCommand() *cobra.Command {
	var f sendFlags
	c := &cobra.Command{
		Use:   "resume [RUN]",
		Short: "go on with a run that was stopped or that died; its file isn't needed",
		Long: `resume goes on with a confirmed run that ended early: orders whose outcome is unknown are looked up first, then the rest is sent. It needs only the
ledger. Without a number it takes the newest run that was stopped or died, and where there is none the newest with orders whose outcome is unknown. A run that was paused from another terminal goes on there.`,
		Args: atMostOneRun,
		RunE: func(c *cobra.Command, args []string) error { return a.resume(c.Context(), args, f) },
	}
	f.register(c)
	return c
}

func atMostOneRun(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fail(Usage, "list the runs with: ordersheet runs", "%s takes one run, not %d", c.CommandPath(), len(args))
	}
	if len(args) == 1 {
		_, err := runNumber(args[0])
		return err
	}
	return nil
}

func runNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, fail(Usage, "list the runs with: ordersheet runs", "%q is not the number of a run", s)
	}
	return n, nil
}

func (a *app) resume(ctx context.Context, args []string, f sendFlags) error {
	started := time.Now()
	if err := f.check(); err != nil {
		return err
	}
	var run ledger.Run
	err := a.withLedger(func(l *ledger.Ledger) (err error) {
		run, err = findRun(ctx, l, args)
		if err == nil && run.Asked == importer.AskPause && l.Busy(run) {
			err = errors.Join(l.Ask(ctx, run.ID, ""), errGoesOn)
		}
		return err
	})
	if errors.Is(err, errGoesOn) {
		fmt.Fprintf(a.Stderr, "run %d goes on, in process %s\n", run.ID, run.Owner)
		return nil
	}
	if err != nil {
		return err
	}
	s, err := a.open(ctx, f, run.Account, false)
	if err != nil {
		return err
	}
	defer s.end()
	if s.account != run.Account {
		return fail(Usage, "give that account's address and token", "run %d is for %s, not for %s", run.ID, run.Account, s.account)
	}
	return s.goOn(run, started)
}

// errGoesOn says that a paused run was told to go on where it is.
var errGoesOn = errors.New("goes on elsewhere")

// findRun is the run that was named, or the newest with something left to do.
func findRun(ctx context.Context, l *ledger.Ledger, args []string) (ledger.Run, error) {
	if len(args) == 1 {
		n, err := runNumber(args[0])
		if err != nil {
			return ledger.Run{}, err
		}
		run, err := l.GetRun(ctx, n)
		if errors.Is(err, ledger.ErrNotFound) {
			return run, fail(Usage, "list the runs with: ordersheet runs", "there is no run %d in %s", n, l.Path())
		}
		if err != nil {
			return run, err
		}
		left, err := leftToDo(ctx, l, run)
		if err == nil && !left {
			err = fail(Usage, "", "run %d has nothing left to do", n)
		}
		return run, err
	}
	return newestOpen(ctx, l)
}

// newestOpen is the newest run that was stopped or died, and else the newest that came to its end with orders of which nobody could say whether
// they stand.
func newestOpen(ctx context.Context, l *ledger.Ledger) (ledger.Run, error) {
	runs, err := l.Runs(ctx)
	if err != nil {
		return ledger.Run{}, err
	}
	for _, ended := range []bool{false, true} {
		for _, run := range runs {
			if (run.State == ledger.Finished) != ended {
				continue
			}
			if left, err := leftToDo(ctx, l, run); err != nil || left {
				return run, err
			}
		}
	}
	return ledger.Run{}, fail(Usage, "list the runs with: ordersheet runs", "no run has anything left to do")
}

// leftToDo says whether a confirmed run has orders without their final word. It stops at the first one: a run may have a million.
func leftToDo(ctx context.Context, l *ledger.Ledger, run ledger.Run) (bool, error) {
	if run.State == ledger.Planning || run.State == ledger.Planned {
		return false, nil
	}
	open := ledger.Filter{States: []ledger.State{ledger.OrderPlanned, ledger.Claimed, ledger.Aside, ledger.NotAttempted, ledger.Unknown}}
	err := l.Orders(ctx, run.ID, open, func(*ledger.Order) error { return errOneIsLeft })
	if errors.Is(err, errOneIsLeft) {
		return true, nil
	}
	return false, err
}

// errOneIsLeft ends the search for an order without its final word.
var errOneIsLeft = errors.New("one is left")

// unfinished finds a confirmed run over the same contents, with the same mapping, for the same account, that ended early.
func (s *session) unfinished(in *importer.Input) (ledger.Run, bool, error) {
	input, mapped, err := in.Identity()
	if err != nil {
		return ledger.Run{}, false, err
	}
	runs, err := s.ledger.Runs(s.hard)
	if err != nil {
		return ledger.Run{}, false, err
	}
	for _, run := range runs {
		if run.InputHash != input || run.MappingHash != mapped || run.Account != s.account || run.State == ledger.Finished {
			continue
		}
		if left, err := leftToDo(s.hard, s.ledger, run); err != nil || left {
			return run, err == nil, err
		}
	}
	return ledger.Run{}, false, nil
}

// goOn takes a run up where it ended: what was on its way is looked up, then the rest is sent.
func (s *session) goOn(run ledger.Run, started time.Time) error {
	release, err := s.ledger.Acquire(s.hard, run.ID, owner())
	if err != nil {
		return err
	}
	defer release()
	if err := importer.Recover(s.hard, s.ledger, run, s.global.timeout); err != nil {
		return err
	}
	books, err := importer.ReadSummary(s.hard, s.ledger, run.ID)
	if err != nil {
		return err
	}
	left := books.Outcomes[ledger.NotAttempted]
	fmt.Fprintf(s.Stderr, "run %d was stopped: %d to look up, %d to send\n", run.ID, books.Outcomes[ledger.Unknown], left)
	if err := s.confirm(fmt.Sprintf("Go on with run %d in %s?", run.ID, s.account)); err != nil {
		return err
	}
	return s.finish(run.ID, started, s.submit(books))
}

func (a *app) askCommand(wish, short, done string) *cobra.Command {
	return &cobra.Command{
		Use: wish + " RUN", Short: short,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail(Usage, "list the runs with: ordersheet runs", "%s takes the number of one run", c.CommandPath())
			}
			_, err := runNumber(args[0])
			return err
		},
		RunE: func(c *cobra.Command, args []string) error {
			n, err := runNumber(args[0])
			if err != nil {
				return err
			}
			return a.withLedger(func(l *ledger.Ledger) error {
				run, err := l.GetRun(c.Context(), n)
				if errors.Is(err, ledger.ErrNotFound) {
					return fail(Usage, "list the runs with: ordersheet runs", "there is no run %d in %s", n, l.Path())
				}
				if err != nil {
					return err
				}
				if !l.Busy(run) {
					return fail(Usage, "", "no process works on run %d; it is %s", n, run.State)
				}
				if err := l.Ask(c.Context(), n, wish); err != nil {
					return err
				}
				fmt.Fprintf(a.Stderr, done+"\n", n, run.Owner)
				return nil
			})
		},
	}
}
