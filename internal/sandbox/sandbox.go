// Package sandbox is a simulated Luminous API: an http.Handler that serves the order API under
// /external/api/v1. It validates requests strictly against the embedded model, keeps orders in
// memory, and injects faults on demand. It shares no types with the client it tests and decodes
// JSON on its own. It simulates only what the API shows; where the vendor's documentation leaves a
// question open, a field of Config chooses the behavior.
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

// Config configures a sandbox. The zero value is strict, has no faults and accepts any token.
type Config struct {
	Token       string // the only accepted bearer token; "" = any
	RejectAfter int    // respond with 401 after this many accepted requests; 0 = never

	Duplicates string // response to a duplicate order number: "422" (or ""), "409", "accept"
	AnySKU     bool   // accept any SKU and product id; false = the catalog and SKU-<digits>

	Faults []Fault           // see FaultNames
	Script func(Call) string // names the fault of a request, "" = none; wins over Faults
	Seed   uint64            // of faults and cursor signatures

	Rate    float64       // requests per second; 0 = no limit
	Burst   int           // requests that may come at once; 0 = Rate, at least 1
	Latency time.Duration // delay of each request

	LateCommit time.Duration // delay of late commits; 0 = 2 s
	SlowFor    time.Duration // delay of the fault slow; 0 = 5 s
	DripEvery  time.Duration // delay per byte of the fault drip; 0 = 1 s
	RetryAfter time.Duration // of the fault 429, in whole seconds; 0 = 1 s
	RedirectTo string        // where redirects point; "" = https://login.sandbox.invalid/
	ClockSkew  time.Duration // added to the server's clock

	IgnoreFilters  []string      // list filters without effect, such as "order_number[in]"
	PartialNumbers bool          // order_numbers=X also matches numbers that contain X
	ListLag        time.Duration // how long lists and the feed don't show a new order

	StrictPut           bool // PUT of a purchase order requires order_date, supplier_id and items
	SoftDelete          bool // DELETE sets order_status to deleted instead
	AnyStatus           bool // PATCH accepts all twelve statuses, not only the eight on its page
	AddTags             bool // PATCH and PUT add tags instead of replacing them
	ReplaceCustomFields bool // PATCH and PUT drop the custom fields that they don't name
	Sparse              bool // leave out the fields that the vendor's samples leave out

	PauseGrace time.Duration // Stats.InsidePause ignores requests this long after a 429; 0 = 100 ms

	MaxBody int64            // maximum size of a request body; 0 = 8 MiB
	Now     func() time.Time // nil = time.Now
}

// Sandbox is a simulated Luminous API. It is safe for concurrent use. Close stops its goroutines.
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
	serial    int64 // of items and payments
}

// New returns an empty sandbox. It fails if c is invalid.
func New(c Config) (*Sandbox, error) {
	switch c.Duplicates {
	case "", "422", "409", "accept":
	default:
		return nil, fmt.Errorf("setting up the sandbox: duplicates must be 422, 409 or accept, not %q", c.Duplicates)
	}
	if c.Rate < 0 || c.Burst < 0 || c.Latency < 0 || c.LateCommit < 0 {
		return nil, fmt.Errorf("setting up the sandbox: rate %v, burst %d, latency %v and late commit %v must not be negative", c.Rate, c.Burst, c.Latency, c.LateCommit)
	}
	faults, rejectAfter, err := checkFaults(c.Faults)
	if err != nil {
		return nil, fmt.Errorf("setting up the sandbox: %w", err)
	}
	m, err := loadModel()
	if err != nil {
		return nil, fmt.Errorf("setting up the sandbox: %w", err)
	}
	c.setDefaults(rejectAfter)
	s := &Sandbox{cfg: c, model: m, closing: make(chan struct{}), secret: cursorSecret(c.Seed), ignored: map[string]bool{}}
	s.close = sync.OnceFunc(func() { close(s.closing) })
	for _, f := range c.IgnoreFilters {
		s.ignored[f] = true
	}
	s.faults.list = faults
	s.auth.token, s.auth.rejectAfter = c.Token, c.RejectAfter
	s.routes = s.routeTable()
	s.ref = newReferenceData()
	s.sales, s.purchases = new(store[*salesOrder]), new(store[*purchaseOrder])
	s.Reset()
	return s, nil
}

func (c *Config) setDefaults(rejectAfter int) {
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
	if c.RejectAfter == 0 {
		c.RejectAfter = rejectAfter
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

// SetFaults replaces the faults from the next request on. Without arguments there are no more
// faults. Orders and counts are kept.
func (s *Sandbox) SetFaults(faults ...Fault) error {
	list, rejectAfter, err := checkFaults(faults)
	if err != nil {
		return fmt.Errorf("changing the sandbox's faults: %w", err)
	}
	s.faults.mu.Lock()
	s.faults.list = list
	s.faults.mu.Unlock()
	s.auth.mu.Lock()
	s.auth.rejectAfter, s.auth.accepted = rejectAfter, 0
	s.auth.mu.Unlock()
	return nil
}

// SetToken changes the accepted token; "" accepts any. Config.RejectAfter counts from here again.
func (s *Sandbox) SetToken(token string) {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	s.auth.token, s.auth.accepted = token, 0
}

// Reset deletes all orders, tags and counts, and refills the rate limiter's bucket. Outstanding
// late commits still happen: call Settle first if that matters.
func (s *Sandbox) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.sales, *s.purchases = *newStore[*salesOrder](1001), *newStore[*purchaseOrder](501)
	s.tags, s.serial = map[string]tag{}, 9000
	s.catalog = newCatalog(s.cfg.AnySKU)
	s.bucket = newBucket(s.cfg.Rate, s.cfg.Burst, s.cfg.Now())
	s.counts.reset()
	s.faults.reset()
	s.auth.reset()
}

// Close ends slow responses and cancels late commits.
func (s *Sandbox) Close() {
	s.close()
	s.lateCommits.wait()
}

// Settle waits until every late commit has happened.
func (s *Sandbox) Settle() { s.lateCommits.wait() }

// Call describes a request to a Script.
type Call struct {
	N       int      // number of the request since New or Reset, from 1
	Method  string   // POST, GET, PATCH, PUT, DELETE
	Path    string   // below Prefix: /sales-orders/1001
	Numbers []string // order_number or order_numbers of the body
	Try     int      // number of requests with this method, path and numbers, from 1
}

// request is an authenticated request.
type request struct {
	*http.Request
	body []byte
	ids  []int64 // the ids in the path
}

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
	answer := func() response { return handle(req) }
	if f := s.pickFault(n, req); f != nil {
		s.counts.faultInjected(f.name)
		f.inject(s, w, r, answer)
		return
	}
	s.write(w, answer())
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

// clock returns the server's time, including Config.ClockSkew.
func (s *Sandbox) clock() time.Time { return s.cfg.Now().Add(s.cfg.ClockSkew) }

// wait sleeps for d, or until the client leaves or the sandbox is closed.
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
