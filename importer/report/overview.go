package report

import (
	"context"
	"fmt"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// overview is the sheet Summary: names and values.
type overview struct {
	rows [][2]write.Value
}

func (o *overview) add(name, value string) { o.addMarked(name, write.Plain, value) }

func (o *overview) addMarked(name string, mark write.Mark, value string) {
	row := [2]write.Value{write.Text(name).Style(mark)}
	if value != "" {
		row[1] = write.Text(value)
	}
	o.rows = append(o.rows, row)
}

func (o *overview) addBlank() { o.rows = append(o.rows, [2]write.Value{}) }

func (o *overview) table(nameWidth, valueWidth float64) table {
	columns := []write.Column{{Width: nameWidth, Kind: write.TextColumn}, {Width: valueWidth, Kind: write.TextColumn}}
	return table{"Summary", columns, func(_ context.Context, add func(...write.Value) error) error {
		for _, row := range o.rows {
			if err := add(row[:]...); err != nil {
				return err
			}
		}
		return nil
	}}
}

// newOverview begins with a title, what identifies the run, and what it read.
func (r *Report) newOverview(title string, more ...[2]string) *overview {
	o, run := &overview{}, r.Summary.Run
	o.addMarked(title, write.Bold, "")
	o.addBlank()
	o.add("run", fmt.Sprint(run.ID))
	o.add("kind", string(run.Kind))
	o.add("account", run.Account)
	for _, m := range more {
		o.add(m[0], m[1])
	}
	for _, src := range r.Summary.Sources {
		text := write.Text(describeSource(run, src))
		if src.LeftOut != "" {
			text = text.Style(write.Muted)
		}
		o.rows = append(o.rows, [2]write.Value{write.Text(r.sheetName(src.File, src.Sheet)), text})
	}
	o.addBlank()
	return o
}

// maxRunNotes is how many warnings and notices the sheet Summary shows.
const maxRunNotes = 20

// addRunNotes lists the warnings and notices that are about no single order: a header, a column, a
// sheet, the run. A workbook without a sheet Problems shows here what to do about each.
func (r *Report) addRunNotes(o *overview, hasProblems bool) {
	see, moreAt := "see the sheet Problems for what to do", " on the sheet Problems"
	if !hasProblems {
		see, moreAt = "", ""
	}
	shown, more := 0, 0
	for _, p := range r.problems {
		if p.Severity == problem.Error || p.OrderNumber != "" {
			continue
		}
		if shown == maxRunNotes {
			more++
			continue
		}
		if shown++; shown == 1 {
			o.addBlank()
			o.rows = append(o.rows, [2]write.Value{
				write.Text("About the whole file").Style(write.Bold),
				write.Text(see).Style(write.Muted),
			})
		}
		text := p.Message
		if at := r.position(p); at != "" {
			text = at + ": " + text
		}
		if !hasProblems && p.Hint != "" {
			text += "; " + p.Hint
		}
		o.addMarked(string(p.Severity), markOfSeverity(p.Severity), shorten(text))
	}
	if more > 0 {
		o.add("", fmt.Sprintf("and %d more%s", more, moreAt))
	}
}

func markOfSeverity(s problem.Severity) write.Mark {
	switch s {
	case problem.Error:
		return write.Bad
	case problem.Warning:
		return write.Warn
	}
	return write.Muted
}

func markOf(outcome ledger.State) write.Mark {
	switch outcome {
	case ledger.Created, ledger.Updated, ledger.Deleted, ledger.Unchanged:
		return write.Good
	case ledger.Invalid, ledger.Rejected:
		return write.Bad
	case ledger.Held, ledger.Unknown:
		return write.Warn
	}
	return write.Muted
}

// describeSource says how a sheet was read, or why it wasn't.
func describeSource(run ledger.Run, src ledger.Source) string {
	switch {
	case plan.Undoes(run) != 0:
		return src.LeftOut
	case src.LeftOut != "":
		return "left out: " + src.LeftOut
	}
	return fmt.Sprintf("header in row %d, %d rows below it", src.HeaderRow, src.Rows)
}

// meaning explains an outcome of the run.
func (s Summary) meaning(outcome ledger.State) string {
	if plan.Undoes(s.Run) != 0 {
		if text := undoMeanings[outcome]; text != "" {
			return text
		}
	}
	return outcomeMeanings[outcome]
}

// outcomeMeanings explains each outcome.
var outcomeMeanings = map[ledger.State]string{
	ledger.Created:      "exist in Luminous, created by this run",
	ledger.Updated:      "exist in Luminous, changed by this run",
	ledger.Deleted:      "were canceled or deleted in Luminous by this run",
	ledger.Unchanged:    "were already up to date; nothing was sent",
	ledger.Skipped:      "left out on purpose",
	ledger.Invalid:      "not sent: something is wrong in the file (sheet Problems)",
	ledger.Rejected:     "Luminous rejected them (sheet Problems)",
	ledger.Held:         "need a person to decide (sheet Problems)",
	ledger.Unknown:      "may or may not exist: the answer was lost",
	ledger.NotAttempted: "were not sent",
}

// undoMeanings explains the outcomes that mean something else in an undo.
var undoMeanings = map[ledger.State]string{
	ledger.Updated:   "have their previous values again",
	ledger.Deleted:   "no longer exist in Luminous, or are canceled there",
	ledger.Unchanged: "were already as before; nothing was sent",
	ledger.Invalid:   "can't be undone (sheet Problems)",
	ledger.Held:      "kept, because somebody has changed them (sheet Problems)",
}

// stamp writes a time for the sheet Summary.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "not sent"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// countOf writes a number with its noun: 1 order, 2 orders.
func countOf(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
