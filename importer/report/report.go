package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"ordersheet/importer/plan"
	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// ReportTo says where a report goes.
type ReportTo struct {
	Path    string // FILE.xlsx, or FILE.csv for FILE.orders.csv, FILE.problems.csv and FILE.to-fix.csv
	Replace bool   // a file of that name is replaced, unless a spreadsheet program has it open; else the name gets " (2)", unless the file is this run's last report, untouched
}

// WriteReport makes the report of a run from the ledger alone and returns where it went. It is the same whenever it is made.
func WriteReport(ctx context.Context, l *ledger.Ledger, run int64, to ReportTo) (path string, err error) {
	books, err := ReadSummary(ctx, l, run)
	if err != nil {
		return "", err
	}
	r := &builder{ctx: ctx, ledger: l, summary: books, errors: map[int64][]problem.Problem{}}
	if err := r.readProblems(); err != nil {
		return "", err
	}
	if err := r.planFix(); err != nil {
		return "", err
	}
	path = to.Path
	if Opened(path) || !to.Replace {
		path = freeName(path, r.isUnchanged)
	}
	err = r.write(path)
	var rename *os.LinkError
	if errors.As(err, &rename) { // Windows lets nobody replace a file that is open
		if free := freeName(path, never); free != path {
			path, err = free, r.write(free)
		}
	}
	if err != nil {
		return path, err
	}
	r.remember(path)
	return path, nil
}

// Opened says that a spreadsheet program has a workbook open: Excel keeps a file ~$NAME beside it, LibreOffice .~lock.NAME#. What it has open is
// left alone, since it would be saved over the report, or couldn't be replaced at all.
func Opened(path string) bool {
	dir, name := filepath.Split(path)
	for _, lock := range []string{"~$" + name, ".~lock." + name + "#"} {
		if _, err := os.Lstat(filepath.Join(dir, lock)); err == nil {
			return true
		}
	}
	return false
}

// isUnchanged says that a file is the last report of this run, as it was written: nobody has corrected anything in it, or has it open.
func (r *builder) isUnchanged(path string) bool {
	if Opened(path) {
		return false
	}
	kept, err := r.ledger.Setting(r.ctx, r.setting())
	if err != nil || kept == "" {
		return false
	}
	sum, _, err := plan.HashFile(path)
	return err == nil && kept == sum
}

// remember keeps what the report looks like, so that it is known again. When that fails, the next report gets another name, and that is all.
func (r *builder) remember(path string) {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return
	}
	if sum, _, err := plan.HashFile(path); err == nil {
		_ = r.ledger.SetSetting(r.ctx, r.setting(), sum)
	}
}

func (r *builder) setting() string { return fmt.Sprintf("report of run %d", r.summary.Run.ID) }

// write writes the report.
func (r *builder) write(path string) error {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return r.csv(strings.TrimSuffix(path, filepath.Ext(path)))
	}
	return write.ToFile(path, func(out io.Writer) error {
		w, err := write.NewWorkbook(out)
		if err != nil {
			return err
		}
		defer w.Abort()
		if err := r.workbook(w); err != nil {
			return err
		}
		return w.Close()
	})
}

// freeName gives path, or path with " (2)", " (3)" ... before its ending when that name is taken by a file that may not be replaced.
func freeName(path string, replaceable func(string) bool) string {
	ext := filepath.Ext(path)
	for n, try := 2, path; ; n++ {
		if _, err := os.Lstat(try); errors.Is(err, os.ErrNotExist) || replaceable(try) {
			return try
		}
		try = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(path, ext), n, ext)
	}
}

// never is for a name under which nothing may be replaced.
func never(string) bool { return false }

// builder is one report being made.
type builder struct {
	ctx      context.Context
	ledger   *ledger.Ledger
	summary  Summary
	problems []problem.Problem           // in the order of the file
	errors   map[int64][]problem.Problem // errors by order
	toFix    *fixTable
}

// readProblems reads the run's problems and sorts them as their cells stand in the files.
func (r *builder) readProblems() error {
	err := r.ledger.Problems(r.ctx, r.summary.Run.ID, func(seq int64, p problem.Problem) error {
		r.problems = append(r.problems, p)
		if p.Severity == problem.Error {
			r.errors[seq] = append(r.errors[seq], p)
		}
		return nil
	})
	sort.SliceStable(r.problems, func(i, j int) bool { return before(r.problems[i], r.problems[j]) })
	return err
}

func before(a, b problem.Problem) bool {
	if a.File != b.File {
		return a.File < b.File
	}
	if a.Sheet != b.Sheet {
		return a.Sheet < b.Sheet
	}
	ar, ac, _ := cell.ParseA1(a.Cell)
	br, bc, _ := cell.ParseA1(b.Cell)
	if ar != br {
		return ar < br
	}
	return ac < bc
}

// sheetName names a sheet in the report: by itself when the run read one file, with the file where there are several.
func (r *builder) sheetName(file, name string) string {
	files := map[string]bool{}
	for _, s := range r.summary.Sources {
		files[s.File] = true
	}
	switch {
	case name == "":
		return file
	case len(files) > 1:
		return "[" + file + "]" + name
	}
	return name
}

// rowList writes row numbers as a person would: 5-7, 12.
func rowList(rows []int) string {
	var b strings.Builder
	for i := 0; i < len(rows); {
		j := i
		for j+1 < len(rows) && rows[j+1] == rows[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(rows[i]))
		if j > i {
			b.WriteString("-" + strconv.Itoa(rows[j]))
		}
		i = j + 1
	}
	return b.String()
}
