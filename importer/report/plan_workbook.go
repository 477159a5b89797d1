package report

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// WritePlan writes what a planned run would do as a workbook, from the ledger alone: a sheet for each thing that can become of an order.
func WritePlan(ctx context.Context, l *ledger.Ledger, run int64, to ReportTo) (path string, err error) {
	path = to.Path
	if !to.Replace {
		path = freeName(path, never)
	}
	return path, writePlan(ctx, l, run, path)
}

func writePlan(ctx context.Context, l *ledger.Ledger, run int64, path string) error {
	books, err := ReadSummary(ctx, l, run)
	if err != nil {
		return err
	}
	digest, err := ReadPlanSummary(ctx, l, run)
	if err != nil {
		return err
	}
	p := &planBuilder{builder: builder{ctx: ctx, ledger: l, summary: books, errors: map[int64][]problem.Problem{}}, plan: digest, headers: map[string]string{}}
	if err := p.readProblems(); err != nil {
		return err
	}
	for _, src := range books.Sources {
		for _, c := range plan.ColumnsOf(src) {
			if c.Path != "" && p.headers[c.Path] == "" {
				p.headers[c.Path] = c.Header
			}
		}
	}
	return write.ToFile(path, p.writeTo)
}

// writeTo writes the workbook.
func (p *planBuilder) writeTo(out io.Writer) error {
	w, err := write.NewWorkbook(out)
	if err != nil {
		return err
	}
	defer w.Abort()
	w.MarkReport()
	w.SetProperties(fmt.Sprintf("ordersheet plan of run %d", p.summary.Run.ID), p.summary.Run.Created)
	for _, sheet := range []func(*write.Workbook) error{p.overviewSheet, p.createSheet, p.updateSheet, p.deleteSheet, p.unchangedSheet, p.heldSheet, p.refusedSheet} {
		if err := sheet(w); err != nil {
			return err
		}
	}
	return w.Close()
}

// planBuilder is a plan on its way into a workbook.
type planBuilder struct {
	builder
	plan    PlanSummary
	headers map[string]string // of the sheet, by field
}

// eachOrder calls fn for the orders in a state and, unless it is empty, of an action.
func (p *planBuilder) eachOrder(state ledger.State, action string, fn func(*ledger.Order) error) error {
	return p.ledger.Orders(p.ctx, p.summary.Run.ID, ledger.Filter{States: []ledger.State{state}, Full: true}, func(o *ledger.Order) error {
		if action != "" && o.Action != action {
			return nil
		}
		return fn(o)
	})
}

func (p *planBuilder) overviewSheet(w *write.Workbook) error {
	s, err := w.Sheet("Summary", write.Layout{
		NoHeader: true, Columns: []write.Column{{Width: 26, Kind: write.TextColumn}, {Width: 100, Kind: write.TextColumn}},
	})
	if err != nil {
		return err
	}
	run := p.summary.Run
	rows := [][2]write.Value{
		{write.Text(p.headline()).Style(write.Bold)},
		{},
		pair("run", fmt.Sprint(run.ID)), pair("kind", string(run.Kind)), pair("account", run.Account), pair("planned", stamp(run.Created)),
	}
	for _, src := range p.summary.Sources {
		rows = append(rows, pair(p.sheetName(src.File, src.Sheet), describeSource(run, src)))
	}
	rows = append(append(rows, [2]write.Value{}), p.countRows()...)
	rows = append(append(rows, [2]write.Value{}), p.changeRows()...)
	_, equation := p.summary.Totals()
	rows = append(rows, pair("orders", PlanTotals(p.summary, p.plan)), pair("rows", equation), [2]write.Value{}, pair("what next", p.nextStep()))
	for _, row := range append(rows, p.runNotes()...) {
		if err := s.Row(row[0], row[1]); err != nil {
			return err
		}
	}
	return nil
}

// headline is the plan in one line.
func (p *planBuilder) headline() string {
	if !p.summary.Run.Started.IsZero() {
		return fmt.Sprintf("Plan of run %d, which was applied (%s)", p.summary.Run.ID, p.summary.Run.State)
	}
	return fmt.Sprintf("Plan of run %d: nothing has been sent yet", p.summary.Run.ID)
}

