package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// say prints a line to stderr.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.Stderr, format+"\n", args...) }

// show prints the result of a command to stdout: with --json as the one object, else with print.
func (a *app) show(object any, print func() error) error {
	if a.global.json {
		return json.NewEncoder(a.Stdout).Encode(object)
	}
	return print()
}

// nothing prints nothing: what there is to say was said on stderr.
func nothing() error { return nil }

// table aligns the columns of what is written to it.
func table(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// count writes a number with its noun: 1 row, 2 rows.
func count[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(int64(n), 10) + " " + noun + "s"
}

// firstOf lists the first few of many.
func firstOf(all []string, most int) string {
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}

func localTime(t time.Time) string { return t.Local().Format(time.DateTime) }

// printWholePlan prints a plan before it is confirmed: in one line where it only creates orders.
func (s *session) printWholePlan(ctx context.Context, sum importer.Summary) error {
	undo := importer.Undoes(sum.Run) != 0
	if !undo {
		s.printPlan(sum)
	}
	if !undo && sum.Actions[order.Update]+sum.Actions[order.Delete] == 0 {
		return nil
	}
	p, err := s.PlanSummary(ctx, sum.Run.ID)
	switch {
	case err != nil:
		return err
	case undo:
		return s.printUndo(ctx, sum, p)
	}
	s.printChanges(sum.Run, p)
	return nil
}

// printPlan prints what was read and what would be done, in counts.
func (s *session) printPlan(sum importer.Summary) {
	for _, src := range sum.Sources {
		name := src.File
		if src.Sheet != "" {
			name = fmt.Sprintf("%s, sheet %q", src.File, src.Sheet)
		}
		if src.LeftOut != "" {
			s.say("left out: %s: %s", name, src.LeftOut)
			continue
		}
		s.say("read: %s, header in row %d, %s below it", name, src.HeaderRow, count(src.Rows, "row"))
	}
	if sum.Run.Orders == 0 && sum.Run.Rows.Read == 0 {
		s.say("plan: no orders found: there are no rows below the header")
		return
	}
	text := "plan: " + count(sum.Run.Orders, sum.Run.Kind.Word()) + " found"
	add := func(n int64, words string) {
		if n > 0 {
			text += fmt.Sprintf(", %d %s", n, words)
		}
	}
	for _, action := range []string{order.Create, order.Update, order.Upsert, order.Delete} {
		add(sum.Actions[action], "to "+importer.Verb(sum.Run.Kind, action))
	}
	unchanged := "already up to date"
	if sum.Run.Mode == order.Delete {
		unchanged = "already gone"
	}
	add(sum.Outcomes[ledger.Unchanged], unchanged)
	for _, state := range []ledger.State{ledger.Skipped, ledger.Invalid, ledger.Held} {
		add(sum.Outcomes[state], string(state))
	}
	s.say("%s", text)
}

// printChanges prints what a plan touches, what can't be undone, and what it assumes.
func (s *session) printChanges(run ledger.Run, p importer.PlanSummary) {
	s.printTouched(p)
	s.printWarnings(run, p)
	for _, n := range p.Notes {
		s.say("warning: %s (%s)", n.What, count(n.N, "order"))
	}
}

func (s *session) printWarnings(run ledger.Run, p importer.PlanSummary) {
	for _, text := range p.Warnings(run.Kind) {
		s.say("warning: %s", text)
	}
}

// printTouched prints which fields and lines a plan changes.
func (s *session) printTouched(p importer.PlanSummary) {
	var fields, lines []string
	for _, c := range p.Fields {
		fields = append(fields, c.What+" in "+count(c.N, "order"))
	}
	for _, c := range p.Lines {
		lines = append(lines, fmt.Sprintf("%d %s", c.N, c.What))
	}
	const most = 12
	if len(fields) > 0 {
		s.say("changes: %s", firstOf(fields, most))
	}
	if len(lines) > 0 {
		s.say("lines: %s", firstOf(lines, most))
	}
}

// printSummary prints how a run ended, as text and as JSON. path is its report; empty for none.
func (s *session) printSummary(sum importer.Summary, path string) error {
	if n := sum.Problems[problem.Error]; n > 0 && importer.Undoes(sum.Run) != 0 {
		s.say("not undone: %d, each with its reason in the report", n)
	} else if n > 0 {
		s.say("problems: %s, each with its cell in the report", count(n, "error"))
	}
	if n := sum.Problems[problem.Warning]; n > 0 {
		s.say("warnings: %d", n)
	}
	orders, rows := sum.Totals()
	s.say("%s\n%s", orders, rows)
	if !sum.Reconciles() {
		s.say("the totals don't reconcile: this is a bug in ordersheet; don't trust this run")
	}
	if path != "" {
		s.say("report: %s (run %d)", strings.Join(reportFiles(path), ", "), sum.Run.ID)
	}
	return s.printRunJSON(sum, path)
}
