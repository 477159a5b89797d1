package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"

	"ordersheet/mapping/profile"
)

// importFlags say what to read and how to send it.
type importFlags struct {
	sendFlags
	planFlags
	dryRun bool
}

// sendFlags say how to send; import and resume share them.
type sendFlags struct {
	report         string
	workers        int
	rate           float64
	settleWait     time.Duration
	canary         int
	verify         string
	yes, noBreaker bool
	sandbox        bool
	fill           int // orders of each kind that the sandbox has at the beginning
}

func (f *sendFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.IntVar(&f.workers, "workers", 8, "orders in flight at most, 1 to 250")
	fl.Float64Var(&f.rate, "rate", 0, "requests a second at most (default: as many as the server takes)")
	fl.DurationVar(&f.settleWait, "settle-wait", 0, "how long an order may still appear after its answer was lost (default: twice --timeout)")
	fl.IntVar(&f.canary, "canary", 3, "how many orders go one by one before the rest")
	fl.StringVar(&f.verify, "verify", "sample", "read orders again after they were written, and compare: all, sample (the first ones and 1 in 100), none")
	fl.BoolVar(&f.noBreaker, "no-breaker", false, "go on even when most orders fail for one and the same reason")
	fl.BoolVar(&f.yes, "yes", false, "don't ask before sending")
	fl.StringVar(&f.report, "report", "", "where the report goes: FILE.xlsx, or FILE.csv for three CSV files (default: NAME.report.xlsx here)")
}

// check refuses values that make no sense.
func (f *sendFlags) check() error {
	if err := checkPace(f.workers, f.rate); err != nil {
		return err
	}
	switch {
	case f.settleWait < 0:
		return fail(Usage, "", "--settle-wait takes a time such as 60s, not %v", f.settleWait)
	case f.canary < 0:
		return fail(Usage, "", "--canary takes a number of orders, not %d", f.canary)
	case f.verify != "" && f.verify != string(importer.VerifyAll) && f.verify != string(importer.VerifySample) && f.verify != string(importer.VerifyNone):
		return fail(Usage, "", "--verify takes all, sample or none, not %q", f.verify)
	case f.report != "":
		return checkReportName(f.report)
	}
	return nil
}

// checkPace refuses paces that make no sense.
func checkPace(workers int, rate float64) error {
	switch {
	case workers < 1 || workers > 250:
		return fail(Usage, "", "--workers takes 1 to 250, not %d", workers)
	case rate < 0:
		return fail(Usage, "", "--rate takes a number of requests a second, not %v", rate)
	}
	return nil
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "create or change orders from the rows of CSV and Excel files",
		Long: `import reads the rows of one or more files, groups them by order number, checks every cell, shows what it would do, asks, and does it. It creates
orders, unless --mode or a column "command" in the sheet says otherwise: UPDATE, UPSERT, DELETE, IGNORE. All files of one command are one run. Whatever
becomes of it, a report workbook says so for each order and each cell. To look at a plan first and do it later: ordersheet plan, ordersheet apply.`,
		Example: `  ordersheet import orders.xlsx --sandbox          try it, no account needed
  ordersheet import orders.xlsx --dry-run           check everything, send nothing
  ordersheet import orders.xlsx --company acme      the real thing; the token is in LUMINOUS_API_KEY
  ordersheet import a.csv b.csv --mapping shop.toml --set channel_id=4
  ordersheet import statuses.xlsx --mode update     change orders that stand`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fail(Usage, "ordersheet import orders.xlsx", "no file was given")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.runImport(c.Context(), args, f) },
	}
	f.sendFlags.register(c)
	f.planFlags.register(c)
	fl := c.Flags()
	fl.BoolVar(&f.dryRun, "dry-run", false, "plan and report, send nothing at all")
	fl.BoolVar(&f.sandbox, "sandbox", false, "send to an order system in a box inside this program instead of an account")
	return c
}

