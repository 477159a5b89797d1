package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"ordersheet/exporter"
	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet"
)

// Code is an exit code. The numbers follow sysexits.h where it has a word for the case.
type Code int

// The exit codes, by precedence: the first that applies is used.
const (
	OK            Code = 0
	Bug           Code = 70
	FileTrouble   Code = 74
	TokenRejected Code = 77
	Stopped       Code = 75
	SomeUnknown   Code = 69
	SomeInvalid   Code = 65
	Usage         Code = 64
)

// exitCodes is the one table of exit codes: help, the README and the tests show it.
var exitCodes = []struct {
	code Code
	text string
}{
	{Bug, "a bug in ordersheet, or the totals don't reconcile; don't trust the report"},
	{FileTrouble, "a file can't be read or written"},
	{TokenRejected, "the API token was rejected; nothing more was sent"},
	{Stopped, "stopped before the end; can be resumed"},
	{SomeUnknown, "some outcomes are unknown: Luminous may or may not have these orders"},
	{SomeInvalid, "some orders are invalid, rejected or held, or an export is incomplete; see the report"},
	{OK, "everything was done"},
	{Usage, "wrong usage; nothing was done"},
}

// ExitTable returns the exit codes as help shows them.
func ExitTable() string {
	text := ""
	for _, e := range exitCodes {
		text += fmt.Sprintf("  %2d  %s\n", e.code, e.text)
	}
	return text
}

// failure is an error with its exit code and, where there is one, advice on a line of its own.
type failure struct {
	code Code
	err  error
	hint string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(code Code, hint, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...), hint}
}

// exitWith ends a command with a code after everything has been said.
func exitWith(code Code) error { return &failure{code: code, err: errors.New("")} }

// printError prints an error and its hint, and returns the exit code.
func printError(w io.Writer, err error) Code {
	if err == nil {
		return OK
	}
	code, hint := classify(err)
	if err.Error() != "" {
		fmt.Fprintf(w, "ordersheet: %v\n", err)
	}
	if hint != "" {
		fmt.Fprintf(w, "ordersheet: hint: %s\n", hint)
	}
	return code
}

// classify returns the exit code of an error, and what to do about it.
func classify(err error) (Code, string) {
	var f *failure
	if errors.As(err, &f) {
		return f.code, f.hint
	}
	for _, c := range causes {
		if hint, ok := c.matches(err); ok {
			return c.code, hint
		}
	}
	return Bug, ""
}

// causes are what ends a command: the first that an error matches says its exit code and its hint.
var causes = []struct {
	code    Code
	matches func(error) (hint string, ok bool)
}{
	{Usage, as(func(e *exporter.UsageError) (string, bool) { return usageHint(e), true })},
	{SomeInvalid, is("nothing was published, and the next export begins where this one did", exporter.ErrServer)},
	{Usage, is(listRuns, ledger.ErrNotFound)},
	{Usage, is("give that account's address and token", importer.ErrWrongAccount)},
	{Usage, as(func(*importer.NotAllowedError) (string, bool) { return "", true })},
	{Usage, is("nothing was sent; plan the file again with: ordersheet plan FILE", importer.ErrPlanChanged)},
	{Usage, as(func(*ledger.OwnedError) (string, bool) { return "wait until it ends", true })},
	{Usage, as(func(e *importer.AskKindError) (string, bool) {
		if e.Other != "" {
			return "import them one after the other, or read one kind only with --kind sales-orders or --kind purchase-orders", true
		}
		return "give --kind sales-orders or --kind purchase-orders", true
	})},
	{SomeInvalid, as(func(e *importer.NoSheetError) (string, bool) { return missingHint(e), true })},
	{FileTrouble, as(func(e *sheet.UnreadableError) (string, bool) { return readingHint(e), true })},
	{TokenRejected, as(func(e *luminous.Error) (string, bool) {
		return "create a new token under Settings > API tokens in Luminous; nothing is lost", e.TokenRejected
	})},
	{FileTrouble, is("install that version, or use another ledger with --ledger; this one was not changed", ledger.ErrNewer)},
	{FileTrouble, is("", ledger.ErrNotWritable, ledger.ErrFull, ledger.ErrVanished, ledger.ErrBusy, ledger.ErrDamaged)},
	{FileTrouble, as(func(*os.LinkError) (string, bool) { // of a rename
		return "is the file open in another program? close it and give the same command again", true
	})},
	{FileTrouble, as(func(e *fs.PathError) (string, bool) {
		if errors.Is(e, fs.ErrNotExist) {
			return "is the name spelled right, and is the file in this folder?", true
		}
		return "", true
	})},
	{Stopped, as(func(e *importer.NotSentError) (string, bool) {
		if errors.Is(e, importer.ErrStopped) {
			return "give the same command again", true
		}
		return "is the address right? if it is, give the same command again later", endsEarly(e)
	})},
	{Stopped, func(err error) (string, bool) { return "", endsEarly(err) }},
}

// is matches errors that are one of targets.
func is(hint string, targets ...error) func(error) (string, bool) {
	return func(err error) (string, bool) {
		for _, t := range targets {
			if errors.Is(err, t) {
				return hint, true
			}
		}
		return "", false
	}
}

// as matches errors of a type, as far as hint agrees.
func as[T error](hint func(T) (string, bool)) func(error) (string, bool) {
	return func(err error) (string, bool) {
		var e T
		if errors.As(err, &e) {
			return hint(e)
		}
		return "", false
	}
}

// endsEarly reports whether an error ends a run early that can be resumed.
func endsEarly(err error) bool {
	var api *luminous.Error
	var breaker *importer.BreakerError
	return errors.Is(err, context.Canceled) || errors.Is(err, importer.ErrStopped) || errors.As(err, &api) || errors.As(err, &breaker)
}

// missingHint says how to give the required fields that no column feeds.
func missingHint(e *importer.NoSheetError) string {
	if len(e.Missing) == 0 {
		return fmt.Sprintf("see what its headers mean with: ordersheet match %s; the known ones are listed by: ordersheet fields sales-orders", e.Path)
	}
	set := ""
	for _, f := range e.Missing {
		if !f.Line && f.Path != "order_number" && f.Path != "order_numbers" {
			set += fmt.Sprintf(" --set %s=VALUE", f.Path)
		}
	}
	hint := "name the columns in a mapping file; start one with: ordersheet match " + e.Path + " -o mapping.toml"
	if set != "" {
		hint = "give all orders one value with" + set + "; or " + hint
	}
	return hint
}

// remedies are the commands that carry out remedies, and how a hint introduces them.
var remedies = map[problem.RemedyKind]struct{ command, text string }{
	problem.ResumeRun:   {"resume", "continue it with: "},
	problem.ApplyRun:    {"apply", "carry it out with: "},
	problem.RefreshPlan: {"plan --refresh", "plan its held orders again with: "},
	problem.ReportRun:   {"report", "see what became of it with: "},
	problem.UndoRun:     {"undo", "undo it with: "},
	problem.StopRun:     {"stop", "wait until it ends, or end it with: "},
}

// remedyCommand returns the command line, or the flag, that carries out a remedy; empty when there
// is none.
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

// mappingLine returns what to write into the mapping file to carry out a remedy; empty when it
// isn't done there.
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
