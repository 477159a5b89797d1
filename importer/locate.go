package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping"
)

// whereabouts leads from an order back to the cells that it came from.
type whereabouts struct {
	run     ledger.Run
	sources []ledger.Source
}

// day writes a date for a message.
func day(t time.Time) string { return t.Local().Format(time.DateOnly) }

// rejection turns the API's reasons into problems, each at the cell that its path leads back to.
func (w whereabouts) rejection(o ledger.Order, e *luminous.Error) []problem.Problem {
	if len(e.Fields) == 0 {
		return []problem.Problem{w.at(o, problem.Problem{
			Severity: problem.Error, Code: "rejected", Message: "Luminous rejected the order: " + e.Message,
			Hint: "correct the order and import it again from the sheet To fix",
		})}
	}
	var out []problem.Problem
	for _, f := range e.Fields {
		p := problem.Problem{
			Severity: problem.Error, Code: "rejected", Field: f.Path,
			Message: "Luminous rejected this: " + strings.Join(f.Messages, "; "),
			Hint:    "correct it and import the order again from the sheet To fix",
		}
		p = w.locate(o, f.Path, p)
		_, _, p.Field, _ = mapping.Columns(w.columns(o)).Col(f.Path)
		out = append(out, p)
	}
	return out
}

// locate points a problem about a path of the payload to its cell, falling back on the order's first row.
func (w whereabouts) locate(o ledger.Order, path string, p problem.Problem) problem.Problem {
	p = w.at(o, p)
	p.Value = valueAt(o.Payload, path)
	col, item, ok := mapping.LocateColumn(w.run.Kind, w.columns(o), path)
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
func (w whereabouts) at(o ledger.Order, p problem.Problem) problem.Problem {
	p.OrderNumber = o.Number
	if src, ok := w.source(o); ok {
		p.File, p.Sheet = src.File, src.Sheet
		if col, _, ok := mapping.LocateColumn(w.run.Kind, w.columns(o), numberPath(w.run.Kind)); ok && p.Cell == "" {
			p.Cell, p.Header = cell.A1(o.Rows[0].Row, col.Col), col.Header
		}
	}
	return p
}

// source is the sheet that an order's first row stands in.
func (w whereabouts) source(o ledger.Order) (ledger.Source, bool) {
	if len(o.Rows) == 0 {
		return ledger.Source{}, false
	}
	for _, src := range w.sources {
		if src.N == o.Rows[0].Source {
			return src, true
		}
	}
	return ledger.Source{}, false
}

func (w whereabouts) columns(o ledger.Order) []mapping.Column {
	src, ok := w.source(o)
	if !ok {
		return nil
	}
	return columnsOf(src)
}

// columnsOf is the header's binding as the plan kept it.
func columnsOf(src ledger.Source) []mapping.Column {
	var cols []mapping.Column
	if json.Unmarshal(src.Columns, &cols) != nil {
		return nil // nothing else writes it: a problem then names the order and its row only
	}
	return cols
}

// valueAt reads the value that a dotted path such as items.2.quantity names in a payload; the leaf product means sku or product_id.
func valueAt(payload []byte, path string) string {
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return ""
	}
	for _, part := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[part]
			if !ok && part == "product" {
				if next, ok = x["sku"]; !ok {
					next = x["product_id"]
				}
			}
			v = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(x) {
				return ""
			}
			v = x[i]
		default:
			return ""
		}
	}
	switch v.(type) {
	case nil, map[string]any, []any:
		return ""
	}
	return fmt.Sprint(v)
}

// stopCause says why an order that wasn't sent ends the run; nil when only the context ended.
func stopCause(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return ErrStopped
	}
	return err
}

// numberPath is the payload's path of the order number.
func numberPath(kind order.Kind) string {
	if kind == order.PurchaseOrders {
		return "order_numbers"
	}
	return "order_number"
}
