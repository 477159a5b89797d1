package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
)

// open opens a new ledger on disk.
func open(tb testing.TB) *sqlite.Ledger {
	tb.Helper()
	return reopen(tb, filepath.Join(tb.TempDir(), "ledger.db"))
}

func reopen(tb testing.TB, path string) *sqlite.Ledger {
	tb.Helper()
	l, err := sqlite.Open(path)
	check(tb, err)
	tb.Cleanup(func() { check(tb, l.Close()) })
	return l
}

func TestOpenKeepsOthersOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "ordersheet", "ledger.db")
	l, err := sqlite.Open(path)
	check(t, err)
	_, err = l.NewRun(context.Background(), ledger.Run{})
	check(t, err)
	if l.Path() != path {
		t.Errorf("Path() = %s, want %s", l.Path(), path)
	}
	if runtime.GOOS != "windows" {
		for name, want := range map[string]os.FileMode{path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600, filepath.Dir(path): 0o700} {
			info, err := os.Stat(name)
			check(t, err)
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s has mode %o, want %o", filepath.Base(name), got, want)
			}
		}
	}
	check(t, l.Close())
	check(t, os.Chmod(path, 0o644))
	l, err = sqlite.Open(path)
	check(t, err)
	check(t, l.Close())
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		t.Errorf("a ledger that others could read has mode %v after opening (%v)", info.Mode(), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		check(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	database := func(name string, statements ...string) string {
		path := filepath.Join(dir, name)
		db, err := sql.Open("sqlite", path)
		check(t, err)
		for _, s := range statements {
			_, err := db.Exec(s)
			check(t, err)
		}
		check(t, db.Close())
		return path
	}
	newer := filepath.Join(dir, "newer.db")
	l, err := sqlite.Open(newer)
	check(t, err)
	check(t, l.Close())
	database("newer.db", `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)`)
	for _, c := range []struct {
		path string
		want error
	}{
		{newer, ledger.ErrNewer},
		{database("other.db", `CREATE TABLE recipes (id INTEGER)`), ledger.ErrDamaged},
		{file("text.db", strings.Repeat("this is no ledger\n", 500)), ledger.ErrDamaged},
		{filepath.Join(file("plain", "x"), "ledger.db"), ledger.ErrNotWritable},
		{dir, ledger.ErrNotWritable},
	} {
		l, err := sqlite.Open(c.path)
		if !errors.Is(err, c.want) {
			t.Errorf("Open(%s) = %v, want %v", filepath.Base(c.path), err, c.want)
		}
		if err == nil {
			check(t, l.Close())
		}
	}
}

func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() {
			l, err := sqlite.Open(path)
			if err == nil {
				_, err = l.NewRun(context.Background(), ledger.Run{State: ledger.Planned})
				err = errors.Join(err, l.Close())
			}
			errs[i] = err
		})
	}
	all.Wait()
	check(t, errors.Join(errs...))
	runs, err := reopen(t, path).Runs(context.Background())
	if err != nil || len(runs) != len(errs) {
		t.Errorf("%d runs exist after %d programs opened a new ledger at once (%v)", len(runs), len(errs), err)
	}
}

func TestVanishedFileIsNoticed(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // an open file can't be removed there
	}
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, run := filled(t, path, 10)
	check(t, os.Rename(path, path+".away"))
	if _, err := l.Advance(ctx, run, nil, 5); !errors.Is(err, ledger.ErrVanished) {
		t.Errorf("claiming with the file gone: %v, want ErrVanished", err)
	}
	check(t, os.WriteFile(path, nil, 0o600))
	if _, err := l.Advance(ctx, run, nil, 5); !errors.Is(err, ledger.ErrVanished) {
		t.Errorf("claiming with another file in its place: %v, want ErrVanished", err)
	}
	check(t, os.Rename(path+".away", path))
	if got, err := l.Advance(ctx, run, nil, 5); err != nil || len(got.Claimed) != 5 || got.Claimed[0].Seq != 1 {
		t.Errorf("claiming with the file back: %v orders, %v; want the first 5", len(got.Claimed), err)
	}
}

func TestVacuumShrinksTheFile(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, run := filled(t, path, 3000)
	size := func() int64 {
		check(t, l.Vacuum(ctx))
		check(t, l.Close()) // moves the log into the file
		info, err := os.Stat(path)
		check(t, err)
		l = reopen(t, path)
		return info.Size()
	}
	before := size()
	check(t, l.Discard(ctx, run))
	if after := size(); after >= before/2 {
		t.Errorf("the file has %d bytes after Vacuum, %d before", after, before)
	}
}
