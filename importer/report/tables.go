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

// Places of columns that a workbook highlights or links.
const (
	orderStatusColumn     = 2
	problemSeverityColumn = 0
	problemCellColumn     = 3
)

// eachOrder passes a record of orderColumns for each order, in plan order.
func (r *Report) eachOrder(ctx context.Context, fn func(record []string, outcome ledger.State) error) error {
	return r.Ledger.Orders(ctx, r.Run, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		outcome := Outcome(o.State)
		return fn([]string{
			o.Number, o.Action, string(outcome), number(o.ID), strconv.Itoa(len(o.Items)), o.ExpectedTotal,
			o.ConfirmedTotal, strconv.Itoa(o.Attempts), number(int64(o.HTTPStatus)), o.Message, r.rowsOf(o),
		}, outcome)
	})
}

// number is blank for 0.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// problemRecord is a problem as a record of problemColumns.
func (r *Report) problemRecord(p problem.Problem) []string {
	return []string{
		string(p.Severity), p.Code, r.sheetName(p.File, p.Sheet), p.Cell, p.Header, p.Field, p.OrderNumber,
		p.Value, p.Expected, p.Message, p.Advice(r.Command),
	}
}

// cells makes the cells of a record by the kinds of its columns.
func cells(columns []write.Column, record []string) []write.Value {
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

func (r *Report) orderSheet(ctx context.Context, w *write.Workbook) error {
	s, err := w.Sheet("Orders", write.Layout{Columns: orderColumns})
	if err != nil {
		return err
	}
	return r.eachOrder(ctx, func(record []string, outcome ledger.State) error {
		row := cells(orderColumns, record)
		row[orderStatusColumn] = row[orderStatusColumn].Style(markOf(outcome))
		return s.Row(row...)
	})
}

// problemSheet lists all problems. The cell of one whose row is on the sheet To fix links there.
func (r *Report) problemSheet(w *write.Workbook, fix *fixTable) error {
	s, err := w.Sheet("Problems", write.Layout{Columns: problemColumns})
	if err != nil {
		return err
	}
	for _, p := range r.problems {
		row := cells(problemColumns, r.problemRecord(p))
		row[problemSeverityColumn] = row[problemSeverityColumn].Style(markOfSeverity(p.Severity))
		if target := fix.target(p); target != "" {
			row[problemCellColumn] = write.Link(p.Cell, target)
		}
		if err := s.Row(row...); err != nil {
			return err
		}
	}
	return nil
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
