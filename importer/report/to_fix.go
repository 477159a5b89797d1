package report

import (
	"bytes"
	"cmp"
	"context"
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

// The headers of the columns that the sheet To fix adds.
const (
	statusHeader  = mapping.ReportPrefix + "status"
	problemHeader = mapping.ReportPrefix + "problem"
	rowHeader     = mapping.ReportPrefix + "row" // of the source
)

// fixRow is one source row on the sheet To fix.
type fixRow struct {
	source, row int
	seq         int64 // of its order; 0 for none
	first       bool  // the order's first row
	outcome     ledger.State
	command     string // what to do with the order, as the command column says it; empty for no order
}

// sourceCell is a cell of a source.
type sourceCell struct {
	source int
	cell   string
}

// fixTable is the sheet To fix: the source rows of all orders that weren't done, and the rows that
// belong to no order.
type fixTable struct {
	*Report
	rows         []fixRow
	lines        map[[2]int]int // source and row -> line on the sheet
	headers      []string
	columns      []map[int]int // by source: column there -> column here
	commands     map[int]int   // by source: the command column here; empty when all orders are new
	invalidCells map[sourceCell]bool
}

// readFixTable finds the rows and lays out the columns.
func (r *Report) readFixTable(ctx context.Context) (*fixTable, error) {
	f := &fixTable{
		Report: r, lines: map[[2]int]int{}, columns: make([]map[int]int, len(r.Summary.Sources)),
		commands: map[int]int{}, invalidCells: map[sourceCell]bool{},
	}
	states := []ledger.State{ledger.Invalid, ledger.Rejected, ledger.Held}
	if !r.Summary.Run.Started.IsZero() {
		states = append(states, ledger.OrderPlanned, ledger.NotAttempted)
	}
	filter := ledger.Filter{States: states, Full: true}
	err := r.Ledger.Orders(ctx, r.Run, filter, func(o *ledger.Order) error {
		for i, ref := range o.Rows {
			f.rows = append(f.rows, fixRow{ref.Source, ref.Row, o.Seq, i == 0, Outcome(o.State), commandOf(o)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.addProblems()
	slices.SortFunc(f.rows, func(a, b fixRow) int { return cmp.Or(a.source-b.source, a.row-b.row) })
	f.rows = slices.CompactFunc(f.rows, func(a, b fixRow) bool { return a.source == b.source && a.row == b.row })
	for i, row := range f.rows {
		f.lines[[2]int{row.source, row.row}] = i + 2
	}
	f.layOutColumns()
	f.findCommandColumns()
	return f, nil
}

// addProblems adds the rows that belong to no order, and finds the cells of all errors.
func (f *fixTable) addProblems() {
	for _, p := range f.problems {
		source, ok := f.sourceOf(p)
		row, _, isCell := cell.ParseA1(p.Cell)
		if !ok || !isCell || p.Severity != problem.Error {
			continue
		}
		f.invalidCells[sourceCell{source, p.Cell}] = true
		if p.Code == problem.NumberMissing {
			f.rows = append(f.rows, fixRow{source: source, row: row, first: true, outcome: ledger.Invalid})
		}
	}
}

// commandOf is what to do with an order, as the command column says it.
func commandOf(o *ledger.Order) string {
	asked := o.Action
	if o.Change != nil {
		asked = o.Change.Requested
	}
	if asked == order.Create {
		return "NEW"
	}
	return strings.ToUpper(asked)
}

// layOutColumns takes the columns of the one source as they are, or the union of all sources by
// header.
func (f *fixTable) layOutColumns() {
	at := map[string]int{}
	for _, src := range f.Summary.Sources {
		f.columns[src.N] = map[int]int{}
		if src.LeftOut != "" || !slices.ContainsFunc(f.rows, func(x fixRow) bool { return x.source == src.N }) {
			continue
		}
		seen := map[string]int{}
		for _, h := range src.Header {
			seen[h.Text]++
			key := fmt.Sprint(h.Text, "\x00", seen[h.Text])
			col, ok := at[key]
			if !ok {
				for f.sheets == 1 && len(f.headers) < h.Col { // keep the source's blank columns
					f.headers = append(f.headers, "")
				}
				col = len(f.headers)
				at[key] = col
				f.headers = append(f.headers, h.Text)
			}
			f.columns[src.N][h.Col] = col
		}
	}
}

// findCommandColumns finds where the rows say what to do with their orders, so that importing the
// sheet does the same whatever mode is chosen then. A source without such a column gets one.
func (f *fixTable) findCommandColumns() {
	if !slices.ContainsFunc(f.rows, func(x fixRow) bool { return x.command != "" && x.command != "NEW" }) {
		return
	}
	for _, src := range f.Summary.Sources {
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

// sourceOf finds the source that a problem is about.
func (r *Report) sourceOf(p problem.Problem) (int, bool) {
	for _, s := range r.Summary.Sources {
		if s.File == p.File && s.Sheet == p.Sheet && s.LeftOut == "" {
			return s.N, true
		}
	}
	return 0, false
}

// target links to the cell of a problem on the sheet To fix; empty when its row isn't there.
func (f *fixTable) target(p problem.Problem) string {
	n, ok := f.sourceOf(p)
	row, col, isCell := cell.ParseA1(p.Cell)
	if !ok || !isCell {
		return ""
	}
	line, ok := f.lines[[2]int{n, row}]
	if !ok {
		return ""
	}
	return fmt.Sprintf("#'%s'!%s", plan.ToFixSheet, cell.A1(line, f.columns[n][col]))
}

// table is the sheet To fix.
func (f *fixTable) table() table {
	t := table{name: plan.ToFixSheet, each: f.eachRow}
	kinds := f.columnKinds()
	for i, h := range f.headers {
		t.columns = append(t.columns, write.Column{Header: h, Kind: kinds[i]})
	}
	t.columns = append(t.columns, write.Column{Header: statusHeader, Width: 18},
		write.Column{Header: problemHeader, Width: 80},
		write.Column{Header: rowHeader, Width: 24, Kind: write.TextColumn})
	return t
}

// columnKinds makes columns of identifiers text, so that they keep their zeros and digits.
func (f *fixTable) columnKinds() []write.ColumnKind {
	kinds := make([]write.ColumnKind, len(f.headers))
	for _, src := range f.Summary.Sources {
		for _, c := range plan.ColumnsOf(src) {
			at, ok := f.columns[src.N][c.Col]
			if field := catalog.FieldByPath(f.Summary.Run.Kind, c.Path); ok && field != nil && field.Type == catalog.IDText {
				kinds[at] = write.TextColumn
			}
		}
	}
	return kinds
}

// eachRow reads the rows to fix from the spool and adds what is wrong with each.
func (f *fixTable) eachRow(ctx context.Context, add func(...write.Value) error) error {
	for _, src := range f.Summary.Sources {
		var nums []int
		var rows []fixRow
		for _, x := range f.rows {
			if x.source == src.N {
				rows, nums = append(rows, x), append(nums, x.row)
			}
		}
		if len(rows) == 0 {
			continue
		}
		each := func(c *cell.Row) error {
			if len(rows) == 0 || c.Num != rows[0].row {
				return nil
			}
			x := rows[0]
			rows = rows[1:]
			return add(f.values(src, x, c)...)
		}
		var err error
		if fill := plan.NewMergeFiller(src.Merges, src.HeaderRow); fill.Needed() {
			// The value of a merged area is in its first row, which may not be among the rows to fix.
			err = f.Ledger.SpoolRows(ctx, f.Run, src.N, func(c *cell.Row) error { return each(fill.Fill(c)) })
		} else {
			err = f.Ledger.SpoolPick(ctx, f.Run, src.N, nums, each)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// values makes a row of the sheet from a source's row.
func (f *fixTable) values(src ledger.Source, x fixRow, c *cell.Row) []write.Value {
	values := make([]write.Value, len(f.headers), len(f.headers)+3)
	for _, v := range c.Cells {
		if at, ok := f.columns[src.N][v.Col]; ok {
			values[at] = f.value(src, c.Num, v)
		}
	}
	if at, ok := f.commands[src.N]; ok && values[at] == (write.Value{}) {
		values[at] = write.Text(x.command)
	}
	return append(values, write.Text(string(x.outcome)).Style(markOf(x.outcome)), write.Text(shorten(f.rowProblems(x))),
		write.Text(fmt.Sprintf("%s row %d", f.sheetName(src.File, src.Sheet), x.row)))
}

// value is a source's cell as it goes into the report. A cell that can't be right (an error, a
// formula without a value, a number that lost digits) is left blank and highlighted, so that nobody
// imports it again unseen. Its value is in the list of problems.
func (f *fixTable) value(src ledger.Source, row int, c cell.Cell) write.Value {
	v := valueOf(src, c)
	if !f.invalidCells[sourceCell{src.N, cell.A1(row, c.Col)}] {
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
		v := numberValue(c.Text)
		if format.Code != "" && format.Class != cell.General && format.Class != cell.AsText {
			v = v.Format(format.Code)
		}
		return v
	case cell.Date:
		if d, ok := cell.FromSerial(c.Text, src.Date1904); ok && format.Class != cell.TimeOnly && format.Class != cell.Elapsed {
			return write.Date(d)
		}
		return numberValue(c.Text).Format(format.Code)
	case cell.Bool:
		return write.Bool(bytes.Equal(c.Text, []byte("TRUE")))
	case cell.Formula:
		return write.Text("=" + string(c.Text))
	}
	return write.Text(string(c.Text))
}

func numberValue(text []byte) write.Value {
	d, ok := cell.AppendDecimal(nil, text)
	if !ok {
		return write.Text(string(text))
	}
	return write.Number(string(d))
}

// rowProblems says what is wrong with a row: the problems of its cells and, in the order's first
// row, those of the order as a whole.
func (f *fixTable) rowProblems(x fixRow) string {
	var here, elsewhere []string
	for _, p := range f.errors[x.seq] {
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
