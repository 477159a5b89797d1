package report

import (
	"encoding/csv"
	"errors"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
	"ordersheet/mapping"

	"github.com/gocarina/gocsv"
)

// csv writes the report as three files: BASE.orders.csv, BASE.problems.csv and BASE.to-fix.csv.
func (r *reporting) csv(base string) error {
	var orders []orderRow
	err := r.eachOrder(func(o orderRow, _ ledger.State) error {
		orders = append(orders, o)
		return nil
	})
	if err != nil {
		return err
	}
	problems := []problemRow{}
	for _, p := range r.all {
		problems = append(problems, r.problemRow(p))
	}
	if err := writeShape(base+".orders.csv", orders); err != nil {
		return err
	}
	if err := writeShape(base+".problems.csv", problems); err != nil {
		return err
	}
	return r.fixCSV(base + ".to-fix.csv")
}

func (r *reporting) problemRow(p problem.Problem) problemRow {
	return problemRow{
		Severity: string(p.Severity), Code: p.Code, Sheet: r.sheetName(p.File, p.Sheet), Cell: p.Cell, Header: p.Header, Field: p.Field,
		OrderNumber: p.OrderNumber, Value: p.Value, Expected: p.Expected, Message: p.Message, Hint: p.Hint,
	}
}

// writeShape writes rows of a fixed shape.
func writeShape[T any](path string, rows []T) error {
	f, err := sheet.CreateFile(path)
	if err != nil {
		return err
	}
	defer f.Abort()
	w := csv.NewWriter(f)
	if err := gocsv.MarshalCSV(rows, defused{w}); err != nil {
		return err
	}
	if err := w.Error(); err != nil {
		return err
	}
	return f.Close()
}

// defused writes records in which no text is taken for a formula.
type defused struct{ *csv.Writer }

// Write writes one record.
func (d defused) Write(record []string) error {
	safe := make([]string, len(record))
	for i, text := range record {
		safe[i] = sheet.Defuse(text)
	}
	return d.Writer.Write(safe)
}

func (r *reporting) fixCSV(path string) error {
	w, err := sheet.CreateCSV(path)
	if err != nil {
		return err
	}
	header := make([]sheet.Value, 0, len(r.fix.headers)+3)
	for _, h := range append(append([]string(nil), r.fix.headers...), mapping.ReportStatus, mapping.ReportProblem, mapping.ReportRow) {
		header = append(header, sheet.Text(h))
	}
	err = w.Row(header...)
	if err == nil {
		err = r.eachFix(func(values []sheet.Value) error { return w.Row(values...) })
	}
	if err != nil {
		w.Abort()
		return err
	}
	return errors.Join(err, w.Close())
}
