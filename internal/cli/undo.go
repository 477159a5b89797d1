package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"

	"ordersheet/mapping/catalog"
)

// undoFlags say how a run is taken back.
type undoFlags struct {
	sendFlags
	status, out string
	planOnly    bool
}

func (a *app) undoCommand() *cobra.Command {
	var f undoFlags
	c := &cobra.Command{
		Use:   "undo RUN",
		Short: "take back what a run did, where nobody has changed it since",
		Long: `undo takes back what a run did. It reads each order that the run made or changed, and plans: sales orders that the run made are cancelled, purchase
orders that it made are deleted, orders that it changed get their fields as they were. What somebody has changed since is kept; what can't be set back
is said, with the reason. The plan is shown first, then undo asks, does it as an import does (each order is read again right before its write), and
writes a report. It exits with 0 only when all was taken back.`,
		Example: `  ordersheet undo 12                          shows what would be taken back, asks, does it
  ordersheet undo 12 --plan-only -o undo.xlsx look first; ordersheet apply does it later
  ordersheet undo 12 --status on_hold         puts sales orders that run 12 made on hold instead of cancelling them`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fail(Usage, "list the runs with: ordersheet runs", "undo takes the number of one run")
			}
			_, err := runNumber(args[0])
			return err
		},
		RunE: func(c *cobra.Command, args []string) error { return a.undo(c.Context(), args[0], f) },
	}
	f.register(c)
	fl := c.Flags()
	fl.StringVar(&f.status, "status", "", "order_status that sales orders get which the run made (default: cancelled)")
	fl.StringVarP(&f.out, "out", "o", "", "write the plan as a workbook too: FILE.xlsx")
	fl.BoolVar(&f.planOnly, "plan-only", false, "plan and show, change nothing; ordersheet apply does it later")
	return c
}

// check refuses a plan's name that isn't that of a workbook.
func (f *undoFlags) check() error {
	if f.out != "" && !strings.EqualFold(filepath.Ext(f.out), ".xlsx") {
		return fail(Usage, "name it FILE.xlsx", "a plan is a workbook, which %q doesn't say", f.out)
	}
	return nil
}

// checkStatus refuses a status that an update of a sales order can't set.
func (f *undoFlags) checkStatus(kind order.Kind) error {
	field := catalog.FieldByPath(order.SalesOrders, "order_status")
	switch {
	case f.status == "":
		return nil
	case kind == order.PurchaseOrders:
		return fail(Usage, "", "--status is for sales orders; purchase orders that a run made are deleted")
	case slices.Contains(field.UpdateEnum, f.status):
		return nil
	}
	return fail(Usage, "", "--status takes one of %s, not %q", strings.Join(field.UpdateEnum, ", "), f.status)
}

func (a *app) undo(ctx context.Context, arg string, f undoFlags) error {
	started := time.Now()
	if err := f.check(); err != nil {
		return err
	}
	s, run, err := a.openFor(ctx, arg, f.sendFlags, func(l *ledger.Ledger, run ledger.Run) error {
		if err := mayUndo(l, run); err != nil {
			return err
		}
		return f.checkStatus(run.Kind)
	})
	if err != nil {
		return err
	}
	defer s.end()
	if !f.planOnly {
		if err := s.somebody(); err != nil { // known now, so that nothing is asked of the API first
			return err
		}
	}
	open, ok, err := s.unfinishedUndo(run.ID)
	switch {
	case err != nil:
		return err
	case ok && f.planOnly:
		return fail(Usage, fmt.Sprintf("go on with it with: ordersheet resume %d", open.ID), "run %d takes run %d back and hasn't come to its end", open.ID, run.ID)
	case ok:
		return s.goOn(open, started)
	}
	return s.takeBack(run, f, started)
}

// mayUndo refuses a run that did nothing, or that still does something.
func mayUndo(l *ledger.Ledger, run ledger.Run) error {
	switch {
	case run.Mode == ledger.ExportMode:
		return fail(Usage, "", "run %d is an export, which changed nothing", run.ID)
	case run.State == ledger.Planning || run.Started.IsZero():
		return fail(Usage, "", "run %d sent nothing, so there is nothing to take back", run.ID)
	case l.Busy(run):
		return fail(Usage, fmt.Sprintf("wait until it has ended, or end it with: ordersheet stop %d", run.ID), "process %s works on run %d", run.Owner, run.ID)
	}
	return nil
}

// unfinishedUndo finds a run that takes another back and that ended early.
func (s *session) unfinishedUndo(id int64) (ledger.Run, bool, error) {
	runs, err := s.ledger.Runs(s.hard)
	if err != nil {
		return ledger.Run{}, false, err
	}
	for _, run := range runs {
		if importer.Undoes(run) != id || run.State == ledger.Finished {
			continue
		}
		if left, err := leftToDo(s.hard, s.ledger, run); err != nil || left {
			return run, err == nil, err
		}
	}
	return ledger.Run{}, false, nil
}

