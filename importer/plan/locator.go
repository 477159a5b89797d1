package plan

import (
	"encoding/json"
	"slices"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping"
)

// CellLocator finds the cells that an order of a run came from.
type CellLocator struct {
	Kind    order.Kind
	Sources []ledger.Source
}

// Day writes the day of a time for a message.
func Day(t time.Time) string { return t.Local().Format(time.DateOnly) }

// AtField points a problem about a path of the payload to its cell, or else to the order's first
// row.
func (l CellLocator) AtField(o ledger.Order, path string, p problem.Problem) problem.Problem {
	p = l.AtOrder(o, p)
	p.Value = order.Payload(o.Payload).At(path)
	col, item, ok := mapping.LocateColumn(l.Kind, l.Columns(o), path)
	if !ok {
		return p
	}
	row := o.Rows[0]
	if item >= 0 {
		if item >= len(o.Items) || o.Items[item] >= len(o.Rows) {
			return p
		}
		row = o.Rows[o.Items[item]]
	}
	p.Cell, p.Header = cell.A1(row.Row, col.Col), col.Header
	return p
}

// AtOrder points a problem to an order: its number, its file and sheet and, unless the problem has
// a cell, its first row.
func (l CellLocator) AtOrder(o ledger.Order, p problem.Problem) problem.Problem {
	p.OrderNumber = o.Number
	if src, ok := l.source(o); ok {
		p.File, p.Sheet = src.File, src.Sheet
		col, _, ok := mapping.LocateColumn(l.Kind, ColumnsOf(src), l.Kind.NumberField())
		if ok && p.Cell == "" {
			p.Cell, p.Header = cell.A1(o.Rows[0].Row, col.Col), col.Header
		}
	}
	return p
}

// InSource fills in the file and the sheet of problems that have their cells.
func (l CellLocator) InSource(o ledger.Order, problems []problem.Problem) []problem.Problem {
	out := slices.Clone(problems)
	if src, ok := l.source(o); ok {
		for i := range out {
			out[i].File, out[i].Sheet = src.File, src.Sheet
		}
	}
	return out
}

// Columns returns the columns of the sheet that an order came from.
func (l CellLocator) Columns(o ledger.Order) []mapping.Column {
	src, ok := l.source(o)
	if !ok {
		return nil
	}
	return ColumnsOf(src)
}

// source returns the sheet of an order's first row.
func (l CellLocator) source(o ledger.Order) (ledger.Source, bool) {
	if len(o.Rows) == 0 {
		return ledger.Source{}, false
	}
	i := slices.IndexFunc(l.Sources, func(src ledger.Source) bool { return src.N == o.Rows[0].Source })
	if i < 0 {
		return ledger.Source{}, false
	}
	return l.Sources[i], true
}

// ColumnsOf returns the columns of a sheet as the plan kept them.
func ColumnsOf(src ledger.Source) []mapping.Column {
	var columns []mapping.Column
	if json.Unmarshal(src.Columns, &columns) != nil {
		return nil // nothing else writes it: a problem then names only the order and its row
	}
	return columns
}