func (a *app) runImport(ctx context.Context, files []string, f importFlags) error {
	started := time.Now()
	if err := f.sendFlags.check(); err != nil {
		return err
	}
	job, err := a.job(files, f.planFlags)
	if err != nil {
		return err
	}
	s, err := a.open(ctx, f.sendFlags, "", f.dryRun)
	if err != nil {
		return err
	}
	defer s.end()
	job.Account, job.Observe = s.account, s.watch.observe
	in, err := importer.OpenInput(job)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	if !f.dryRun {
		if run, ok, err := s.unfinished(in); err != nil || ok {
			if err != nil {
				return err
			}
			return s.goOn(run, started)
		}
	}
	run, err := in.Plan(s.soft, s.ledger)
	s.watch.done()
	if err != nil {
		if s.soft.Err() != nil {
			return fail(Stopped, "give the same command again", "stopped while reading; nothing was sent")
		}
		return err
	}
	if f.dryRun {
		return s.dryRun(run, started)
	}
	return s.send(run, f, started)
}

// dryRun shows a plan and its report, without a single request.
func (s *session) dryRun(run ledger.Run, started time.Time) error {
	books, err := importer.ReadSummary(s.hard, s.ledger, run.ID)
	if err != nil {
		return err
	}
	s.showPlan(books)
	fmt.Fprintln(s.Stderr, "dry run: no request was made. Not checked: whether SKUs, channels and companies exist in Luminous, and whether order numbers are taken there")
	if books.Actions["update"]+books.Actions["upsert"]+books.Actions["delete"] > 0 {
		fmt.Fprintln(s.Stderr, "what stands in Luminous wasn't read either, so this doesn't say what would change there; ordersheet plan does")
	}
	return s.finish(run.ID, started, nil)
}

// send checks a planned run against what stands, shows it, asks, and does it.
func (s *session) send(run ledger.Run, f importFlags, started time.Time) error {
	release, err := s.ledger.Acquire(s.hard, run.ID, owner())
	if err != nil {
		return err
	}
	defer release()
	if err := s.somebody(); err != nil { // known now, so that nothing is asked of the API first
		return err
	}
	if err := s.compare(run, &importer.Check{Existing: importer.CheckExisting(f.existing), Recreate: f.recreate, MayList: s.mayList}); err != nil {
		return err
	}
	books, err := importer.ReadSummary(s.hard, s.ledger, run.ID)
	if err != nil {
		return err
	}
	if err := s.showWhole(books); err != nil {
		return err
	}
	return s.askAndDo(books, started)
}

// compare compares a planned run with what stands. c says how; what the run itself knows is filled in.
func (s *session) compare(run ledger.Run, c *importer.Check) error {
	sources, err := s.ledger.Sources(s.hard, run.ID)
	if err != nil {
		return err
	}
	o, err := importer.OptionsOf(run)
	if err != nil {
		return err
	}
	c.Ledger, c.API, c.Run, c.Sources, c.Observe = s.ledger, s.client, run, sources, s.watch.observe
	c.Tags, c.ReplacePayments, c.AllowLineRemoval = o.Tags, o.ReplacePayments, o.LineRemoval
	err = c.Do(s.soft)
	s.watch.done()
	if c.Unchecked != "" {
		fmt.Fprintln(s.Stderr, c.Unchecked)
	}
	switch {
	case s.soft.Err() != nil:
		return fail(Stopped, "give the same command again", "stopped before anything was sent")
	case err != nil:
		return beforeSending(err)
	}
	return nil
}

// askAndDo asks whether a plan that was shown is to be done, does it, and reports.
func (s *session) askAndDo(books importer.Summary, started time.Time) error {
	id := books.Run.ID
	if books.Outcomes[ledger.NotAttempted] == 0 {
		err := s.ledger.UpdateRun(s.hard, id, func(r *ledger.Run) { r.State, r.Ended = ledger.Finished, time.Now() })
		if err != nil {
			return err
		}
		return s.finish(id, started, nil)
	}
	if err := s.confirm(question(books) + " in " + s.account + "?"); err != nil {
		return err
	}
	return s.finish(id, started, s.submit(books))
}

