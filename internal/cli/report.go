package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/write"
)

// report writes the report of a run that was carried out, prints the totals, and returns the exit code.
func (s *session) report(sum importer.Summary, runErr error) error {
	o, err := importer.OptionsOf(sum.Run)
	if err != nil {
		return err
	}
	path, reportErr := s.saveReport(sum, o.Report)
	if reportErr != nil {
		path = ""
	}
	if err := s.showRun(sum, path); err != nil {
		return err
	}
	return s.verdict(sum, runErr, reportErr)
}

// reportAgain writes the report of a run once more; an empty path is the usual one.
func (s *session) reportAgain(run int64, path string) error {
	if err := checkReportName(path); err != nil {
		return err
	}
	sum, err := s.Summary(s.hard, run)
	if err != nil {
		return err
	}
	path, err = s.saveReport(sum, path)
	if err != nil {
		return fail(FileTrouble, "", "the report was not written: %w", err)
	}
	err = s.showRun(sum, path)
	if err == nil && !sum.Reconciles() {
		return exitWith(Bug)
	}
	return err
}

// showRun prints how a run ended. path is its report; empty for none.
func (s *session) showRun(sum importer.Summary, path string) error {
	s.sayAll(sum.EndLines())
	report := ""
	if path != "" {
		files := reportFiles(path)
		s.say("report: %s (run %d)", strings.Join(files, ", "), sum.Run.ID)
		report = files[0]
	}
	var changed, irreversible importer.Left
	var err error
	if importer.Undoes(sum.Run) != 0 {
		if changed, irreversible, err = s.UndoLeft(s.hard, sum.Run.ID); err != nil {
			return err
		}
	}
	r := sum.Result(s.started, changed, irreversible)
	r.Report = report
	return s.show(r, nothing)
}

// verdict returns the exit code of a run, and what to do next.
func (s *session) verdict(sum importer.Summary, runErr, reportErr error) error {
	n := sum.Outcomes
	exist := count(n[ledger.Unknown], "order") + " exist"
	if n[ledger.Unknown] == 1 {
		exist += "s"
	}
	switch {
	case !sum.Reconciles():
		return exitWith(Bug)
	case reportErr != nil:
		if runErr != nil {
			printError(s.Stderr, runErr)
		}
		return fail(FileTrouble, "the orders are not affected; try again with: "+s.commandForRun(problem.ReportRun, sum.Run.ID)+" -o FILE.xlsx",
			"the report was not written: %w", reportErr)
	case runErr != nil:
		code, hint := classify(runErr)
		if code == Bug || n[ledger.NotAttempted]+n[ledger.Unknown] == 0 {
			return runErr
		}
		if hint != "" {
			hint += "; then "
		}
		return &failure{code, runErr, hint + "continue with: " + s.commandForRun(problem.ResumeRun, sum.Run.ID)}
	case n[ledger.Unknown] > 0:
		return fail(SomeUnknown, "search for them in Luminous, or look them up again with: "+s.commandForRun(problem.ResumeRun, sum.Run.ID),
			"outcome unknown: could not confirm whether %s in Luminous; the report has the details", exist)
	case n[ledger.Invalid]+n[ledger.Rejected]+n[ledger.Held] > 0 || sum.Run.Rows.Invalid > 0:
		return exitWith(SomeInvalid)
	case importer.Undoes(sum.Run) != 0 && sum.Problems[problem.Error] > 0: // something was kept or can't be undone
		return exitWith(SomeInvalid)
	}
	return nil
}

// usualReport is NAME.report.xlsx in the current folder.
func usualReport(file string) string {
	name := filepath.Base(file)
	for _, ext := range []string{".gz", ".xlsx", ".xlsm", ".xltx", ".ods", ".csv", ".tsv", ".txt", ".jsonl"} {
		name = strings.TrimSuffix(name, ext)
	}
	return strings.TrimSuffix(name, ".report") + ".report.xlsx"
}

