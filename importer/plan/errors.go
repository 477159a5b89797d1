package plan

import (
	"errors"
	"strings"

	"ordersheet/mapping/catalog"
)

// ErrPlanChanged says that the plan changed since it was shown.
var ErrPlanChanged = errors.New("the plan changed since it was shown")

// NoSheetError says that the files hold no sheet of orders, and what they hold instead.
type NoSheetError struct {
	Found   []string        // a line a sheet
	Path    string          // the first file with a header of orders, else the first file
	Missing []catalog.Field // required fields that this file's header lacks
}

// Error lists what was found.
func (e *NoSheetError) Error() string {
	return "no sheet holds orders:\n  " + strings.Join(e.Found, "\n  ")
}

// AskKindError says that the headers of a sheet fit both kinds of orders, or that the sheets of one
// job hold different kinds.
type AskKindError struct {
	Place string // the sheet
	Other string // a sheet with orders of the other kind; empty when the headers of Place fit both
}

// Error names the sheets.
func (e *AskKindError) Error() string {
	if e.Other != "" {
		return e.Place + " and " + e.Other + " hold orders of different kinds, and an import takes one kind"
	}
	return e.Place + ": the headers fit sales orders as well as purchase orders"
}
