package exporter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"
)

// Verified is the result of checking an export against its manifest.
type Verified struct {
	Manifest Manifest
	At       string // the manifest's path
	Rows     int    // counted in the files
	Wrong    []string
}

// Verify checks an export's files against their manifest: that each is there, has the size and the
// checksum that it was published with, can be read to its end, and holds as many rows as were
// written. path is any of its files, or the manifest.
func (s *Service) Verify(path string) (Verified, error) {
	m, at, err := ReadManifest(path)
	if err != nil {
		return Verified{}, err
	}
	v := Verified{Manifest: m, At: at}
	if len(m.Files) == 0 {
		v.wrong("%s lists no file", at)
	}
	for _, f := range m.Files {
		if err := v.file(filepath.Join(filepath.Dir(at), f.Name), f); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (v *Verified) wrong(format string, args ...any) {
	v.Wrong = append(v.Wrong, fmt.Sprintf(format, args...))
}

func (v *Verified) file(path string, f File) error {
	st, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		v.wrong("%s is missing", path)
		return nil
	}
	if err != nil {
		return fmt.Errorf("verifying: %w", err)
	}
	if st.Size() != f.Size {
		v.wrong("%s has %d bytes, but was published with %d", path, st.Size(), f.Size)
		return nil
	}
	sum, err := hashFile(path)
	if err != nil {
		return fmt.Errorf("verifying: %w", err)
	}
	if sum != f.SHA256 {
		v.wrong("%s was changed: its SHA-256 is %s, but was %s when published", path, sum, f.SHA256)
		return nil
	}
	rows, err := f.count(path)
	if err != nil {
		v.wrong("%s can't be read: %v", path, err)
		return nil
	}
	if rows != f.Rows-f.Blank {
		v.wrong("%s has %d rows, but %d were written", path, rows, f.Rows-f.Blank)
	}
	v.Rows += f.Rows
	return nil
}

// longValues is the format of the file beside a workbook with values that are too long for a cell.
const longValues = "long values"

// count counts the rows of a file that have a value, without headers.
func (f *File) count(path string) (int, error) {
	o := sheet.Options{Delimiter: ','}
	if f.Parted != "" {
		o.Delimiter, _ = utf8.DecodeRuneInString(f.Parted)
	}
	switch format, _ := write.ParseFormat(f.Format); {
	case f.Format == longValues:
		return 0, nil
	case format == write.JSONL:
		return countLines(path)
	case format == write.TSV:
		o.Delimiter = '\t'
		return countSheets(path, o)
	case format == write.XLSX, format == write.CSV:
		return countSheets(path, o)
	}
	return 0, fmt.Errorf("%q is a format that this version doesn't know", f.Format)
}

func countLines(path string) (n int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	buf, last := make([]byte, 64<<10), byte('\n')
	for {
		size, err := f.Read(buf)
		if size > 0 {
			n += bytes.Count(buf[:size], []byte("\n"))
			last = buf[size-1]
		}
		switch {
		case errors.Is(err, io.EOF) && last != '\n':
			return n, errors.New("its last line has no end")
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

func countSheets(path string, o sheet.Options) (n int, err error) {
	b, err := sheet.Open(path, o)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	for i := range b.Sheets {
		e, err := b.Read(i, func(*cell.Row) error { return nil })
		if err != nil {
			return n, err
		}
		n += max(e.Rows-1, 0)
	}
	return n, nil
}
