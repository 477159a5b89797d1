package problem

import "errors"

// Remedy is something that a person can do next, as a value: a terminal shows it as a command or a
// flag, a page as a button. Which fields are set depends on the kind. A hint says the same in
// prose; a remedy never replaces it.
type Remedy struct {
	Kind   RemedyKind `json:"kind"`
	Run    int64      `json:"run,omitempty"`
	Option string     `json:"option,omitempty"` // name of a setting, such as date_order or allow_line_removal
	Header string     `json:"header,omitempty"`
	Field  string     `json:"field,omitempty"` // the API's path, such as bill_to.postal_code
	Value  string     `json:"value,omitempty"` // empty where the person has to choose it
}

// RemedyKind says what a Remedy does.
type RemedyKind string

// The kinds of remedies, with the fields that they use. To correct a cell of the file needs none:
// the Problem has its address.
const (
	ResumeRun   RemedyKind = "resume_run"   // Run: continue it, which also looks up unknown outcomes
	ApplyRun    RemedyKind = "apply_run"    // Run: carry out its plan
	RefreshPlan RemedyKind = "refresh_plan" // Run: compare its orders again
	ReportRun   RemedyKind = "report_run"   // Run: write its report again
	UndoRun     RemedyKind = "undo_run"     // Run
	StopRun     RemedyKind = "stop_run"     // Run: end it early

	RunOption     RemedyKind = "run_option"     // Option, Value: of the import, such as recreate, mode, kind or sheet
	MappingOption RemedyKind = "mapping_option" // Option, Value: of the mapping file, such as date_order
	SetConstant   RemedyKind = "set_constant"   // Field, Value: one value for all orders
	MapColumn     RemedyKind = "map_column"     // Header, Field
	IgnoreColumn  RemedyKind = "ignore_column"  // Header
	MapValue      RemedyKind = "map_value"      // Field, Value: what Value in the file means
)

// RemediesOf returns the remedies of the first error in err's tree that has a method Remedies, or
// nil.
func RemediesOf(err error) []Remedy {
	var r interface{ Remedies() []Remedy }
	if errors.As(err, &r) {
		return r.Remedies()
	}
	return nil
}
