package luminous

import (
	"fmt"
	"strings"
	"time"
)

// Outcome is the stage at which a call failed, and so what may have become of a write. The zero
// value is the most careful one.
type Outcome int

// The outcomes.
const (
	Unknown  Outcome = iota // at least one byte was sent and no clear answer came: the write may have been processed
	NotSent                 // no byte was sent, or the answer was 429 or 401: nothing was processed, safe to send again
	Rejected                // the server answered 4xx: nothing was processed
)

// FieldError is what the server says about one field.
type FieldError struct {
	Path     string // as the server wrote it, such as "items.2.product"; may be ""
	Messages []string
}

// Error is a failed call. Its texts never contain the token.
type Error struct {
	Call          string // "POST /sales-orders"
	Outcome       Outcome
	Status        int           // of the answer; 0 if none came
	Message       string        // the server's words, or what happened to the connection
	Fields        []FieldError  // of a 422, sorted by path
	Signature     string        // equal for failures of one kind, such as "422 items.product not found" or "timeout"
	TokenRejected bool          // 401; every later call fails at once
	Stop          bool          // no other call will fare better until somebody acts or time passes
	NotAPI        bool          // something else than the API answered, and no 5xx: a login page, a proxy
	RetryAfter    time.Duration // what the server asked to wait; 0 if it didn't
	Raw           string        // the beginning of the answer's body, escaped
	Err           error         // the cause, such as a context's error; may be nil

	retry retryKind
}

// Error describes the failure on one line.
func (e *Error) Error() string {
	s := e.Call + ": "
	if e.Status != 0 {
		s += fmt.Sprintf("%d: ", e.Status)
	}
	if e.TokenRejected {
		s += "the API token was rejected: "
	}
	s += strings.TrimSuffix(e.Message, ".")
	const most = 3
	for _, f := range e.Fields[:min(most, len(e.Fields))] {
		s += "; " + strings.TrimPrefix(f.Path+": ", ": ") + strings.Join(f.Messages, ", ")
	}
	if n := len(e.Fields) - most; n > 0 {
		s += fmt.Sprintf("; and %d more", n)
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// retryKind is when a failed request may be sent again.
type retryKind int

const (
	never        retryKind = iota
	afterPause             // 429: when the governor allows it
	unreachable            // nothing was sent: after the governor's backoff
	newConn                // nothing was sent on a connection that the server had closed: at once
	afterBackoff           // a read that failed
)
