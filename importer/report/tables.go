package report

import (
	"context"
	"fmt"
	"strconv"

	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// The columns of the tables of orders and of problems. Users' tools depend on the headers.
var (
	orderColumns = []write.Column{
		{Header: "order_number", Width: 20, Kind: write.TextColumn},
		{Header: "action", Width: 10},
		{Header: "status", Width: 14},
		{Header: "id", Width: 12, Kind: write.TextColumn},
		{Header: "lines", Width: 8, Kind: write.NumberColumn},
		{Header: "expected_total", Width: 16, Kind: write.MoneyColumn},
		{Header: "confirmed_total", Width: 16, Kind: write.MoneyColumn},
		{Header: "attempts", Width: 10, Kind: write.NumberColumn},
		{Header: "http_status", Width: 12, Kind: write.NumberColumn},
		{Header: "message", Width: 70},
		{Header: "rows", Width: 16, Kind: write.TextColumn},
	}
	problemColumns = []write.Column{
		{Header: "severity", Width: 10},
		{Header: "code", Width: 24},
		{Header: "sheet", Width: 18, Kind: write.TextColumn},
		{Header: "cell", Width: 8, Kind: write.TextColumn},
		{Header: "header", Width: 18, Kind: write.TextColumn},
		{Header: "field", Width: 20},
		{Header: "order_number", Width: 18, Kind: write.TextColumn},
		{Header: "value", Width: 22, Kind: write.TextColumn},
		{Header: "expected", Width: 42},
		{Header: "message", Width: 96},
		{Header: "hint", Width: 60},
	}
)

// table is what a sheet or a CSV file of a report shows.
type table struct {
	name    string
	columns []write.Column
	each    func(ctx context.Context, add func(...write.Value) error) error
}

// orderTable is a table about the orders in any of some states, or all orders where none is named.
// rows adds what it shows of one.
func (r *Report) orderTable(
	name string, columns []write.Column, states []ledger.State, rows func(o *ledger.Order, add func(...write.Value) error) error,
) table {
	return table{name, columns, func(ctx context.Context, add func(...write.Value) error) error {
		each := func(o *ledger.Order) error { return rows(o, add) }
		if len(states) == 0 {
			return r.Ledger.Orders(ctx, r.Run, ledger.Filter{Full: true}, each)
		}
		for _, state := range states {
			filter := ledger.Filter{States: []ledger.State{state}, Full: true}
			if err := r.Ledger.Orders(ctx, r.Run, filter, each); err != nil {
				return err
			}
		}
		return nil
	}}
}

// orders lists all orders in plan order.
func (r *Report) orders() table {
	return r.orderTable("Orders", orderColumns, nil, func(o *ledger.Order, add func(...write.Value) error) error {
		outcome := Outcome(o.State)
		row := cells(
			orderColumns, o.Number, o.Action, string(outcome), number(o.ID), strconv.Itoa(len(o.Items)), o.ExpectedTotal,
			o.ConfirmedTotal, strconv.Itoa(o.Attempts), number(int64(o.HTTPStatus)), o.Message, r.rowsOf(o),
		)
		row[2] = row[2].Style(markOf(outcome))
		return add(row...)
	})
}

// problemTable lists all problems. The cell of one whose row is in fix links there.
func (r *Report) problemTable(fix *fixTable) table {
	return table{"Problems", problemColumns, func(_ context.Context, add func(...write.Value) error) error {
		for _, p := range r.problems {
			row := cells(
				problemColumns, string(p.Severity), p.Code, r.sheetName(p.File, p.Sheet), p.Cell, p.Header, p.Field,
				p.OrderNumber, p.Value, p.Expected, p.Message, p.Advice(r.Command),
			)
			row[0] = row[0].Style(markOfSeverity(p.Severity))
			if target := fix.target(p); target != "" {
				row[3] = write.Link(p.Cell, target)
			}
			if err := add(row...); err != nil {
				return err
			}
		}
		return nil
	}}
}

// number is blank for 0.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// cells makes the cells of a row by the kinds of its columns.
func cells(columns []write.Column, record ...string) []write.Value {
	out := make([]write.Value, len(record))
	for i, text := range record {
		switch kind := columns[i].Kind; {
		case kind != write.NumberColumn && kind != write.MoneyColumn:
			out[i] = write.Text(shorten(text))
		case text != "":
			out[i] = write.Number(text)
		}
	}
	return out
}

// title is the run in one line.
func (s Summary) title() string {
	n := s.Outcomes
	if s.Run.Started.IsZero() {
		return fmt.Sprintf("%d orders planned, nothing was sent", s.Run.Orders)
	}
	exist := n[ledger.Created] + n[ledger.Updated] + n[ledger.Unchanged]
	if gone := n[ledger.Deleted]; gone > 0 || s.Run.Mode != "create" {
		return fmt.Sprintf("%d of %d orders are in Luminous as this run intended, %d of them canceled or deleted",
			exist+gone, s.Run.Orders, gone)
	}
	return fmt.Sprintf("%d of %d orders exist in Luminous", exist, s.Run.Orders)
}

// undoTitle says in one line how far run undone was undone.
func (s Summary) undoTitle(undone int64) string {
	n := s.Outcomes
	done := n[ledger.Updated] + n[ledger.Deleted] + n[ledger.Unchanged]
	if s.Problems[problem.Error] > 0 || done < s.Run.Orders {
		return fmt.Sprintf("Run %d was undone in part: %d of %d orders; see the sheet Problems for the rest",
			undone, done, s.Run.Orders)
	}
	return fmt.Sprintf("Run %d was undone: %s", undone, countOf(done, "order"))
}
