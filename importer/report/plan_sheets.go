package report

import (
	"context"
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

// tables are the sheets of the plan, one for each thing that can become of an order.
func (p *planReport) tables() []table {
	return []table{p.creates(), p.updates(), p.deletes(), p.unchanged(), p.held(), p.invalid()}
}

// planned is a table about the orders to be sent with an action.
func (p *planReport) planned(
	name, action string, columns []write.Column, rows func(o *ledger.Order, add func(...write.Value) error) error,
) table {
	states := []ledger.State{ledger.OrderPlanned}
	return p.orderTable(name, columns, states, func(o *ledger.Order, add func(...write.Value) error) error {
		if o.Action != action || action != order.Create && o.Change == nil {
			return nil
		}
		return rows(o, add)
	})
}

func (p *planReport) creates() table {
	partner := write.Column{Header: "channel", Width: 12, Kind: write.TextColumn}
	partnerField := "channel_id"
	if p.Summary.Run.Kind == order.PurchaseOrders {
		partner.Header, partnerField = "supplier", "supplier_id"
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
	return p.planned("Create", order.Create, columns, func(o *ledger.Order, add func(...write.Value) error) error {
		payload := order.Payload(o.Payload)
		date, _ := payload.Text("order_date")
		partner, _ := payload.Text(partnerField)
		bill, _ := order.Payload(payload.Raw("bill_to")).Text("name")
		if company, ok := payload.Text("company_id"); ok && bill == "" {
			bill = "company " + company
		}
		return add(cells(
			columns, o.Number, date, payload.Status(), partner, bill, strconv.Itoa(len(o.Items)), o.ExpectedTotal, p.rowsOf(o),
		)...)
	})
}

// updates has a row for each field that changes, and for each line that is added, changed or
// removed.
func (p *planReport) updates() table {
	columns := []write.Column{
		numberColumn, idColumn,
		{Header: "field", Width: 34},
		{Header: "current", Width: 36, Kind: write.TextColumn},
		{Header: "new", Width: 36, Kind: write.TextColumn},
		rowsColumn(12), notesColumn,
	}
	return p.planned("Update", order.Update, columns, func(o *ledger.Order, add func(...write.Value) error) error {
		notes := notesOf(o)
		for _, c := range p.changeRows(o.Change) {
			row := cells(columns, o.Number, number(o.Change.ID), c.field, c.current, c.new, p.rowsOf(o), notes)
			row[3], row[4], row[6] = row[3].Style(c.currentMark), row[4].Style(c.newMark), row[6].Style(write.Warn)
			if notes == "" {
				row[6] = write.Blank()
			}
			if err := add(row...); err != nil {
				return err
			}
			notes = ""
		}
		return nil
	})
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

func (p *planReport) deletes() table {
	columns := []write.Column{
		numberColumn, idColumn,
		{Header: "current status", Width: 20},
		{Header: "new status", Width: 20},
		rowsColumn(12), notesColumn,
	}
	return p.planned("Delete", order.Delete, columns, func(o *ledger.Order, add func(...write.Value) error) error {
		from, to := "", order.Deleted
		for _, f := range o.Change.Fields {
			if f.Path == "order_status" {
				from, to = f.Current, f.New
			}
		}
		row := cells(columns, o.Number, number(o.Change.ID), from, to, p.rowsOf(o), notesOf(o))
		row[3], row[5] = row[3].Style(write.Bad), row[5].Style(write.Warn)
		return add(row...)
	})
}

func (p *planReport) unchanged() table {
	columns := []write.Column{numberColumn, idColumn, {Header: "why", Width: 80}, rowsColumn(16)}
	states := []ledger.State{ledger.Unchanged, ledger.Skipped}
	return p.orderTable("Unchanged", columns, states, func(o *ledger.Order, add func(...write.Value) error) error {
		return add(cells(columns, o.Number, number(o.ID), o.Message, p.rowsOf(o))...)
	})
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

// why is a row of the sheets Held and Invalid.
func (p *planReport) why(order, id string, x problem.Problem, mark write.Mark) []write.Value {
	row := cells(whyColumns, order, id, p.position(x), x.Header, x.Value, x.Message, x.Advice(p.Command))
	row[5] = row[5].Style(mark)
	return row
}

func (p *planReport) held() table { return p.notSent("Held", ledger.Held, write.Warn) }

// invalid has the invalid orders and the rows that belong to no order.
func (p *planReport) invalid() table {
	t := p.notSent("Invalid", ledger.Invalid, write.Bad)
	orders := t.each
	t.each = func(ctx context.Context, add func(...write.Value) error) error {
		err := orders(ctx, add)
		for _, x := range p.errors[0] {
			if err == nil && x.Cell != "" {
				err = add(p.why("", "", x, write.Bad)...)
			}
		}
		return err
	}
	return t
}

// notSent has a row for each problem of the orders in a state that won't be sent.
func (p *planReport) notSent(name string, state ledger.State, mark write.Mark) table {
	return p.orderTable(name, whyColumns, []ledger.State{state}, func(o *ledger.Order, add func(...write.Value) error) error {
		problems := p.errors[o.Seq]
		if len(problems) == 0 {
			problems = []problem.Problem{{Message: o.Message}}
		}
		for _, x := range problems {
			if err := add(p.why(o.Number, number(o.ID), x, mark)...); err != nil {
				return err
			}
		}
		return nil
	})
}
