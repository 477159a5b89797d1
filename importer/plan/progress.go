package plan

import (
	"time"
)

// Event says how far a step is. Which fields hold something depends on the phase.
type Event struct {
	Phase      Phase
	Note       string // something that a person should know; then only Phase is set beside it
	File       string // Reading: the file and sheet
	Sheet      string
	Done       int64 // Reading: rows; Planning, Listing, Checking and Submitting: orders
	Total      int64 // 0 when it isn't known
	InFlight   int   // Submitting: requests that wait for an answer
	Unresolved int   // Submitting: orders whose outcome is unknown so far
	Paused     bool  // Submitting: no new order is taken until the run is resumed
}

// Phase names a step of a run.
type Phase string

// The phases.
const (
	Reading    Phase = "reading"
	Planning   Phase = "planning"
	Listing    Phase = "reading the list of orders that stand"
	Checking   Phase = "checking what stands already"
	Submitting Phase = "submitting"
	Reporting  Phase = "reporting"
)

// Observe is told what happens. It must not block for long: workers wait for it.
type Observe func(Event)

func (o Observe) Tell(e Event) {
	if o != nil {
		o(e)
	}
}

// Clock is the time of day. The zero value of a Config's Now field is time.Now.
type Clock func() time.Time

func (c Clock) Now() time.Time {
	if c == nil {
		return time.Now()
	}
	return c()
}
