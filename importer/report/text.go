package report

import (
	"fmt"
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// text gathers lines, each only where it has something to count.
type text []string

func (t *text) add(n int64, format string, args ...any) {
	if n > 0 {
		*t = append(*t, fmt.Sprintf(format, args...))
	}
}

// PlanLines says in counts what was read and what would be done.
func (s Summary) PlanLines() []string {
	var lines text
	for _, src := range s.Sources {
		name := src.File
		if src.Sheet != "" {
			name = fmt.Sprintf("%s, sheet %q", src.File, src.Sheet)
		}
		if src.LeftOut != "" {
			lines.add(1, "left out: %s: %s", name, src.LeftOut)
			continue
		}
		lines.add(1, "read: %s, header in row %d, %s below it", name, src.HeaderRow, countOf(src.Rows, "row"))
	}
	if s.Run.Orders == 0 && s.Run.Rows.Read == 0 {
		return append(lines, "plan: no orders found: there are no rows below the header")
	}
	unchanged := "already up to date"
	if s.Run.Mode == order.Delete {
		unchanged = "already gone"
	}
	parts := text{"plan: " + countOf(s.Run.Orders, s.Run.Kind.Word()) + " found"}
	for _, action := range []string{order.Create, order.Update, order.Upsert, order.Delete} {
		parts.add(s.Actions[action], "%d to %s", s.Actions[action], Verb(s.Run.Kind, action))
	}
	parts.add(s.Outcomes[ledger.Unchanged], "%d %s", s.Outcomes[ledger.Unchanged], unchanged)
	for _, state := range []ledger.State{ledger.Skipped, ledger.Invalid, ledger.Held} {
		parts.add(s.Outcomes[state], "%d %s", s.Outcomes[state], state)
	}
	return append(lines, strings.Join(parts, ", "))
}

// ChangeLines says what a plan changes, what can't be undone, and what it assumes.
func (p PlanSummary) ChangeLines(kind order.Kind) []string {
	lines := append(p.touched(), p.warnings(kind)...)
	for _, n := range p.Notes {
		lines.add(1, "warning: %s (%s)", n.What, countOf(n.N, "order"))
	}
	return lines
}

// touched says which fields and lines a plan changes.
func (p PlanSummary) touched() (lines text) {
	var fields, items text
	for _, c := range p.Fields {
		fields.add(1, "%s in %s", c.What, countOf(c.N, "order"))
	}
	for _, c := range p.Lines {
		items.add(1, "%d %s", c.N, c.What)
	}
	const most = 12
	lines.add(int64(len(fields)), "changes: %s", FirstOf(fields, most))
	lines.add(int64(len(items)), "lines: %s", FirstOf(items, most))
	return lines
}

func (p PlanSummary) warnings(kind order.Kind) (lines text) {
	for _, w := range p.Warnings(kind) {
		lines.add(1, "warning: %s", w)
	}
	return lines
}

// Left is what an undo leaves as it is, for one kind of reason.
type Left struct {
	Orders   int
	Problems []problem.Problem
}

// mostLeft is how many of the orders that an undo leaves a person is shown; the report has them
// all.
const mostLeft = 10

func (l Left) lines(title string) (lines text) {
	n := len(l.Problems)
	lines.add(int64(n), "%s: %d, in %s", title, n, countOf(int64(l.Orders), "order"))
	for _, p := range l.Problems[:min(n, mostLeft)] {
		lines.add(1, "  %s: %s", p.OrderNumber, p.Message)
	}
	lines.add(int64(n-mostLeft), "  and %d more, all in the report", n-mostLeft)
	return lines
}

// UndoLines says what an undo would reverse, what it keeps because somebody changed it since, and
// what can't be undone.
func (s Summary) UndoLines(p PlanSummary, changed, irreversible Left) []string {
	lines := text{fmt.Sprintf("undo of run %d: it may have written %s", plan.Undoes(s.Run), countOf(s.Run.Orders, s.Run.Kind.Word()))}
	unchanged := s.Outcomes[ledger.Unchanged]
	lines.add(unchanged, "already as before: %s", countOf(unchanged, "order"))
	var parts text
	parts.add(p.Actions[order.Delete], "%d to %s", p.Actions[order.Delete], Verb(s.Run.Kind, order.Delete))
	parts.add(p.Actions[order.Update], "%d to restore", p.Actions[order.Update])
	lines.add(p.Sends(), "will be reversed: %s: %s", countOf(p.Sends(), "order"), strings.Join(parts, ", "))
	lines = append(lines, p.touched()...)
	lines = append(lines, changed.lines("kept, because somebody changed it since")...)
	lines = append(lines, irreversible.lines("can't be undone")...)
	return append(lines, p.warnings(s.Run.Kind)...)
}

// Question asks in counts whether to do it: Create 3, update 5 and cancel 1 sales orders.
func (s Summary) Question() string {
	var parts text
	last := int64(0)
	for _, action := range []string{order.Create, order.Update, order.Delete} {
		if n := s.Actions[action]; n > 0 {
			parts.add(n, "%s %d", Verb(s.Run.Kind, action), n)
			last = n
		}
	}
	question := strings.Join(parts, ", ")
	if n := len(parts); n > 1 {
		question = strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	question += " " + s.Run.Kind.Word()
	if last != 1 {
		question += "s"
	}
	if n := plan.Undoes(s.Run); n != 0 {
		return fmt.Sprintf("Undo run %d: %s", n, question)
	}
	return strings.ToUpper(question[:1]) + question[1:]
}

// EndLines says how a run ended.
func (s Summary) EndLines() []string {
	var lines text
	errors, warnings := s.Problems[problem.Error], s.Problems[problem.Warning]
	if plan.Undoes(s.Run) != 0 {
		lines.add(errors, "not undone: %d, each with its reason in the report", errors)
	} else {
		lines.add(errors, "problems: %s, each with its cell in the report", countOf(errors, "error"))
	}
	lines.add(warnings, "warnings: %d", warnings)
	orders, rows := s.Totals()
	lines = append(lines, orders, rows)
	if !s.Reconciles() {
		lines = append(lines, "the totals don't reconcile: this is a bug in ordersheet; don't trust this run")
	}
	return lines
}

// FirstOf lists the first few of many.
func FirstOf(all []string, most int) string {
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}
