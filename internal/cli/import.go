package cli

import (
	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

func (a *app) importCommand() *cobra.Command {
	f := newRunFlags()
	var dry, sandbox bool
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
		Args: someFiles,
		RunE: func(c *cobra.Command, args []string) error {
			job, err := a.job(args, f)
			if err != nil {
				return err
			}
			account := (*session).given
			if sandbox {
				account = simulated(0)
			} else if dry {
				account = (*session).anyAccount
			}
			return a.with(c.Context(), f.yes, account, func(s *session) error {
				job.Account = s.baseURL
				if dry {
					return s.dryRun(job)
				}
				return s.importFiles(job, a.change(c.Flags()))
			})
		},
	}
	fl := c.Flags()
	fl.BoolVar(&dry, "dry-run", false, "check and report, send nothing at all")
	fl.BoolVar(&sandbox, "sandbox", false, "send to a simulated Luminous API inside this program")
	f.registerSend(fl, false)
	f.registerPlan(fl)
	return c
}

// importFiles plans the files of a job and sends their orders, or resumes the run over the same
// files that ended early.
func (s *session) importFiles(job importer.Job, change func(*importer.Options)) error {
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
		return s.finish(s.Resume(s.soft, s.hard, run.ID, change))
	}
	if run, err = s.Plan(s.soft, in); err != nil {
		return err
	}
	s.progress.done()
	if err := s.requireConfirmation(); err != nil { // before anything is requested
		return err
	}
	return s.finish(s.Send(s.soft, s.hard, run.ID))
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

// dryRun plans a job and writes the report, without a single request.
func (s *session) dryRun(job importer.Job) error {
	run, err := s.planFiles(job)
	if err != nil {
		return err
	}
	sum, err := s.Summary(s.hard, run.ID)
	if err != nil {
		return err
	}
	s.sayAll(sum.PlanLines())
	s.say("dry run: no request was made. Not checked: whether SKUs, channels and companies exist in Luminous, " +
		"and whether order numbers are taken")
	if sum.Actions[order.Update]+sum.Actions[order.Upsert]+sum.Actions[order.Delete] > 0 {
		s.say("existing orders were not read, so this doesn't say what would change; ordersheet plan does")
	}
	return s.report(sum, nil)
}

// finish ends a command: it reports how a run was carried out, unless err says that it wasn't.
func (s *session) finish(r importer.Result, err error) error {
	s.progress.done()
	switch {
	case err != nil:
		return err
	case r.Elsewhere != "":
		s.say("the run continues in process %s", r.Elsewhere)
		return nil
	}
	return s.report(r.Summary, r.Err)
}
