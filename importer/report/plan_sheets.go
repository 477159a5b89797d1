package report

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// Columns that several sheets have.
var (
	numberColumn = write.Column{Header: "order_number", Width: 20, Kind: write.TextColumn}
	idColumn     = write.Column{Header: "id", Width: 10, Kind: write.TextColumn}
	notesColumn  = write.Column{Header: "warnings", Width: 80}
)

func rowsColumn(width float64) write.Column {
	return write.Column{Header: "rows", Width: width, Kind: write.TextColumn}
}

// orderSheet writes a sheet with the records of the orders in any of some states and, unless it is
// empty, of an action.
func (p *planReport) orderSheet(
	ctx context.Context, w *write.Workbook, name string, columns []write.Column,
	states []ledger.State, action string, fn func(s *write.SheetWriter, o *ledger.Order) error,
) (*write.SheetWriter, error) {
	s, err := w.Sheet(name, write.Layout{Columns: columns})
	for _, state := range states {
		if err != nil {
			break
		}
		filter := ledger.Filter{States: []ledger.State{state}, Full: true}
		err = p.Ledger.Orders(ctx, p.Run, filter, func(o *ledger.Order) error {
			if action != "" && o.Action != action {
				return nil
			}
			return fn(s, o)
		})
	}
	return s, err
}

var plannedOrders = []ledger.State{ledger.OrderPlanned}

func (p *planReport) createSheet(ctx context.Context, w *write.Workbook) error {
	partner := write.Column{Header: "channel", Width: 12, Kind: write.TextColumn}
	if p.Summary.Run.Kind == order.PurchaseOrders {
		partner.Header = "supplier"
	}
	columns := []write.Column{
		numberColumn,
		{Header: "order_date", Width: 12, Kind: write.TextColumn},
		{Header: "order_status", Width: 18},
		partner,
		{Header: "bill_to", Width: 28},
		{Header: "lines", Width: 8, Kind: write.NumberColumn},
		{Header: "expected_total", Width: 16, Kind: write.MoneyColumn},
		rowsColumn(16),
	}
	_, err := p.orderSheet(ctx, w, "Create", columns, plannedOrders, order.Create,
		func(s *write.SheetWriter, o *ledger.Order) error {
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
			return s.Row(cells(columns, []string{
				o.Number, h.Date, h.Status, h.Channel.String() + h.Supplier.String(), bill,
				strconv.Itoa(len(o.Items)), o.ExpectedTotal, p.rowsOf(o),
			})...)
		})
	return err
}

// updateSheet has a row for each field that changes, and for each line that is added, changed or
// removed.
func (p *planReport) updateSheet(ctx context.Context, w *write.Workbook) error {
	columns := []write.Column{
		numberColumn, idColumn,
		{Header: "field", Width: 34},
		{Header: "current", Width: 36, Kind: write.TextColumn},
		{Header: "new", Width: 36, Kind: write.TextColumn},
		rowsColumn(12), notesColumn,
	}
	_, err := p.orderSheet(ctx, w, "Update", columns, plannedOrders, order.Update,
		func(s *write.SheetWriter, o *ledger.Order) error {
			if o.Change == nil {
				return nil
			}
			notes := notesOf(o)
			for _, c := range p.changeRows(o.Change) {
				row := cells(columns, []string{
					o.Number, number(o.Change.ID), c.field, c.current, c.new, p.rowsOf(o), notes,
				})
				row[3], row[4] = row[3].Style(c.currentMark), row[4].Style(c.newMark)
				if notes != "" {
					row[6] = row[6].Style(write.Warn)
				}
				if err := s.Row(row...); err != nil {
					return err
				}
				notes = ""
			}
			return nil
		})
	return err
}

// notesOf is what can't be undone about a change, and what is assumed about it.
func notesOf(o *ledger.Order) string { return strings.Join(o.Change.Notes, "; ") }

// changeRow is one row of the sheet Update.
type changeRow struct {
	field, current, new  string
	currentMark, newMark write.Mark
}

