package luminous

import (
	"fmt"
	"strings"
	"time"
)

// Outcome says of a failed call what may have become of it. The zero value is the most careful one.
type Outcome int

// The outcomes.
const (
	Unknown  Outcome = iota // a byte left and no clear answer came: a write may stand
	NotSent                 // no byte left, or the server refused to look at it (429, 401): nothing stands, safe to send again
	Rejected                // the server refused it with a 4xx: nothing stands
)

// String names the outcome.
func (o Outcome) String() string {
	switch o {
	case NotSent:
		return "not sent"
	case Rejected:
		return "rejected"
	}
	return "unknown"
}

// FieldError is what the server says about one field.
type FieldError struct {
	Path     string // as the server wrote it, such as "items.2.product"; "" when it names none
	Messages []string
}

// Error is a call that failed. Its texts never hold the token.
type Error struct {
	Call         string // "POST /sales-orders"
	Outcome      Outcome
	Status       int           // of the answer; 0 when none came
	Message      string        // the server's words, or what happened to the connection
	Fields       []FieldError  // of a 422, in the order of their paths
	Signature    string        // equal for failures of one kind, such as "422 items.product not found", "503" or "timeout"
	TokenRefused bool          // 401; every later call fails at once
	Stop         bool          // no other call will fare better until somebody acts or time passes
	NotAPI       bool          // what answered isn't the API: a login page, a proxy
	RetryAfter   time.Duration // what the server asked to wait; 0 when it didn't
	Raw          string        // the beginning of the answer's body, escaped
	Err          error         // the cause below, such as a context's error; may be nil

	retry retryKind // what the retry loop may do
}

// Error says in one line what failed.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Call)
	b.WriteString(": ")
	if e.Status != 0 {
		fmt.Fprintf(&b, "%d: ", e.Status)
	}
	if e.TokenRefused {
		b.WriteString("the API token was refused: ")
	}
	b.WriteString(strings.TrimSuffix(e.Message, "."))
	for i, f := range e.Fields {
		if i == 3 {
			fmt.Fprintf(&b, "; and %d more", len(e.Fields)-i)
			break
		}
		b.WriteString("; ")
		if f.Path != "" {
			b.WriteString(f.Path + ": ")
		}
		b.WriteString(strings.Join(f.Messages, ", "))
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// retryKind is what may be done about a failure at this layer.
type retryKind int

const (
	never       retryKind = iota
	held                  // 429: again when the governor lets it
	unreachable           // nothing left: again when the governor's backoff ends
	stale                 // nothing left on a connection that the server had closed: again at once
	flaky                 // a read that failed: again after a backoff of its own
)
