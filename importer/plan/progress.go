package plan

// Event is the progress of a step. Which fields are set depends on the phase.
type Event struct {
	Phase      Phase
	Note       string // something that a person should know; then only Phase is set beside it
	File       string // Reading: the file and sheet
	Sheet      string
	Done       int64 // Reading: rows; Planning, Listing, Checking and Submitting: orders
	Total      int64 // 0 when it isn't known
	InFlight   int   // Submitting: requests that wait for an answer
	Unresolved int   // Submitting: orders whose outcome is unknown so far
	Paused     bool  // Submitting: no more orders are claimed until the run is resumed
}

// Phase names a step of a run.
type Phase string

// The phases.
const (
	Reading    Phase = "reading"
	Planning   Phase = "planning"
	Listing    Phase = "reading the list of existing orders"
	Checking   Phase = "checking existing orders"
	Submitting Phase = "submitting"
	Reporting  Phase = "reporting"
)

// Observe receives the progress. It must return soon: workers wait for it.
type Observe func(Event)

// Tell passes an event on, if anybody listens.
func (o Observe) Tell(e Event) {
	if o != nil {
		o(e)
	}
}
