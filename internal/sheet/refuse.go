package sheet

// RefusedError says that a file is refused as a whole: because of what it is, because it is damaged, or because it breaks a limit.
type RefusedError struct {
	File  string // base name
	What  string // what the file is, or what is wrong with it, as a clause: "is a PDF document, not a workbook"
	Place string // where in the file: part, sheet, row; empty = the file as a whole
	Limit string // name of the field of Limits that was broken; empty = none
	Hint  string // what to do, as a sentence without a full stop
}

// Error says which file, where and what, and which limit was broken, on one line.
func (e *RefusedError) Error() string {
	s := e.File
	if e.Place != "" {
		s += ": " + e.Place
	}
	s += ": " + e.What
	if e.Limit != "" {
		s += " (limit " + limitName(e.Limit) + ")"
	}
	return s
}

// Advice says what to do about it; it may be empty.
func (e *RefusedError) Advice() string {
	if e.Limit == "" {
		return e.Hint
	}
	raise := "a file that is to be trusted can be given more, with --limit " + limitName(e.Limit) + "=NUMBER"
	if e.Hint == "" {
		return raise
	}
	return e.Hint + "; " + raise
}