// countRows say how many orders each sheet holds, and what becomes of them.
func (p *planBuilder) countRows() (rows [][2]write.Value) {
	add := func(name string, n int64, mark write.Mark, means string) {
		if n > 0 {
			rows = append(rows, [2]write.Value{write.Text(name).Style(mark), write.Text(fmt.Sprintf("%d: %s", n, means))})
		}
	}
	gone := "will be deleted"
	if p.summary.Run.Kind == order.SalesOrders {
		gone = "will get the status cancelled; the API can't delete a sales order"
	}
	held, refused := "need a person to decide; nothing is sent", "can't be done as the file says; nothing is sent"
	if plan.Undoes(p.summary.Run) != 0 {
		held, refused = p.meaning(ledger.Held), p.meaning(ledger.Refused)
	}
	add("Create", p.plan.Actions[order.Create], write.Good, "don't exist yet and will be created")
	add("Update", p.plan.Actions[order.Update], write.Good, "exist and will be changed; the sheet Update says what stands there now and what then")
	add("Delete", p.plan.Actions[order.Delete], write.Warn, gone)
	add("Unchanged", p.summary.Outcomes[ledger.Unchanged], write.Muted, "exist just as the sheet says; nothing is sent")
	add("left out", p.summary.Outcomes[ledger.Skipped], write.Muted, "have the command IGNORE; nothing is sent")
	add("Held", p.summary.Outcomes[ledger.Held], write.Warn, held)
	add("Refused", p.summary.Outcomes[ledger.Refused], write.Bad, refused)
	return rows
}

// changeRows says which fields, lines and channels the plan touches, what can't be taken back and what is assumed.
func (p *planBuilder) changeRows() (rows [][2]write.Value) {
	list := func(name string, all []Count, unit string) {
		var parts []string
		for _, t := range all {
			parts = append(parts, fmt.Sprintf("%s (%s)", p.fieldName(t.What), countOf(t.N, unit)))
		}
		if len(parts) > 0 {
			rows = append(rows, pair(name, shorten(strings.Join(parts, ", "))))
		}
	}
	list("fields that change", p.plan.Fields, "order")
	list("lines", p.plan.Lines, "line")
	for _, text := range p.plan.Warnings(p.summary.Run.Kind) {
		rows = append(rows, [2]write.Value{write.Text("take care").Style(write.Warn), write.Text(text)})
	}
	for _, n := range p.plan.Notes {
		rows = append(rows, [2]write.Value{write.Text("take care").Style(write.Warn), write.Text(fmt.Sprintf("%s (%s)", n.What, countOf(n.N, "order")))})
	}
	if len(rows) > 0 {
		rows = append(rows, [2]write.Value{})
	}
	return rows
}

func countOf(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// PlanTotals says what is to become of all orders of a plan; they add up to those that were found.
func PlanTotals(b Summary, d PlanSummary) string {
	var parts []string
	add := func(n int64, text string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, text))
		}
	}
	for _, a := range []string{order.Create, order.Update, order.Delete} {
		add(d.Actions[a], "to "+Verb(b.Run.Kind, a))
	}
	for _, w := range outcomes {
		if w != ledger.NotAttempted {
			add(b.Outcomes[w], strings.ReplaceAll(string(w), "_", " "))
		}
	}
	if len(parts) == 0 {
		parts = []string{"0"}
	}
	return fmt.Sprintf("orders found: %d = %s", b.Run.Orders, strings.Join(parts, " + "))
}

func (p *planBuilder) nextStep() string {
	run := p.summary.Run
	var todo []string
	switch {
	case !run.Started.IsZero():
		todo = append(todo, fmt.Sprintf("what became of it: ordersheet report %d", run.ID))
	case p.plan.Sends() > 0:
		todo = append(todo, fmt.Sprintf("do exactly this with: ordersheet apply %d", run.ID))
	default:
		todo = append(todo, "nothing is to be sent")
	}
	if text := p.summary.UndoNextStep(); text != "" {
		todo = append(todo, text)
	} else if p.summary.Outcomes[ledger.Held]+p.summary.Outcomes[ledger.Refused] > 0 {
		todo = append(todo, "correct what is held or refused in your own file, and plan it again; or go without these orders")
	}
	return strings.Join(todo, "; ")
}

// fieldName is a field as the sheet calls it, with its path where that is another word.
func (p *planBuilder) fieldName(path string) string {
	plain := withoutIndexes(path)
	if h := p.headers[plain]; h != "" && h != plain {
		return h + " [" + plain + "]"
	}
	return plain
}

// withoutIndexes drops the positions of a path: items.2.quantity is items.quantity.
func withoutIndexes(path string) string {
	parts := strings.Split(path, ".")
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { _, err := strconv.Atoi(s); return err == nil }), ".")
}

// PlanName is the usual name of a plan's workbook: NAME.plan.xlsx in the current folder.
func PlanName(file string) string {
	name := filepath.Base(file)
	return strings.TrimSuffix(name, filepath.Ext(name)) + ".plan.xlsx"
}
