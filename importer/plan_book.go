package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
)

// WritePlan writes what a planned run would do as a workbook, from the ledger alone: a sheet for each thing that can become of an order.
func WritePlan(ctx context.Context, l *ledger.Ledger, run int64, to ReportTo) (path string, err error) {
	path = to.Path
	if !to.Replace {
		path = freeName(path)
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
	p := &planBook{reporting: reporting{ctx: ctx, ledger: l, books: books, wrong: map[int64][]cell.Problem{}}, digest: digest, headers: map[string]string{}}
	if err := p.problems(); err != nil {
		return err
	}
	for _, src := range books.Sources {
		for _, c := range columnsOf(src) {
			if c.Path != "" && p.headers[c.Path] == "" {
				p.headers[c.Path] = c.Header
			}
		}
	}
	w, err := sheet.Create(path)
	if err != nil {
		return err
	}
	defer w.Abort()
	w.MarkReport()
	w.Describe(fmt.Sprintf("ordersheet plan of run %d", run), books.Run.Created)
	for _, write := range []func(*sheet.Workbook) error{p.summarySheet, p.createSheet, p.updateSheet, p.deleteSheet, p.unchangedSheet, p.heldSheet, p.refusedSheet} {
		if err := write(w); err != nil {
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

func (p *planBook) summarySheet(w *sheet.Workbook) error {
	s, err := w.Sheet("Summary", sheet.Layout{
		NoHeader: true, Columns: []sheet.Column{{Width: 26, Kind: sheet.TextColumn}, {Width: 100, Kind: sheet.TextColumn}},
	})
	if err != nil {
		return err
	}
	run := p.books.Run
	rows := [][2]sheet.Value{
		{sheet.Text(p.headline()).Style(sheet.Bold)},
		{},
		pair("run", fmt.Sprint(run.ID)), pair("kind", string(run.Kind)), pair("account", run.Account), pair("planned", stamp(run.Created)),
	}
	for _, src := range p.books.Sources {
		rows = append(rows, pair(p.sheetName(src.File, src.Sheet), readAs(run, src)))
	}
	rows = append(append(rows, [2]sheet.Value{}), p.counts()...)
	rows = append(append(rows, [2]sheet.Value{}), p.touched()...)
	_, equation := p.books.Equations()
	rows = append(rows, pair("orders", PlanEquation(p.books, p.digest)), pair("rows", equation), [2]sheet.Value{}, pair("what next", p.nextStep()))
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
func (p *planBook) counts() (rows [][2]sheet.Value) {
	add := func(name string, n int64, mark sheet.Mark, means string) {
		if n > 0 {
			rows = append(rows, [2]sheet.Value{sheet.Text(name).Style(mark), sheet.Text(fmt.Sprintf("%d: %s", n, means))})
		}
	}
	gone := "will be deleted"
	if p.books.Run.Kind == order.SalesOrders {
		gone = "will get the status cancelled; the API can't delete a sales order"
	}
	held, refused := "need a person to decide; nothing is sent", "can't be done as the file says; nothing is sent"
	if Undoes(p.books.Run) != 0 {
		held, refused = p.means(ledger.Held), p.means(ledger.Refused)
	}
	add("Create", p.digest.Actions[create], sheet.Good, "don't exist yet and will be created")
	add("Update", p.digest.Actions[update], sheet.Good, "exist and will be changed; the sheet Update says what stands there now and what then")
	add("Delete", p.digest.Actions[deletion], sheet.Warn, gone)
	add("Unchanged", p.books.Words[ledger.Unchanged], sheet.Muted, "exist just as the sheet says; nothing is sent")
	add("left out", p.books.Words[ledger.Skipped], sheet.Muted, "have the command IGNORE; nothing is sent")
	add("Held", p.books.Words[ledger.Held], sheet.Warn, held)
	add("Refused", p.books.Words[ledger.Refused], sheet.Bad, refused)
	return rows
}

// touched says which fields, lines and channels the plan touches, what can't be taken back and what is assumed.
func (p *planBook) touched() (rows [][2]sheet.Value) {
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
		rows = append(rows, [2]sheet.Value{sheet.Text("take care").Style(sheet.Warn), sheet.Text(text)})
	}
	for _, n := range p.digest.Notes {
		rows = append(rows, [2]sheet.Value{sheet.Text("take care").Style(sheet.Warn), sheet.Text(fmt.Sprintf("%s (%s)", n.What, counted(n.N, "order")))})
	}
	if len(rows) > 0 {
		rows = append(rows, [2]sheet.Value{})
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
	for _, a := range []string{create, update, deletion} {
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

func (p *planBook) createSheet(w *sheet.Workbook) error {
	partner := sheet.Column{Header: "channel", Width: 12, Kind: sheet.TextColumn}
	if p.books.Run.Kind == order.PurchaseOrders {
		partner.Header = "supplier"
	}
	s, err := w.Sheet("Create", sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "order_date", Width: 12, Kind: sheet.TextColumn},
		{Header: "order_status", Width: 18},
		partner,
		{Header: "bill_to", Width: 28},
		{Header: "lines", Width: 8, Kind: sheet.NumberColumn},
		{Header: "expected_total", Width: 16, Kind: sheet.MoneyColumn},
		{Header: "rows", Width: 16, Kind: sheet.TextColumn},
	}})
	if err != nil {
		return err
	}
	return p.each(ledger.OrderPlanned, create, func(o *ledger.Order) error {
		var h struct {
			Date     string                `json:"order_date"`
			Status   string                `json:"order_status"`
			Channel  json.Number           `json:"channel_id"`
			Supplier json.Number           `json:"supplier_id"`
			Company  json.Number           `json:"company_id"`
			BillTo   struct{ Name string } `json:"bill_to"`
		}
		if err := json.Unmarshal(o.Payload, &h); err != nil {
			return fmt.Errorf("reading the plan of order %s: %w", o.Number, err)
		}
		bill := h.BillTo.Name
		if bill == "" && h.Company != "" {
			bill = "company " + h.Company.String()
		}
		return s.Row(sheet.Text(o.Number), sheet.Text(h.Date), sheet.Text(h.Status), sheet.Text(h.Channel.String()+h.Supplier.String()), sheet.Text(bill),
			sheet.Int(len(o.Items)), optionalNumber(o.ExpectedTotal), sheet.Text(shorten(p.rowsOf(o))))
	})
}

// updateSheet has a row for each field that changes, and for each line that is added, changed or removed.
func (p *planBook) updateSheet(w *sheet.Workbook) error {
	s, err := w.Sheet("Update", sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "id", Width: 10, Kind: sheet.TextColumn},
		{Header: "what", Width: 34},
		{Header: "now", Width: 36, Kind: sheet.TextColumn},
		{Header: "then", Width: 36, Kind: sheet.TextColumn},
		{Header: "rows", Width: 12, Kind: sheet.TextColumn},
		{Header: "take care", Width: 80},
	}})
	if err != nil {
		return err
	}
	return p.each(ledger.OrderPlanned, update, func(o *ledger.Order) error {
		if o.Change == nil {
			return nil
		}
		notes := notesOf(o)
		for _, x := range p.changesOf(o.Change) {
			err := s.Row(sheet.Text(o.Number), sheet.Text(fmt.Sprint(o.Change.ID)), sheet.Text(x.what), sheet.Text(shorten(x.now)).Style(x.nowMark),
				sheet.Text(shorten(x.then)).Style(x.thenMark), sheet.Text(shorten(p.rowsOf(o))), notes)
			if err != nil {
				return err
			}
			notes = sheet.Blank()
		}
		return nil
	})
}

// notesOf is what can't be taken back about a change, and what is assumed of it.
func notesOf(o *ledger.Order) sheet.Value {
	if len(o.Change.Notes) == 0 {
		return sheet.Blank()
	}
	return sheet.Text(shorten(strings.Join(o.Change.Notes, "; "))).Style(sheet.Warn)
}

// shownChange is one row of the sheet Update.
type shownChange struct {
	what, now, then   string
	nowMark, thenMark sheet.Mark
}

// changesOf lists what changes about an order, for people: first its fields, then its lines.
func (p *planBook) changesOf(c *order.Change) (out []shownChange) {
	for _, f := range c.Fields {
		out = append(out, changed(p.named(f.Path), f.Now, f.Then))
	}
	for _, l := range c.Lines {
		name := "line"
		if l.ID != 0 {
			name = fmt.Sprintf("line %d", l.ID)
		}
		if l.SKU != "" {
			name += " (" + l.SKU + ")"
		}
		switch l.What {
		case order.LineAdded:
			out = append(out, shownChange{"new " + name, "", fieldsInWords(l.Fields), sheet.Plain, sheet.Good})
		case order.LineRemoved:
			now := "stands"
			if l.Received != "" {
				now = "stands, " + l.Received + " received"
			}
			out = append(out, shownChange{name, now, "removed: the sheet leaves it out", sheet.Plain, sheet.Bad})
		default:
			for _, f := range l.Fields {
				out = append(out, changed(name+", "+f.Path, f.Now, f.Then))
			}
		}
	}
	return out
}

func changed(what, now, then string) shownChange {
	x := shownChange{what, now, then, sheet.Plain, sheet.Good}
	if now == "" {
		x.now, x.nowMark = "(blank)", sheet.Muted
	}
	if then == "" {
		x.then, x.thenMark = "(emptied)", sheet.Warn
	}
	return x
}

// fieldsInWords says what a new line holds.
func fieldsInWords(fields []order.FieldChange) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, f.Path+" "+f.Then)
	}
	return strings.Join(parts, ", ")
}

