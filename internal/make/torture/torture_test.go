package main

import (
	"context"
	"os"
	"strconv"
	"testing"
)

// TestKill kills the real program at random moments, against a server that also loses answers, and resumes it until it is done: each order
// then stands once, the books balance, and the report says what is true. ORDERSHEET_KILLS asks for more cycles.
func TestKill(t *testing.T) {
	o := options{cycles: 100, seeds: 5, parallel: 4, seed: 1}
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
