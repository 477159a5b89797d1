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
)

// importFlags say what to read and how to send it.
type importFlags struct {
	sendFlags
	planFlags
	dryRun, sandbox bool
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use: "import FILE...", GroupID: "import",
		Short: "create or change orders from the rows of CSV and Excel files",
		Long: `import reads the rows of one or more files, groups them by order number, checks every cell, shows
what it would do, asks, and does it. It creates orders unless --mode or a column "command" in the
sheet says otherwise: UPDATE, UPSERT, DELETE, IGNORE. All files of one command are one run. A report
says what happened to each order and each cell. To look at a plan first and carry it out later, use
"ordersheet plan" and "ordersheet apply".`,
		Example: `  ordersheet import orders.xlsx --sandbox           try it, no account needed
  ordersheet import orders.xlsx --dry-run           check everything, send nothing
  ordersheet import orders.xlsx --company acme      the real thing; the token is in LUMINOUS_API_KEY
  ordersheet import a.csv b.csv --mapping shop.toml --set channel_id=4
  ordersheet import statuses.xlsx --mode update     change existing orders`,
		Args: someArgs("no file was given", "ordersheet import orders.xlsx"),
		RunE: func(c *cobra.Command, args []string) error {
			started := time.Now()
			if err := f.sendFlags.check(); err != nil {
				return err
			}
			job, err := a.job(args, f.planFlags)
			if err != nil {
				return err
			}
			f.change(a)(&job.Options)
			if f.dryRun && !f.sandbox {
				return a.dryRun(c.Context(), job, started)
			}
			return a.runImport(c.Context(), job, f, started)
		},
	}
	addFlags(c, "Everyday", func(fl *pflag.FlagSet) {
		fl.BoolVar(&f.dryRun, "dry-run", false, "check and report, send nothing at all")
		fl.BoolVar(&f.sandbox, "sandbox", false, "send to a simulated Luminous API inside this program")
	})
	f.sendFlags.register(c)
	f.planFlags.register(c)
	return c
}

func (a *app) runImport(ctx context.Context, job importer.Job, f importFlags, started time.Time) error {
	s, err := a.openNew(ctx, f.yes, f.sandbox, 0)
	if err != nil {
		return err
	}
	defer s.end()
	job.Account = s.account
	if f.dryRun {
		return s.dryRun(job, started)
	}
	in, err := importer.OpenInput(job)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	run, ok, err := s.Unfinished(s.hard, in)
	switch {
	case err != nil:
		return err
	case ok:
		res, err := s.Resume(s.soft, s.hard, run.ID, f.change(a))
		return s.finish(res, err, started)
	}
	if run, err = s.Plan(s.soft, in); err != nil {
		return err
	}
	s.progress.done()
	if err := s.requireConfirmation(); err != nil { // before anything is requested
		return err
	}
	res, err := s.Send(s.soft, s.hard, run.ID)
	return s.finish(res, err, started)
}

// dryRun plans a job for an account that may be missing.
func (a *app) dryRun(ctx context.Context, job importer.Job, started time.Time) error {
	s := a.newSession(ctx, false)
	defer s.end()
	var path string
	var err error
	if job.Account, err = a.dryAccount(); err == nil {
		path, err = a.ledgerPath()
	}
	if err == nil {
		err = s.openLedger(path)
	}
	if err != nil {
		return err
	}
	return s.dryRun(job, started)
}

// dryRun plans a job and writes the report, without a single request.
func (s *session) dryRun(job importer.Job, started time.Time) error {
	run, err := s.planFiles(job)
	if err != nil {
		return err
	}
	sum, err := s.Summary(s.hard, run.ID)
	if err != nil {
		return err
	}
	s.printPlan(sum)
	fmt.Fprintln(s.Stderr, "dry run: no request was made. Not checked: whether SKUs, channels and companies exist in Luminous, "+
		"and whether order numbers are taken")
	if sum.Actions[order.Update]+sum.Actions[order.Upsert]+sum.Actions[order.Delete] > 0 {
		fmt.Fprintln(s.Stderr, "existing orders were not read, so this doesn't say what would change; ordersheet plan does")
	}
	return s.report(sum, nil, started)
}

// planFiles plans the files of a job.
func (s *session) planFiles(job importer.Job) (ledger.Run, error) {
	in, err := importer.OpenInput(job)
	if err != nil {
		return ledger.Run{}, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	defer s.progress.done()
	return s.Plan(s.soft, in)
}

// finish ends a command: it reports how a run was carried out, unless err says that it wasn't.
func (s *session) finish(r importer.Result, err error, started time.Time) error {
	s.progress.done()
	switch {
	case err != nil:
		return err
	case r.Elsewhere != "":
		fmt.Fprintf(s.Stderr, "the run continues in process %s\n", r.Elsewhere)
		return nil
	}
	return s.report(r.Summary, r.Err, started)
}
