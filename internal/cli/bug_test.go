package cli_test

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/internal/cli"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
)

// run is one command with a ledger of its own; it returns the exit code and what went to stderr.
func run(ledgerPath string, getenv func(string) string, args ...string) (code int, stderr string) {
	var errs bytes.Buffer
	code = cli.Main(context.Background(), cli.Env{
		Args: append([]string{"--ledger", ledgerPath}, args...), Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &errs, Getenv: getenv,
	})
	return code, errs.String()
}

// A panic is our own fault, and ends with the exit code that says so.
func TestBugExits70(t *testing.T) {
	code, stderr := run(filepath.Join(t.TempDir(), "l.db"), func(string) string { panic("no environment") }, "import", "nothing.csv", "--yes")
	if code != int(cli.Bug) || !strings.Contains(stderr, "this is a bug: no environment") {
		t.Errorf("exit code %d, want %d; stderr:\n%s", code, cli.Bug, stderr)
	}
}

// A run that died while its file was read is no run: nothing of it can be shown, and nothing trips
// over it.
func TestUnplannedRunIsNoRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.NewRun(t.Context(), ledger.Run{Kind: "sales-orders", Account: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"report", "status"} {
		code, stderr := run(path, func(string) string { return "" }, command, "1")
		if code != int(cli.Usage) || !strings.Contains(stderr, "there is no run 1 in ") {
			t.Errorf("%s 1: exit code %d, want %d; stderr:\n%s", command, code, cli.Usage, stderr)
		}
	}
}
