package write

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// LongValuesExt is the extension of the file beside a workbook that holds the values too long for
// a cell; it replaces the workbook's own.
const LongValuesExt = ".long.jsonl"

// longValues writes the values too long for a cell, one JSON object a line.
type longValues struct {
	open  func() (io.Writer, string, error)
	out   io.Writer // nil before the first value
	name  string
	lines int
}

type longValue struct {
	Sheet  string `json:"sheet"`
	Cell   string `json:"cell"`
	Header string `json:"header"`
	Value  string `json:"value"`
}

func (l *longValues) add(v longValue, n int) (text string, err error) {
	if l.open == nil {
		return "", fmt.Errorf("writing sheet %s cell %s, %d characters: %w; write to a file, or in another format", v.Sheet, v.Cell, n, ErrTooLong)
	}
	if l.out == nil {
		if l.out, l.name, err = l.open(); err != nil {
			return "", err
		}
	}
	line, err := json.Marshal(v)
	if err == nil {
		_, err = l.out.Write(append(line, '\n'))
	}
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", l.name, err)
	}
	l.lines++
	return fmt.Sprintf("[%d characters: line %d of %s]", n, l.lines, l.name), nil
}

// OutputFile is an Output to a File, with a second file beside a workbook for values too long for
// a cell.
type OutputFile struct {
	Output
	file, long *File
	longPath   string // empty without a second file
}

// CreateOutput starts an output that appears at path once Close has returned without an error.
// Every byte of the file is also written to copies, such as a hash.
func CreateOutput(path string, f Format, o OutputOptions, copies ...io.Writer) (*OutputFile, error) {
	file, err := CreateFile(path)
	if err != nil {
		return nil, err
	}
	out := &OutputFile{file: file}
	o.LongValues = func() (io.Writer, string, error) {
		out.longPath = strings.TrimSuffix(path, filepath.Ext(path)) + LongValuesExt
		long, err := CreateFile(out.longPath)
		if err != nil {
			return nil, "", err
		}
		out.long = long
		return long, filepath.Base(out.longPath), nil
	}
	if out.Output, err = NewOutput(io.MultiWriter(append(copies, file)...), f, o); err != nil {
		file.Abort()
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	return out, nil
}

// LongValuesPath returns the path of the file that holds the values too long for a cell; empty
// when there are none.
func (f *OutputFile) LongValuesPath() string { return f.longPath }

// Close completes the file and its second one, which appears first. After an error neither is left.
func (f *OutputFile) Close() error {
	defer f.Abort()
	if err := f.Output.Close(); err != nil {
		return err
	}
	if f.long != nil {
		if err := f.long.Commit(); err != nil {
			return err
		}
	}
	return f.file.Commit()
}

// Abort removes what was written. After Close it does nothing, so it can be deferred.
func (f *OutputFile) Abort() {
	f.Output.Abort()
	if f.long != nil {
		f.long.Abort()
	}
	f.file.Abort()
}
