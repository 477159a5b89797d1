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
	books, err := ReadBooks(ctx, l, run)
	if err != nil {
		return err
	}
	digest, err := ReadDigest(ctx, l, run)
	if err != nil {
		return err
	}
	p := &planBook{reporting: reporting{ctx: ctx, ledger: l, books: books, wrong: map[int64][]problem.Problem{}}, digest: digest, headers: map[string]string{}}
	if err := p.problems(); err != nil {
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
func (p *planBook) writeTo(out io.Writer) error {
	w, err := write.NewWorkbook(out)
	if err != nil {
		return err
	}
	defer w.Abort()
	w.MarkReport()
	w.SetProperties(fmt.Sprintf("ordersheet plan of run %d", p.books.Run.ID), p.books.Run.Created)
	for _, sheet := range []func(*write.Workbook) error{p.summarySheet, p.createSheet, p.updateSheet, p.deleteSheet, p.unchangedSheet, p.heldSheet, p.refusedSheet} {
		if err := sheet(w); err != nil {
			return err
		}
	}
	return w.Close()
}

// planBook is a plan on its way into a workbook.
type planBook struct {
	reporting
	digest  Digest
	headers map[string]string // of the sheet, by field
}

// each calls fn for the orders in a state and, unless it is empty, of an action.
func (p *planBook) each(state ledger.State, action string, fn func(*ledger.Order) error) error {
	return p.ledger.Orders(p.ctx, p.books.Run.ID, ledger.Filter{States: []ledger.State{state}, Full: true}, func(o *ledger.Order) error {
		if action != "" && o.Action != action {
			return nil
		}
		return fn(o)
	})
}

func (p *planBook) summarySheet(w *write.Workbook) error {
	s, err := w.Sheet("Summary", write.Layout{
		NoHeader: true, Columns: []write.Column{{Width: 26, Kind: write.TextColumn}, {Width: 100, Kind: write.TextColumn}},
	})
	if err != nil {
		return err
	}
	run := p.books.Run
	rows := [][2]write.Value{
		{write.Text(p.headline()).Style(write.Bold)},
		{},
		pair("run", fmt.Sprint(run.ID)), pair("kind", string(run.Kind)), pair("account", run.Account), pair("planned", stamp(run.Created)),
	}
	for _, src := range p.books.Sources {
		rows = append(rows, pair(p.sheetName(src.File, src.Sheet), readAs(run, src)))
	}
	rows = append(append(rows, [2]write.Value{}), p.counts()...)
	rows = append(append(rows, [2]write.Value{}), p.touched()...)
	_, equation := p.books.Equations()
	rows = append(rows, pair("orders", PlanEquation(p.books, p.digest)), pair("rows", equation), [2]write.Value{}, pair("what next", p.nextStep()))
	for _, row := range append(rows, p.wholeRun()...) {
		if err := s.Row(row[0], row[1]); err != nil {
			return err
		}
	}
	return nil
}

// headline is the plan in one line.
func (p *planBook) headline() string {
	if !p.books.Run.Started.IsZero() {
		return fmt.Sprintf("Plan of run %d, which was applied (%s)", p.books.Run.ID, p.books.Run.State)
	}
	return fmt.Sprintf("Plan of run %d: nothing has been sent yet", p.books.Run.ID)
}

// counts say how many orders each sheet holds, and what becomes of them.
func (p *planBook) counts() (rows [][2]write.Value) {
	add := func(name string, n int64, mark write.Mark, means string) {
		if n > 0 {
			rows = append(rows, [2]write.Value{write.Text(name).Style(mark), write.Text(fmt.Sprintf("%d: %s", n, means))})
		}
	}
	gone := "will be deleted"
	if p.books.Run.Kind == order.SalesOrders {
		gone = "will get the status cancelled; the API can't delete a sales order"
	}
	held, refused := "need a person to decide; nothing is sent", "can't be done as the file says; nothing is sent"
	if plan.Undoes(p.books.Run) != 0 {
		held, refused = p.means(ledger.Held), p.means(ledger.Refused)
	}
	add("Create", p.digest.Actions[order.Create], write.Good, "don't exist yet and will be created")
	add("Update", p.digest.Actions[order.Update], write.Good, "exist and will be changed; the sheet Update says what stands there now and what then")
	add("Delete", p.digest.Actions[order.Delete], write.Warn, gone)
	add("Unchanged", p.books.Words[ledger.Unchanged], write.Muted, "exist just as the sheet says; nothing is sent")
	add("left out", p.books.Words[ledger.Skipped], write.Muted, "have the command IGNORE; nothing is sent")
	add("Held", p.books.Words[ledger.Held], write.Warn, held)
	add("Refused", p.books.Words[ledger.Refused], write.Bad, refused)
	return rows
}

// touched says which fields, lines and channels the plan touches, what can't be taken back and what is assumed.
func (p *planBook) touched() (rows [][2]write.Value) {
	list := func(name string, all []Tally, unit string) {
		var parts []string
		for _, t := range all {
			parts = append(parts, fmt.Sprintf("%s (%s)", p.named(t.What), counted(t.N, unit)))
		}
		if len(parts) > 0 {
			rows = append(rows, pair(name, shorten(strings.Join(parts, ", "))))
		}
	}
	list("fields that change", p.digest.Fields, "order")
	list("lines", p.digest.Lines, "line")
	for _, text := range p.digest.Warnings(p.books.Run.Kind) {
		rows = append(rows, [2]write.Value{write.Text("take care").Style(write.Warn), write.Text(text)})
	}
	for _, n := range p.digest.Notes {
		rows = append(rows, [2]write.Value{write.Text("take care").Style(write.Warn), write.Text(fmt.Sprintf("%s (%s)", n.What, counted(n.N, "order")))})
	}
	if len(rows) > 0 {
		rows = append(rows, [2]write.Value{})
	}
	return rows
}

func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// PlanEquation says what is to become of all orders of a plan; they add up to those that were found.
func PlanEquation(b Books, d Digest) string {
	var parts []string
	add := func(n int64, text string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, text))
		}
	}
	for _, a := range []string{order.Create, order.Update, order.Delete} {
		add(d.Actions[a], "to "+Doing(b.Run.Kind, a))
	}
	for _, w := range finalWords {
		if w != ledger.NotAttempted {
			add(b.Words[w], strings.ReplaceAll(string(w), "_", " "))
		}
	}
	if len(parts) == 0 {
		parts = []string{"0"}
	}
	return fmt.Sprintf("orders found: %d = %s", b.Run.Orders, strings.Join(parts, " + "))
}

func (p *planBook) nextStep() string {
	run := p.books.Run
	var todo []string
	switch {
	case !run.Started.IsZero():
		todo = append(todo, fmt.Sprintf("what became of it: ordersheet report %d", run.ID))
	case p.digest.Sends() > 0:
		todo = append(todo, fmt.Sprintf("do exactly this with: ordersheet apply %d", run.ID))
	default:
		todo = append(todo, "nothing is to be sent")
	}
	if text := p.books.UndoneNext(); text != "" {
		todo = append(todo, text)
	} else if p.books.Words[ledger.Held]+p.books.Words[ledger.Refused] > 0 {
		todo = append(todo, "correct what is held or refused in your own file, and plan it again; or go without these orders")
	}
	return strings.Join(todo, "; ")
}

// named is a field as the sheet calls it, with its path where that is another word.
func (p *planBook) named(path string) string {
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
