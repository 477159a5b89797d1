package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
	"ordersheet/mapping"

	"ordersheet/mapping/catalog"
)

// fixRow is one source row on the sheet To fix.
type fixRow struct {
	source, row int
	seq         int64        // the order it belongs to; 0 for none
	first       bool         // the order's first row
	outcome     ledger.State // what became of it
	command     string       // what was to be done with the order, as a sheet says it; empty for no order
}

// sourceCell is a cell of a source.
type sourceCell struct {
	source int
	cell   string
}

// fixTable is the sheet To fix: which rows, under which headers.
type fixTable struct {
	rows         []fixRow
	lines        map[[2]int]int // source and row -> line of the sheet
	headers      []string
	columns      []map[int]int // by source: column there -> column here
	invalidCells map[sourceCell]bool
	commands     map[int]int // by source: where its commands stand here; empty when all orders are new ones
}

// plan finds the rows of all orders that don't stand, and the rows that belong to no order.
func (r *builder) planFix() error {
	f := &fixTable{lines: map[[2]int]int{}, invalidCells: map[sourceCell]bool{}, columns: make([]map[int]int, len(r.summary.Sources))}
	states := []ledger.State{ledger.Refused, ledger.Rejected, ledger.Held}
	if !r.summary.Run.Started.IsZero() {
		states = append(states, ledger.OrderPlanned, ledger.NotAttempted)
	}
	err := r.ledger.Orders(r.ctx, r.summary.Run.ID, ledger.Filter{States: states, Full: true}, func(o *ledger.Order) error {
		for i, ref := range o.Rows {
			f.rows = append(f.rows, fixRow{ref.Source, ref.Row, o.Seq, i == 0, Outcome(o.State), commandOf(o)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range r.problems {
		n, ok := r.sourceOf(p)
		row, _, isCell := cell.ParseA1(p.Cell)
		if !ok || !isCell || p.Severity != problem.Error {
			continue
		}
		f.invalidCells[sourceCell{n, p.Cell}] = true
		if p.Code == problem.NumberMissing {
			f.rows = append(f.rows, fixRow{n, row, 0, true, ledger.Refused, ""})
		}
	}
	slices.SortFunc(f.rows, func(a, b fixRow) int {
		if a.source != b.source {
			return a.source - b.source
		}
		return a.row - b.row
	})
	f.rows = slices.CompactFunc(f.rows, func(a, b fixRow) bool { return a.source == b.source && a.row == b.row })
	for i, row := range f.rows {
		f.lines[[2]int{row.source, row.row}] = i + 2
	}
	r.toFix = f
	r.bindFix()
	r.bindCommands()
	return nil
}

// commandOf is what was to be done with an order, as the column of commands says it.
func commandOf(o *ledger.Order) string {
	asked := o.Action
	if o.Change != nil {
		asked = o.Change.Asked
	}
	if asked == order.Create {
		return "NEW"
	}
	return strings.ToUpper(asked)
}

// bindCommands finds where the rows say what was to be done with their orders, so that the sheet does the same when it is imported without
// --mode. A source without such a column gets one.
func (r *builder) bindCommands() {
	f := r.toFix
	f.commands = map[int]int{}
	if !slices.ContainsFunc(f.rows, func(x fixRow) bool { return x.command != "" && x.command != "NEW" }) {
		return
	}
	for _, src := range r.summary.Sources {
		for _, c := range plan.ColumnsOf(src) {
			if at, ok := f.columns[src.N][c.Col]; ok && c.Path == "command" {
				f.commands[src.N] = at
			}
		}
	}
	added := -1
	for _, x := range f.rows {
		if _, has := f.commands[x.source]; has {
			continue
		}
		if added < 0 {
			added = len(f.headers)
			f.headers = append(f.headers, "command")
		}
		f.commands[x.source] = added
	}
}

// bindFix lays out the columns: those of the one source as they stand there, or the union of all sources by header.
func (r *builder) bindFix() {
	f, at := r.toFix, map[string]int{}
	for _, src := range r.summary.Sources {
		f.columns[src.N] = map[int]int{}
		if src.Left != "" || !slices.ContainsFunc(f.rows, func(x fixRow) bool { return x.source == src.N }) {
			continue
		}
		seen := map[string]int{}
		for _, h := range src.Header {
			seen[h.Text]++
			key := fmt.Sprint(h.Text, "\x00", seen[h.Text])
			col, ok := at[key]
			if !ok {
				col = len(f.headers)
				if len(at) == 0 || r.sheetsRead() == 1 {
					for len(f.headers) < h.Col && r.sheetsRead() == 1 {
						f.headers = append(f.headers, "")
					}
					col = len(f.headers)
				}
				at[key] = col
				f.headers = append(f.headers, h.Text)
			}
			f.columns[src.N][h.Col] = col
		}
	}
}

// sourceOf finds the source that a problem is about.
func (r *builder) sourceOf(p problem.Problem) (int, bool) {
	for _, s := range r.summary.Sources {
		if s.File == p.File && s.Sheet == p.Sheet && s.Left == "" {
			return s.N, true
		}
	}
	return 0, false
}

// fixTarget is where on the sheet To fix a problem's cell stands.
func (r *builder) fixTarget(p problem.Problem) string {
	n, ok := r.sourceOf(p)
	row, col, isCell := cell.ParseA1(p.Cell)
	if !ok || !isCell {
		return ""
	}
	line, ok := r.toFix.lines[[2]int{n, row}]
	if !ok {
		return ""
	}
	return fmt.Sprintf("#'%s'!%s", plan.ToFixSheet, cell.A1(line, r.toFix.columns[n][col]))
}

// fixSheet writes the sheet To fix.
func (r *builder) fixSheet(w *write.Workbook) error {
	layout := write.Layout{}
	kinds := r.fixKinds()
	for i, h := range r.toFix.headers {
		layout.Columns = append(layout.Columns, write.Column{Header: h, Kind: kinds[i]})
	}
	layout.Columns = append(layout.Columns, write.Column{Header: mapping.ReportStatus, Width: 18},
		write.Column{Header: mapping.ReportProblem, Width: 80}, write.Column{Header: mapping.ReportRow, Width: 24, Kind: write.TextColumn})
	s, err := w.Sheet(plan.ToFixSheet, layout)
	if err != nil {
		return err
	}
	return r.eachFix(func(values []write.Value) error { return s.Row(values...) })
}

// fixKinds says which columns hold identifiers: their cells are text, so that zeros and digits stay.
func (r *builder) fixKinds() []write.ColumnKind {
	kinds := make([]write.ColumnKind, len(r.toFix.headers))
	for _, src := range r.summary.Sources {
		for _, c := range plan.ColumnsOf(src) {
			at, ok := r.toFix.columns[src.N][c.Col]
			if f := catalog.FieldByPath(r.summary.Run.Kind, c.Path); ok && f != nil && f.Type == catalog.IDText {
				kinds[at] = write.TextColumn
			}
		}
	}
	return kinds
}

// eachFix reads the rows to fix out of the spool and adds what is wrong with each.
func (r *builder) eachFix(fn func([]write.Value) error) error {
	for _, src := range r.summary.Sources {
		var rows []fixRow
		for _, x := range r.toFix.rows {
			if x.source == src.N {
				rows = append(rows, x)
			}
		}
		if len(rows) == 0 {
			continue
		}
		if err := r.sourceFix(src, rows, fn); err != nil {
			return err
		}
	}
	return nil
}

func (r *builder) sourceFix(src ledger.Source, rows []fixRow, fn func([]write.Value) error) error {
	fill, i := plan.NewMergeFiller(src.Merges, src.HeaderRow), 0
	each := func(c *cell.Row) error {
		if i >= len(rows) || c.Num != rows[i].row {
			return nil
		}
		x := rows[i]
		i++
		values := make([]write.Value, len(r.toFix.headers), len(r.toFix.headers)+3)
		for _, v := range c.Cells {
			if at, ok := r.toFix.columns[src.N][v.Col]; ok {
				values[at] = r.fixValue(src, c.Num, v)
			}
		}
		if at, ok := r.toFix.commands[src.N]; ok && values[at] == (write.Value{}) {
			values[at] = write.Text(x.command)
		}
		return fn(append(values, write.Text(string(x.outcome)).Style(markOf(x.outcome)), write.Text(shorten(r.rowProblems(x))),
			write.Text(fmt.Sprintf("%s row %d", r.sheetName(src.File, src.Sheet), x.row))))
	}
	if fill.Needed() { // a merged area's value stands in its first row, which may not be among the rows to fix
		return r.ledger.SpoolRows(r.ctx, r.summary.Run.ID, src.N, func(c *cell.Row) error { return each(fill.Fill(c)) })
	}
	nums := make([]int, len(rows))
	for j, x := range rows {
		nums[j] = x.row
	}
	return r.ledger.SpoolPick(r.ctx, r.summary.Run.ID, src.N, nums, each)
}

// fixValue is a source's cell as it goes into the report: a cell that can't be right (an error, a formula without a value, a number that
// lost digits) is left blank and marked, so that it can't be imported again unseen. Its value stands in the list of problems.
func (r *builder) fixValue(src ledger.Source, row int, c cell.Cell) write.Value {
	v, bad := valueOf(src, c), r.toFix.invalidCells[sourceCell{src.N, cell.A1(row, c.Col)}]
	if !bad {
		return v
	}
	if c.Kind == cell.Error || c.Kind == cell.Formula || c.Kind == cell.Number && cell.SignificantDigits(c.Text) > 15 {
		v = write.Blank()
	}
	return v.Style(write.Bad)
}

func valueOf(src ledger.Source, c cell.Cell) write.Value {
	var format cell.Format
	if int(c.Format) < len(src.Formats) {
		format = src.Formats[c.Format]
	}
	switch c.Kind {
	case cell.Number:
		v := number(c.Text)
		if format.Code != "" && format.Class != cell.General && format.Class != cell.AsText {
			v = v.Format(format.Code)
		}
		return v
	case cell.Date:
		if d, ok := cell.FromSerial(c.Text, src.Date1904); ok && format.Class != cell.TimeOnly && format.Class != cell.Elapsed {
			return write.Date(d)
		}
		return number(c.Text).Format(format.Code)
	case cell.Bool:
		return write.Bool(bytes.Equal(c.Text, []byte("TRUE")))
	case cell.Formula:
		return write.Text("=" + string(c.Text))
	}
	return write.Text(string(c.Text))
}

func number(text []byte) write.Value {
	d, ok := cell.AppendDecimal(nil, text)
	if !ok {
		return write.Text(string(text))
	}
	return write.Number(string(d))
}

// rowProblems says what is wrong with a row: the problems at its cells and, on the order's first row, those of the order as a whole.
func (r *builder) rowProblems(x fixRow) string {
	var here, elsewhere []string
	for _, p := range r.errors[x.seq] {
		row, _, isCell := cell.ParseA1(p.Cell)
		switch {
		case isCell && row == x.row:
			here = append(here, fmt.Sprintf("%s (%s): %s", p.Cell, p.Header, p.Message))
		case x.seq == 0:
		case !isCell && x.first:
			here = append(here, p.Message)
		case isCell:
			elsewhere = append(elsewhere, fmt.Sprint("see row ", row))
		}
	}
	if len(here) == 0 {
		here = slices.Compact(elsewhere)
	}
	if len(here) == 0 {
		return "not sent"
	}
	return strings.Join(here, "\n")
}
