// Package sheet reads spreadsheets as streams: workbooks and delimited files become rows of typed
// cells. A file is read completely or is an error; what damage may have removed is never guessed.
// The package knows nothing of orders. Its formats have packages of their own (csv, jsonl, xlsx,
// ods), and so does writing (write).
package sheet

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ordersheet/internal/sheet/book"
)

type (
	// Book is an open file.
	Book = book.Book
	// Sheet is one sheet of a file.
	Sheet = book.Sheet
	// State says whether a sheet is visible.
	State = book.State
	// Extent says how much of a sheet was read.
	Extent = book.Extent
	// Dialect is how a delimited file is written.
	Dialect = book.Dialect
	// Options say how a file is read.
	Options = book.Options
	// Limits bound what a file may cost.
	Limits = book.Limits
	// UnreadableError says why a file can't be read.
	UnreadableError = book.UnreadableError
)

// The states of a sheet.
const (
	Visible    = book.Visible
	Hidden     = book.Hidden
	VeryHidden = book.VeryHidden
)

// Open opens a file for reading. Its format is detected from its content, not from its name. A file
// that can't be read is an *UnreadableError.
func Open(path string, o Options) (*Book, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	b, err := openFile(f, filepath.Base(path), o)
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	b.Closers = append(b.Closers, f)
	return b, nil
}

func openFile(f *os.File, name string, o Options) (*Book, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	if info.IsDir() {
		return nil, &UnreadableError{File: name, What: "is a folder", Hint: "use the file itself"}
	}
	return OpenReader(f, info.Size(), name, o)
}

// OpenReader opens a file of that size and base name, which is read from r. Of its name only the
// extensions matter, and only for messages and for the delimiter of a .tsv file. Close doesn't
// close r, which must stay readable until then.
func OpenReader(r io.ReaderAt, size int64, name string, o Options) (*Book, error) {
	o.Limits = o.Limits.WithDefaults()
	b, err := openReader(r, size, name, o)
	if err != nil {
		return nil, book.Locate(err, name, "")
	}
	b.Name = name
	for i := range b.Notes {
		b.Notes[i].File = name
	}
	return b, nil
}