func (p *planBook) deleteSheet(w *sheet.Workbook) error {
	s, err := w.Sheet("Delete", sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "id", Width: 10, Kind: sheet.TextColumn},
		{Header: "status now", Width: 20},
		{Header: "then", Width: 20},
		{Header: "rows", Width: 12, Kind: sheet.TextColumn},
		{Header: "take care", Width: 80},
	}})
	if err != nil {
		return err
	}
	return p.each(ledger.OrderPlanned, deletion, func(o *ledger.Order) error {
		if o.Change == nil {
			return nil
		}
		now, then := "", "deleted"
		for _, f := range o.Change.Fields {
			if f.Path == "order_status" {
				now, then = f.Now, f.Then
			}
		}
		return s.Row(sheet.Text(o.Number), sheet.Text(fmt.Sprint(o.Change.ID)), sheet.Text(now), sheet.Text(then).Style(sheet.Bad),
			sheet.Text(shorten(p.rowsOf(o))), notesOf(o))
	})
}

func (p *planBook) unchangedSheet(w *sheet.Workbook) error {
	s, err := w.Sheet("Unchanged", sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "id", Width: 10, Kind: sheet.TextColumn},
		{Header: "why", Width: 80},
		{Header: "rows", Width: 16, Kind: sheet.TextColumn},
	}})
	for _, state := range []ledger.State{ledger.Unchanged, ledger.Skipped} {
		if err != nil {
			return err
		}
		err = p.each(state, "", func(o *ledger.Order) error {
			return s.Row(sheet.Text(o.Number), idText(o.ID), sheet.Text(shorten(o.Message)), sheet.Text(shorten(p.rowsOf(o))))
		})
	}
	return err
}

