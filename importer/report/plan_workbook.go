package report

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet/write"
)

// WritePlan writes what a planned run would do as a workbook, with a sheet for each thing that can
// become of an order.
func WritePlan(ctx context.Context, cfg Config, out io.Writer) error {
	r, err := New(ctx, cfg)
	if err != nil {
		return err
	}
	p := &planReport{Report: r, headers: map[string]string{}}
	if p.plan, err = ReadPlanSummary(ctx, cfg.Ledger, cfg.Run); err != nil {
		return err
	}
	for _, src := range r.Summary.Sources {
		for _, c := range plan.ColumnsOf(src) {
			if c.Path != "" && p.headers[c.Path] == "" {
				p.headers[c.Path] = c.Header
			}
		}
	}
	return p.writeBook(ctx, out, "plan", append([]table{p.overview().table(26, 100)}, p.tables()...)...)
}

// planReport is the workbook of a plan.
type planReport struct {
	*Report
	plan    PlanSummary
	headers map[string]string // of the user's file, by field
}

func (p *planReport) overview() *overview {
	run := p.Summary.Run
	o := p.newOverview(planTitle(run), [2]string{"planned", stamp(run.Created)})
	p.addCounts(o)
	o.addBlank()
	p.addChanges(o)
	_, rows := p.Summary.Totals()
	o.add("orders", PlanTotals(p.Summary, p.plan))
	o.add("rows", rows)
	o.addBlank()
	o.add("what next", JoinSteps(PlanNextSteps(p.Summary, p.plan), p.Command))
	p.addRunNotes(o, false)
	return o
}

func planTitle(run ledger.Run) string {
	if !run.Started.IsZero() {
		return fmt.Sprintf("Plan of run %d, which was applied (%s)", run.ID, run.State)
	}
	return fmt.Sprintf("Plan of run %d: nothing has been sent yet", run.ID)
}

// addCounts says how many orders each sheet has, and what will become of them.
func (p *planReport) addCounts(o *overview) {
	add := func(name string, n int64, mark write.Mark, meaning string) {
		if n > 0 {
			o.addMarked(name, mark, fmt.Sprintf("%d: %s", n, meaning))
		}
	}
	deleted := "will be deleted"
	if p.Summary.Run.Kind == order.SalesOrders {
		deleted = "will get the status cancelled; the API can't delete a sales order"
	}
	held, invalid := "need a person to decide; nothing is sent", "fail a check; nothing is sent"
	if plan.Undoes(p.Summary.Run) != 0 {
		held, invalid = "are kept, because somebody has changed them", "can't be undone"
	}
	n := p.Summary.Outcomes
	add("Create", p.plan.Actions[order.Create], write.Good, "don't exist yet and will be created")
	add("Update", p.plan.Actions[order.Update], write.Good,
		"exist and will be changed; the sheet Update has the current and the new values")
	add("Delete", p.plan.Actions[order.Delete], write.Warn, deleted)
	add("Unchanged", n[ledger.Unchanged], write.Muted, "are already up to date; nothing is sent")
	add("left out", n[ledger.Skipped], write.Muted, "have the command IGNORE; nothing is sent")
	add("Held", n[ledger.Held], write.Warn, held)
	add("Invalid", n[ledger.Invalid], write.Bad, invalid)
}

// addChanges says which fields, lines and channels the plan affects, what can't be undone and what
// is assumed.
func (p *planReport) addChanges(o *overview) {
	before := len(o.rows)
	list := func(name string, counts []Count, unit string) {
		var parts []string
		for _, c := range counts {
			parts = append(parts, fmt.Sprintf("%s (%s)", p.fieldName(c.What), countOf(c.N, unit)))
		}
		if len(parts) > 0 {
			o.add(name, shorten(strings.Join(parts, ", ")))
		}
	}
	list("fields that change", p.plan.Fields, "order")
	list("lines", p.plan.Lines, "line")
	for _, text := range p.plan.Warnings(p.Summary.Run.Kind) {
		o.addMarked("warning", write.Warn, text)
	}
	for _, n := range p.plan.Notes {
		o.addMarked("warning", write.Warn, fmt.Sprintf("%s (%s)", n.What, countOf(n.N, "order")))
	}
	if len(o.rows) > before {
		o.addBlank()
	}
}

// fieldName is a field as the user's file calls it, with its path where that is another word.
func (p *planReport) fieldName(path string) string {
	parts := slices.DeleteFunc(strings.Split(path, "."), func(s string) bool { // items.2.quantity is items.quantity
		_, err := strconv.Atoi(s)
		return err == nil
	})
	field := strings.Join(parts, ".")
	if h := p.headers[field]; h != "" && h != field {
		return h + " [" + field + "]"
	}
	return field
}
