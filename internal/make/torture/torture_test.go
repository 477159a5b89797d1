package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestFaultTable checks that each test that the page's table of faults names exists.
func TestFaultTable(t *testing.T) {
	const top = "../../.."
	there := map[string]bool{}
	name := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".txtar"):
			there[filepath.Base(path)] = true
		case strings.HasSuffix(path, "_test.go"):
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range name.FindAllSubmatch(text, -1) {
				there[string(m[1])] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(top, page))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| fault | what ordersheet does | tests |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	if len(rows) < 40 {
		t.Errorf("%s has a table of %d faults, want more than 40", page, len(rows))
	}
	for _, row := range rows {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		for test := range strings.SplitSeq(cells[len(cells)-1], ", ") {
			if !there[test] {
				t.Errorf("%s: there is no test %q", cells[0], test)
			}
		}
	}
}

// TestKill kills the real program at random moments, against a server that also loses answers, and
// resumes it until it is done: each order then exists once, the totals reconcile, and the report is
// right. ORDERSHEET_KILLS sets the number of cycles.
func TestKill(t *testing.T) {
	o := options{cycles: 100, seeds: 5, parallel: 8, seed: 1}
	if s := os.Getenv("ORDERSHEET_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		o.cycles = n
	}
	l, err := newLab(o, t.TempDir(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.kills(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(s.text())
	if s.failed != "" {
		t.Error(s.failed)
	}
}
