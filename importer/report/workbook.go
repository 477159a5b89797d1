package report

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// WriteWorkbook writes the report as a workbook of four sheets: Summary, Orders, Problems, To fix.
func (r *Report) WriteWorkbook(ctx context.Context, out io.Writer) error {
	fix, err := r.readFixTable(ctx)
	if err != nil {
		return err
	}
	w, err := write.NewWorkbook(out)
	if err != nil {
		return err
	}
	defer w.Abort()
	w.MarkReport()
	w.SetProperties(fmt.Sprintf("ordersheet report of run %d", r.Run), r.Summary.Run.Created)
	if err := r.overview().write(w, 24, 90); err != nil {
		return err
	}
	if err := r.orderSheet(ctx, w); err != nil {
		return err
	}
	if err := r.problemSheet(w, fix); err != nil {
		return err
	}
	if err := fix.sheet(ctx, w); err != nil {
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
	o := &overview{}
	o.addMarked(title, write.Bold, "")
	o.addBlank()
	o.add("run", fmt.Sprint(run.ID))
	o.add("kind", string(run.Kind))
	o.add("account", run.Account)
	o.add("state", string(run.State))
	o.add("planned", stamp(run.Created))
	o.add("sent from", stamp(run.Started))
	o.add("sent until", stamp(run.Ended))
	for _, src := range s.Sources {
		text := write.Text(describeSource(run, src))
		if src.LeftOut != "" {
			text = text.Style(write.Muted)
		}
		o.rows = append(o.rows, [2]write.Value{write.Text(r.sheetName(src.File, src.Sheet)), text})
	}
	o.addBlank()
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

// WriteCSV writes the report as three CSV files: its orders, its problems and the rows to fix.
func (r *Report) WriteCSV(ctx context.Context, orders, problems, toFix io.Writer) error {
	w := newRecordWriter(orders, orderColumns)
	err := r.eachOrder(ctx, func(record []string, _ ledger.State) error { return w.write(record) })
	if err := w.close(err); err != nil {
		return err
	}
	w = newRecordWriter(problems, problemColumns)
	for _, p := range r.problems {
		err = w.write(r.problemRecord(p))
	}
	if err := w.close(err); err != nil {
		return err
	}
	fix, err := r.readFixTable(ctx)
	if err != nil {
		return err
	}
	return fix.csv(ctx, toFix)
}

// recordWriter writes CSV records in which no text is taken for a formula.
type recordWriter struct{ *csv.Writer }

func newRecordWriter(w io.Writer, columns []write.Column) recordWriter {
	r := recordWriter{csv.NewWriter(w)}
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.Header
	}
	_ = r.write(header) // the writer keeps its first error
	return r
}

func (r recordWriter) write(record []string) error {
	for i := range record {
		record[i] = write.EscapeFormula(record[i])
	}
	return r.Write(record)
}

// close writes what is still in the buffer, unless there was an error before.
func (r recordWriter) close(err error) error {
	if err != nil {
		return err
	}
	r.Flush()
	return r.Error()
}

// csv writes the rows to fix as CSV.
func (f *fixTable) csv(ctx context.Context, out io.Writer) error {
	w := write.NewCSV(out)
	header := make([]write.Value, 0, len(f.headers)+3)
	for _, h := range f.headers {
		header = append(header, write.Text(h))
	}
	for _, h := range []string{statusHeader, problemHeader, rowHeader} {
		header = append(header, write.Text(h))
	}
	if err := w.Row(header...); err != nil {
		return err
	}
	if err := f.eachRow(ctx, func(values []write.Value) error { return w.Row(values...) }); err != nil {
		return err
	}
	return w.Close()
}
