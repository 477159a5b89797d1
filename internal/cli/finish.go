package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ordersheet/exporter"
	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
)

// showPlan says what was found and what would be done.
func (s *session) showPlan(b importer.Summary) {
	w := s.Stderr
	for _, src := range b.Sources {
		if src.Left != "" {
			fmt.Fprintf(w, "left out: %s: %s\n", sourceName(src), src.Left)
			continue
		}
		fmt.Fprintf(w, "read: %s, header in row %d, %s below it\n", sourceName(src), src.HeaderRow, count(src.Rows, "row"))
	}
	if b.Run.Orders == 0 && b.Run.Rows.Read == 0 {
		fmt.Fprintln(w, "plan: no order found: there is no row below the header")
		return
	}
	fmt.Fprintf(w, "plan: %s found", count(b.Run.Orders, b.Run.Kind.Word()))
	for _, action := range []string{"create", "update", "upsert", "delete"} {
		if n := b.Actions[action]; n > 0 {
			fmt.Fprintf(w, ", %d to %s", n, importer.Verb(b.Run.Kind, action))
		}
	}
	if n := b.Outcomes[ledger.Unchanged]; n > 0 {
		word := "standing"
		if b.Run.Mode == order.Delete {
			word = "gone"
		}
		fmt.Fprintf(w, ", %d %s already", n, word)
	}
	if n := b.Outcomes[ledger.Skipped]; n > 0 {
		fmt.Fprintf(w, ", %d left out", n)
	}
	for _, word := range []ledger.State{ledger.Invalid, ledger.Held} {
		if n := b.Outcomes[word]; n > 0 {
			fmt.Fprintf(w, ", %d %s", n, word)
		}
	}
	fmt.Fprintln(w)
}

func sourceName(src ledger.Source) string {
	if src.Sheet == "" {
		return src.File
	}
	return fmt.Sprintf("%s, sheet %q", src.File, src.Sheet)
}

// finish writes the report, prints the closing equations, and gives the exit code.
func (s *session) finish(run int64, started time.Time, runErr error) error {
	ctx := context.WithoutCancel(s.hard)
	books, err := importer.ReadSummary(ctx, s.ledger, run)
	if err != nil {
		return err
	}
	path, explicit := s.flags.report, s.flags.report != ""
	if !explicit {
		path = defaultReport(books.Sources[0].File)
	}
	asked := path
	path, reportErr := reportFile{ledger: s.ledger, run: run, path: path, replace: explicit}.save(ctx)
	if explicit {
		s.sayElsewhere(asked, path, reportErr)
	}
	s.summary(books, path, reportErr)
	if reportErr != nil {
		path = ""
	}
	if s.global.json {
		if err := s.printJSON(books, path, started); err != nil {
			return err
		}
	}
	return s.verdict(books, runErr, reportErr)
}

// sayElsewhere says why a report that was given a name has another one.
func (a *app) sayElsewhere(asked, path string, err error) {
	if err == nil && asked != path {
		fmt.Fprintf(a.Stderr, "%s is open in another program, so it was left as it is and the report has another name\n", asked)
	}
}

// defaultReport is NAME.report.xlsx in the current folder.
func defaultReport(file string) string {
	name := filepath.Base(file)
	for _, ext := range []string{".gz", ".xlsx", ".xlsm", ".xltx", ".ods", ".csv", ".tsv", ".txt", ".jsonl"} {
		name = strings.TrimSuffix(name, ext)
	}
	return strings.TrimSuffix(name, ".report") + ".report.xlsx"
}

// summary is the end of the story on the terminal.
func (s *session) summary(b importer.Summary, path string, reportErr error) {
	w := s.Stderr
	if n := b.Problems[problem.Error]; n > 0 && importer.Undoes(b.Run) != 0 {
		fmt.Fprintf(w, "stays as it is: %d, each with its reason in the report\n", n)
	} else if n > 0 {
		fmt.Fprintf(w, "problems: %s, each at its cell in the report\n", count(n, "error"))
	}
	if n := b.Problems[problem.Warning]; n > 0 {
		fmt.Fprintf(w, "warnings: %d\n", n)
	}
	orders, rows := b.Totals()
	fmt.Fprintf(w, "%s\n%s\n", orders, rows)
	if !b.Reconciles() {
		fmt.Fprintln(w, "these don't add up: that is a bug in ordersheet; don't trust this run")
	}
	if reportErr == nil {
		fmt.Fprintf(w, "report: %s (run %d)\n", strings.Join(reportFiles(path), ", "), b.Run.ID)
	}
}

// reportFiles names the files of a report: a report as CSV is three.
func reportFiles(path string) []string {
	ext := filepath.Ext(path)
	if !strings.EqualFold(ext, ".csv") {
		return []string{path}
	}
	base := strings.TrimSuffix(path, ext)
	return []string{base + ".orders.csv", base + ".problems.csv", base + ".to-fix.csv"}
}