// reportFiles returns the files of a report: as CSV it is three.
func reportFiles(path string) []string {
	if !isCSV(path) {
		return []string{path}
	}
	base := strings.TrimSuffix(path, filepath.Ext(path))
	return []string{base + ".orders.csv", base + ".problems.csv", base + ".to-fix.csv"}
}

// checkReportName refuses a name whose extension is of neither form of a report; empty is the usual
// name.
func checkReportName(path string) error {
	return checkName(path, "name it FILE.xlsx, or FILE.csv for three files", "a report is a workbook or CSV", ".xlsx", ".csv")
}

// checkPlanName refuses a name of a plan that isn't that of a workbook; empty is the usual name.
func checkPlanName(path string) error {
	return checkName(path, "name it FILE.xlsx", "a plan is a workbook", ".xlsx")
}

func checkName(path, hint, form string, extensions ...string) error {
	if path == "" || slices.Contains(extensions, strings.ToLower(filepath.Ext(path))) {
		return nil
	}
	return fail(Usage, hint, "%s, and %q isn't the name of one", form, path)
}

func isCSV(path string) bool { return strings.EqualFold(filepath.Ext(path), ".csv") }

// saveReport writes the report and returns where it went: to path, replacing that file unless it is
// open; else to the usual name, replacing only this run's own report, unchanged.
func (s *session) saveReport(sum importer.Summary, path string) (string, error) {
	ctx := context.WithoutCancel(s.hard)
	r, err := s.Report(ctx, sum.Run.ID, remedyCommand)
	if err != nil {
		return "", err
	}
	asked, taken := relative(path), write.Exists
	if path == "" {
		asked = usualReport(sum.Sources[0].File)
		taken = func(p string) bool {
			return write.Exists(p) && (write.OpenElsewhere(p) || !s.isReport(ctx, p, sum.Run.ID))
		}
	}
	name := asked
	if path == "" || write.OpenElsewhere(asked) {
		name = write.FreeName(asked, taken)
	}
	err = writeReport(ctx, r, name)
	var rename *os.LinkError
	if errors.As(err, &rename) { // Windows lets nobody replace a file that is open
		if free := write.FreeName(name, write.Exists); free != name {
			name, err = free, writeReport(ctx, r, free)
		}
	}
	if err != nil {
		return name, err
	}
	if path != "" && name != asked {
		s.say("%s is open in another program, so it was not replaced and the report has another name", asked)
	}
	if f, err := os.Open(name); err == nil && !isCSV(name) {
		_ = s.KeepReport(ctx, sum.Run.ID, f) // if that fails, the next report gets another name
		_ = f.Close()
	}
	return name, nil
}

// isReport reports whether a file is the last report of a run, unchanged.
func (s *session) isReport(ctx context.Context, path string, run int64) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return s.IsReport(ctx, run, f)
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

func writeReport(ctx context.Context, r *importer.Report, path string) error {
	if !isCSV(path) {
		return write.ToFile(path, func(out io.Writer) error { return r.WriteWorkbook(ctx, out) })
	}
	names := reportFiles(path)
	return write.ToFile(names[0], func(orders io.Writer) error {
		return write.ToFile(names[1], func(problems io.Writer) error {
			return write.ToFile(names[2], func(toFix io.Writer) error {
				return r.WriteCSV(ctx, orders, problems, toFix)
			})
		})
	})
}

// savePlan writes the workbook of a plan and returns its path; empty is NAME.plan.xlsx in the current
// folder, with a number added if that exists.
func (s *session) savePlan(sum importer.Summary, path string) (string, error) {
	if path == "" {
		name := filepath.Base(sum.Sources[0].File)
		path = write.FreeName(strings.TrimSuffix(name, filepath.Ext(name))+".plan.xlsx", write.Exists)
	}
	return path, write.ToFile(path, func(out io.Writer) error {
		return s.WritePlan(s.hard, sum.Run.ID, remedyCommand, out)
	})
}
