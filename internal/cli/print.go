package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

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
	w := s.Stderr
	for _, src := range sum.Sources {
		name := src.File
		if src.Sheet != "" {
			name = fmt.Sprintf("%s, sheet %q", src.File, src.Sheet)
		}
		if src.LeftOut != "" {
			fmt.Fprintf(w, "left out: %s: %s\n", name, src.LeftOut)
			continue
		}
		fmt.Fprintf(w, "read: %s, header in row %d, %s below it\n", name, src.HeaderRow, count(src.Rows, "row"))
	}
	if sum.Run.Orders == 0 && sum.Run.Rows.Read == 0 {
		fmt.Fprintln(w, "plan: no orders found: there are no rows below the header")
		return
	}
	text := "plan: " + count(sum.Run.Orders, sum.Run.Kind.Word()) + " found"
	for _, action := range []string{order.Create, order.Update, order.Upsert, order.Delete} {
		if n := sum.Actions[action]; n > 0 {
			text += fmt.Sprintf(", %d to %s", n, importer.Verb(sum.Run.Kind, action))
		}
	}
	unchanged := "already up to date"
	if sum.Run.Mode == order.Delete {
		unchanged = "already gone"
	}
	for _, x := range []struct {
		state ledger.State
		words string
	}{
		{ledger.Unchanged, unchanged},
		{ledger.Skipped, "skipped"},
		{ledger.Invalid, string(ledger.Invalid)},
		{ledger.Held, "held"},
	} {
		if n := sum.Outcomes[x.state]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, x.words)
		}
	}
	fmt.Fprintln(w, text)
}

// printChanges prints what a plan touches, what can't be undone, and what it assumes.
func (s *session) printChanges(run ledger.Run, p importer.PlanSummary) {
	s.printTouched(p)
	s.printWarnings(run, p)
	for _, n := range p.Notes {
		fmt.Fprintf(s.Stderr, "warning: %s (%s)\n", n.What, count(n.N, "order"))
	}
}

func (s *session) printWarnings(run ledger.Run, p importer.PlanSummary) {
	for _, text := range p.Warnings(run.Kind) {
		fmt.Fprintln(s.Stderr, "warning: "+text)
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
		fmt.Fprintln(s.Stderr, "changes: "+firstOf(fields, most))
	}
	if len(lines) > 0 {
		fmt.Fprintln(s.Stderr, "lines: "+firstOf(lines, most))
	}
}

// printSummary prints how a run ended.
func (s *session) printSummary(sum importer.Summary, path string, reportErr error) {
	w := s.Stderr
	if n := sum.Problems[problem.Error]; n > 0 && importer.Undoes(sum.Run) != 0 {
		fmt.Fprintf(w, "not undone: %d, each with its reason in the report\n", n)
	} else if n > 0 {
		fmt.Fprintf(w, "problems: %s, each with its cell in the report\n", count(n, "error"))
	}
	if n := sum.Problems[problem.Warning]; n > 0 {
		fmt.Fprintf(w, "warnings: %d\n", n)
	}
	orders, rows := sum.Totals()
	fmt.Fprintf(w, "%s\n%s\n", orders, rows)
	if !sum.Reconciles() {
		fmt.Fprintln(w, "the totals don't reconcile: this is a bug in ordersheet; don't trust this run")
	}
	if reportErr == nil {
		fmt.Fprintf(w, "report: %s (run %d)\n", strings.Join(reportFiles(path), ", "), sum.Run.ID)
	}
}

// count writes a number with its noun: 1 row, 2 rows.
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(n, 10) + " " + noun + "s"
}

// firstOf lists the first few of many.
func firstOf(all []string, most int) string {
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}

func exist(orders int64) string {
	if orders == 1 {
		return "1 order exists"
	}
	return count(orders, "order") + " exist"
}
