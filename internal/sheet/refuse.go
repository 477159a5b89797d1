package sheet

// RefusedError says that a file is refused as a whole: because of what it is, because it is damaged, or because it breaks a limit.
type RefusedError struct {
	File  string // base name
	What  string // what the file is, or what is wrong with it, as a clause: "is a PDF document, not a workbook"
	Place string // where in the file: part, sheet, row; empty = the file as a whole
	Limit string // name of the field of Limits that was broken; empty = none
	Hint  string // what to do, as a sentence without a full stop
}

// Error says which file, where and what, on one line.
func (e *RefusedError) Error() string {
	s := e.File
	if e.Place != "" {
		s += ": " + e.Place
	}
	return s + ": " + e.What
}

// Advice says what to do about it; it may be empty.
func (e *RefusedError) Advice() string { return e.Hint }
