package report

import (
	"encoding/csv"
	"io"

	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
	"ordersheet/mapping"

	"github.com/gocarina/gocsv"
)

// csv writes the report as three files: BASE.orders.csv, BASE.problems.csv and BASE.to-fix.csv.
func (r *builder) csv(base string) error {
	var orders []orderRow
	err := r.eachOrder(func(o orderRow, _ ledger.State) error {
		orders = append(orders, o)
		return nil
	})
	if err != nil {
		return err
	}
	problems := []problemRow{}
	for _, p := range r.problems {
		problems = append(problems, r.problemRow(p))
	}
	if err := writeRecords(base+".orders.csv", orders); err != nil {
		return err
	}
	if err := writeRecords(base+".problems.csv", problems); err != nil {
		return err
	}
	return r.fixCSV(base + ".to-fix.csv")
}

func (r *builder) problemRow(p problem.Problem) problemRow {
	return problemRow{
		Severity: string(p.Severity), Code: p.Code, Sheet: r.sheetName(p.File, p.Sheet), Cell: p.Cell, Header: p.Header, Field: p.Field,
		OrderNumber: p.OrderNumber, Value: p.Value, Expected: p.Expected, Message: p.Message, Hint: p.Hint,
	}
}

// writeRecords writes rows of a fixed shape.
func writeRecords[T any](path string, rows []T) error {
	return write.ToFile(path, func(out io.Writer) error {
		w := csv.NewWriter(out)
		if err := gocsv.MarshalCSV(rows, escaped{w}); err != nil {
			return err
		}
		return w.Error()
	})
}

// escaped writes records in which no text is taken for a formula.
type escaped struct{ *csv.Writer }

// Write writes one record.
func (d escaped) Write(record []string) error {
	safe := make([]string, len(record))
	for i, text := range record {
		safe[i] = write.EscapeFormula(text)
	}
	return d.Writer.Write(safe)
}

func (r *builder) fixCSV(path string) error {
	header := make([]write.Value, 0, len(r.toFix.headers)+3)
	for _, h := range append(append([]string(nil), r.toFix.headers...), mapping.ReportStatus, mapping.ReportProblem, mapping.ReportRow) {
		header = append(header, write.Text(h))
	}
	return write.ToFile(path, func(out io.Writer) error {
		w := write.NewCSV(out)
		if err := w.Row(header...); err != nil {
			return err
		}
		if err := r.eachFix(func(values []write.Value) error { return w.Row(values...) }); err != nil {
			return err
		}
		return w.Close()
	})
}
