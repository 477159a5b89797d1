package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

func (a *app) planCommand() *cobra.Command {
	f := planFlags{}
	send := sendFlags{verify: string(importer.VerifySample)}
	var out string
	var refresh int64
	c := &cobra.Command{
		Use:   "plan FILE...",
		Short: "show what an import would do, order by order and field by field, and keep it to be applied",
		Long: `plan reads files as import does, compares each order with what stands in Luminous, and shows what would be done: created, updated (each field, now
and then), cancelled or deleted, left unchanged, held, invalid. Nothing is written there. The plan goes into the ledger and into a workbook to be looked
at; ordersheet apply does exactly that plan, in which no cell of the workbook changes anything.

With --refresh the held orders of a run are compared anew, such as those that somebody had changed since the plan.`,
		Example: `  ordersheet plan statuses.xlsx --mode update        writes statuses.plan.xlsx
  ordersheet apply 12                                does it
  ordersheet plan --refresh 12                       plans the held orders of run 12 again`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case refresh != 0 && len(args) > 0:
				return fail(Usage, "", "--refresh plans the orders of a run again; it takes no file")
			case refresh < 0:
				return fail(Usage, "list the runs with: ordersheet runs", "--refresh takes the number of a run, not %d", refresh)
			case refresh == 0 && len(args) == 0:
				return fail(Usage, "ordersheet plan orders.xlsx", "no file was given")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := send.check(); err != nil {
				return err
			}
			if out != "" && !strings.EqualFold(filepath.Ext(out), ".xlsx") {
				return fail(Usage, "name it FILE.xlsx", "a plan is a workbook, which %q doesn't say", out)
			}
			if refresh != 0 {
				return a.refresh(c.Context(), refresh, f.changeFlags, send, out)
			}
			return a.plan(c.Context(), args, f, send, out)
		},
	}
	f.register(c)
	fl := c.Flags()
	fl.StringVarP(&out, "out", "o", "", "where the workbook goes (default: NAME.plan.xlsx here)")
	fl.Int64Var(&refresh, "refresh", 0, "plan the held orders of this run again")
	fl.IntVar(&send.workers, "workers", 8, "requests in flight at most, 1 to 250")
	fl.Float64Var(&send.rate, "rate", 0, "requests a second at most (default: as many as the server takes)")
	return c
}

// plan plans files, compares the orders with what stands, and shows it.
func (a *app) plan(ctx context.Context, files []string, f planFlags, send sendFlags, out string) error {
	started := time.Now()
	job, err := a.job(files, f)
	if err != nil {
		return err
	}
	s, err := a.open(ctx, send, "", false)
	if err != nil {
		return err
	}
	defer s.end()
	job.Account, job.Observe = s.account, s.watch.observe
	run, err := importer.Plan(s.soft, s.ledger, job)
	s.watch.done()
	if err != nil {
		if s.soft.Err() != nil {
			return fail(Stopped, "give the same command again", "stopped while reading")
		}
		return err
	}
	return s.seal(run, &importer.Check{Existing: importer.CheckExisting(f.existing), Recreate: f.recreate, Workers: send.workers}, out, started)
}