// checkReportName refuses names whose ending says neither of the two forms of a report.
func checkReportName(path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".xlsx", ".csv":
		return nil
	}
	return fail(Usage, "name it FILE.xlsx, or FILE.csv for three CSV files", "a report is a workbook or CSV, which %q doesn't say", path)
}

// result is the one JSON object of --json. docs/json.md describes it.
type result struct {
	Run            int64            `json:"run"`
	Kind           string           `json:"kind"`
	Sources        []sourceResult   `json:"sources"`
	Rows           rowResult        `json:"rows"`
	Orders         map[string]int64 `json:"orders"`
	Problems       map[string]int64 `json:"problems"`
	Requests       int64            `json:"requests"`
	Throttled      int64            `json:"throttled"`
	Retries        int64            `json:"retries"`
	ElapsedSeconds float64          `json:"elapsed_seconds"`
	Report         string           `json:"report"`
	Balanced       bool             `json:"balanced"`
	Undo           *undoResult      `json:"undo,omitempty"`
}

// printFailure prints the one JSON object of a command that ended before it had a result: nothing was found, nothing was done. Why, the
// exit code and stderr say.
func printFailure(w io.Writer, code Code) error {
	r := result{
		Orders: map[string]int64{"found": 0}, Problems: map[string]int64{"errors": 0, "warnings": 0, "notices": 0},
		Sources: []sourceResult{}, Balanced: code != Bug,
	}
	for _, w := range importer.Outcomes() {
		r.Orders[string(w)] = 0
	}
	return json.NewEncoder(w).Encode(r)
}

type sourceResult struct {
	File      string `json:"file"`
	Sheet     string `json:"sheet"`
	SHA256    string `json:"sha256"`
	HeaderRow int    `json:"header_row"`
	Rows      int64  `json:"rows"`
	LeftOut   string `json:"left_out,omitempty"`
}

type rowResult struct {
	Read    int64 `json:"read"`
	Used    int64 `json:"used"`
	Blank   int64 `json:"blank"`
	Ignored int64 `json:"ignored"`
	Invalid int64 `json:"invalid"`
}

func (s *session) printJSON(b importer.Summary, report string, started time.Time) error {
	r := result{
		Run: b.Run.ID, Kind: string(b.Run.Kind), Rows: rowResult(b.Run.Rows), Orders: map[string]int64{"found": b.Run.Orders},
		Problems: problemCounts(b),
		Requests: b.Stats.Requests, Throttled: b.Stats.Throttled, Retries: b.Stats.Retries,
		ElapsedSeconds: float64(time.Since(started).Milliseconds()) / 1000, Balanced: b.Reconciles(), Sources: sourceResults(b),
	}
	if report != "" {
		r.Report = reportFiles(report)[0]
	}
	for _, w := range importer.Outcomes() {
		r.Orders[string(w)] = b.Outcomes[w]
	}
	if importer.Undoes(b.Run) != 0 {
		kept, stays, err := stayed(s.hard, s.ledger, b.Run.ID)
		if err != nil {
			return err
		}
		r.Undo = &undoResult{importer.Undoes(b.Run), kept.n, stays.n}
	}
	return json.NewEncoder(s.Stdout).Encode(r)
}

func sourceResults(b importer.Summary) []sourceResult {
	out := []sourceResult{}
	for _, src := range b.Sources {
		out = append(out, sourceResult{src.File, src.Sheet, src.Hash, src.HeaderRow, src.Rows, src.Left})
	}
	return out
}

func problemCounts(b importer.Summary) map[string]int64 {
	return map[string]int64{"errors": b.Problems[problem.Error], "warnings": b.Problems[problem.Warning], "notices": b.Problems[problem.Notice]}
}

// verdict is the exit code of a run, by precedence.
func (s *session) verdict(b importer.Summary, runErr, reportErr error) error {
	if !b.Reconciles() {
		return quiet(Bug)
	}
	if reportErr != nil {
		if runErr != nil {
			report(s.Stderr, runErr)
		}
		return fail(FileTrouble, "orders are not touched by this; try again with: "+s.onward("report", b.Run.ID)+" -o FILE.xlsx", "the report wasn't written: %w", reportErr)
	}
	switch {
	case runErr != nil:
		if b.Outcomes[ledger.NotAttempted]+b.Outcomes[ledger.Unknown] > 0 {
			return resumable(runErr, s.onward("resume", b.Run.ID))
		}
		return runErr
	case b.Outcomes[ledger.Unknown] > 0:
		return fail(SomeUnknown, "search for them in Luminous, or let them be looked up once more with: "+s.onward("resume", b.Run.ID),
			"nobody can say of %s whether it stands in Luminous; the report says what was asked", count(b.Outcomes[ledger.Unknown], "order"))
	case b.Outcomes[ledger.Invalid]+b.Outcomes[ledger.Rejected]+b.Outcomes[ledger.Held] > 0 || b.Run.Rows.Invalid > 0:
		return quiet(SomeInvalid)
	case importer.Undoes(b.Run) != 0 && b.Problems[problem.Error] > 0: // a field of an order was kept, or can't be set back
		return quiet(SomeInvalid)
	}
	return nil
}

