package report

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ordersheet/importer/plan"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// WriteWorkbook writes the report as a workbook of four sheets: Summary, Orders, Problems, To fix.
func (r *Report) WriteWorkbook(ctx context.Context, out io.Writer) error {
	fix, err := r.readFixTable(ctx)
	if err != nil {
		return err
	}
	return r.writeBook(ctx, out, "report", r.overview().table(24, 90), r.orders(), r.problemTable(fix), fix.table())
}

// writeBook writes a workbook with a sheet for each table. Only the sheet Summary has no header.
func (r *Report) writeBook(ctx context.Context, out io.Writer, what string, tables ...table) error {
	w, err := write.NewWorkbook(out)
	if err != nil {
		return err
	}
	defer w.Abort()
	w.MarkReport()
	w.SetProperties(fmt.Sprintf("ordersheet %s of run %d", what, r.Run), r.Summary.Run.Created)
	for i, t := range tables {
		s, err := w.Sheet(t.name, write.Layout{Columns: t.columns, NoHeader: i == 0})
		if err != nil {
			return err
		}
		if err := t.each(ctx, s.Row); err != nil {
			return err
		}
	}
	return w.Close()
}

// WriteCSV writes the report as three CSV files: its orders, its problems and the rows to fix.
func (r *Report) WriteCSV(ctx context.Context, orders, problems, toFix io.Writer) error {
	fix, err := r.readFixTable(ctx)
	if err != nil {
		return err
	}
	return errors.Join(
		r.orders().writeCSV(ctx, write.NewUnixCSV(orders)), r.problemTable(fix).writeCSV(ctx, write.NewUnixCSV(problems)),
		fix.table().writeCSV(ctx, write.NewCSV(toFix)),
	)
}

func (t table) writeCSV(ctx context.Context, w *write.CSVWriter) error {
	header := make([]write.Value, len(t.columns))
	for i, c := range t.columns {
		header[i] = write.Text(c.Header)
	}
	if err := w.Row(header...); err != nil {
		return err
	}
	if err := t.each(ctx, w.Row); err != nil {
		return err
	}
	return w.Close()
}

// overview says what ran and what became of it.
func (r *Report) overview() *overview {
	s, run := r.Summary, r.Summary.Run
	title := s.title()
	if n := plan.Undoes(run); n != 0 && !run.Started.IsZero() {
		title = s.undoTitle(n)
	}
	o := r.newOverview(
		title, [2]string{"state", string(run.State)}, [2]string{"planned", stamp(run.Created)},
		[2]string{"sent from", stamp(run.Started)}, [2]string{"sent until", stamp(run.Ended)},
	)
	for _, outcome := range outcomes {
		if n := s.Outcomes[outcome]; n > 0 {
			o.addMarked(outcomeWords(outcome), markOf(outcome), fmt.Sprintf("%d: %s", n, s.meaning(outcome)))
		}
	}
	o.addBlank()
	orders, rows := s.Totals()
	o.add("orders", orders)
	o.add("rows", rows)
	reconciles := write.Text("yes: every order and every row is accounted for").Style(write.Good)
	if !s.Reconciles() {
		reconciles = write.Text("no: this is a bug in ordersheet, don't rely on this run").Style(write.Bad)
	}
	o.rows = append(o.rows, [2]write.Value{write.Text("the totals reconcile"), reconciles})
	o.addBlank()
	o.add("what next", JoinSteps(s.NextSteps(), r.Command))
	o.addBlank()
	o.add("errors", fmt.Sprint(s.Problems[problem.Error]))
	o.add("warnings", fmt.Sprint(s.Problems[problem.Warning]))
	o.add("notices", fmt.Sprint(s.Problems[problem.Notice]))
	o.add("requests", fmt.Sprintf("%d, of which %d were throttled and %d retried",
		s.Stats.Requests, s.Stats.Throttled, s.Stats.Retries))
	r.addRunNotes(o, true)
	return o
}