// takeBack plans how a run is taken back, shows it, asks, and does it.
func (s *session) takeBack(run ledger.Run, f undoFlags, started time.Time) error {
	keep, err := s.ledger.Acquire(s.hard, run.ID, owner()) // so that nobody goes on with it meanwhile
	if err != nil {
		return err
	}
	defer keep()
	o := importer.DefaultOptions()
	o.Status, o.Workers = f.status, f.workers
	u := importer.Undo{Ledger: s.ledger, API: s.client, Run: run, Options: o, Observe: s.watch.observe}
	plan, err := u.Plan(s.soft)
	s.watch.done()
	switch {
	case s.soft.Err() != nil:
		return fail(Stopped, "give the same command again", "stopped before anything was sent")
	case err != nil:
		return beforeSending(err)
	}
	release, err := s.ledger.Acquire(s.hard, plan.ID, owner())
	if err != nil {
		return err
	}
	defer release()
	books, err := importer.ReadSummary(s.hard, s.ledger, plan.ID)
	if err != nil {
		return err
	}
	if err := s.showWhole(books); err != nil {
		return err
	}
	if run.State != ledger.Finished {
		fmt.Fprintf(s.Stderr, "take care: run %d was stopped before its end; what it hasn't sent is no part of this, so don't resume it afterwards\n", run.ID)
	}
	path := ""
	if f.out != "" {
		if path, err = savePlan(s.hard, s.ledger, books, f.out); err != nil {
			return fail(FileTrouble, "", "the plan's workbook wasn't written: %w", err)
		}
		fmt.Fprintf(s.Stderr, "plan: %s (run %d)\n", path, plan.ID)
	}
	if !f.planOnly {
		return s.askAndDo(books, started)
	}
	return s.onlyPlanned(books, path, started)
}

// onlyPlanned ends a command that was to plan and not to do.
func (s *session) onlyPlanned(b importer.Summary, path string, started time.Time) error {
	d, err := importer.ReadPlanSummary(s.hard, s.ledger, b.Run.ID)
	if err != nil {
		return err
	}
	if d.Sends() > 0 {
		fmt.Fprintf(s.Stderr, "nothing was sent; do exactly this with: ordersheet apply %d\n", b.Run.ID)
	}
	if s.global.json {
		if err := s.planJSON(b, d, path, started); err != nil {
			return err
		}
	}
	return s.verdict(b, nil, nil)
}

// mostShown is how many orders a bucket of an undo names on the terminal; the report has them all.
const mostShown = 10

// bucket is what an undo leaves as it is, for one kind of reasons.
type bucket struct {
	orders map[string]bool
	n      int
	first  []string
}

func (b *bucket) add(p problem.Problem) {
	if b.orders == nil {
		b.orders = map[string]bool{}
	}
	b.orders[p.OrderNumber] = true
	if b.n++; len(b.first) < mostShown {
		b.first = append(b.first, fmt.Sprintf("  %s: %s", p.OrderNumber, p.Message))
	}
}

func (b *bucket) show(s *session, title string) {
	if b.n == 0 {
		return
	}
	fmt.Fprintf(s.Stderr, "%s: %d, in %s\n%s\n", title, b.n, count(int64(len(b.orders)), "order"), strings.Join(b.first, "\n"))
	if more := b.n - len(b.first); more > 0 {
		fmt.Fprintf(s.Stderr, "  and %d more, all in the report\n", more)
	}
}

// stayed gathers what an undo leaves as it is.
func stayed(ctx context.Context, l *ledger.Ledger, run int64) (kept, stays bucket, err error) {
	err = l.Problems(ctx, run, func(_ int64, p problem.Problem) error {
		switch {
		case importer.Kept(p):
			kept.add(p)
		case importer.CannotUndo(p):
			stays.add(p)
		}
		return nil
	})
	return kept, stays, err
}

// undoResult is what --json says of an undo beside what it says of every run.
type undoResult struct {
	Run    int64 `json:"run"`    // that was taken back
	Kept   int   `json:"kept"`   // fields or orders that somebody has changed since
	Cannot int   `json:"cannot"` // fields or orders that can't be set back
}

// showUndo says what would be taken back, what would be kept, and what can't be taken back.
func (s *session) showUndo(b importer.Summary, d importer.PlanSummary) error {
	w := s.Stderr
	fmt.Fprintf(w, "undo of run %d: it may have written %s\n", importer.Undoes(b.Run), count(b.Run.Orders, b.Run.Kind.Word()))
	if n := b.Outcomes[ledger.Unchanged]; n > 0 {
		fmt.Fprintf(w, "as before already: %s\n", count(n, "order"))
	}
	var parts []string
	if n := d.Actions["delete"]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d to %s", n, importer.Verb(b.Run.Kind, "delete")))
	}
	if n := d.Actions["update"]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d to set back", n))
	}
	if len(parts) > 0 {
		fmt.Fprintf(w, "will be reversed: %s: %s\n", count(d.Sends(), "order"), strings.Join(parts, ", "))
		s.showTouched(d)
	}
	kept, stays, err := stayed(s.hard, s.ledger, b.Run.ID)
	kept.show(s, "kept, because somebody changed it since")
	stays.show(s, "can't be reversed")
	for _, text := range d.Warnings(b.Run.Kind) {
		fmt.Fprintln(w, "take care: "+text)
	}
	return err
}
