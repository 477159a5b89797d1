package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

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

// withHints gives an error the hint that names commands, where its remedies have some.
func (a *app) withHints(err error) error {
	var f *failure
	var unreadable *sheet.UnreadableError // readingHint and usageHint name the flags already
	var usage *exporter.UsageError
	remedies := problem.RemediesOf(err)
	if err == nil || errors.As(err, &f) || errors.As(err, &unreadable) || errors.As(err, &usage) || len(remedies) == 0 {
		return err
	}
	code, hint := classify(err)
	for i, r := range remedies {
		command := a.commandFor(r)
		switch {
		case command == "":
			continue
		case hint != "":
			hint += "; or: "
		case i == 0:
			hint = remedyText(r)
		}
		hint += command
	}
	return &failure{code, err, hint}
}

// classify returns the exit code of an error, and what to do about it.
func classify(err error) (Code, string) {
	var f *failure
	var usage *exporter.UsageError
	var notAllowed *importer.NotAllowedError
	var owned *ledger.OwnedError
	switch {
	case errors.As(err, &f):
		return f.code, f.hint
	case errors.As(err, &usage):
		return Usage, usageHint(usage)
	case errors.Is(err, exporter.ErrServer):
		return SomeInvalid, "nothing was published, and the next export begins where this one did"
	case errors.Is(err, ledger.ErrNotFound):
		return Usage, listRuns
	case errors.Is(err, importer.ErrWrongAccount):
		return Usage, "give that account's address and token"
	case errors.As(err, &notAllowed):
		return Usage, ""
	case errors.Is(err, importer.ErrPlanChanged):
		return Usage, "nothing was sent; plan the file again with: ordersheet plan FILE"
	case errors.As(err, &owned):
		return Usage, "wait until it ends"
	}
	if code, hint, ok := classifyInput(err); ok {
		return code, hint
	}
	return classifyRun(err)
}

// classifyInput classifies what is wrong with the files.
func classifyInput(err error) (Code, string, bool) {
	var noSheet *importer.NoSheetError
	var unreadable *sheet.UnreadableError
	var path *fs.PathError
	var link *os.LinkError // of a rename
	var kind *importer.AskKindError
	switch {
	case errors.As(err, &kind) && kind.Other != "":
		return Usage, "import them one after the other, or read one kind only with --kind sales-orders or --kind purchase-orders", true
	case errors.As(err, &kind):
		return Usage, "give --kind sales-orders or --kind purchase-orders", true
	case errors.As(err, &noSheet):
		return SomeInvalid, missingHint(noSheet), true
	case errors.As(err, &unreadable):
		return FileTrouble, readingHint(unreadable), true
	case ledgerTrouble(err):
		return 0, "", false
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist):
		return FileTrouble, "is the name spelled right, and is the file in this folder?", true
	case errors.As(err, &link):
		return FileTrouble, "is the file open in another program? close it and give the same command again", true
	case errors.As(err, &path):
		return FileTrouble, "", true
	}
	return 0, "", false
}

// classifyRun classifies what ends a run early.
func classifyRun(err error) (Code, string) {
	var api *luminous.Error
	var breaker *importer.BreakerError
	var notSent *importer.NotSentError
	switch {
	case errors.As(err, &api) && api.TokenRejected:
		return TokenRejected, "create a new token under Settings > API tokens in Luminous; nothing is lost"
	case errors.Is(err, ledger.ErrNewer):
		return FileTrouble, "install that version, or use another ledger with --ledger; this one was not changed"
	case ledgerTrouble(err):
		return FileTrouble, ""
	case errors.As(err, &notSent) && errors.Is(err, importer.ErrStopped):
		return Stopped, "give the same command again"
	case errors.Is(err, context.Canceled), errors.As(err, &api), errors.As(err, &breaker), errors.Is(err, importer.ErrStopped):
		if errors.As(err, &notSent) {
			return Stopped, "is the address right? if it is, give the same command again later"
		}
		return Stopped, ""
	}
	return Bug, ""
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

// ledgerTrouble reports whether the ledger can't be read or written.
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
