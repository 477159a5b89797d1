package cli

import (
	"fmt"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
	"ordersheet/mapping"
)

// inspector looks at the sheets of one book.
type inspector struct {
	book    *sheet.Book
	kind    order.Kind
	profile *mapping.Profile
	only    string
	today   cell.Civil
}

func (in *inspector) delimited() bool { return in.book.Container == "csv" }

// sheet reads one sheet, twice if it holds orders: what is wrong with an order shows only once its columns have been seen to their end.
func (in *inspector) sheet(i int) (inspectedSheet, error) {
	s := &in.book.Sheets[i]
	out := inspectedSheet{
		Name: s.Name, State: s.State.String(), Chart: s.Chart, Merges: []string{}, Tables: []inspectedTable{}, Columns: []mapping.Column{},
		Missing: []string{}, Types: []mapping.ColumnTypes{}, Findings: []mapping.Finding{}, Problems: []problemCount{}, Notes: []problem.Problem{},
	}
	for _, t := range s.Tables {
		out.Tables = append(out.Tables, inspectedTable{t.Name, rangeName(t.Range)})
	}
	if out.LeftOut = in.leftOut(s); out.LeftOut != "" {
		return out, nil
	}
	out.Read = true
	look := &looking{in: in, tables: s.Tables, groups: mapping.NewGroups(), src: &cell.Source{File: in.book.Name, Sheet: s.Name, Date1904: in.book.Date1904, Formats: in.book.Formats}}
	extent, err := in.book.Read(i, look.first)
	if err == nil {
		look.header()
		look.extent(&out, extent)
		if look.binding != nil {
			out.Notes = append(out.Notes, look.binding.Problems()...)
			look.say(look.binding.Settle())
			if look.judged(extent.Merges) {
				_, err = in.book.Read(i, look.second)
				look.order()
			}
		}
	}
	if err != nil {
		return out, err
	}
	look.result(&out)
	return out, nil
}

// leftOut says why a sheet isn't looked at.
func (in *inspector) leftOut(s *sheet.Sheet) string {
	switch {
	case s.Chart:
		return "a chart, not a sheet of cells"
	case in.only != "" && !strings.EqualFold(strings.TrimSpace(in.only), strings.TrimSpace(s.Name)):
		return "not asked for"
	case in.only == "" && s.State != sheet.Visible:
		return s.State.String() + fmt.Sprintf("; look at it with --sheet %q", s.Name)
	}
	return ""
}

// looking is one sheet being read.
type looking struct {
	in       *inspector
	src      *cell.Source
	tables   []cell.Table
	head     []cell.Row // copies of the first rows, until the header is found
	found    bool
	binding  *mapping.Binding // nil for a sheet without a header of orders
	maybe    *mapping.Binding // a header that lacks needed columns
	detector *mapping.Detector
	groups   *mapping.Groups
	row      int // of those that belong to orders, in the second reading
	key      string
	rows     []cell.Row // of the order at hand
	orders   orderCounts
	problems map[string]*problemCount
	codes    []string
}

// first takes in a row of the first reading.
func (l *looking) first(r *cell.Row) error {
	if l.found {
		l.observe(r)
		return nil
	}
	if l.head = append(l.head, r.Clone()); len(l.head) == mapping.HeaderRows {
		l.header()
	}
	return nil
}

// header finds the header among the first rows and takes in the rows below it. Without one, the first row is taken for the columns' names.
func (l *looking) header() {
	if l.found {
		return
	}
	l.found = true
	at, b := mapping.FindHeaderIn(l.in.kind, l.head, l.tables, l.in.profile)
	var head cell.Row
	var columns mapping.Columns
	var kind order.Kind
	switch {
	case b != nil:
		b.Source, l.maybe = l.src, b
		head, columns, kind = l.head[at], b.Columns, b.Kind
		if len(b.Missing()) == 0 {
			l.binding = b
		}
	case len(l.head) > 0:
		at, head = 0, l.head[0]
	}
	l.detector = mapping.NewDetector(l.src, kind, head, columns, mapping.DetectOptions{Delimited: l.in.delimited(), Today: l.in.today})
	for i := at + 1; i < len(l.head); i++ {
		l.observe(&l.head[i])
	}
	l.head = nil
}

