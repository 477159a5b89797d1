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

// placed fills in the file and the sheet of problems that know their cells.
func (w CellLocator) InSource(o ledger.Order, problems []problem.Problem) []problem.Problem {
	out := slices.Clone(problems)
	if src, ok := w.source(o); ok {
		for i := range out {
			out[i].File, out[i].Sheet = src.File, src.Sheet
		}
	}
	return out
}

// whereabouts leads from an order back to the cells that it came from.
type CellLocator struct {
	Run     ledger.Run
	Sources []ledger.Source
}

// day writes a date for a message.
func Day(t time.Time) string { return t.Local().Format(time.DateOnly) }

// locate points a problem about a path of the payload to its cell, falling back on the order's first row.
func (w CellLocator) AtField(o ledger.Order, path string, p problem.Problem) problem.Problem {
	p = w.AtOrder(o, p)
	p.Value = order.Payload(o.Payload).At(path)
	col, item, ok := mapping.LocateColumn(w.Run.Kind, w.Columns(o), path)
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

// at fills in what order, file and sheet a problem is about, and the order's first row.
func (w CellLocator) AtOrder(o ledger.Order, p problem.Problem) problem.Problem {
	p.OrderNumber = o.Number
	if src, ok := w.source(o); ok {
		p.File, p.Sheet = src.File, src.Sheet
		if col, _, ok := mapping.LocateColumn(w.Run.Kind, w.Columns(o), w.Run.Kind.NumberField()); ok && p.Cell == "" {
			p.Cell, p.Header = cell.A1(o.Rows[0].Row, col.Col), col.Header
		}
	}
	return p
}

// source is the sheet that an order's first row stands in.
func (w CellLocator) source(o ledger.Order) (ledger.Source, bool) {
	if len(o.Rows) == 0 {
		return ledger.Source{}, false
	}
	for _, src := range w.Sources {
		if src.N == o.Rows[0].Source {
			return src, true
		}
	}
	return ledger.Source{}, false
}

func (w CellLocator) Columns(o ledger.Order) []mapping.Column {
	src, ok := w.source(o)
	if !ok {
		return nil
	}
	return ColumnsOf(src)
}

// columnsOf is the header's binding as the plan kept it.
func ColumnsOf(src ledger.Source) []mapping.Column {
	var cols []mapping.Column
	if json.Unmarshal(src.Columns, &cols) != nil {
		return nil // nothing else writes it: a problem then names the order and its row only
	}
	return cols
}
