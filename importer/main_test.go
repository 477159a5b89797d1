package importer_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
)

// TestMain puts the ledgers of thousands of runs into a folder in memory, where the system has one,
// since each commit waits for the disk. Garbage is collected rarely: little is alive at any time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	flag.Parse()
	os.Exit(runInMemory(m))
}

func runInMemory(m *testing.M) int {
	if dir, err := os.MkdirTemp("/dev/shm", "importer-"); err == nil && os.Getenv("TMPDIR") == "" {
		defer os.RemoveAll(dir)
		os.Setenv("TMPDIR", dir)
	}
	return m.Run()
}

// emptyLedger is the content of a new ledger's file: making its tables takes longer than most
// tests.
var emptyLedger = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "ledger-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ledger.db")
	l, err := sqlite.Open(path)
	if err != nil {
		return nil, err
	}
	if err := l.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// newLedger opens a new ledger in a folder.
func newLedger(t testing.TB, dir string) *sqlite.Ledger {
	t.Helper()
	path := filepath.Join(dir, "ledger.db")
	content, err := emptyLedger()
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	l, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// tryRandom sets how many random sequences the next property is tried with. Of many it is a tenth
// under the race detector, under which SQLite is twenty times slower.
func tryRandom(t *testing.T, sequences int) {
	t.Helper()
	if raceEnabled && sequences >= 100 {
		sequences /= 10
	}
	if err := flag.Set("rapid.checks", strconv.Itoa(sequences)); err != nil {
		t.Fatal(err)
	}
}

// planJob opens the files of a job and plans their orders.
func planJob(l plan.Ledger, job plan.Job) (ledger.Run, error) {
	in, err := plan.Open(job)
	if err != nil {
		return ledger.Run{}, err
	}
	defer in.Close()
	return in.Plan(context.Background(), l)
}