// changeRows lists what changes about an order: first its fields, then its lines.
func (p *planReport) changeRows(c *order.Change) (out []changeRow) {
	for _, f := range c.Fields {
		out = append(out, newChangeRow(p.fieldName(f.Path), f.Current, f.New))
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
			var parts []string
			for _, f := range l.Fields {
				parts = append(parts, f.Path+" "+f.New)
			}
			out = append(out, changeRow{"new " + name, "", strings.Join(parts, ", "), write.Plain, write.Good})
		case order.LineRemoved:
			current := "exists"
			if l.Received != "" {
				current = "exists, " + l.Received + " received"
			}
			out = append(out, changeRow{name, current, "removed: the sheet doesn't have it", write.Plain, write.Bad})
		default:
			for _, f := range l.Fields {
				out = append(out, newChangeRow(name+", "+f.Path, f.Current, f.New))
			}
		}
	}
	return out
}

func newChangeRow(field, from, to string) changeRow {
	row := changeRow{field, from, to, write.Plain, write.Good}
	if from == "" {
		row.current, row.currentMark = "(blank)", write.Muted
	}
	if to == "" {
		row.new, row.newMark = "(cleared)", write.Warn
	}
	return row
}

func (p *planReport) deleteSheet(ctx context.Context, w *write.Workbook) error {
	columns := []write.Column{
		numberColumn, idColumn,
		{Header: "current status", Width: 20},
		{Header: "new status", Width: 20},
		rowsColumn(12), notesColumn,
	}
	_, err := p.orderSheet(ctx, w, "Delete", columns, plannedOrders, order.Delete,
		func(s *write.SheetWriter, o *ledger.Order) error {
			if o.Change == nil {
				return nil
			}
			from, to := "", "deleted"
			for _, f := range o.Change.Fields {
				if f.Path == "order_status" {
					from, to = f.Current, f.New
				}
			}
			row := cells(columns, []string{o.Number, number(o.Change.ID), from, to, p.rowsOf(o), notesOf(o)})
			row[3], row[5] = row[3].Style(write.Bad), row[5].Style(write.Warn)
			return s.Row(row...)
		})
	return err
}

func (p *planReport) unchangedSheet(ctx context.Context, w *write.Workbook) error {
	columns := []write.Column{numberColumn, idColumn, {Header: "why", Width: 80}, rowsColumn(16)}
	states := []ledger.State{ledger.Unchanged, ledger.Skipped}
	_, err := p.orderSheet(ctx, w, "Unchanged", columns, states, "",
		func(s *write.SheetWriter, o *ledger.Order) error {
			return s.Row(cells(columns, []string{o.Number, number(o.ID), o.Message, p.rowsOf(o)})...)
		})
	return err
}

// whyColumns are those of the sheets Held and Invalid.
var whyColumns = []write.Column{
	numberColumn, idColumn,
	{Header: "cell", Width: 22, Kind: write.TextColumn},
	{Header: "header", Width: 18, Kind: write.TextColumn},
	{Header: "value", Width: 22, Kind: write.TextColumn},
	{Header: "why", Width: 70},
	{Header: "what to do", Width: 70},
}

func (p *planReport) heldSheet(ctx context.Context, w *write.Workbook) error {
	_, err := p.whySheet(ctx, w, "Held", ledger.Held, write.Warn)
	return err
}

// invalidSheet has the invalid orders and the rows that belong to no order.
func (p *planReport) invalidSheet(ctx context.Context, w *write.Workbook) error {
	s, err := p.whySheet(ctx, w, "Invalid", ledger.Invalid, write.Bad)
	for _, x := range p.errors[0] {
		if err == nil && x.Cell != "" {
			err = p.whyRow(s, "", "", x, write.Bad)
		}
	}
	return err
}

// whySheet has a row for each problem of the orders in a state that won't be sent.
func (p *planReport) whySheet(
	ctx context.Context, w *write.Workbook, name string, state ledger.State, mark write.Mark,
) (*write.SheetWriter, error) {
	return p.orderSheet(ctx, w, name, whyColumns, []ledger.State{state}, "",
		func(s *write.SheetWriter, o *ledger.Order) error {
			problems := p.errors[o.Seq]
			if len(problems) == 0 {
				problems = []problem.Problem{{Message: o.Message}}
			}
			for _, x := range problems {
				if err := p.whyRow(s, o.Number, number(o.ID), x, mark); err != nil {
					return err
				}
			}
			return nil
		})
}

func (p *planReport) whyRow(s *write.SheetWriter, order, id string, x problem.Problem, mark write.Mark) error {
	row := cells(whyColumns, []string{order, id, p.position(x), x.Header, x.Value, x.Message, x.Advice(p.Command)})
	row[5] = row[5].Style(mark)
	return s.Row(row...)
}
