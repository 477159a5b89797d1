package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"text/template"
	"time"

	"golang.org/x/term"

	"ordersheet/importer"
	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/problem"
)

// confirmRun shows what a run would do and asks whether to do it.
func (s *session) confirmRun(ctx context.Context, sum importer.Summary) error {
	s.progress.done()
	if sum.Run.State != ledger.Planned {
		s.say("run %d was stopped: %d to look up, %d to send", sum.Run.ID, sum.Outcomes[ledger.Unknown], sum.Outcomes[ledger.NotAttempted])
		return s.confirm(fmt.Sprintf("Continue run %d in %s?", sum.Run.ID, s.baseURL))
	}
	lines, err := s.PlanLines(ctx, sum)
	s.sayAll(lines)
	if err != nil {
		return err
	}
	if s.beforeAsking != nil {
		if err := s.beforeAsking(sum); err != nil {
			return err
		}
	}
	if sum.Outcomes[ledger.NotAttempted] == 0 {
		return nil
	}
	return s.confirm(sum.Question() + " in " + s.baseURL + "?")
}

// longList is how many requests reading all orders may take before a person is asked.
const longList = 20

// mayList asks before a long list is read.
func (s *session) mayList(orders, requests int) error {
	if requests <= longList {
		return nil
	}
	s.progress.done()
	if s.confirm(fmt.Sprintf("To find existing orders, all %d orders in %s must be read, in %d requests. Read them?",
		orders, s.baseURL, requests)) != nil {
		return fail(Usage, "answer y or give --yes; --check-existing off imports without it",
			"the list of the %d existing orders was not read", orders)
	}
	return nil
}

// requireConfirmation fails unless a question can be answered: by --yes, or by a person at a
// terminal.
func (s *session) requireConfirmation() error {
	if s.yes || s.terminal() {
		return nil
	}
	return fail(Usage, "look at the plan with --dry-run, then add --yes", "nothing was sent: it takes a terminal or --yes to confirm")
}

// ask asks a question and reports whether the answer is yes.
func (a *app) ask(question string) bool {
	fmt.Fprintf(a.Stderr, "%s [y/N] ", question)
	var answer string
	_, err := fmt.Fscanln(a.Stdin, &answer) // it reads nothing after the line
	answer = strings.ToLower(answer)
	return err == nil && (answer == "y" || answer == "yes")
}

// confirm asks a question; anything but a yes is an error.
func (s *session) confirm(question string) error {
	if err := s.requireConfirmation(); err != nil || s.yes {
		return err
	}
	if !s.ask(question) {
		return fail(Usage, "", "nothing was sent")
	}
	return nil
}

// terminal reports whether a person can be asked: what they type and what they read is a terminal.
func (a *app) terminal() bool { return isTerminal(a.Stdin) && isTerminal(a.Stderr) }

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// say prints a line to stderr.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.Stderr, format+"\n", args...) }

func (a *app) sayAll(lines []string) {
	for _, line := range lines {
		a.say("%s", line)
	}
}

// show prints the result of a command to stdout: with --json as the one object, else with print;
// nil is nothing, since all was said on stderr.
func (a *app) show(object any, print func() error) error {
	switch {
	case a.global.json:
		a.shown = true
		return json.NewEncoder(a.Stdout).Encode(object)
	case print != nil:
		return print()
	}
	return nil
}

// table aligns the columns of what is written to it.
func table(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// count writes a whole number with its noun: 1 row, 2 rows.
func count(n any, noun string) string {
	text := fmt.Sprintf("%d %s", n, noun)
	if strings.HasPrefix(text, "1 ") {
		return text
	}
	return text + "s"
}

func localTime(t time.Time) string { return t.Local().Format(time.DateTime) }

// render writes a text/template with what the commands' texts need.
func render(to io.Writer, text string, data any) error {
	t, err := template.New("").Funcs(template.FuncMap{
		"advice": adviceLines, "column": cell.ColName, "columns": columnTable, "count": count, "feeds": feeds,
		"first": importer.FirstOf, "join": strings.Join, "line": oneLine, "mb": megabytes, "time": localTime, "visible": visible,
		"percent": func(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) },
		"indent":  func(s string) string { return strings.ReplaceAll(s, "\n", "\n         ") },
		"separator": func(s string) string {
			return cmp.Or(map[string]string{",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[s], s)
		},
		"note": func(p problem.Problem) string {
			return fmt.Sprintf("  %s: %s\n%s", p.Severity, p.Message, adviceLines(p))
		},
	}).Parse(text)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(to)
	if err := t.Execute(w, data); err != nil {
		return err
	}
	return w.Flush()
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
