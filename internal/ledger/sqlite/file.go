package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"ordersheet/internal/ledger"
)

// makeFile creates the ledger's file and its folder where there are none, readable by their owner
// only.
func makeFile(path string) (os.FileInfo, error) {
	info, err := privateFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ledger.ErrNotWritable, err)
	}
	return info, nil
}

func privateFile(path string) (os.FileInfo, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if kind := networkShare(filepath.Dir(path)); kind != "" {
		return nil, fmt.Errorf("it is on a network share (%s), where two machines could have it open without noticing; "+
			"keep it on a disk of this machine", kind)
	}
	// An existing file isn't opened here: closing it would drop the locks that another connection of
	// this process has on it.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s isn't a file", path)
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		if err := os.Chmod(path, 0o600); err != nil {
			return nil, fmt.Errorf("restricting it to its owner: %w", err)
		}
	}
	return info, nil
}

// checkFile fails when the file that was opened is no longer at its path. SQLite would go on
// writing into a file that was deleted, and the record would be gone when the program ends.
func checkFile(path string, opened os.FileInfo) error {
	now, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ledger.ErrVanished, err)
	}
	if !os.SameFile(opened, now) {
		return fmt.Errorf("%w: %s is another file now", ledger.ErrVanished, path)
	}
	return nil
}
