package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ordersheet/exporter"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
)

// remedies are the commands that carry out remedies, and how a hint introduces them.
var remedies = map[problem.RemedyKind]struct{ command, text string }{
	problem.ResumeRun:   {"resume", "continue it with: "},
	problem.ApplyRun:    {"apply", "carry it out with: "},
	problem.RefreshPlan: {"plan --refresh", "plan its held orders again with: "},
	problem.ReportRun:   {"report", "see what became of it with: "},
	problem.UndoRun:     {"undo", "undo it with: "},
	problem.StopRun:     {"stop", "wait until it ends, or end it with: "},
}

// remedyCommand returns the command line, or the flag, that carries out a remedy; empty when there is
// none.
func remedyCommand(r problem.Remedy) string {
	switch r.Kind {
	case problem.SetConstant, problem.MappingOption:
		return fmt.Sprintf("--set %s=%s", cmp.Or(r.Field, r.Option), cmp.Or(r.Value, "VALUE"))
	case problem.RunOption:
		flag := flagOf(r.Option)
		if r.Value != "" {
			flag += " " + strconv.Quote(r.Value)
		}
		return flag
	}
	if c := remedies[r.Kind].command; c != "" {
		return fmt.Sprintf("ordersheet %s %d", c, r.Run)
	}
	return ""
}

// mappingLine returns what to write into the mapping file to carry out a remedy; empty when it isn't
// done there.
func mappingLine(r problem.Remedy) string {
	switch r.Kind {
	case problem.MapColumn:
		return fmt.Sprintf("in the mapping file: [columns] %q = %q", r.Header, cmp.Or(r.Field, "FIELD"))
	case problem.IgnoreColumn:
		return fmt.Sprintf("in the mapping file: ignore = [%q]", r.Header)
	case problem.MapValue:
		return fmt.Sprintf("in the mapping file: [values.%q] %q = \"VALUE\"", r.Field, r.Value)
	}
	return ""
}

// commandFor returns the command line that carries out a remedy, with the flags that this command
// needed to find the ledger and the token.
func (a *app) commandFor(r problem.Remedy) string {
	text := remedyCommand(r)
	if remedies[r.Kind].command == "" {
		return text
	}
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

func (a *app) commandForRun(kind problem.RemedyKind, run int64) string {
	return a.commandFor(problem.Remedy{Kind: kind, Run: run})
}

// withHints gives an error the hint that names commands, where its remedies have some.
func (a *app) withHints(err error) error {
	var f *failure
	var unreadable *sheet.UnreadableError // readingHint and usageHint name the flags already
	var usage *exporter.UsageError
	if err == nil || errors.As(err, &f) || errors.As(err, &unreadable) || errors.As(err, &usage) {
		return err
	}
	code, hint := classify(err)
	for i, r := range problem.RemediesOf(err) {
		command := a.commandFor(r)
		switch {
		case command == "":
			continue
		case hint != "":
			hint += "; or: "
		case i == 0:
			hint = remedies[r.Kind].text
		}
		hint += command
	}
	return &failure{code, err, hint}
}

// readingHint returns what to do about a file that can't be read, with the flags that may help.
func readingHint(e *sheet.UnreadableError) string {
	var hints []string
	if e.Hint != "" {
		hints = append(hints, e.Hint)
	}
	for _, r := range e.Remedies() {
		switch r.Option {
		case "limit":
			hints = append(hints, "to read a file that you trust, raise the limit with --limit "+r.Value+"=NUMBER")
		case "password":
			hints = append(hints, "put the password into a file and name that with --password-file")
		default:
			hints = append(hints, "use --"+r.Option)
		}
	}
	return strings.Join(hints, "; ")
}

// exportPages say which page of the documentation describes an option of an export.
var exportPages = map[string]string{
	"columns": "docs/columns.md lists the columns", "filter": "docs/exporting.md lists the filters",
}

// usageHint returns what to do about an export that can't be made as requested, with its flags.
func usageHint(e *exporter.UsageError) string {
	p := problem.Problem{Hint: e.Hint, Remedies: e.Remedies()}
	if e.Hint == "" && len(e.Options) > 0 {
		p.Hint = cmp.Or(exportPages[e.Options[0]], "correct it")
	}
	return p.Advice(remedyCommand)
}
