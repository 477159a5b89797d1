package inspect

import (
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
	"ordersheet/mapping"

	"ordersheet/mapping/detect"
	"ordersheet/mapping/grouping"
)

// inspector inspects the sheets of one book.
type inspector struct {
	Config
	book *sheet.Book
}

func (in *inspector) delimited() bool { return in.book.Container == "csv" }

// sheet reads one sheet, twice if it holds orders: what is wrong with an order shows only once its
// columns have been read to their end.
func (in *inspector) sheet(i int) (Sheet, error) {
	s := &in.book.Sheets[i]
	out := Sheet{
		Name: s.Name, State: s.State.String(), Chart: s.Chart, Merges: []string{}, Tables: []Table{},
		Columns: []mapping.Column{}, Missing: []string{}, Types: []detect.ColumnTypes{},
		Findings: []detect.Finding{}, Problems: []ProblemCount{}, Notes: []problem.Problem{},
	}
	for _, t := range s.Tables {
		out.Tables = append(out.Tables, Table{t.Name, rangeName(t.Range)})
	}
	if out.LeftOut = in.leftOut(s); out.LeftOut != "" {
		return out, nil
	}
	out.Read = true
	scan := &sheetScan{
		inspector: in, tables: s.Tables,
		src: &cell.Source{
			File: in.book.Name, Sheet: s.Name, Date1904: in.book.Date1904, Formats: in.book.Formats,
		},
	}
	read := func(fn func(*cell.Row) error) (sheet.Extent, error) { return in.book.Read(i, fn) }
	extent, err := plan.ReadHeaded(read, scan.findHeader, scan.observe)
	if err == nil {
		scan.extent(&out, extent)
		if scan.scan != nil {
			out.Notes = append(out.Notes, scan.headerProblems()...)
			var found []problem.Problem
			scan.plan, found = scan.scan.Finish()
			scan.count(found)
			if scan.countOrders(extent.Merges) {
				_, err = read(scan.second)
				scan.planOrder()
			}
		}
	}
	if err != nil {
		return out, err
	}
	scan.result(&out)
	return out, nil
}

// leftOut says why a sheet isn't read; empty when it is.
func (in *inspector) leftOut(s *sheet.Sheet) string {
	switch {
	case s.Chart:
		return "a chart, not a sheet of cells"
	case in.Sheet != "" && !strings.EqualFold(strings.TrimSpace(in.Sheet), strings.TrimSpace(s.Name)):
		return "not asked for"
	case in.Sheet == "" && s.State != sheet.Visible:
		return s.State.String()
	}
	return ""
}

// sheetScan is one sheet being read.
type sheetScan struct {
	*inspector
	src      *cell.Source
	tables   []cell.Table
	header   *mapping.Header // may lack required columns; nil for none
	scan     *mapping.Scan   // nil if the header lacks columns
	plan     *mapping.Plan   // once the scan is finished
	detector *detect.Detector
	row      int        // counts rows that belong to orders, in the second pass
	group    int        // of rows
	rows     []cell.Row // of the current order
	orders   OrderCounts
	problems map[string]*ProblemCount
	keys     []string // of problems, in the order in which they were found
}

// findHeader finds the header among the first rows. Without one, the first row names the columns.
func (s *sheetScan) findHeader(rows []cell.Row) (first int, err error) {
	s.header = mapping.FindHeader(s.Kind, rows, s.tables, s.Profile)
	var head cell.Row
	var columns mapping.Columns
	var kind order.Kind
	switch {
	case s.header != nil:
		head, columns, kind = s.header.Row, s.header.Columns, s.header.Kind
		if len(s.header.Missing()) == 0 {
			s.scan = s.header.Scan(s.src)
		}
	case len(rows) > 0:
		head = rows[0]
	}
	options := detect.Options{Delimited: s.delimited(), Today: s.Today}
	s.detector = detect.New(s.src, kind, head, columns.Mapped(), options)
	return head.Num + 1, nil
}

