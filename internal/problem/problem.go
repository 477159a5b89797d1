// Package problem holds what is wrong with a cell, a row or an order: the Problem that every layer
// of the program passes on, the one set of tables of all problem codes with their severities and
// texts, and Remedy. It finds nothing itself; mapping, sheet and importer do.
package problem

// Severity grades a problem.
type Severity string

// The severities: an error keeps its order from being sent, a warning doesn't, a notice tells of a
// harmless change.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Notice  Severity = "notice"
)

// Problem is something that a user should know about one cell, one row or one order.
type Problem struct {
	Severity    Severity `json:"severity"`
	Code        string   `json:"code"` // stable, such as date_ambiguous
	File        string   `json:"file,omitempty"`
	Sheet       string   `json:"sheet,omitempty"`
	Cell        string   `json:"cell,omitempty"` // just D17
	Header      string   `json:"header,omitempty"`
	Field       string   `json:"field,omitempty"` // the API's path, such as bill_to.postal_code
	OrderNumber string   `json:"order_number,omitempty"`
	Value       string   `json:"value,omitempty"` // as seen
	Expected    string   `json:"expected,omitempty"`
	Message     string   `json:"message"`
	Hint        string   `json:"hint,omitempty"`     // what to do
	Remedies    []Remedy `json:"remedies,omitempty"` // the same as values, as far as the program can help
}
