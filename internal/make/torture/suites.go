package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// faultTable runs the table of faults, which is in the tests of importer.
func (l *lab) faultTable(ctx context.Context) (section, error) {
	return l.suite(ctx, "Every fault at every step", "TestFaults", fmt.Sprintf("-count=%d", l.faults))
}

// sequencesOfFaults runs random sequences of faults, which are in the tests of importer too.
func (l *lab) sequencesOfFaults(ctx context.Context) (section, error) {
	return l.suite(ctx, "Random sequences of faults", "TestRandomFaults", "-count=1")
}

// suite runs some tests and counts what passed.
func (l *lab) suite(ctx context.Context, title, name string, flags ...string) (section, error) {
	args := append([]string{"test", "./importer", "-run", "^" + name + "$", "-v", "-timeout", "24h"}, flags...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("ORDERSHEET_SEQUENCES=%d", l.sequences))
	out, err := cmd.CombinedOutput()
	passed, failed := 0, []string{}
	var notes []string
	for line := range strings.Lines(string(out)) {
		switch {
		case strings.HasPrefix(line, "    --- PASS"):
			passed++
		case strings.Contains(line, "--- FAIL"):
			failed = append(failed, strings.TrimSpace(line))
		case strings.Contains(line, "counted: "):
			_, note, _ := strings.Cut(line, "counted: ")
			notes = append(notes, strings.TrimSpace(note))
		}
	}
	s := section{title: title, lines: append([]string{fmt.Sprintf("`go %s`", strings.Join(args, " "))}, notes...)}
	if len(notes) == 0 {
		s.lines = append(s.lines, fmt.Sprintf("**%d cases, %d failed**", passed+len(failed), len(failed)))
	}
	if err != nil {
		s.failed = fmt.Sprintf("%v: %s", err, strings.Join(failed, "; "))
	}
	return s, nil
}
