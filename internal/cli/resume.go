package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
)

func (a *app) resumeCommand() *cobra.Command {
	var f sendFlags
	c := &cobra.Command{
		Use: "resume [RUN]", GroupID: "runs",
		Short: "continue a run that was stopped or killed; its file isn't needed",
		Long: `resume continues a confirmed run that ended early: it looks up the orders whose outcome is unknown,
then sends the rest. It needs only the ledger, and does as the run was started unless a flag says
otherwise. Without a number it takes the newest run that was stopped or killed, else the newest with
unknown outcomes. A run that was paused from another terminal continues there.`,
		Args: atMostOneRun,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				if err := f.check(); err != nil {
					return err
				}
				err := a.withService(func(s *importer.Service, _ ledger.Ledger) error {
					run, err := s.NewestOpen(c.Context())
					args = []string{fmt.Sprint(run.ID)}
					return err
				})
				if err != nil {
					return err
				}
			}
			return a.carryOut(c.Context(), args[0], &f, (*importer.Service).Resume)
		},
	}
	f.register(c)
	return c
}

func (a *app) stopCommand() *cobra.Command {
	return a.askCommand("stop RUN", "end a run that another process is working on; created orders stay", "stop", (*importer.Service).Stop)
}

func (a *app) pauseCommand() *cobra.Command {
	return a.askCommand("pause RUN", "make a run wait until it is resumed", "pause", (*importer.Service).Pause)
}

// askCommand asks the process that works on a run for something.
func (a *app) askCommand(use, short, verb string, ask func(*importer.Service, context.Context, int64) (string, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, GroupID: "runs", Args: oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			id, err := runNumber(args[0])
			if err != nil {
				return err
			}
			return a.withService(func(s *importer.Service, _ ledger.Ledger) error {
				owner, err := ask(s, c.Context(), id)
				if err == nil {
					fmt.Fprintf(a.Stderr, "asked run %d to %s (process %s)\n", id, verb, owner)
				}
				return err
			})
		},
	}
}
