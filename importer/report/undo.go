package report

import (
	"fmt"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// meaning explains a final word.
func (r *builder) meaning(word ledger.State) string {
	if plan.Undoes(r.summary.Run) != 0 {
		switch word {
		case ledger.Updated:
			return "have what the run wrote set back"
		case ledger.Deleted:
			return "no longer stand in Luminous, or are cancelled there"
		case ledger.Unchanged:
			return "stood already as before; nothing was sent"
		case ledger.Refused:
			return "can't be taken back (sheet Problems)"
		case ledger.Held:
			return "kept, since somebody has changed them (sheet Problems)"
		}
	}
	return outcomeMeanings[word]
}

// describeSource says how a sheet was read, or why it wasn't.
func describeSource(run ledger.Run, src ledger.Source) string {
	switch {
	case plan.Undoes(run) != 0:
		return src.Left
	case src.Left != "":
		return "left out: " + src.Left
	}
	return fmt.Sprintf("header in row %d, %d rows below it", src.HeaderRow, src.Rows)
}

// UndoNextStep says what to do about what a run that takes another back has left as it was; empty when there is nothing.
func (b Summary) UndoNextStep() string {
	n := plan.Undoes(b.Run)
	if n == 0 || b.Problems[problem.Error]+b.Outcomes[ledger.Held]+b.Outcomes[ledger.Refused]+b.Outcomes[ledger.Rejected] == 0 {
		return ""
	}
	return fmt.Sprintf("look in Luminous at what was kept or can't be taken back (the report says why); to try once more: ordersheet undo %d", n)
}

// undoTitle says in one line how far a run was taken back.
func (r *builder) undoTitle(undone int64) string {
	w := r.summary.Outcomes
	back := w[ledger.Updated] + w[ledger.Deleted] + w[ledger.Unchanged]
	if n := r.summary.Problems[problem.Error]; n > 0 || back < r.summary.Run.Orders {
		return fmt.Sprintf("Run %d was taken back in part: %d of %d orders; what stays as it is stands on the sheet Problems", undone, back, r.summary.Run.Orders)
	}
	return fmt.Sprintf("Run %d was taken back: %s", undone, countOf(back, "order"))
}