func idText(id int64) sheet.Value {
	if id == 0 {
		return sheet.Blank()
	}
	return sheet.Text(strconv.FormatInt(id, 10))
}

func (p *planBook) heldSheet(w *sheet.Workbook) error {
	return p.wrongSheet(w, "Held", ledger.Held, sheet.Warn)
}

func (p *planBook) refusedSheet(w *sheet.Workbook) error {
	return p.wrongSheet(w, "Refused", ledger.Refused, sheet.Bad)
}

// wrongSheet has a row for each problem of an order that won't be sent.
func (p *planBook) wrongSheet(w *sheet.Workbook, name string, state ledger.State, mark sheet.Mark) error {
	s, err := w.Sheet(name, sheet.Layout{Columns: []sheet.Column{
		{Header: "order_number", Width: 20, Kind: sheet.TextColumn},
		{Header: "id", Width: 10, Kind: sheet.TextColumn},
		{Header: "cell", Width: 22, Kind: sheet.TextColumn},
		{Header: "header", Width: 18, Kind: sheet.TextColumn},
		{Header: "value", Width: 22, Kind: sheet.TextColumn},
		{Header: "why", Width: 70},
		{Header: "what to do", Width: 70},
	}})
	if err != nil {
		return err
	}
	err = p.each(state, "", func(o *ledger.Order) error {
		wrong := p.wrong[o.Seq]
		if len(wrong) == 0 {
			wrong = []cell.Problem{{Message: o.Message}}
		}
		for _, x := range wrong {
			at := strings.TrimSpace(p.sheetName(x.File, x.Sheet) + " " + x.Cell)
			if err := s.Row(sheet.Text(o.Number), idText(o.ID), sheet.Text(at), sheet.Text(x.Header), sheet.Text(shorten(x.Value)),
				sheet.Text(shorten(x.Message)).Style(mark), sheet.Text(x.Hint)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || state != ledger.Refused {
		return err
	}
	for _, x := range p.wrong[0] { // rows that belong to no order
		if x.Cell == "" {
			continue
		}
		if err := s.Row(sheet.Blank(), sheet.Blank(), sheet.Text(strings.TrimSpace(p.sheetName(x.File, x.Sheet)+" "+x.Cell)), sheet.Text(x.Header),
			sheet.Text(shorten(x.Value)), sheet.Text(shorten(x.Message)).Style(mark), sheet.Text(x.Hint)); err != nil {
			return err
		}
	}
	return nil
}

// PlanName is the usual name of a plan's workbook: NAME.plan.xlsx in the current folder.
func PlanName(file string) string {
	name := filepath.Base(file)
	return strings.TrimSuffix(name, filepath.Ext(name)) + ".plan.xlsx"
}
