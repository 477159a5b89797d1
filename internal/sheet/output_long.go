package sheet

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// LongEnding takes the place of a workbook's ending in the name of the file beside it that holds the values too long for a cell.
const LongEnding = ".long.jsonl"

// longValues is the file beside a workbook that holds the values too long for a cell, one JSON object a line. It is made with the first.
type longValues struct {
	beside *PendingFile
	path   string
	file   *PendingFile
	lines  int
}

// longValue is a line of that file.
type longValue struct {
	Sheet  string `json:"sheet"`
	Cell   string `json:"cell"`
	Header string `json:"header"`
	Value  string `json:"value"`
}

// add writes a value of n characters to the file and gives the text that stands for it in its cell.
func (l *longValues) add(v longValue, n int) (mark string, err error) {
	if l.beside.to != nil {
		return "", fmt.Errorf("writing sheet %s cell %s, %d characters: %w, and beside a stream there is no place for more; write to a file, or another format",
			v.Sheet, v.Cell, n, ErrTooLong)
	}
	if l.file == nil {
		l.path = strings.TrimSuffix(l.beside.path, filepath.Ext(l.beside.path)) + LongEnding
		if l.file, err = CreateFile(l.path); err != nil {
			return "", err
		}
	}
	line, err := json.Marshal(v)
	if err == nil {
		_, err = l.file.Write(append(line, '\n'))
	}
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", l.path, err)
	}
	l.lines++
	return fmt.Sprintf("[%d characters: line %d of %s]", n, l.lines, filepath.Base(l.path)), nil
}

func (l *longValues) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

func (l *longValues) abort() {
	if l.file != nil {
		l.file.Abort()
	}
}
