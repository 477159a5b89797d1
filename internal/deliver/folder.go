// Package deliver brings what the engine makes to where people look for it: reports and plans into
// a folder, and notices of failures to a command. It finds free names, and replaces nothing that
// somebody changed or has open. Every surface that works on files delivers through it.
package deliver

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ordersheet/importer"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// Folder writes the reports and plans of runs into files.
type Folder struct {
	Service *importer.Service
	Command func(problem.Remedy) string // words the remedy of a next step
}

// Delivered is where a report went.
type Delivered struct {
	Path string
	Open string // the file that was asked for, if it was open in another program and so not replaced
}

// Report writes the report of a run: to path, replacing that file unless it is open; else, where
// path is empty, to the usual name in the current folder, replacing only this run's own report,
// unchanged.
func (f Folder) Report(ctx context.Context, sum importer.Summary, path string) (Delivered, error) {
	r, err := f.Service.Report(ctx, sum.Run.ID, f.Command)
	if err != nil {
		return Delivered{}, err
	}
	asked, taken := relative(path), write.Exists
	if path == "" {
		asked = usualName(sum)
		taken = func(p string) bool {
			return write.Exists(p) && (write.OpenElsewhere(p) || !f.isReport(ctx, p, sum.Run.ID))
		}
	}
	d := Delivered{Path: asked}
	if path == "" || write.OpenElsewhere(asked) {
		d.Path = write.FreeName(asked, taken)
	}
	err = writeReport(ctx, r, d.Path)
	var rename *os.LinkError
	if errors.As(err, &rename) { // Windows lets nobody replace a file that is open
		if free := write.FreeName(d.Path, write.Exists); free != d.Path {
			d.Path, err = free, writeReport(ctx, r, free)
		}
	}
	if err != nil {
		return d, err
	}
	if path != "" && d.Path != asked {
		d.Open = asked
	}
	if file, err := os.Open(d.Path); err == nil && !IsCSV(d.Path) {
		_ = f.Service.KeepReport(ctx, sum.Run.ID, file) // if that fails, the next report gets another name
		_ = file.Close()
	}
	return d, nil
}

// isReport reports whether a file is the last report of a run, unchanged.
func (f Folder) isReport(ctx context.Context, path string, run int64) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	return f.Service.IsReport(ctx, run, file)
}

// Plan writes the workbook of a plan and returns its path; an empty one is NAME.plan.xlsx in the
// current folder, with a number added if that exists.
func (f Folder) Plan(ctx context.Context, sum importer.Summary, path string) (string, error) {
	if path == "" {
		name := filepath.Base(sum.Sources[0].File)
		path = write.FreeName(strings.TrimSuffix(name, filepath.Ext(name))+".plan.xlsx", write.Exists)
	}
	return path, write.ToFile(path, func(out io.Writer) error {
		return f.Service.WritePlan(ctx, sum.Run.ID, f.Command, out)
	})
}

// usualName is NAME.report.xlsx.
func usualName(sum importer.Summary) string {
	name := filepath.Base(sum.Sources[0].File)
	for _, ext := range []string{".gz", ".xlsx", ".xlsm", ".xltx", ".ods", ".csv", ".tsv", ".txt", ".jsonl"} {
		name = strings.TrimSuffix(name, ext)
	}
	return strings.TrimSuffix(name, ".report") + ".report.xlsx"
}

// ReportFiles returns the files of a report: as CSV it is three.
func ReportFiles(path string) []string {
	if !IsCSV(path) {
		return []string{path}
	}
	base := strings.TrimSuffix(path, filepath.Ext(path))
	return []string{base + ".orders.csv", base + ".problems.csv", base + ".to-fix.csv"}
}

// IsCSV reports whether a path is that of a report as CSV.
func IsCSV(path string) bool { return strings.EqualFold(filepath.Ext(path), ".csv") }

func writeReport(ctx context.Context, r *importer.Report, path string) error {
	if !IsCSV(path) {
		return write.ToFile(path, func(out io.Writer) error { return r.WriteWorkbook(ctx, out) })
	}
	names := ReportFiles(path)
	return write.ToFile(names[0], func(orders io.Writer) error {
		return write.ToFile(names[1], func(problems io.Writer) error {
			return write.ToFile(names[2], func(toFix io.Writer) error {
				return r.WriteCSV(ctx, orders, problems, toFix)
			})
		})
	})
}

// relative shortens a path within the current folder.
func relative(path string) string {
	dir, err := os.Getwd()
	if err != nil || !filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}
