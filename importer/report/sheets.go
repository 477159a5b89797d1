package report

import (
	"fmt"
	"strings"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// orderRow is one row of the sheet Orders; its headers are part of the report's contract.
type orderRow struct {
	OrderNumber    string `csv:"order_number"`
	Action         string `csv:"action"`
	Status         string `csv:"status"`
	ID             string `csv:"id"`
	Lines          int    `csv:"lines"`
	ExpectedTotal  string `csv:"expected_total"`
	ConfirmedTotal string `csv:"confirmed_total"`
	Attempts       int    `csv:"attempts"`
	HTTPStatus     string `csv:"http_status"`
	Message        string `csv:"message"`
	Rows           string `csv:"rows"`
}

// problemRow is one row of the sheet Problems.
type problemRow struct {
	Severity    string `csv:"severity"`
	Code        string `csv:"code"`
	Sheet       string `csv:"sheet"`
	Cell        string `csv:"cell"`
	Header      string `csv:"header"`
	Field       string `csv:"field"`
	OrderNumber string `csv:"order_number"`
	Value       string `csv:"value"`
	Expected    string `csv:"expected"`
	Message     string `csv:"message"`
	Hint        string `csv:"hint"`
}

// workbook writes the four sheets.
func (r *builder) workbook(w *write.Workbook) error {
	w.MarkReport()
	w.SetProperties(fmt.Sprintf("ordersheet report of run %d", r.summary.Run.ID), r.summary.Run.Created)
	for _, write := range []func(*write.Workbook) error{r.summarySheet, r.orderSheet, r.problemSheet, r.fixSheet} {
		if err := write(w); err != nil {
			return err
		}
	}
	return nil
}

// summarySheet says what ran and what became of it.
func (r *builder) summarySheet(w *write.Workbook) error {
	s, err := w.Sheet("Summary", write.Layout{
		NoHeader: true, Columns: []write.Column{{Width: 24, Kind: write.TextColumn}, {Width: 90, Kind: write.TextColumn}},
	})
	if err != nil {
		return err
	}
	run := r.summary.Run
	rows := [][2]write.Value{
		{write.Text(r.title()).Style(write.Bold)},
		{},
		pair("run", fmt.Sprint(run.ID)), pair("kind", string(run.Kind)), pair("account", run.Account), pair("state", string(run.State)),
		pair("planned", stamp(run.Created)), pair("sent from", stamp(run.Started)), pair("sent until", stamp(run.Ended)),
	}
	for _, src := range r.summary.Sources {
		mark := write.Plain
		if src.Left != "" {
			mark = write.Muted
		}
		rows = append(rows, [2]write.Value{write.Text(r.sheetName(src.File, src.Sheet)), write.Text(describeSource(run, src)).Style(mark)})
	}
	rows = append(rows, [2]write.Value{})
	for _, word := range outcomes {
		if n := r.summary.Outcomes[word]; n > 0 {
			rows = append(rows, [2]write.Value{
				write.Text(strings.ReplaceAll(string(word), "_", " ")).Style(markOf(word)), write.Text(fmt.Sprintf("%d: %s", n, r.meaning(word))),
			})
		}
	}
	orders, equation := r.summary.Totals()
	balanced := write.Text("yes: every order and every row is accounted for").Style(write.Good)
	if !r.summary.Reconciles() {
		balanced = write.Text("no: this is a bug in ordersheet, don't trust this run").Style(write.Bad)
	}
	rows = append(rows, [2]write.Value{}, pair("orders", orders), pair("rows", equation), [2]write.Value{write.Text("the books balance"), balanced})
	rows = append(rows, [2]write.Value{}, pair("what next", r.nextStep()), [2]write.Value{}, pair("errors", fmt.Sprint(r.summary.Problems[problem.Error])),
		pair("warnings", fmt.Sprint(r.summary.Problems[problem.Warning])), pair("notices", fmt.Sprint(r.summary.Problems[problem.Notice])),
		pair("requests", fmt.Sprintf("%d, of them %d told to wait, %d sent again", r.summary.Stats.Requests, r.summary.Stats.Throttled, r.summary.Stats.Retries)),
	)
	for _, row := range append(rows, r.runNotes()...) {
		if err := s.Row(row[0], row[1]); err != nil {
			return err
		}
	}
	return nil
}

// maxSummaryNotes is how many warnings and notices the sheet Summary shows; the sheet Problems has them all.
const maxSummaryNotes = 20

// runNotes lists the warnings and notices that concern no single order: a header, a column, a sheet, the run.
func (r *builder) runNotes() (rows [][2]write.Value) {
	left := 0
	for _, p := range r.problems {
		if p.Severity == problem.Error || p.OrderNumber != "" {
			continue
		}
		if len(rows) == maxSummaryNotes {
			left++
			continue
		}
		mark, text := write.Muted, p.Message
		if p.Severity == problem.Warning {
			mark = write.Warn
		}
		if at := strings.TrimPrefix(r.sheetName(p.File, p.Sheet)+" "+p.Cell, " "); at != "" {
			text = strings.TrimSpace(at) + ": " + text
		}
		rows = append(rows, [2]write.Value{write.Text(string(p.Severity)).Style(mark), write.Text(shorten(text))})
	}
	if left > 0 {
		rows = append(rows, pair("", fmt.Sprintf("and %d more on the sheet Problems", left)))
	}
	if len(rows) > 0 {
		rows = append([][2]write.Value{{}, {write.Text("Of the file as a whole").Style(write.Bold), write.Text("what to do about it stands on the sheet Problems").Style(write.Muted)}}, rows...)
	}
	return rows
}

func pair(name, value string) [2]write.Value {
	return [2]write.Value{write.Text(name), write.Text(value)}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "not sent"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// title is the run in one line.
func (r *builder) title() string {
	if n := plan.Undoes(r.summary.Run); n != 0 && !r.summary.Run.Started.IsZero() {
		return r.undoTitle(n)
	}
	stand := r.summary.Outcomes[ledger.Created] + r.summary.Outcomes[ledger.Updated] + r.summary.Outcomes[ledger.Unchanged]
	if r.summary.Run.Started.IsZero() {
		return fmt.Sprintf("%d orders planned, nothing was sent", r.summary.Run.Orders)
	}
	if gone := r.summary.Outcomes[ledger.Deleted]; gone > 0 || r.summary.Run.Mode != order.Create {
		return fmt.Sprintf("%d of %d orders are in Luminous as this run meant them, %d of them cancelled or deleted", stand+gone, r.summary.Run.Orders, gone)
	}
	return fmt.Sprintf("%d of %d orders stand in Luminous", stand, r.summary.Run.Orders)
}

// nextStep says what the reader should do now.
func (r *builder) nextStep() string {
	w := r.summary.Outcomes
	var todo []string
	if w[ledger.Unknown] > 0 {
		todo = append(todo, fmt.Sprintf("search Luminous for %s marked unknown, or run: ordersheet resume %d", theOrders(w[ledger.Unknown]), r.summary.Run.ID))
	}
	if text := r.summary.UndoNextStep(); text != "" {
		todo = append(todo, text)
	} else if w[ledger.Refused]+w[ledger.Rejected]+w[ledger.Held] > 0 || r.summary.Run.Rows.Refused > 0 {
		todo = append(todo, "correct the rows on the sheet To fix, save, and import this workbook: only that sheet is read")
	}
	if w[ledger.NotAttempted] > 0 && !r.summary.Run.Started.IsZero() {
		todo = append(todo, fmt.Sprintf("send %s not attempted: ordersheet resume %d", theOrders(w[ledger.NotAttempted]), r.summary.Run.ID))
	}
	if len(todo) == 0 {
		if r.summary.Run.Started.IsZero() && w[ledger.NotAttempted] > 0 {
			if r.summary.Run.Sealed != "" {
				return fmt.Sprintf("nothing was sent; do the plan with: ordersheet apply %d", r.summary.Run.ID)
			}
			return "nothing is wrong with the file; import it without --dry-run to send it"
		}
		return "nothing: all is done"
	}
	return strings.Join(todo, "; ")
}

func theOrders(n int64) string {
	if n == 1 {
		return "the order"
	}
	return fmt.Sprintf("the %d orders", n)
}

// outcomeMeanings explains each final word.
var outcomeMeanings = map[ledger.State]string{
	ledger.Created:      "stand in Luminous, made by this run",
	ledger.Updated:      "stand in Luminous, changed by this run",
	ledger.Deleted:      "are cancelled or deleted in Luminous, by this run",
	ledger.Unchanged:    "stood already as meant; nothing was sent",
	ledger.Skipped:      "left out on purpose",
	ledger.Refused:      "not sent: something is wrong in the file (sheet Problems)",
	ledger.Rejected:     "Luminous said no (sheet Problems)",
	ledger.Held:         "need a person to decide (sheet Problems)",
	ledger.Unknown:      "may or may not stand: the answer was lost",
	ledger.NotAttempted: "were not sent",
}

func markOf(w ledger.State) write.Mark {
	switch w {
	case ledger.Created, ledger.Updated, ledger.Deleted, ledger.Unchanged:
		return write.Good
	case ledger.Refused, ledger.Rejected:
		return write.Bad
	case ledger.Held, ledger.Unknown:
		return write.Warn
	}
	return write.Muted
}

func (r *builder) orderSheet(w *write.Workbook) error {
	s, err := w.Sheet("Orders", write.Layout{Columns: []write.Column{
		{Header: "order_number", Width: 20, Kind: write.TextColumn},
		{Header: "action", Width: 10},
		{Header: "status", Width: 14},
		{Header: "id", Width: 12, Kind: write.TextColumn},
		{Header: "lines", Width: 8, Kind: write.NumberColumn},
		{Header: "expected_total", Width: 16, Kind: write.MoneyColumn},
		{Header: "confirmed_total", Width: 16, Kind: write.MoneyColumn},
		{Header: "attempts", Width: 10, Kind: write.NumberColumn},
		{Header: "http_status", Width: 12, Kind: write.NumberColumn},
		{Header: "message", Width: 70},
		{Header: "rows", Width: 16, Kind: write.TextColumn},
	}})
	if err != nil {
		return err
	}
	return r.eachOrder(func(o orderRow, word ledger.State) error {
		return s.Row(write.Text(o.OrderNumber), write.Text(o.Action), write.Text(o.Status).Style(markOf(word)), write.Text(o.ID), write.Int(o.Lines),
			optionalNumber(o.ExpectedTotal), optionalNumber(o.ConfirmedTotal), write.Int(o.Attempts), optionalNumber(o.HTTPStatus),
			write.Text(shorten(o.Message)), write.Text(shorten(o.Rows)))
	})
}

func optionalNumber(s string) write.Value {
	if s == "" {
		return write.Blank()
	}
	return write.Number(s)
}

// shorten keeps a text within what a cell holds, and says that it did.
func shorten(s string) string {
	const most = 32_000
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + fmt.Sprintf(" ... (%d characters in all)", len(s))
}

// eachOrder reads the orders in the order of the plan.
func (r *builder) eachOrder(fn func(orderRow, ledger.State) error) error {
	return r.ledger.Orders(r.ctx, r.summary.Run.ID, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		word := Outcome(o.State)
		row := orderRow{
			OrderNumber: o.Number, Action: o.Action, Status: string(word), Lines: len(o.Items), ExpectedTotal: o.ExpectedTotal,
			ConfirmedTotal: o.ConfirmedTotal, Attempts: o.Attempts, Message: o.Message, Rows: r.rowsOf(o),
		}
		if o.ID != 0 {
			row.ID = fmt.Sprint(o.ID)
		}
		if o.HTTPStatus != 0 {
			row.HTTPStatus = fmt.Sprint(o.HTTPStatus)
		}
		return fn(row, word)
	})
}

// rowsOf names the rows of an order, with their sheet where the run read several.
func (r *builder) rowsOf(o *ledger.Order) string {
	bySource, order := map[int][]int{}, []int(nil)
	for _, ref := range o.Rows {
		if bySource[ref.Source] == nil {
			order = append(order, ref.Source)
		}
		bySource[ref.Source] = append(bySource[ref.Source], ref.Row)
	}
	var parts []string
	for _, n := range order {
		text := rowList(bySource[n])
		if r.sheetsRead() > 1 {
			text = r.sheetName(r.summary.Sources[n].File, r.summary.Sources[n].Sheet) + " " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// sheetsRead counts the sheets that were read.
func (r *builder) sheetsRead() int {
	n := 0
	for _, s := range r.summary.Sources {
		if s.Left == "" {
			n++
		}
	}
	return n
}

func (r *builder) problemSheet(w *write.Workbook) error {
	s, err := w.Sheet("Problems", write.Layout{Columns: []write.Column{
		{Header: "severity", Width: 10},
		{Header: "code", Width: 24},
		{Header: "sheet", Width: 18, Kind: write.TextColumn},
		{Header: "cell", Width: 8, Kind: write.TextColumn},
		{Header: "header", Width: 18, Kind: write.TextColumn},
		{Header: "field", Width: 20},
		{Header: "order_number", Width: 18, Kind: write.TextColumn},
		{Header: "value", Width: 22, Kind: write.TextColumn},
		{Header: "expected", Width: 42},
		{Header: "message", Width: 96},
		{Header: "hint", Width: 60},
	}})
	if err != nil {
		return err
	}
	for _, p := range r.problems {
		mark := map[problem.Severity]write.Mark{problem.Error: write.Bad, problem.Warning: write.Warn, problem.Notice: write.Muted}[p.Severity]
		at := write.Text(p.Cell)
		if target := r.fixTarget(p); target != "" {
			at = write.Link(p.Cell, target)
		}
		err := s.Row(write.Text(string(p.Severity)).Style(mark), write.Text(p.Code), write.Text(r.sheetName(p.File, p.Sheet)), at, write.Text(p.Header),
			write.Text(p.Field), write.Text(p.OrderNumber), write.Text(shorten(p.Value)), write.Text(p.Expected), write.Text(shorten(p.Message)), write.Text(p.Hint))
		if err != nil {
			return err
		}
	}
	return nil
}
