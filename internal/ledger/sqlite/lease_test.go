package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
)

// self names a process as owners are named.
func self(tb testing.TB, pid int) string {
	tb.Helper()
	host, err := os.Hostname()
	check(tb, err)
	return fmt.Sprintf("%d@%s", pid, host)
}

func TestOneProcessHasARun(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	one, two := reopen(t, path), reopen(t, path)
	run, release := plan(t, one, some("A")...)
	var owned *ledger.OwnedError
	for _, l := range []*sqlite.Ledger{one, two} {
		if _, err := l.Acquire(ctx, run, "2@elsewhere"); !errors.As(err, &owned) || owned.Owner != "1@elsewhere" || owned.Since.IsZero() ||
			!strings.Contains(err.Error(), "process 1@elsewhere has been working on run 1 since ") {
			t.Fatalf("a second process got the run: %v", err)
		}
	}
	r, err := two.GetRun(ctx, run)
	check(t, err)
	if r.Owner != "1@elsewhere" || !r.OwnerSince.Equal(owned.Since) {
		t.Errorf("the run belongs to %s since %s", r.Owner, r.OwnerSince)
	}
	other, _ := plan(t, two, some("B")...) // other runs go on
	if got := advance(t, two, other, 1); len(got.Claimed) != 1 {
		t.Error("another run stands still")
	}
	release()
	release()
	again, err := two.Acquire(ctx, run, "2@elsewhere")
	check(t, err)
	defer again()
	if _, err := two.Acquire(ctx, 99, "2@elsewhere"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("a run that isn't there was taken: %v", err)
	}
}

func TestRunOfADeadProcessIsFree(t *testing.T) {
	ctx := context.Background()
	dead := exec.Command(os.Args[0], "-test.run", "^$")
	check(t, dead.Run())
	path := filepath.Join(t.TempDir(), "ledger.db")
	one, two := reopen(t, path), reopen(t, path)
	run, release := plan(t, one, some("A")...)
	release()
	_, err := one.Acquire(ctx, run, self(t, dead.Process.Pid))
	check(t, err)
	again, err := two.Acquire(ctx, run, self(t, os.Getpid()))
	check(t, err)
	defer again()
	if _, err := one.Advance(ctx, run, nil, 1); !errors.Is(err, ledger.ErrNotHeld) {
		t.Errorf("the one that lost the run may still claim: %v", err)
	}
}

func TestLeaseLapses(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		path := filepath.Join(dir, "ledger.db")
		one := reopen(t, path)
		run, release := plan(t, one, some("A")...)
		two := reopen(t, path)
		time.Sleep(5 * time.Minute)
		if _, err := two.Acquire(ctx, run, "2@elsewhere"); err == nil {
			t.Error("a process that shows that it lives lost its run")
		}
		check(t, one.Close())
		release()
		first, err := two.Acquire(ctx, run, "2@elsewhere")
		check(t, err)
		first()
	})
}

func TestSilentProcessLosesItsRun(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	run, release := plan(t, l, some("A")...)
	release()
	path := l.Path()
	// A process that was killed on another machine leaves its name and its last beat.
	exec := func(beat time.Time) {
		setOwner(t, path, run, "77@elsewhere", beat)
	}
	exec(time.Now().Add(-20 * time.Second))
	if _, err := l.Acquire(ctx, run, "2@here"); err == nil {
		t.Error("a process that was silent for 20 s lost its run")
	}
	for _, beat := range []time.Time{time.Now().Add(-31 * time.Second), time.Now().Add(time.Hour)} {
		exec(beat)
		release, err := l.Acquire(ctx, run, "2@here")
		if err != nil {
			t.Errorf("with a last beat at %v: %v", beat, err)
			continue
		}
		release()
	}
}

func TestBusy(t *testing.T) {
	ctx := context.Background()
	l := open(t)
	run, release := plan(t, l, some("A")...)
	busy := func() bool {
		r, err := l.GetRun(ctx, run)
		check(t, err)
		return r.Busy()
	}
	if !busy() {
		t.Error("a run that is held isn't busy")
	}
	if release(); busy() {
		t.Error("a run that was let go is busy")
	}
	setOwner(t, l.Path(), run, "77@elsewhere", time.Now().Add(-time.Minute))
	if busy() {
		t.Error("a run whose process is silent is busy")
	}
}