// onward is a command for a run as it has to be given, with the flags that this one needed to find the ledger and the token.
func (a *app) onward(command string, run int64) string {
	text := fmt.Sprintf("ordersheet %s %d", command, run)
	for _, f := range [][2]string{{"--ledger", a.global.ledger}, {"--api-key-file", a.global.keyFile}} {
		if value := f[1]; value != "" {
			if strings.ContainsAny(value, " \t\"'$&;()\\") {
				value = strconv.Quote(value)
			}
			text += " " + f[0] + " " + value
		}
	}
	return text
}

// resumable adds the command that goes on with the run.
func resumable(err error, command string) error {
	code, hint := classify(err)
	if code == Bug {
		return err
	}
	if hint != "" {
		hint += "; then "
	}
	return &failure{code, err, hint + "go on with: " + command}
}

// classify says what exit code an error leads to, and what to do about it.
func classify(err error) (Code, string) {
	var f *failure
	var noSheet *importer.NoSheetError
	var refused *sheet.RefusedError
	var api *luminous.Error
	var path *fs.PathError
	var link *os.LinkError // of a rename
	var ask *importer.AskKindError
	var breaker *importer.BreakerError
	var asked *exporter.UsageError
	var owned *ledger.OwnedError
	switch {
	case errors.As(err, &f):
		return f.code, f.hint
	case errors.As(err, &asked):
		return Usage, asked.Hint
	case errors.Is(err, exporter.ErrServer):
		return SomeInvalid, "nothing was published, and the next export begins where this one did"
	case errors.As(err, &ask) && ask.Other != "":
		return Usage, "import them one after the other, or read one kind only with --kind sales-orders or --kind purchase-orders"
	case errors.As(err, &ask):
		return Usage, "say which with --kind sales-orders or --kind purchase-orders"
	case errors.As(err, &noSheet):
		return SomeInvalid, missingHint(noSheet)
	case errors.As(err, &api) && api.TokenRejected:
		return TokenRefused, "make a new token under Settings > API tokens in Luminous; nothing is lost"
	case errors.Is(err, ledger.ErrNewer):
		return FileTrouble, "install that version, or name another ledger with --ledger; nothing in this one was changed"
	case ledgerTrouble(err):
		return FileTrouble, ""
	case errors.Is(err, context.Canceled), errors.As(err, &api), errors.As(err, &breaker), errors.Is(err, importer.ErrStopped):
		return Stopped, ""
	case errors.As(err, &refused):
		return FileTrouble, refused.Advice()
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist):
		return FileTrouble, "is the name spelled right, and is the file in this folder?"
	case errors.As(err, &link):
		return FileTrouble, "is the file open in another program? close it and give the same command again"
	case errors.As(err, &path):
		return FileTrouble, ""
	case errors.Is(err, importer.ErrPlanChanged):
		return Usage, "nothing was sent; plan the file again with: ordersheet plan FILE"
	case errors.As(err, &owned):
		return Usage, "wait until it has ended"
	}
	return Bug, ""
}

// missingHint says how the fields that no column gives may be given.
func missingHint(e *importer.NoSheetError) string {
	if len(e.Missing) == 0 {
		return fmt.Sprintf("see what its headers mean with: ordersheet match %s; those that are known are listed by: ordersheet fields sales-orders", e.Path)
	}
	set := ""
	for _, f := range e.Missing {
		if !f.Line && f.Path != "order_number" && f.Path != "order_numbers" {
			set += fmt.Sprintf(" --set %s=VALUE", f.Path)
		}
	}
	hint := "name the columns in a mapping file, begun with: ordersheet match " + e.Path + " -o mapping.toml"
	if set != "" {
		hint = "give all orders one value with" + set + "; or " + hint
	}
	return hint
}

// ledgerTrouble says that the ledger can't be read or written, which no hint mends.
func ledgerTrouble(err error) bool {
	for _, e := range []error{
		ledger.ErrNotWritable, ledger.ErrFull, ledger.ErrVanished, ledger.ErrBusy, ledger.ErrDamaged, ledger.ErrNewer,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// count writes a number with its noun: 1 row, 2 rows.
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(n, 10) + " " + noun + "s"
}
