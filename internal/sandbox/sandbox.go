// Package sandbox is a simulated Luminous API: an http.Handler that serves the order API under
// /external/api/v1. It validates requests strictly against the embedded model, keeps orders in
// memory, and injects faults on demand. It shares no types with the client it tests and decodes
// JSON on its own. It simulates only what the API shows; where the vendor's documentation leaves a
// question open, a field of Config chooses the behavior.
package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
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

	MaxBody int64            // maximum size of a request body; 0 = 8 MiB
	Now     func() time.Time // nil = time.Now
}

// Sandbox is a simulated Luminous API. It is safe for concurrent use. Close stops its goroutines.
type Sandbox struct {
	cfg     Config
	model   model
	routes  map[string]methods
	gate    gate
	closing chan struct{}
	close   func()

	catalog *catalog
	ref     referenceData

	mu        sync.Mutex
	sales     *orders
	purchases *orders
	tags      map[string]doc
	serial    int64 // of items and payments

	lateCommits int        // outstanding ones
	settled     *sync.Cond // on mu: there is one fewer
}

// New returns an empty sandbox. It fails if c is invalid.
func New(c Config) (*Sandbox, error) {
	if !slices.Contains([]string{"", "422", "409", "accept"}, c.Duplicates) {
		return nil, fmt.Errorf("setting up the sandbox: duplicates must be 422, 409 or accept, not %q", c.Duplicates)
	}
	if c.Rate < 0 || c.Burst < 0 || c.Latency < 0 || c.LateCommit < 0 {
		return nil, fmt.Errorf("setting up the sandbox: rate %v, burst %d, latency %v and late commit %v must not be negative",
			c.Rate, c.Burst, c.Latency, c.LateCommit)
	}
	m, err := loadModel()
	if err != nil {
		return nil, fmt.Errorf("setting up the sandbox: %w", err)
	}
	c.setDefaults()
	s := &Sandbox{cfg: c, model: m, closing: make(chan struct{}), ref: loadReferenceData()}
	s.sales, s.purchases = new(orders), new(orders)
	s.settled = sync.NewCond(&s.mu)
	s.close = sync.OnceFunc(func() { close(s.closing) })
	if err := s.SetFaults(c.Faults...); err != nil {
		return nil, err
	}
	s.gate.token, s.gate.rejectAfter = c.Token, cmp.Or(c.RejectAfter, s.gate.rejectAfter)
	s.Reset()
	s.routes = s.routeTable()
	return s, nil
}

func (c *Config) setDefaults() {
	c.LateCommit = cmp.Or(c.LateCommit, 2*time.Second)
	c.SlowFor = cmp.Or(c.SlowFor, 5*time.Second)
	c.DripEvery = cmp.Or(c.DripEvery, time.Second)
	c.RetryAfter = cmp.Or(c.RetryAfter, time.Second)
	c.MaxBody = cmp.Or(c.MaxBody, 8<<20)
	if c.Now == nil {
		c.Now = time.Now
	}
}

// SetFaults replaces the faults from the next request on. Without arguments there are no more
// faults. Orders and counts are kept.
func (s *Sandbox) SetFaults(faults ...Fault) error {
	list, rejectAfter, err := checkFaults(faults)
	if err != nil {
		return fmt.Errorf("setting the sandbox's faults: %w", err)
	}
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.faults, s.gate.rejectAfter, s.gate.accepted = list, rejectAfter, 0
	return nil
}

// SetToken changes the accepted token; "" accepts any. Config.RejectAfter counts from here again.
func (s *Sandbox) SetToken(token string) {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.token, s.gate.accepted = token, 0
}

// Reset deletes all orders, tags and counts, and refills the rate limiter's bucket. Outstanding
// late commits still happen: call Settle first if that matters.
func (s *Sandbox) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	sales, purchases := s.cfg.kinds()
	*s.sales, *s.purchases = *newOrders(sales), *newOrders(purchases)
	s.tags, s.serial = map[string]doc{}, 9000
	s.catalog = newCatalog(s.cfg.AnySKU)
	s.gate.reset(&s.cfg)
}

// Close ends slow responses and cancels late commits.
func (s *Sandbox) Close() {
	s.close()
	s.Settle()
}

// Settle waits until every late commit has happened.
func (s *Sandbox) Settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.lateCommits > 0 {
		s.settled.Wait()
	}
}

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
	in   doc     // the body, if the route has a schema
	ids  []int64 // the ids in the path
}

func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.gate.requestStarted(s.cfg.Now())
	s.wait(r, s.cfg.Latency)
	w.Header().Set("Date", s.clock().UTC().Format(http.TimeFormat))
	handle, ids, status := s.findRoute(r)
	if status != 0 {
		s.write(w, failure(status))
		return
	}
	if !s.gate.authenticate(r) {
		s.write(w, failure(http.StatusUnauthorized))
		return
	}
	if !s.throttle(w) {
		return
	}
	req := &request{Request: r, ids: ids}
	if r.Body != nil {
		var err error
		if req.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, s.cfg.MaxBody)); err != nil {
			status := http.StatusBadRequest
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				status = http.StatusRequestEntityTooLarge
			}
			s.write(w, failure(status))
			return
		}
	}
	answer := func() response { return handle(req) }
	if f := s.pickFault(n, req); f != nil {
		s.gate.update(func(st *Stats) { st.Faults[f.name]++ })
		f.inject(s, w, r, answer)
		return
	}
	s.write(w, answer())
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