func (l *looking) observe(r *cell.Row) {
	if b := l.binding; b != nil && !b.Empty(r) {
		if why, ok := b.NoOrder(r); ok {
			l.say([]problem.Problem{why})
			return
		}
	}
	l.detector.Row(r)
	if l.binding != nil && !l.binding.Empty(r) {
		l.binding.Observe(r)
		l.groups.AddBytes(l.binding.KeyBytes(r))
	}
}

// judged counts the orders, and says whether they can be judged here: merged cells are filled only by an import.
func (l *looking) judged(merges []cell.Range) bool {
	l.orders.Found = l.groups.Len()
	for i := range l.groups.Rows() {
		if l.groups.Of(i) < 0 {
			l.orders.Found++
		}
	}
	for _, m := range merges {
		if m.Row2 > m.Row1 && m.Row1 > l.binding.HeaderRow {
			l.orders.NotJudged = l.orders.Found
			return false
		}
	}
	l.orders.NotJudged = l.groups.Apart()
	return true
}

// second takes in a row of the second reading: rows that follow each other with the same number are an order.
func (l *looking) second(r *cell.Row) error {
	b := l.binding
	if r.Num <= b.HeaderRow || b.Empty(r) {
		return nil
	}
	if _, ok := b.NoOrder(r); ok {
		return nil
	}
	group, key := l.groups.Of(l.row), b.Key(r)
	l.row++
	if len(l.rows) > 0 && (key != l.key || key == "") {
		l.order()
	}
	if group >= 0 && l.groups.Strewn(group) {
		return nil
	}
	l.key, l.rows = key, append(l.rows, r.Clone())
	return nil
}

// order plans the order at hand.
func (l *looking) order() {
	if len(l.rows) == 0 {
		return
	}
	p := l.binding.Order(l.key, l.rows)
	if p.Refused {
		l.orders.Refused++
	}
	l.say(p.Problems)
	l.rows = l.rows[:0]
}

// say counts problems by code and column; the first of each is shown.
func (l *looking) say(problems []problem.Problem) {
	if l.problems == nil {
		l.problems = map[string]*problemCount{}
	}
	for _, p := range problems {
		if p.Code == problem.Damaged {
			continue // the findings tell more of it
		}
		key := p.Code + "\x00" + p.Header + "\x00" + p.Field
		if l.problems[key] == nil {
			l.problems[key] = &problemCount{Problem: p}
			l.codes = append(l.codes, key)
		}
		l.problems[key].Count++
	}
}

func (l *looking) extent(out *inspectedSheet, e sheet.Extent) {
	out.Rows, out.Cells, out.HiddenRows, out.LastRow = e.Rows, e.Cells, e.HiddenRows, e.LastRow
	out.Notes = append(out.Notes, e.Notes...)
	for _, m := range e.Merges {
		out.Merges = append(out.Merges, rangeName(m))
	}
	l.src.Merges = e.Merges
}

func (l *looking) result(out *inspectedSheet) {
	out.Types, out.Findings, out.Orders = l.detector.Types(), l.detector.Findings(), l.orders
	for _, key := range l.codes {
		out.Problems = append(out.Problems, *l.problems[key])
	}
	b := l.maybe
	if b == nil {
		return
	}
	out.Kind, out.AlsoKind, out.HeaderRow, out.Columns = b.Kind, b.Also, b.HeaderRow, b.Columns
	for _, f := range b.Missing() {
		out.Missing = append(out.Missing, f.Column)
	}
	if l.binding == nil {
		out.Notes = append(out.Notes, b.Problems()...)
	}
}

func rangeName(r cell.Range) string {
	return cell.A1(r.Row1, r.Col1) + ":" + cell.A1(r.Row2, r.Col2)
}
