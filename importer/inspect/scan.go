package inspect

import (
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
	"ordersheet/mapping"

	"ordersheet/mapping/detect"
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
		inspector: in, tables: s.Tables, groups: mapping.NewGroups(),
		src: &cell.Source{
			File: in.book.Name, Sheet: s.Name, Date1904: in.book.Date1904, Formats: in.book.Formats,
		},
	}
	extent, err := in.book.Read(i, scan.first)
	if err == nil {
		scan.findHeader()
		scan.extent(&out, extent)
		if scan.binding != nil {
			out.Notes = append(out.Notes, scan.binding.Problems()...)
			scan.count(scan.binding.Settle())
			if scan.countOrders(extent.Merges) {
				_, err = in.book.Read(i, scan.second)
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
	head     []cell.Row // copies of the first rows, until the header is found
	found    bool
	binding  *mapping.Binding // nil for a sheet without a header of orders
	partial  *mapping.Binding // of a header that may lack required columns
	detector *detect.Detector
	groups   *mapping.Groups
	row      int // counts rows that belong to orders, in the second pass
	key      string
	rows     []cell.Row // of the current order
	orders   OrderCounts
	problems map[string]*ProblemCount
	keys     []string // of problems, in the order in which they were found
}

// first takes a row of the first pass.
func (s *sheetScan) first(r *cell.Row) error {
	if s.found {
		s.observe(r)
		return nil
	}
	if s.head = append(s.head, r.Clone()); len(s.head) == mapping.HeaderRows {
		s.findHeader()
	}
	return nil
}

// findHeader finds the header among the first rows and observes the rows below it. Without one, the
// first row names the columns.
func (s *sheetScan) findHeader() {
	if s.found {
		return
	}
	s.found = true
	at, b := mapping.FindHeaderIn(s.Kind, s.head, s.tables, s.Profile)
	var head cell.Row
	var columns mapping.Columns
	var kind order.Kind
	switch {
	case b != nil:
		b.Source, s.partial = s.src, b
		head, columns, kind = s.head[at], b.Columns, b.Kind
		if len(b.Missing()) == 0 {
			s.binding = b
		}
	case len(s.head) > 0:
		at, head = 0, s.head[0]
	}
	options := detect.Options{Delimited: s.delimited(), Today: s.Today}
	s.detector = detect.New(s.src, kind, head, columns.Mapped(), options)
	for i := at + 1; i < len(s.head); i++ {
		s.observe(&s.head[i])
	}
	s.head = nil
}

func (s *sheetScan) observe(r *cell.Row) {
	if b := s.binding; b != nil && !b.Empty(r) {
		if p, ok := b.NoOrder(r); ok {
			s.count([]problem.Problem{p})
			return
		}
	}
	s.detector.Row(r)
	if s.binding != nil && !s.binding.Empty(r) {
		s.binding.Observe(r)
		s.groups.AddBytes(s.binding.KeyBytes(r))
	}
}

// countOrders counts the orders and reports whether they can be checked here: only an import fills
// merged cells.
func (s *sheetScan) countOrders(merges []cell.Range) bool {
	s.orders.Found = s.groups.Len()
	for i := range s.groups.Rows() {
		if s.groups.Of(i) < 0 {
			s.orders.Found++
		}
	}
	for _, m := range merges {
		if m.Row2 > m.Row1 && m.Row1 > s.binding.HeaderRow {
			s.orders.NotJudged = s.orders.Found
			return false
		}
	}
	s.orders.NotJudged = s.groups.Apart()
	return true
}

// second takes a row of the second pass: consecutive rows with the same number are an order.
func (s *sheetScan) second(r *cell.Row) error {
	b := s.binding
	if r.Num <= b.HeaderRow || b.Empty(r) {
		return nil
	}
	if _, ok := b.NoOrder(r); ok {
		return nil
	}
	group, key := s.groups.Of(s.row), b.Key(r)
	s.row++
	if len(s.rows) > 0 && (key != s.key || key == "") {
		s.planOrder()
	}
	if group >= 0 && s.groups.Strewn(group) {
		return nil
	}
	s.key, s.rows = key, append(s.rows, r.Clone())
	return nil
}

// planOrder plans the current order, if there is one.
func (s *sheetScan) planOrder() {
	if len(s.rows) == 0 {
		return
	}
	p := s.binding.Order(s.key, s.rows)
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
	b := s.partial
	if b == nil {
		return
	}
	out.Kind, out.AlsoKind, out.HeaderRow, out.Columns = b.Kind, b.Also, b.HeaderRow, b.Columns
	for _, f := range b.Missing() {
		out.Missing = append(out.Missing, f.Column)
	}
	if s.binding == nil {
		out.Notes = append(out.Notes, b.Problems()...)
	}
}

func rangeName(r cell.Range) string {
	return cell.A1(r.Row1, r.Col1) + ":" + cell.A1(r.Row2, r.Col2)
}
