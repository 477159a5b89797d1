package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// maxReaders bounds the connections that read: a report, a status line and a page's view at once.
const maxReaders = 4

// makeFile makes the ledger's file and its folder when there are none, and keeps others than their owner out.
func makeFile(path string) (os.FileInfo, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotWritable, err)
	}
	if kind := share(filepath.Dir(path)); kind != "" {
		return nil, fmt.Errorf("%w: it lies on a network share (%s), where two machines could have it open without noticing; "+
			"keep it on a disk of this machine", ErrNotWritable, kind)
	}
	// An existing file isn't opened here: closing it again would drop the locks that another connection of this process has on it.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotWritable, err)
		}
	case !errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("%w: %w", ErrNotWritable, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotWritable, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is no file", ErrNotWritable, path)
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		if err := os.Chmod(path, 0o600); err != nil {
			return nil, fmt.Errorf("%w: closing it to others: %w", ErrNotWritable, err)
		}
	}
	return info, nil
}

// writerDSN names the file for the connection that writes. WAL with synchronous FULL syncs the log at each commit, so what was committed
// survives a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous); a transaction takes the write lock when it begins, so that
// it never fails half-way because another process was faster. The log is folded into the file every 8 MiB: from then on it is written over from
// its beginning, and syncing a file that doesn't grow takes about two thirds of the time.
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