// refresh plans the held orders of a run again.
func (a *app) refresh(ctx context.Context, id int64, f changeFlags, send sendFlags, out string) error {
	started := time.Now()
	if err := f.check(); err != nil {
		return err
	}
	var run ledger.Run
	err := a.withLedger(func(l *ledger.Ledger) (err error) {
		if run, err = runOf(ctx, l, id); err != nil {
			return err
		}
		left, err := leftToDo(ctx, l, run)
		switch n := importer.Undoes(run); {
		case err != nil:
			return err
		case n != 0:
			return fail(Usage, fmt.Sprintf("plan what is left of it with: ordersheet undo %d", n), "run %d takes run %d back", id, n)
		case left:
			return fail(Usage, fmt.Sprintf("go on first with: ordersheet resume %d", id), "run %d hasn't come to its end", id)
		case run.State == ledger.Planned && run.Sealed == "":
			return fail(Usage, "make one with: ordersheet plan FILE", "run %d is no plan: it was never compared with what stands", id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s, err := a.open(ctx, send, run.Account, false)
	if err != nil {
		return err
	}
	defer s.end()
	if err := s.sameAccount(run); err != nil {
		return err
	}
	if err := s.withFlags(&run, f); err != nil {
		return err
	}
	return s.seal(run, &importer.Check{Refresh: true, Existing: importer.CheckOn, Workers: send.workers}, out, started)
}

// withFlags lays what a refresh was told over the options that the plan was made with, and keeps it.
func (s *session) withFlags(run *ledger.Run, f changeFlags) error {
	o, err := importer.OptionsOf(*run)
	if err != nil || f == (changeFlags{}) {
		return err
	}
	if f.tags != "" {
		o.Tags = f.tags
	}
	o.LineRemoval = o.LineRemoval || f.lineRemoval
	if run.Options, err = o.Encode(); err != nil {
		return err
	}
	return s.ledger.UpdateRun(s.hard, run.ID, func(r *ledger.Run) { r.Options = run.Options })
}

// runOf is a run by its number.
func runOf(ctx context.Context, l *ledger.Ledger, id int64) (ledger.Run, error) {
	run, err := l.GetRun(ctx, id)
	if errors.Is(err, ledger.ErrNotFound) {
		err = fail(Usage, "list the runs with: ordersheet runs", "there is no run %d in %s", id, l.Path())
	}
	return run, err
}

// sameAccount refuses a run that is for another account than this command.
func (s *session) sameAccount(run ledger.Run) error {
	if s.account != run.Account {
		return fail(Usage, "give that account's address and token", "run %d is for %s, not for %s", run.ID, run.Account, s.account)
	}
	return nil
}

// seal compares a run with what stands, seals the plan, and shows it.
func (s *session) seal(run ledger.Run, c *importer.Check, out string, started time.Time) error {
	release, err := s.ledger.Acquire(s.hard, run.ID, owner())
	if err != nil {
		return err
	}
	defer release()
	if err := s.compare(run, c); err != nil {
		return err
	}
	if err := importer.Freeze(s.hard, s.ledger, run.ID); err != nil {
		return err
	}
	books, err := importer.ReadSummary(s.hard, s.ledger, run.ID)
	if err != nil {
		return err
	}
	digest, err := importer.ReadPlanSummary(s.hard, s.ledger, run.ID)
	if err != nil {
		return err
	}
	s.showPlan(books)
	s.showDigest(books, digest)
	path, bookErr := savePlan(s.hard, s.ledger, books, out)
	s.closePlan(books, digest, path, bookErr)
	if s.global.json {
		if err := s.planJSON(books, digest, path, started); err != nil {
			return err
		}
	}
	switch {
	case !books.Reconciles():
		return quiet(Bug)
	case bookErr != nil:
		return fail(FileTrouble, "", "the plan's workbook wasn't written: %w", bookErr)
	case books.Outcomes[ledger.Invalid]+books.Outcomes[ledger.Held] > 0 || books.Run.Rows.Invalid > 0:
		return quiet(SomeInvalid)
	}
	return nil
}

// closePlan is the end of the story on the terminal.
func (s *session) closePlan(b importer.Summary, d importer.PlanSummary, path string, bookErr error) {
	w := s.Stderr
	if n := b.Problems[problem.Error]; n > 0 {
		fmt.Fprintf(w, "problems: %s, each with its reason in the plan\n", count(n, "error"))
	}
	_, rows := b.Totals()
	fmt.Fprintf(w, "%s\n%s\n", importer.PlanTotals(b, d), rows)
	if bookErr == nil {
		fmt.Fprintf(w, "plan: %s (run %d)\n", path, b.Run.ID)
	}
	if d.Sends() > 0 {
		fmt.Fprintf(w, "nothing was sent; do exactly this with: ordersheet apply %d\n", b.Run.ID)
		return
	}
	fmt.Fprintln(w, "nothing was sent, and nothing is to be sent")
}

// showDigest says what the plan touches, what can't be taken back and what is assumed.
func (s *session) showDigest(b importer.Summary, d importer.PlanSummary) {
	s.showTouched(d)
	w := s.Stderr
	for _, text := range d.Warnings(b.Run.Kind) {
		fmt.Fprintln(w, "take care: "+text)
	}
	for _, n := range d.Notes {
		fmt.Fprintf(w, "take care: %s (%s)\n", n.What, count(n.N, "order"))
	}
}

// showTouched says which fields and lines a plan touches.
func (s *session) showTouched(d importer.PlanSummary) {
	w := s.Stderr
	fields, lines := make([]string, len(d.Fields)), make([]string, len(d.Lines))
	for i, t := range d.Fields {
		fields[i] = t.What + " in " + count(t.N, "order")
	}
	for i, t := range d.Lines {
		lines[i] = fmt.Sprintf("%d %s", t.N, t.What)
	}
	if len(fields) > 0 {
		fmt.Fprintln(w, "changes: "+someOf(fields))
	}
	if len(lines) > 0 {
		fmt.Fprintln(w, "lines: "+someOf(lines))
	}
}

// someOf lists the first of many.
func someOf(parts []string) string {
	const most = 12
	if len(parts) > most {
		parts = append(parts[:most:most], fmt.Sprintf("and %d more", len(parts)-most))
	}
	return strings.Join(parts, ", ")
}

// showWhole shows a plan before it is done: where orders are only created, in a line.
func (s *session) showWhole(b importer.Summary) error {
	undo := importer.Undoes(b.Run) != 0
	if !undo {
		s.showPlan(b)
	}
	if !undo && b.Actions["update"]+b.Actions["delete"] == 0 {
		return nil
	}
	d, err := importer.ReadPlanSummary(s.hard, s.ledger, b.Run.ID)
	switch {
	case err != nil:
		return err
	case undo:
		return s.showUndo(b, d)
	}
	s.showDigest(b, d)
	return nil
}

// planResult is the one JSON object of a plan. docs/changing-orders.md describes it.
type planResult struct {
	Run            int64            `json:"run"`
	Kind           string           `json:"kind"`
	Account        string           `json:"account"`
	Sources        []sourceResult   `json:"sources"`
	Rows           rowResult        `json:"rows"`
	Orders         map[string]int64 `json:"orders"`
	Fields         []importer.Count `json:"fields"`
	Lines          []importer.Count `json:"lines"`
	Channels       []importer.Count `json:"channels"`
	Notes          []importer.Count `json:"notes"`
	Warnings       []string         `json:"warnings"`
	Problems       map[string]int64 `json:"problems"`
	Requests       int64            `json:"requests"`
	ElapsedSeconds float64          `json:"elapsed_seconds"`
	Plan           string           `json:"plan"`
	Balanced       bool             `json:"balanced"`
}

func (s *session) planJSON(b importer.Summary, d importer.PlanSummary, path string, started time.Time) error {
	r := planResult{
		Run: b.Run.ID, Kind: string(b.Run.Kind), Account: b.Run.Account, Sources: sourceResults(b), Rows: rowResult(b.Run.Rows),
		Orders: map[string]int64{"found": b.Run.Orders, "create": d.Actions["create"], "update": d.Actions["update"], "delete": d.Actions["delete"]},
		Fields: d.Fields, Lines: d.Lines, Channels: d.Channels, Notes: d.Notes, Warnings: append([]string{}, d.Warnings(b.Run.Kind)...),
		Problems: problemCounts(b), Requests: s.client.Stats().Requests, ElapsedSeconds: float64(time.Since(started).Milliseconds()) / 1000,
		Plan: path, Balanced: b.Reconciles(),
	}
	for _, w := range importer.Outcomes() {
		if w != ledger.NotAttempted { // they are told apart by what is to be done with them
			r.Orders[string(w)] = b.Outcomes[w]
		}
	}
	return json.NewEncoder(s.Stdout).Encode(r)
}