// observe takes a row below the header in the first pass.
func (s *sheetScan) observe(r *cell.Row) error {
	skip := true
	if s.scan != nil {
		var why *problem.Problem
		if why, skip = s.scan.Skip(r); why != nil {
			s.count([]problem.Problem{*why})
			return nil
		}
	}
	s.detector.Row(r)
	if !skip {
		s.scan.Add(r)
	}
	return nil
}

// countOrders counts the orders and reports whether they can be checked here: only an import fills
// merged cells.
func (s *sheetScan) countOrders(merges []cell.Range) bool {
	groups := s.plan.Groups()
	s.orders.Found = groups.Len()
	for i := range groups.Rows() {
		if groups.Of(i) == grouping.None {
			s.orders.Found++
		}
	}
	for _, m := range merges {
		if m.Row2 > m.Row1 && m.Row1 > s.header.Row.Num {
			s.orders.NotJudged = s.orders.Found
			return false
		}
	}
	s.orders.NotJudged = groups.ScatteredCount()
	return true
}

// second takes a row of the second pass: consecutive rows of a group are an order.
func (s *sheetScan) second(r *cell.Row) error {
	if r.Num <= s.header.Row.Num || s.plan.Skip(r) {
		return nil
	}
	group := s.plan.Groups().Of(s.row)
	s.row++
	if len(s.rows) > 0 && (group != s.group || group == grouping.None) {
		s.planOrder()
	}
	if group != grouping.None && s.plan.Groups().Scattered(group) {
		return nil
	}
	s.group, s.rows = group, append(s.rows, r.Clone())
	return nil
}

// planOrder plans the current order, if there is one.
func (s *sheetScan) planOrder() {
	if len(s.rows) == 0 {
		return
	}
	p := s.plan.Order(s.group, s.rows)
	if p.Invalid {
		s.orders.Invalid++
	}
	s.count(p.Problems)
	s.rows = s.rows[:0]
}

// count counts problems by code and column, and keeps the first of each.
func (s *sheetScan) count(problems []problem.Problem) {
	if s.problems == nil {
		s.problems = map[string]*ProblemCount{}
	}
	for _, p := range problems {
		if p.Code == problem.Damaged {
			continue // the findings say more about it
		}
		key := p.Code + "\x00" + p.Header + "\x00" + p.Field
		if s.problems[key] == nil {
			s.problems[key] = &ProblemCount{Problem: p}
			s.keys = append(s.keys, key)
		}
		s.problems[key].Count++
	}
}

func (s *sheetScan) extent(out *Sheet, e sheet.Extent) {
	out.Rows, out.Cells, out.HiddenRows, out.LastRow = e.Rows, e.Cells, e.HiddenRows, e.LastRow
	out.Notes = append(out.Notes, e.Notes...)
	for _, m := range e.Merges {
		out.Merges = append(out.Merges, rangeName(m))
	}
	s.src.Merges = e.Merges
}

func (s *sheetScan) result(out *Sheet) {
	out.Types, out.Findings, out.Orders = s.detector.Types(), s.detector.Findings(), s.orders
	for _, key := range s.keys {
		out.Problems = append(out.Problems, *s.problems[key])
	}
	h := s.header
	if h == nil {
		return
	}
	out.Kind, out.AlsoKind, out.HeaderRow, out.Columns = h.Kind, h.Also, h.Row.Num, h.Columns
	for _, f := range h.Missing() {
		out.Missing = append(out.Missing, f.Column)
	}
	if s.plan == nil {
		out.Notes = append(out.Notes, s.headerProblems()...)
	}
}

// headerProblems returns the problems of the header, with the file and the sheet.
func (s *sheetScan) headerProblems() []problem.Problem {
	out := s.header.Problems()
	for i := range out {
		out[i].File, out[i].Sheet = s.src.File, s.src.Sheet
	}
	return out
}

func rangeName(r cell.Range) string {
	return cell.A1(r.Row1, r.Col1) + ":" + cell.A1(r.Row2, r.Col2)
}
