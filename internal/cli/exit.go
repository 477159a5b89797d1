package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Code is an exit code. The numbers follow sysexits.h where it has a word for the case.
type Code int

// The exit codes, by precedence: of several that fit, the first in this order is the one.
const (
	OK           Code = 0
	Bug          Code = 70
	FileTrouble  Code = 74
	TokenRefused Code = 77
	Stopped      Code = 75
	SomeUnknown  Code = 69
	SomeInvalid  Code = 65
	Usage        Code = 64
)

// exitCodes is the one table of exit codes: help, the README and the tests show it.
var exitCodes = []struct {
	code Code
	text string
}{
	{Bug, "our own fault: the books don't balance, or a bug; nothing in the report may be trusted"},
	{FileTrouble, "a file can't be read or written"},
	{TokenRefused, "the token was refused; nothing more was sent"},
	{Stopped, "stopped before the end; can be resumed"},
	{SomeUnknown, "some outcomes are unknown: the server may or may not hold these orders"},
	{SomeInvalid, "some orders are invalid, rejected or held, or an export is incomplete; see the report"},
	{OK, "all orders stand"},
	{Usage, "wrong usage: nothing was done"},
}

// ExitTable is the table of exit codes as help and the README show it.
func ExitTable() string {
	var b strings.Builder
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "  %2d  %s\n", e.code, e.text)
	}
	return b.String()
}

// failure is an error with the exit code that it leads to and, where there is one, advice on its own line.
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

// report prints an error the way every command does and gives its exit code.
func report(w io.Writer, err error) Code {
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

// quiet ends a command with a code after everything worth saying has been said.
func quiet(code Code) error {
	if code == OK {
		return nil
	}
	return &failure{code: code, err: errors.New("")}
}
