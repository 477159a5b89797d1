package exporter

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"ordersheet/internal/sheet/write"
)

// stage is a hidden folder beside the destination in which files are written before they are
// published. What a killed export leaves in it is removed when the export resumes.
type stage struct {
	target string // the folder of the published files
	path   string
}

// newStage creates the folder, empty, so that a destination that can't be written is noticed before
// an order is read. For stdout it is in the system's temporary folder. Its name depends on the
// export: one process at a time works on it, and the next one finds what a killed one left.
func newStage(out Target, export string) (*stage, error) {
	sum := sha256.Sum256([]byte(export))
	name := ".ordersheet-export-" + hex.EncodeToString(sum[:6])
	s := &stage{target: filepath.Dir(out.Path)}
	s.path = filepath.Join(s.target, name)
	if out.Path == "-" {
		s.path = filepath.Join(os.TempDir(), name)
	}
	if err := os.RemoveAll(s.path); err != nil {
		return nil, fmt.Errorf("emptying %s: %w", s.path, err)
	}
	if err := os.Mkdir(s.path, 0o700); err != nil {
		return nil, fmt.Errorf("creating the folder for temporary files: %w", err)
	}
	return s, nil
}

func (s *stage) remove() { _ = os.RemoveAll(s.path) } // the next export of this name tries again

// file returns the path of a temporary file.
func (s *stage) file(name string) string { return filepath.Join(s.path, name) }

// move renames files, each from its first name to its second, in this order, and syncs the folder.
func (s *stage) move(names [][2]string) error {
	for _, n := range names {
		if err := os.Rename(s.file(n[0]), filepath.Join(s.target, n[1])); err != nil {
			return fmt.Errorf("publishing %s: %w", n[1], err)
		}
	}
	if runtime.GOOS == "windows" { // renames are durable there, and folders can't be opened
		return nil
	}
	d, err := os.Open(s.target)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return fmt.Errorf("publishing into %s: %w", s.target, err)
	}
	return nil
}

// fileSafe replaces characters that file names can't have on some system.
func fileSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, s)
}

// freeName returns path, or path with a number, if the name is taken by a file, a manifest or a
// file of long values, and may doesn't allow to replace it.
func freeName(path string, may func(path string) bool) string {
	return write.FreeName(path, func(try string) bool {
		beside := strings.TrimSuffix(try, filepath.Ext(path)) + write.LongValuesExt
		return slices.ContainsFunc([]string{try, try + manifestEnding, try + suspectEnding, beside}, write.Exists) && !may(try)
	})
}
