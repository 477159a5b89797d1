package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
)

// TestCutLog cuts the log where a power failure might, at and around the end of every commit and in
// between: what had been returned before the cut is there, and nothing of what came after it.
func TestCutLog(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, run := filled(t, path, 200)
	check(t, l.Close()) // the log begins anew, so that each commit lengthens it
	l, err := sqlite.Open(path)
	check(t, err)
	defer l.Close()
	_, err = l.Acquire(ctx, run, "1@x")
	check(t, err)
	type commit struct{ size, claimed int64 }
	var commits []commit
	size := func() int64 {
		info, err := os.Stat(path + "-wal")
		check(t, err)
		return info.Size()
	}
	commits = append(commits, commit{size(), 0})
	for claimed := int64(0); claimed < 200; {
		got, err := l.Advance(ctx, run, nil, 25)
		check(t, err)
		claimed += int64(len(got.Claimed))
		commits = append(commits, commit{size(), claimed})
	}
	main, err := os.ReadFile(path)
	check(t, err)
	log, err := os.ReadFile(path + "-wal")
	check(t, err)
	for i, c := range commits {
		cuts := []int64{c.size, c.size + 1, c.size + 2000}
		if i+1 < len(commits) {
			cuts = append(cuts, commits[i+1].size-1)
		}
		for _, cut := range cuts {
			copied := filepath.Join(t.TempDir(), "ledger.db")
			check(t, os.WriteFile(copied, main, 0o600))
			check(t, os.WriteFile(copied+"-wal", log[:min(cut, int64(len(log)))], 0o600))
			after, err := sqlite.Open(copied)
			check(t, err)
			counts, err := after.CountStates(ctx, run)
			check(t, err)
			if counts[ledger.Claimed] != c.claimed || counts[ledger.OrderPlanned] != 200-c.claimed {
				t.Errorf("cut after %d of %d bytes: %v, want %d claimed", cut, len(log), counts, c.claimed)
			}
			check(t, after.Close())
		}
	}
}
