package ledger

import (
	"time"

	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// State says what has become of an order.
type State string

// The states of an order. Planned, claimed and unresolved are on the way; the others are final words, of which unknown and not_attempted may
// still be taken up again by resuming.
const (
	OrderPlanned State = "planned"       // to be sent
	Claimed      State = "claimed"       // may have been sent: durable before the first byte leaves
	Unresolved   State = "unresolved"    // was sent, outcome unknown so far; to be looked up at NextLookup
	Created      State = "created"       // stands, made by this run
	Updated      State = "updated"       // stands, changed by this run
	Deleted      State = "deleted"       // no longer stands
	Unchanged    State = "unchanged"     // stood already as meant
	Skipped      State = "skipped"       // left out on purpose
	Invalid      State = "invalid"       // failed a check before sending
	Rejected     State = "rejected"      // by the API
	Held         State = "held"          // needs a person
	Unknown      State = "unknown"       // was sent, and nobody can say
	NotAttempted State = "not_attempted" // the run ended before its turn
)

// Final says that a state is one of the final words.
func (s State) Final() bool { return s != OrderPlanned && s != Claimed && s != Unresolved }

// States lists all states in the order in which reports show them.
func States() []State {
	return []State{OrderPlanned, Claimed, Unresolved, Created, Updated, Deleted, Unchanged, Skipped, Invalid, Rejected, Held, Unknown, NotAttempted}
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
	Action        string   // create, update, delete ...: the caller's word; create is refused a number that stands already
	Recreate      bool     // a create that may go out although the ledger says that its number stands (--recreate)
	Payload       []byte   // JSON; nil when invalid
	Fingerprint   string
	ExpectedTotal string   // decimal text; empty when there is none
	Rows          []RowRef // all rows it came from, in file order
	Items         []int    // payload line i came from Rows[Items[i]]

	// What is to be done to a standing order; nil for a plain create. Comparing writes it (Decide), and Advance where a Settlement brings it.
	Change    *order.Change
	IfCreated []problem.Problem // of an upsert: what makes the order invalid if it has to be created

	// The outcome so far.

	State          State
	ID             int64     // the API's; 0 when not known
	ConfirmedTotal string    // decimal text, the API's
	HTTPStatus     int       // of the last answer; 0 when there was none
	Attempts       int       // how often it was sent
	Lookups        int       // look-ups that found nothing since it was last sent; the caller's count
	Message        string    // one sentence for the report
	ClaimedAt      time.Time // zero when it never was
	LastByte       time.Time // when the last attempt was over, where that is known
	NextLookup     time.Time // for Unresolved
}

// Settlement tells Advance what has become of one order.
type Settlement struct {
	Seq            int64
	State          State     // a final word; Unresolved (outcome unknown so far); OrderPlanned (wasn't sent, or is to be sent again)
	ID             int64     // 0 leaves what is known
	ConfirmedTotal string    // empty leaves what is known
	HTTPStatus     int       // 0 leaves what is known
	Message        string    // replaces what stands
	Sent           int       // requests that may have reached the API, added to Order.Attempts
	Lookups        int       // replaces what stands
	LastByte       time.Time // zero leaves what is known
	NextLookup     time.Time // for Unresolved
	Problems       []problem.Problem
	Change         *order.Change // replaces what stands; nil leaves it
	Resolved       string        // code of those of the order's problems that no longer hold; empty leaves them all
}

// Claims is what Advance gives back.
type Claims struct {
	Claimed   []Order // with payload; durable, may be sent
	Conflicts []Order // settled as Held, since another run has the number or it stands already; Message says so
	Asked     string  // what somebody asked of the run from outside; see Ledger.Ask
}

// Filter picks orders.
type Filter struct {
	States []State // nil means all
	From   int64   // first Seq
	Full   bool    // with payload, change, rows, items, numbers, fingerprint and expected total; without it they are left out and reading is faster
}

// KeyRecord is what the ledger remembers of an order number.
type KeyRecord struct {
	Number      string
	Run         int64 // that reached Outcome
	Seq         int64
	Outcome     State // the last final word by which it stands or doesn't; empty when it has only been claimed
	ID          int64
	Fingerprint string
	At          time.Time
	ClaimRun    int64 // the run that has it claimed or unknown now; 0 for none
	ClaimSeq    int64
	ClaimedAt   time.Time
}

// Exists says that, as far as the ledger knows, an order with that number stands.
func (k KeyRecord) Exists() bool {
	return k.Outcome == Created || k.Outcome == Updated || k.Outcome == Unchanged
}
