package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"ordersheet/internal/ledger/sqlite"
)

// TestSchemaIsWhatTheMigrationsMake compares a new ledger, which schema.sql made, with one in which
// goose ran every migration.
func TestSchemaIsWhatTheMigrationsMake(t *testing.T) {
	created := filepath.Join(t.TempDir(), "created.db")
	check(t, reopen(t, created).Close())
	migrated := filepath.Join(t.TempDir(), "migrated.db")
	db, err := sql.Open("sqlite", migrated)
	check(t, err)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	check(t, err)
	applied, err := p.Up(context.Background())
	check(t, err)
	check(t, db.Close())
	got, want := describe(t, created), describe(t, migrated)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("schema.sql makes other tables than the migrations (-migrations +schema.sql):\n%s", d)
	}
	if len(applied) < 8 || len(want) < 100 {
		t.Errorf("%d migrations and %d facts about their tables: nothing was compared", len(applied), len(want))
	}
	check(t, reopen(t, migrated).Close()) // is up to date
	if d := cmp.Diff(want, describe(t, migrated)); d != "" {
		t.Errorf("opening a ledger that is up to date changed it (-before +after):\n%s", d)
	}
}

// describe returns every fact that a database file has about its tables, indexes and migrations.
func describe(t *testing.T, path string) (facts []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	check(t, err)
	defer db.Close()
	for _, query := range []string{
		`SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name`,
		`SELECT m.name, c.* FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid`,
		`SELECT m.name, i.* FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' ORDER BY m.name, i.name`,
		`SELECT m.name, c.* FROM sqlite_master m, pragma_index_xinfo(m.name) c WHERE m.type = 'index' ORDER BY m.name, c.seqno`,
		`SELECT t.* FROM sqlite_master m, pragma_table_list(m.name) t WHERE m.type = 'table' ORDER BY m.name`,
		`SELECT id, version_id, is_applied, length(tstamp) FROM goose_db_version ORDER BY id`,
		`SELECT name, seq FROM sqlite_sequence ORDER BY name`,
	} {
		facts = append(facts, factsOf(t, db, query)...)
	}
	return facts
}

// factsOf returns the rows of a query, without comments and with white space folded.
func factsOf(t *testing.T, db *sql.DB, query string) (facts []string) {
	t.Helper()
	comment, space, mark := regexp.MustCompile(`--[^\n]*`), regexp.MustCompile(`\s+`), regexp.MustCompile(` ?([(),]) ?`)
	rows, err := db.Query(query)
	check(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	check(t, err)
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		check(t, rows.Scan(into...))
		fact := comment.ReplaceAllString(fmt.Sprint(values), "")
		facts = append(facts, mark.ReplaceAllString(strings.TrimSpace(space.ReplaceAllString(fact, " ")), "$1"))
	}
	check(t, rows.Err())
	return facts
}

// TestKilledWhileCreating lets two processes open a new ledger at once and kills one of them. The
// other gets its ledger, and so does the next.
func TestKilledWhileCreating(t *testing.T) {
	start := func(path string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LEDGER_TEST_OPEN="+path)
		cmd.Stderr = os.Stderr
		check(t, cmd.Start())
		return cmd
	}
	killed := 0
	for cycle := range 12 {
		path := filepath.Join(t.TempDir(), "ledger.db")
		victim, other := start(path), start(path)
		for i := 0; i < 1000; i++ { // the process has come as far as the file
			if _, err := os.Stat(path); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(8000)) * time.Microsecond)
		_ = victim.Process.Kill() // it may have ended
		if victim.Wait() != nil {
			killed++
		}
		if err := other.Wait(); err != nil {
			t.Errorf("cycle %d: beside a process that was killed, opening a new ledger failed: %v", cycle, err)
		}
		l, err := sqlite.Open(path)
		check(t, err)
		check(t, l.Close())
	}
	if killed == 0 {
		t.Error("no process was killed in time: nothing was tested")
	}
}

// TestOpenBringsVersion1UpToDate opens a ledger that the program's first version made.
func TestOpenBringsVersion1UpToDate(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	first, err := os.ReadFile("migrations/00001_ledger.sql")
	check(t, err)
	_, up, _ := strings.Cut(string(first), "-- +goose Up")
	db, err := sql.Open("sqlite", path)
	check(t, err)
	for _, s := range []string{
		up, `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL,
			tstamp TIMESTAMP DEFAULT (datetime('now')))`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)`,
		`INSERT INTO run (kind, account, state, mode, created, started, ended, input_hash, mapping_hash, rows_read, rows_used, rows_blank, rows_ignored,
			rows_refused, orders, sealed) VALUES ('sales-orders', 'a', 'finished', 'create', 1, 2, 3, 'in', 'by', 0, 0, 0, 0, 0, 0, '')`,
	} {
		_, err := db.Exec(s)
		check(t, err)
	}
	check(t, db.Close())
	l := reopen(t, path)
	if runs, err := l.Runs(ctx); err != nil || len(runs) != 1 || runs[0].InputHash != "in" {
		t.Errorf("the runs of an older ledger are %v (%v)", runs, err)
	}
	run, _ := plan(t, l, some("A", "B")...)
	if got, err := l.Advance(ctx, run, nil, 9); err != nil || len(got.Claimed) != 2 {
		t.Errorf("a ledger that was brought up to date claims %d orders (%v), want 2", len(got.Claimed), err)
	}
}
