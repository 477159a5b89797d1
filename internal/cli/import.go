package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/mapping"
)

type importFlags struct {
	kind, mapping, report string
	set, sheets           []string
	headerRow, workers    int
	rate                  float64
	dryRun, yes, sandbox  bool
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "create orders from the rows of CSV and Excel files",
		Long: `import reads the rows of one or more files, groups them by order number, checks every cell, shows what it would do, asks, and creates the
orders. All files of one command are one run. Whatever becomes of it, a report workbook says so for each order and each cell.`,
		Example: `  ordersheet import orders.xlsx --sandbox          try it, no account needed
  ordersheet import orders.xlsx --dry-run           check everything, send nothing
  ordersheet import orders.xlsx --company acme      the real thing; the token is in LUMINOUS_API_KEY
  ordersheet import a.csv b.csv --mapping shop.toml --set channel_id=4`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fail(Usage, "ordersheet import orders.xlsx", "no file was given")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.runImport(c.Context(), args, f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.kind, "kind", "", "sales-orders or purchase-orders (default: told from the headers)")
	fl.StringVar(&f.mapping, "mapping", "", "mapping file: a path, or the name of one kept in the user's mapping folder")
	fl.StringArrayVar(&f.set, "set", nil, "give a field one value for all orders, such as channel_id=4 (may be repeated; wins over the mapping file)")
	fl.StringArrayVar(&f.sheets, "sheet", nil, "read this sheet only (may be repeated)")
	fl.IntVar(&f.headerRow, "header-row", 0, "row number of the header (default: found)")
	fl.IntVar(&f.workers, "workers", 8, "orders in flight at most, 1 to 250")
	fl.Float64Var(&f.rate, "rate", 0, "requests a second at most (default: as many as the server takes)")
	fl.BoolVar(&f.dryRun, "dry-run", false, "plan and report, send nothing at all")
	fl.BoolVar(&f.yes, "yes", false, "don't ask before sending")
	fl.StringVar(&f.report, "report", "", "where the report goes: FILE.xlsx, or FILE.csv for three CSV files (default: NAME.report.xlsx here)")
	fl.BoolVar(&f.sandbox, "sandbox", false, "send to an order system in a box inside this program instead of an account")
	return c
}

// session is everything that one import stands on.
type session struct {
	*app
	flags   importFlags
	ledger  *ledger.Ledger
	client  *luminous.Client
	account string
	watch   *watcher
	soft    context.Context // ended by the first signal: take no new orders
	hard    context.Context // ended by the second: leave at once
	close   []func()
}

func (a *app) runImport(ctx context.Context, files []string, f importFlags) (err error) {
	started := time.Now()
	job, err := a.job(files, f)
	if err != nil {
		return err
	}
	s, err := a.open(ctx, f)
	if err != nil {
		return err
	}
	defer s.end()
	job.Account, job.Observe = s.account, s.watch.observe
	run, err := importer.Plan(s.soft, s.ledger, job)
	s.watch.done()
	if err != nil {
		if s.soft.Err() != nil {
			return fail(Stopped, "", "stopped while reading; nothing was sent")
		}
		return err
	}
	books, err := importer.ReadBooks(ctx, s.ledger, run.ID)
	if err != nil {
		return err
	}
	s.showPlan(books)
	var runErr error
	if !f.dryRun && books.Words[ledger.NotAttempted] > 0 {
		if err := s.confirm(books); err != nil {
			return err
		}
		runErr = s.submit(books)
	} else if !f.dryRun {
		err := s.ledger.UpdateRun(ctx, run.ID, func(r *ledger.Run) { r.State, r.Ended = ledger.Finished, time.Now() })
		if err != nil {
			return err
		}
	}
	return s.finish(run.ID, files, started, runErr)
}

// job checks the flags that say what to read.
func (a *app) job(files []string, f importFlags) (importer.Job, error) {
	job := importer.Job{Files: files, Sheets: f.sheets, HeaderRow: f.headerRow}
	if f.workers < 1 || f.workers > 250 {
		return job, fail(Usage, "", "--workers takes 1 to 250, not %d", f.workers)
	}
	if f.rate < 0 {
		return job, fail(Usage, "", "--rate takes a number of requests a second, not %v", f.rate)
	}
	if f.kind != "" {
		k, ok := order.ParseKind(f.kind)
		if !ok {
			return job, fail(Usage, "", "--kind takes sales-orders or purchase-orders, not %q", f.kind)
		}
		job.Kind = k
	}
	var err error
	if job.Profile, err = a.profile(f.mapping, f.set); err != nil {
		return job, err
	}
	job.Options, err = json.Marshal(map[string]any{"kind": f.kind, "mapping": f.mapping, "set": f.set, "sheet": f.sheets, "header_row": f.headerRow})
	return job, err
}

// profile reads the mapping file, if there is one, and lays --set over it.
func (a *app) profile(name string, set []string) (*mapping.Profile, error) {
	p := &mapping.Profile{}
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
		if p, err = mapping.ParseProfile(filepath.Base(path), file, os.DirFS(filepath.Dir(path))); err != nil {
			return nil, fail(Usage, "the mapping file is described in docs/mapping.md", "%w", err)
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

// confirm asks whether the plan is to be done.
func (s *session) confirm(b importer.Books) error {
	if s.flags.yes || s.flags.sandbox {
		return nil
	}
	if !s.terminal() {
		return fail(Usage, "look at the plan with --dry-run, then add --yes", "nothing was sent: there is nobody to ask, and --yes wasn't given")
	}
	fmt.Fprintf(s.Stderr, "Create %s in %s? [y/N] ", count(b.Words[ledger.NotAttempted], b.Run.Kind.Word()), s.account)
	answer := readLine(s.Stdin)
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
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

// submit confirms the run and sends its orders.
func (s *session) submit(b importer.Books) error {
	started := time.Now()
	err := s.ledger.UpdateRun(s.hard, b.Run.ID, func(r *ledger.Run) { r.State, r.Started = ledger.Confirmed, started })
	if err != nil {
		return err
	}
	release, err := s.ledger.Acquire(s.hard, b.Run.ID, owner())
	if err != nil {
		return err
	}
	defer release()
	sub := &importer.Submission{
		Journal: s.ledger, API: s.client, Run: b.Run, Sources: b.Sources, Workers: s.flags.workers, Total: b.Words[ledger.NotAttempted],
		Observe: s.watch.observe,
	}
	runErr := sub.Do(s.soft, s.hard)
	s.watch.done()
	st := s.client.Stats()
	stats, err := json.Marshal(importer.Stats{
		Requests: st.Requests, Throttled: st.Throttled, Retries: st.Retries, ElapsedSeconds: time.Since(started).Seconds(),
	})
	if err != nil {
		return err
	}
	err = s.ledger.UpdateRun(context.WithoutCancel(s.hard), b.Run.ID, func(r *ledger.Run) {
		r.State, r.Ended, r.Stats = ledger.Finished, time.Now(), stats
		if runErr != nil {
			r.State = ledger.Stopped
		}
	})
	return errors.Join(runErr, err)
}

func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%d@%s", os.Getpid(), host)
}
