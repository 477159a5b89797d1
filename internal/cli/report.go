package cli

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"ordersheet/importer"
	"ordersheet/internal/deliver"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// report writes the report of a run that was carried out, prints the totals, and returns the exit
// code.
func (s *session) report(sum importer.Summary, runErr error) error {
	o, err := importer.OptionsOf(sum.Run)
	if err != nil {
		return err
	}
	path, reportErr := s.saveReport(sum, o.Report)
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
	var changed, irreversible importer.Left
	var err error
	if importer.Undoes(sum.Run) != 0 {
		if changed, irreversible, err = s.UndoLeft(s.hard, sum.Run.ID); err != nil {
			return err
		}
	}
	r := sum.Result(s.started, changed, irreversible)
	if path != "" {
		files := deliver.ReportFiles(path)
		s.say("report: %s (run %d)", strings.Join(files, ", "), sum.Run.ID)
		r.Report = files[0]
	}
	return s.show(r, nil)
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

// saveReport writes the report and returns where it went.
func (s *session) saveReport(sum importer.Summary, path string) (string, error) {
	d, err := s.folder.Report(context.WithoutCancel(s.hard), sum, path)
	if err != nil {
		return "", err
	}
	if d.Open != "" {
		s.say("%s is open in another program, so it was not replaced and the report has another name", d.Open)
	}
	return d.Path, nil
}
