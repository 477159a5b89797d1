package exporter

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"ordersheet/internal/sheet/write"
)

// stage is a folder beside the place where the files will stand, in which they are made under the names that they will have. What a killed
// export leaves in it goes away when the export goes on.
type stage struct {
	target string // the folder in which the files will stand
	path   string
}

// newStage makes an empty folder, so that a place where nothing can be written is known before an order is read. For stdout it is in the
// system's folder for such things. Its name is that of the export: only one process at a time works on that, and the next one finds what a
// killed one left.
func newStage(out Target, export string) (*stage, error) {
	sum := sha256.Sum256([]byte(export))
	name := ".ordersheet-export-" + hex.EncodeToString(sum[:6])
	s := &stage{target: filepath.Dir(out.Path)}
	s.path = filepath.Join(s.target, name)
	if out.Path == "-" {
		s.path = filepath.Join(os.TempDir(), name)
	}
	if err := os.RemoveAll(s.path); err != nil {
		return nil, fmt.Errorf("clearing %s away: %w", s.path, err)
	}
	if err := os.Mkdir(s.path, 0o700); err != nil {
		return nil, fmt.Errorf("making a folder for the file in the making: %w", err)
	}
	return s, nil
}

func (s *stage) remove() { _ = os.RemoveAll(s.path) } // the next export of the name tries again

// file is the path of a file in the making.
func (s *stage) file(name string) string { return filepath.Join(s.path, name) }

// move gives the files their places, each in one step and the manifest last, and makes that durable.
func (s *stage) move(names map[string]string, manifest string) error {
	from := append(slices.Sorted(maps.Keys(names)), manifest)
	names[manifest] = manifest
	for _, f := range from {
		if err := os.Rename(s.file(f), filepath.Join(s.target, names[f])); err != nil {
			return fmt.Errorf("publishing %s: %w", names[f], err)
		}
	}
	if runtime.GOOS == "windows" { // which makes renames durable by itself, and can't open a folder
		return nil
	}
	d, err := os.Open(s.target)
	if err != nil {
		return fmt.Errorf("publishing into %s: %w", s.target, err)
	}
	err = errors.Join(d.Sync(), d.Close())
	if err != nil {
		return fmt.Errorf("publishing into %s: %w", s.target, err)
	}
	return nil
}

// expand fills in what a file's name leaves open.
func expand(path string, values map[string]string) string {
	for k, v := range values {
		path = strings.ReplaceAll(path, k, v)
	}
	return path
}

// fileSafe is a text that can stand in a file's name anywhere.
func fileSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, s)
}

// freeName gives path, or path with " (2)", " (3)" ... before its ending when that name is taken, by a file, by the manifest of several, or by
// what would stand beside it, and may isn't true of it.
func freeName(path string, may func(path string) bool) string {
	ext := filepath.Ext(path)
	for n, try := 2, path; ; n++ {
		beside := strings.TrimSuffix(try, ext) + write.LongValuesExt
		if !taken(try) && !taken(try+manifestEnding) && !taken(try+suspectEnding) && !taken(beside) || may(try) {
			return try
		}
		try = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(path, ext), n, ext)
	}
}

func taken(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
