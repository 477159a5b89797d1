package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// reportFile is where the report of a run goes.
type reportFile struct {
	ledger  *ledger.Ledger
	run     int64
	path    string // FILE.xlsx, or FILE.csv for FILE.orders.csv, FILE.problems.csv and FILE.to-fix.csv
	replace bool   // replace a file of that name unless it is open; else only this run's own report, unchanged
}

// save writes the report and returns the path that it was written to: path, or one with a number
// added.
func (f reportFile) save(ctx context.Context) (string, error) {
	r, err := importer.NewReport(ctx, importer.ReportConfig{Ledger: f.ledger, Run: f.run, Command: remedyCommand})
	if err != nil {
		return "", err
	}
	path := f.path
	if openElsewhere(path) || !f.replace {
		path = freeName(path, func(p string) bool { return f.isUnchanged(ctx, p) })
	}
	err = f.write(ctx, r, path)
	var rename *os.LinkError
	if errors.As(err, &rename) { // Windows lets nobody replace a file that is open
		if free := freeName(path, nil); free != path {
			path, err = free, f.write(ctx, r, free)
		}
	}
	if err != nil {
		return path, err
	}
	f.remember(ctx, path)
	return path, nil
}

func isCSV(path string) bool { return strings.EqualFold(filepath.Ext(path), ".csv") }

func (f reportFile) write(ctx context.Context, r *importer.Report, path string) error {
	if !isCSV(path) {
		return write.ToFile(path, func(out io.Writer) error { return r.WriteWorkbook(ctx, out) })
	}
	base := strings.TrimSuffix(path, filepath.Ext(path))
	return write.ToFile(base+".orders.csv", func(orders io.Writer) error {
		return write.ToFile(base+".problems.csv", func(problems io.Writer) error {
			return write.ToFile(base+".to-fix.csv", func(toFix io.Writer) error {
				return r.WriteCSV(ctx, orders, problems, toFix)
			})
		})
	})
}

// isUnchanged reports whether a file is the last report of this run as it was written, so that
// nothing that somebody corrected in it is lost.
func (f reportFile) isUnchanged(ctx context.Context, path string) bool {
	if openElsewhere(path) {
		return false
	}
	kept, err := f.ledger.Setting(ctx, f.setting())
	if err != nil || kept == "" {
		return false
	}
	sum, err := fileHash(path)
	return err == nil && kept == sum
}

// remember keeps the hash of a report, so that it is recognized later. If that fails, the next report
// gets another name.
func (f reportFile) remember(ctx context.Context, path string) {
	if isCSV(path) {
		return
	}
	if sum, err := fileHash(path); err == nil {
		_ = f.ledger.SetSetting(ctx, f.setting(), sum)
	}
}

func (f reportFile) setting() string { return fmt.Sprintf("report of run %d", f.run) }

func fileHash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// savePlan writes the workbook of a plan and returns its path; empty is NAME.plan.xlsx in the current
// folder, with a number added if that exists.
func savePlan(ctx context.Context, l *ledger.Ledger, s importer.Summary, path string) (string, error) {
	if path == "" {
		name := filepath.Base(s.Sources[0].File)
		path = freeName(strings.TrimSuffix(name, filepath.Ext(name))+".plan.xlsx", nil)
	}
	cfg := importer.ReportConfig{Ledger: l, Run: s.Run.ID, Command: remedyCommand}
	return path, write.ToFile(path, func(out io.Writer) error { return importer.WritePlan(ctx, cfg, out) })
}

// openElsewhere reports whether a spreadsheet program has a workbook open: Excel keeps a file ~$NAME
// beside it, LibreOffice .~lock.NAME#. Such a workbook isn't replaced: the program would save its own
// over the report, or the system wouldn't allow it.
func openElsewhere(path string) bool {
	dir, name := filepath.Split(path)
	for _, lock := range []string{"~$" + name, ".~lock." + name + "#"} {
		if _, err := os.Lstat(filepath.Join(dir, lock)); err == nil {
			return true
		}
	}
	return false
}

// freeName returns path, or path with " (2)", " (3)" ... before its extension when a file has that
// name that may not be replaced; nil is any file.
func freeName(path string, replaceable func(string) bool) string {
	ext := filepath.Ext(path)
	for n, try := 2, path; ; n++ {
		if _, err := os.Lstat(try); errors.Is(err, os.ErrNotExist) || replaceable != nil && replaceable(try) {
			return try
		}
		try = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(path, ext), n, ext)
	}
}

// remedyCommand returns the command line, or the flag, that does what a remedy says; empty if there
// is none.
func remedyCommand(r problem.Remedy) string {
	switch r.Kind {
	case problem.ResumeRun:
		return fmt.Sprintf("ordersheet resume %d", r.Run)
	case problem.ApplyRun:
		return fmt.Sprintf("ordersheet apply %d", r.Run)
	case problem.ReportRun:
		return fmt.Sprintf("ordersheet report %d", r.Run)
	case problem.UndoRun:
		return fmt.Sprintf("ordersheet undo %d", r.Run)
	case problem.RefreshPlan:
		return fmt.Sprintf("ordersheet plan --refresh %d", r.Run)
	case problem.SetConstant:
		return fmt.Sprintf("--set %s=%s", r.Field, cmp.Or(r.Value, "VALUE"))
	case problem.MappingOption:
		return fmt.Sprintf("--set %s=%s", r.Option, cmp.Or(r.Value, "VALUE"))
	case problem.RunOption:
		flag := "--" + strings.ReplaceAll(r.Option, "_", "-")
		if r.Value != "" {
			flag += " " + strconv.Quote(r.Value)
		}
		return flag
	}
	return ""
}
