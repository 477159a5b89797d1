package sqlite

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"ordersheet/internal/ledger"
)

// This file holds what only SQLite knows. All other SQL in this package is in the subset that
// PostgreSQL knows too.

// memory is the path of a ledger without a file.
const memory = ":memory:"

// begin takes the write lock at once, so that a transaction never fails halfway because another
// process was faster.
const begin = "BEGIN IMMEDIATE"

const (
	// pendingIndex keeps the planner from walking all orders of a run; the tables have no statistics.
	pendingIndex  = `INDEXED BY planned_order_unresolved`
	createListing = `CREATE TEMP TABLE listed (number TEXT NOT NULL, id INTEGER NOT NULL, data BLOB NOT NULL,
		PRIMARY KEY (number, id)) WITHOUT ROWID`
	dropListing = `DROP TABLE IF EXISTS temp.listed`
	checkpoint  = `PRAGMA wal_checkpoint(PASSIVE)`
	truncateLog = `PRAGMA wal_checkpoint(TRUNCATE)`
	vacuum      = `VACUUM`
	countTables = `SELECT count(*), coalesce(sum(name = 'goose_db_version'), 0) FROM sqlite_master WHERE type = 'table'`
	pageCounts  = `SELECT page_count * page_size, freelist_count * page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`
)

// writerDSN names the file for the connection that writes. WAL with synchronous FULL syncs the log
// at each commit, so what was committed survives a power cut
// (https://www.sqlite.org/pragma.html#pragma_synchronous). After each 8 MiB a checkpoint moves the
// log into the file; from then on the log is overwritten from its beginning, and syncing a file
// that doesn't grow takes about two thirds of the time.
func writerDSN(path string) string {
	return dsn(path, "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-16384)"+
		"&_pragma=wal_autocheckpoint(2000)&_txlock=immediate")
}

// readerDSN names the file for connections that only read.
func readerDSN(path string) string {
	return dsn(path, "_pragma=busy_timeout(5000)&_pragma=query_only(1)")
}

func dsn(path, query string) string {
	if path == memory {
		return path + "?" + query
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/...
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query}).String()
}

// wrap adds what was being done and, where SQLite says what is wrong, the error of package ledger
// for it. It returns nil for nil.
func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	if kind := kindOf(err); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%s: %w: %w", doing, kind, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// kindOf returns the error of package ledger for a result code of SQLite
// (https://www.sqlite.org/rescode.html), nil for one that is about neither the disk nor another
// process.
func kindOf(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return ledger.ErrFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ledger.ErrBusy
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ledger.ErrDamaged
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOLFS:
		return ledger.ErrNotWritable
	}
	return nil
}

// ioFailed reports whether the disk failed.
func ioFailed(err error) bool { return code(err) == sqlite3.SQLITE_IOERR }

func code(err error) int {
	var se *sqlite.Error
	if errors.As(err, &se) {
		return se.Code() & 0xff
	}
	return sqlite3.SQLITE_OK
}
