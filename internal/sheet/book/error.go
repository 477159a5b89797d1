package book

import (
	"errors"
	"fmt"

	"ordersheet/internal/problem"
)

// SaveAsXLSX is the hint for formats that can't be read.
const SaveAsXLSX = "open it in a spreadsheet program and save it as .xlsx"

// UnreadableError says that a file can't be read as a whole: it isn't a spreadsheet, is damaged or
// protected by a password, or exceeds a limit.
type UnreadableError struct {
	File   string // base name
	What   string // what is wrong, as a clause: "is a PDF document, not a workbook"
	Place  string // part, sheet or row; empty = the file as a whole
	Limit  string // the field of Limits that was exceeded; empty = none
	Option string // the reading option that may help: password, delimiter or charset; empty = none
	Hint   string // what to do, without a full stop
}

// Error returns the file, the place, what is wrong and the limit, on one line.
func (e *UnreadableError) Error() string {
	s := e.What
	if e.Place != "" {
		s = e.Place + ": " + s
	}
	if e.File != "" {
		s = e.File + ": " + s
	}
	if e.Limit != "" {
		s += " (limit " + limitName(e.Limit) + ")"
	}
	return s
}

// Remedies returns the reading option that may help, and the limit that a trusted file may exceed.
func (e *UnreadableError) Remedies() (out []problem.Remedy) {
	if e.Option != "" {
		out = append(out, problem.Remedy{Kind: problem.RunOption, Option: e.Option})
	}
	if e.Limit != "" {
		out = append(out, problem.Remedy{Kind: problem.RunOption, Option: "limit", Value: limitName(e.Limit)})
	}
	return out
}

// Damaged returns the error for a damaged file.
func Damaged(format string, args ...any) *UnreadableError {
	return &UnreadableError{What: "is damaged: " + fmt.Sprintf(format, args...)}
}

// OverLimit returns the error for a file that exceeds the limit in that field of Limits.
func OverLimit(limit, format string, args ...any) *UnreadableError {
	return &UnreadableError{Limit: limit, What: fmt.Sprintf(format, args...)}
}

// At sets the place unless the error has one already.
func (e *UnreadableError) At(place string) *UnreadableError {
	if e.Place == "" {
		e.Place = place
	}
	return e
}

// Locate adds the file and the sheet to an UnreadableError that has no file yet, and a general hint
// if it has none. Other errors are returned unchanged.
func Locate(err error, file, sheet string) error {
	var e *UnreadableError
	if !errors.As(err, &e) || e.File != "" {
		return err
	}
	e.File = file
	if sheet != "" && e.Place != "" {
		e.Place = "sheet " + sheet + ", " + e.Place
	} else if sheet != "" {
		e.Place = "sheet " + sheet
	}
	if e.Hint == "" && e.Limit == "" {
		e.Hint = "get a fresh copy of the file, or open it in a spreadsheet program and save it again as .xlsx"
	}
	return e
}
