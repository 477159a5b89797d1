package write

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// FreeName returns path, or path with " (2)", " (3)" ... before its extension: the first that isn't
// taken.
func FreeName(path string, taken func(path string) bool) string {
	ext := filepath.Ext(path)
	for n, try := 2, path; ; n++ {
		if !taken(try) {
			return try
		}
		try = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(path, ext), n, ext)
	}
}

// Exists reports whether something has a path, even if it can't be read.
func Exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// OpenElsewhere reports whether a spreadsheet program has a workbook open: Excel keeps a file
// ~$NAME beside it, LibreOffice .~lock.NAME#. Such a workbook can't be replaced: the program would
// save its own over it, or the system wouldn't allow it.
func OpenElsewhere(path string) bool {
	dir, name := filepath.Split(path)
	return Exists(filepath.Join(dir, "~$"+name)) || Exists(filepath.Join(dir, ".~lock."+name+"#"))
}
