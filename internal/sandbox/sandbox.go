// Package sandbox is the order system in a box: an http.Handler that speaks the order API under /external/api/v1, strict by the embedded
// model of that API, stateful in memory, and with faults on demand. It judges the client, so it shares no type with it and decodes JSON on
// its own. It is not a simulation of the vendor's system beyond what the API shows; where the vendor leaves a question open, a field of
// Config chooses the answer. The command "ordersheet sandbox", the --sandbox flag and the tests build it with New.
package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Prefix is the path under which the API is served.
const Prefix = "/external/api/v1"

// Config says how the box behaves. The zero value is a strict server without faults that takes any token.
type Config struct {
	Token       string // the bearer token asked for; "" = any bearer token is taken, none at all is refused
	RefuseAfter int    // after so many accepted requests the token is refused with 401; 0 = never

	Duplicates string // a repeated order number: "422" (or ""), "409", or "accept"
	AnySKU     bool   // take every SKU and product id; false = the catalogue, and SKU- followed by digits

	Faults []Fault           // what goes wrong, and how often; see FaultNames
	Script func(Call) string // names the fault of one request, "" = none by script; nil = no script. It wins over Faults
	Seed   uint64            // of the faults' dice and of the cursors' signature; equal seeds throw equal dice for the nth request

	Rate    float64       // requests a second that are let through; 0 = no limit
	Burst   int           // requests that may come at once; 0 = Rate, at least 1
	Latency time.Duration // each request waits so long before it is looked at; 0 = none

	LateCommit time.Duration // how long after its answer a late fault commits; 0 = 2 s
	SlowFor    time.Duration // how long a slow answer is held back; 0 = 5 s
	DripEvery  time.Duration // pause between two bytes of a dripping answer; 0 = 1 s
	RetryAfter time.Duration // what the fault 429 asks for, in whole seconds; 0 = 1 s
	RedirectTo string        // where redirects point; "" = https://login.sandbox.invalid/
	ClockSkew  time.Duration // added to the clock behind Date, 429_date and timestamps; 0 = true time

	IgnoreFilters  []string      // filters that have no effect, as written in a query: "order_number", "order_number[in]", "order_numbers"
	PartialNumbers bool          // order_numbers=X finds numbers that hold X; false = only equal ones
	ListLag        time.Duration // lists and the feed show a write only so long after it; 0 = at once

	StrictPut           bool // PUT of a purchase order wants order_date, supplier_id and items; false = every field is optional
	SoftDelete          bool // DELETE sets order_status to deleted; false = the order is gone
	AnyStatus           bool // PATCH takes all twelve statuses; false = the eight that its page lists
	AddTags             bool // tags in PATCH and PUT are added; false = they replace
	ReplaceCustomFields bool // custom_fields in PATCH and PUT replace; false = labels left out are kept
	Sparse              bool // answers leave out what the vendor's samples leave out: channel_id on create, earliest_ship_date on read, custom_fields of purchase orders

	PauseGrace time.Duration // how long after a 429 a request may still arrive without counting as sent inside the pause; 0 = 100 ms

	MaxBody int64            // bytes of a request body; 0 = 8 MiB; more is 413
	Now     func() time.Time // nil = time.Now
}

// Sandbox is the order system. It is safe for concurrent use. Close it to end what it still plans to do.
type Sandbox struct {
	cfg         Config
	model       *model
	routes      []route
	bucket      *bucket
	ignored     map[string]bool
	secret      []byte
	counts      counts
	faults      faultState
	auth        auth
	closing     chan struct{}
	close       func()
	lateCommits pendingCommits

	catalog *catalog
	ref     referenceData

	mu        sync.Mutex
	sales     *store[*salesOrder]
	purchases *store[*purchaseOrder]
	tags      map[string]tag
	serial    int64 // of lines and payments
}

// New makes an order system from c. It fails when c names a fault or a rule that doesn't exist.
func New(c Config) (*Sandbox, error) {
	switch c.Duplicates {
	case "", "422", "409", "accept":
	default:
		return nil, fmt.Errorf("setting up the sandbox: duplicates %q is none of 422, 409, accept", c.Duplicates)
	}
	if c.Rate < 0 || c.Burst < 0 || c.Latency < 0 || c.LateCommit < 0 {
		return nil, fmt.Errorf("setting up the sandbox: rate %v, burst %d, latency %v, late commit after %v: none of them can be below 0", c.Rate, c.Burst, c.Latency, c.LateCommit)
	}
	faults, refuseAfter, err := checkFaults(c.Faults)
	if err != nil {
		return nil, fmt.Errorf("setting up the sandbox: %w", err)
	}
	m, err := loadModel()
	if err != nil {
		return nil, fmt.Errorf("setting up the sandbox: %w", err)
	}
	c.setDefaults(refuseAfter)
	s := &Sandbox{cfg: c, model: m, closing: make(chan struct{}), secret: cursorSecret(c.Seed), ignored: map[string]bool{}}
	s.close = sync.OnceFunc(func() { close(s.closing) })
	for _, f := range c.IgnoreFilters {
		s.ignored[f] = true
	}
	s.faults.list = faults
	s.auth.token, s.auth.refuseAfter = c.Token, c.RefuseAfter
	s.routes = s.routeTable()
	s.ref = newReferenceData()
	s.Reset()
	return s, nil
}

