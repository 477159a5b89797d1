//go:build unix

package sqlite_test

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

// limitFiles makes every write beyond LEDGER_TEST_LIMIT bytes after the log's present end fail, as
// a disk does that breaks at some point.
func limitFiles(path string) error {
	limit := os.Getenv("LEDGER_TEST_LIMIT")
	if limit == "" {
		return nil
	}
	more, err := strconv.ParseUint(limit, 10, 32)
	if err != nil {
		return fmt.Errorf("reading the limit: %w", err)
	}
	info, err := os.Stat(path + "-wal")
	if err != nil {
		return fmt.Errorf("looking at the log: %w", err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	end := uint64(info.Size()) + more
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: end, Max: end})
}
