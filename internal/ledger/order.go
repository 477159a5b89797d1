package ledger

import (
	"time"

	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// State is what has become of an order.
type State string

// The states of an order. The first three are on the way, the others are final; resuming may still
// take up Unknown and NotAttempted again.
const (
	OrderPlanned State = "planned"       // to be sent
	Claimed      State = "claimed"       // may have been sent: durable before the first byte leaves
	Unresolved   State = "unresolved"    // was sent, outcome unknown so far; looked up at NextLookup
	Created      State = "created"       // by this run
	Updated      State = "updated"       // by this run
	Deleted      State = "deleted"       // by this run
	Unchanged    State = "unchanged"     // already up to date
	Skipped      State = "skipped"       // left out on purpose
	Invalid      State = "invalid"       // failed a check before sending
	Rejected     State = "rejected"      // by the API
	Held         State = "held"          // a person has to decide
	Unknown      State = "unknown"       // may or may not have been processed
	NotAttempted State = "not_attempted" // the run ended first
)

// Final reports whether a state is final.
func (s State) Final() bool { return s != OrderPlanned && s != Claimed && s != Unresolved }

// Exists reports whether an order in that state exists in the API.
func (s State) Exists() bool { return s == Created || s == Updated || s == Unchanged }

// States lists all states in the order in which reports show them.
func States() []State {
	return []State{
		OrderPlanned, Claimed, Unresolved, Created, Updated, Deleted, Unchanged, Skipped, Invalid,
		Rejected, Held, Unknown, NotAttempted,
	}
}

// RowRef is one row of one source of the run.
type RowRef struct {
	Source int // Source.N
	Row    int // one-based, as cell.Row.Num
}

// Order is one planned order and what has become of it.
type Order struct {
	// The plan, never changed once written.

	Seq           int64    // its place in the run, from 1, rising; given by OrderWriter.Add when 0
	Number        string   // the key's number; empty only for invalid orders
	Numbers       []string // all numbers of a purchase order; nil means Number alone
	Action        string   // create, update, delete ...
	Recreate      bool     // a create that may be sent although the ledger knows its number to exist
	Payload       []byte   // JSON; nil when invalid
	Fingerprint   string
	ExpectedTotal string   // decimal text; empty when there is none
	Rows          []RowRef // all rows it came from, in file order
	Items         []int    // payload line i came from Rows[Items[i]]

	// The change to an existing order; nil for a plain create. Decide writes it, and Advance where a
	// Settlement has one.
	Change    *order.Change
	IfCreated []problem.Problem // of an upsert: what makes the order invalid if it has to be created

	// The outcome so far.

	State          State
	ID             int64     // the API's; 0 when not known
	ConfirmedTotal string    // decimal text, the API's
	HTTPStatus     int       // of the last answer; 0 when there was none
	Attempts       int       // how often it was sent
	Lookups        int       // lookups that found nothing since it was last sent; counted by the caller
	Message        string    // one sentence for the report
	ClaimedAt      time.Time // zero when it never was
	LastByte       time.Time // when the last attempt was over, where that is known
	NextLookup     time.Time // for Unresolved
}

// Keys returns the numbers by which the API knows the order.
func (o *Order) Keys() []string {
	if len(o.Numbers) > 0 {
		return o.Numbers
	}
	return []string{o.Number}
}

// Filter selects orders.
type Filter struct {
	States []State // nil means all
	From   int64   // first Seq
	Full   bool    // with payload, change, rows, items, numbers, fingerprint and expected total; slower
}

// Decision is what comparing one planned order with the existing one has led to.
type Decision struct {
	Seq            int64
	State          State             // OrderPlanned when something is to be sent, or a final state
	Action         string            // create, update, delete; empty leaves it
	Number         string            // of an order that the sheet names by its id alone; empty leaves it
	ID             int64             // 0 leaves it
	ConfirmedTotal string            // empty leaves it
	Message        string            // replaces the old one
	Change         *order.Change     // nil leaves it
	IfCreated      []problem.Problem // kept with Change
	Problems       []problem.Problem // added
	Resolved       []string          // codes of problems of the order that are removed
}

// Settlement tells Advance what has become of one order.
type Settlement struct {
	Seq            int64
	State          State             // a final state, Unresolved, or OrderPlanned (is to be sent again)
	ID             int64             // 0 leaves it
	ConfirmedTotal string            // empty leaves it
	HTTPStatus     int               // 0 leaves it
	Message        string            // replaces the old one
	Sent           int               // requests that may have reached the API, added to Order.Attempts
	Lookups        int               // replaces the old count
	LastByte       time.Time         // zero leaves it
	NextLookup     time.Time         // for Unresolved
	Problems       []problem.Problem // added
	Change         *order.Change     // nil leaves it
	Resolved       string            // code of problems of the order that are removed; empty for none
}

// Claims is the result of Advance.
type Claims struct {
	Claimed   []Order // with their plans; durable, may be sent
	Conflicts []Order // now Held: another run has the number, or it exists already; Message says which
	Asked     string  // the pending request of another process; see Runs.Ask
}

// KeyRecord is what the ledger remembers of an order number.
type KeyRecord struct {
	Number      string
	Run         int64 // the run that led to Outcome
	Seq         int64
	Outcome     State // Created, Updated, Deleted or Unchanged; empty when it has only been claimed
	ID          int64
	Fingerprint string
	At          time.Time
	ClaimRun    int64 // the run that has it claimed or unknown now; 0 for none
	ClaimSeq    int64
	ClaimedAt   time.Time
}

// Exists reports whether an order with that number exists, as far as the ledger knows.
func (k KeyRecord) Exists() bool { return k.Outcome.Exists() }