// question asks in counts: Create 3, update 5 and cancel 1 sales orders.
func question(b importer.Summary) string {
	var parts []string
	last := int64(0)
	for _, action := range []string{"create", "update", "delete"} {
		if n := b.Actions[action]; n > 0 {
			parts, last = append(parts, importer.Verb(b.Run.Kind, action)+" "+strconv.FormatInt(n, 10)), n
		}
	}
	text := strings.Join(parts, ", ")
	if n := len(parts); n > 1 {
		text = strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	noun := b.Run.Kind.Word()
	if last != 1 {
		noun += "s"
	}
	if n := importer.Undoes(b.Run); n != 0 {
		return fmt.Sprintf("Take back run %d: %s %s", n, text, noun)
	}
	return strings.ToUpper(text[:1]) + text[1:] + " " + noun
}

// longList is how many requests a reading of all orders may take before a person is asked.
const longList = 20

// mayList asks before a long list is read.
func (s *session) mayList(orders, requests int) error {
	if requests <= longList {
		return nil
	}
	s.watch.done()
	if s.confirm(fmt.Sprintf("To see what stands already, all %d orders in %s have to be read, in %d requests. Read them?", orders, s.account, requests)) != nil {
		return fail(Usage, "answer y or give --yes; --check-existing off goes without it", "the list of the %d orders that stand wasn't read", orders)
	}
	return nil
}

// beforeSending is trouble that came before anything was sent: there is nothing to resume, the same command does it all.
func beforeSending(err error) error {
	code, hint := classify(err)
	if code == Stopped {
		hint = "is the address right? if it is, give the same command again later"
	}
	return &failure{code, fmt.Errorf("nothing was sent: %w", err), hint}
}

// profile reads the mapping file, if there is one, and lays --set over it.
func (a *app) profile(name string, set []string) (*profile.Profile, error) {
	p := &profile.Profile{}
	if name != "" {
		path, err := a.mappingPath(name)
		if err != nil {
			return nil, err
		}
		file, err := os.Open(path)
		if err != nil {
			return nil, fail(FileTrouble, "", "reading the mapping file: %w", err)
		}
		defer file.Close()
		if p, err = profile.Parse(filepath.Base(path), file, os.DirFS(filepath.Dir(path))); err != nil {
			hint := "docs/mapping.md describes mapping files; ordersheet fields lists all fields"
			var at *profile.Error
			if errors.As(err, &at) && at.Hint != "" {
				hint = at.Hint
			}
			return nil, fail(Usage, hint, "%w", err)
		}
	}
	for _, assignment := range set {
		if err := p.Set(assignment); err != nil {
			return nil, fail(Usage, "--set takes FIELD=VALUE; see ordersheet fields", "--set %s: %w", assignment, err)
		}
	}
	return p, nil
}

// mappingPath finds a mapping file by path, else by name in the user's mapping folder.
func (a *app) mappingPath(name string) (string, error) {
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	dir, err := os.UserConfigDir()
	if err == nil && !strings.ContainsAny(name, `/\`) {
		for _, n := range []string{name, name + ".toml"} {
			if p := filepath.Join(dir, "ordersheet", "mappings", n); fileExists(p) {
				return p, nil
			}
		}
	}
	return "", fail(FileTrouble, fmt.Sprintf("looked here and in %s", filepath.Join(dir, "ordersheet", "mappings")), "there is no mapping file %s", name)
}

func fileExists(p string) bool {
	st, err := os.Stat(p)
	return err == nil && !st.IsDir()
}

// somebody says whether a question can be answered: a yes was given, or a person is there.
func (s *session) somebody() error {
	if s.flags.yes || s.flags.sandbox || s.terminal() {
		return nil
	}
	return fail(Usage, "look at the plan with --dry-run, then add --yes", "nothing was sent: there is nobody to ask, and --yes wasn't given")
}

// confirm asks whether something is to be done.
func (s *session) confirm(question string) error {
	if err := s.somebody(); err != nil || s.flags.yes || s.flags.sandbox {
		return err
	}
	fmt.Fprintf(s.Stderr, "%s [y/N] ", question)
	if a := strings.ToLower(strings.TrimSpace(readLine(s.Stdin))); a != "y" && a != "yes" {
		return fail(Usage, "", "nothing was sent")
	}
	return nil
}

// readLine reads one line without taking more than it from the reader.
func readLine(r io.Reader) string {
	var line []byte
	b := make([]byte, 1)
	for {
		n, err := r.Read(b)
		if n == 1 && b[0] == '\n' || err != nil {
			return string(line)
		}
		line = append(line, b[:n]...)
	}
}
