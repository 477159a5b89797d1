package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/internal/problem"
)

// TestSamplesAreCurrent compares the samples in the repository with what this program makes.
func TestSamplesAreCurrent(t *testing.T) {
	dir := t.TempDir()
	if err := makeSamples(dir); err != nil {
		t.Fatal(err)
	}
	compareFolders(t, dir, filepath.Join("..", "..", "samples"), "go run ./internal/make samples")
}

// TestDocsAreCurrent does the same for the pages of docs that come from code.
func TestDocsAreCurrent(t *testing.T) {
	dir := t.TempDir()
	if err := makeDocs(dir); err != nil {
		t.Fatal(err)
	}
	compareFolders(t, dir, filepath.Join("..", "..", "docs"), "go run ./internal/make docs")
}

// compareFolders checks that a folder of the repository has every file of made, byte for byte.
func compareFolders(t *testing.T, made, current, command string) {
	t.Helper()
	entries, err := os.ReadDir(made)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		want, err := os.ReadFile(filepath.Join(made, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(current, e.Name()))
		if err != nil {
			t.Errorf("%v; make it with %s", err, command)
			continue
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s isn't what the program makes: it has %d bytes, %d were made; make it again with %s", e.Name(), len(got), len(want), command)
		}
	}
}

func TestSamplesHoldWhatTheyPromise(t *testing.T) {
	b := makeMess()
	if len(b.known) < 40 {
		t.Errorf("the messy sample has %d known problems, want at least 40", len(b.known))
	}
	codes := map[string]int{}
	for _, k := range b.known {
		codes[k.Code]++
	}
	for code, n := range codes {
		if n > 3 { // a column's problem and its two orders
			t.Errorf("%s is %d times in the messy sample", code, n)
		}
	}
	for name, want := range map[string]int{"sales": 500, "purchases": 200} {
		tr, lines := newTrade(1), 0
		for _, n := range tr.lineCounts(map[string]int{"sales": 200, "purchases": 80}[name]) {
			lines += n
		}
		if lines != want {
			t.Errorf("%s: got %d lines, want %d", name, lines, want)
		}
	}
}

func TestRunRefusesUnknownThings(t *testing.T) {
	for _, args := range [][]string{nil, {"nothing"}, {"samples", "a", "b"}} {
		if err := run(args); err == nil {
			t.Errorf("run(%q) did something", args)
		}
	}
}

// TestProblemExamples checks that docs/problems.md shows each message with all its parts.
func TestProblemExamples(t *testing.T) {
	for _, codes := range problem.Tables() {
		for _, code := range codes {
			p := problem.New(code, exampleArgs(code)...)
			if s := p.Message + p.Expected + p.Hint; strings.ContainsAny(s, "{}") {
				t.Errorf("%s: %s", code, s)
			}
		}
	}
	if n := len(problem.Tables()); n != len(problemTitles) {
		t.Errorf("%d tables have %d titles", n, len(problemTitles))
	}
}