func (c *Config) setDefaults(refuseAfter int) {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&c.LateCommit, 2*time.Second)
	def(&c.SlowFor, 5*time.Second)
	def(&c.DripEvery, time.Second)
	def(&c.RetryAfter, time.Second)
	def(&c.PauseGrace, 100*time.Millisecond)
	if c.RefuseAfter == 0 {
		c.RefuseAfter = refuseAfter
	}
	if c.RedirectTo == "" {
		c.RedirectTo = "https://login.sandbox.invalid/"
	}
	if c.MaxBody == 0 {
		c.MaxBody = 8 << 20
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

// SetFaults replaces the faults from the next request on; none given means that nothing goes wrong any more. Orders and counts stay.
func (s *Sandbox) SetFaults(faults ...Fault) error {
	list, refuseAfter, err := checkFaults(faults)
	if err != nil {
		return fmt.Errorf("changing the sandbox's faults: %w", err)
	}
	s.faults.mu.Lock()
	s.faults.list = list
	s.faults.mu.Unlock()
	s.auth.mu.Lock()
	s.auth.refuseAfter, s.auth.accepted = refuseAfter, 0
	s.auth.mu.Unlock()
	return nil
}

// SetToken makes another token the good one, as when a refused one is renewed; "" takes any. It is good for as many requests as the first
// was.
func (s *Sandbox) SetToken(token string) {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	s.auth.token, s.auth.accepted = token, 0
}

// Reset forgets all orders, tags and counts, and fills the rate limiter's bucket. What late faults still have to commit is committed into
// the emptied system: call Settle first where that matters.
func (s *Sandbox) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sales, s.purchases = newStore[*salesOrder](1001), newStore[*purchaseOrder](501)
	s.tags, s.serial = map[string]tag{}, 9000
	s.catalog = newCatalog(s.cfg.AnySKU)
	s.bucket = newBucket(s.cfg.Rate, s.cfg.Burst, s.cfg.Now())
	s.counts.reset()
	s.faults.reset()
	s.auth.reset()
}

// Close ends all waiting: slow answers end at once, late commits that haven't happened don't happen.
func (s *Sandbox) Close() {
	s.close()
	s.lateCommits.wait()
}

// Settle waits until every late commit has happened.
func (s *Sandbox) Settle() { s.lateCommits.wait() }

// Call is what a Script sees of a request.
type Call struct {
	N       int      // the request's number since New or Reset, from 1
	Method  string   // POST, GET, PATCH, PUT, DELETE
	Path    string   // below Prefix: /sales-orders/1001
	Numbers []string // order_number or order_numbers of the body, nil when it holds none
	Try     int      // how often this method, path and these numbers have come, from 1
}

// request is one request that got past the door.
type request struct {
	*http.Request
	body []byte
	ids  []int64 // the numbers in the path
}

// ServeHTTP answers one request.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.counts.requestStarted(s.cfg.Now(), s.cfg.PauseGrace)
	defer s.counts.requestEnded()
	s.wait(r, s.cfg.Latency)
	w.Header().Set("Date", s.clock().UTC().Format(http.TimeFormat))
	handle, ids, status := s.findRoute(r)
	if status != 0 {
		s.write(w, errorResponse(status))
		return
	}
	if !s.auth.authenticate(r) {
		s.write(w, message(http.StatusUnauthorized, "Unauthenticated."))
		return
	}
	if !s.throttle(w) {
		return
	}
	req := &request{Request: r, ids: ids}
	var err error
	if req.body, err = readBody(w, r, s.cfg.MaxBody); err != nil {
		status := http.StatusBadRequest
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		s.write(w, errorResponse(status))
		return
	}
	act := func() response { return handle(req) }
	if f := s.pickFault(n, req); f != nil {
		s.counts.faultInjected(f.name)
		f.inject(s, w, r, act)
		return
	}
	s.write(w, act())
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.ContentLength == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength <= limit {
		b.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(http.MaxBytesReader(w, r.Body, limit)); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b.Bytes(), nil
}

// clock is the server's own time, skewed where that is asked for.
func (s *Sandbox) clock() time.Time { return s.cfg.Now().Add(s.cfg.ClockSkew) }

// wait sleeps for d, less when the client leaves or the sandbox is closed.
func (s *Sandbox) wait(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	case <-s.closing:
	}
}
