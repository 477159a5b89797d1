package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestFaults injects each fault into a POST and checks the response and whether the order exists.
func TestFaults(t *testing.T) {
	type want struct {
		status    int // 0 = no response
		committed bool
		body      string // part of the response
		cut       bool   // the body can't be read to its end
	}
	cases := map[string]want{
		"drop_before":    {},
		"drop_after":     {committed: true},
		"429":            {status: 429, body: "Too Many Attempts."},
		"429_date":       {status: 429, body: "Too Many Attempts."},
		"429_bare":       {status: 429, body: "Too Many Attempts."},
		"403":            {status: 403, body: "unauthorized"},
		"409":            {status: 409, body: "Conflict."},
		"422_text":       {status: 422, body: "rule 17"},
		"422_bare":       {status: 422, body: `{"message":"The given data was invalid."}`},
		"422_string":     {status: 422, body: `"errors":{"order_status":"is not valid"}`},
		"500_before":     {status: 500, body: "Server Error"},
		"500_after":      {status: 500, committed: true, body: "Server Error"},
		"502_after":      {status: 502, committed: true},
		"503_before":     {status: 503},
		"503_after":      {status: 503, committed: true},
		"504_before":     {status: 504},
		"504_after":      {status: 504, committed: true},
		"late_504":       {status: 504, committed: true},
		"late_drop":      {committed: true},
		"late":           {status: 201, committed: true, body: "SO-2"},
		"slow":           {status: 201, committed: true, body: "SO-2"},
		"drip":           {status: 201, committed: true, body: "SO-2"},
		"truncated":      {status: 201, committed: true, cut: true},
		"broken":         {status: 201, committed: true, body: `{"data":{"id":1002`},
		"html":           {status: 200, body: "<!doctype html>"},
		"html_after":     {status: 200, committed: true, body: "<!doctype html>"},
		"empty":          {status: 201, committed: true},
		"wrong_number":   {status: 201, committed: true, body: `"order_number":"SO-1"`},
		"wrong_total":    {status: 201, committed: true, body: `"total":111.51`},
		"redirect":       {status: 302},
		"redirect_307":   {status: 307},
		"lost_row":       {status: 201, committed: true, body: "SO-2"},
		"repeated_row":   {status: 201, committed: true, body: "SO-2"},
		"reordered":      {status: 201, committed: true, body: "SO-2"},
		"hidden_row":     {status: 201, committed: true, body: "SO-2"},
		"shifted":        {status: 201, committed: true, body: "SO-2"},
		"wrong_count":    {status: 201, committed: true, body: "SO-2"},
		"no_rows":        {status: 201, committed: true, body: "SO-2"},
		"early_end":      {status: 201, committed: true, body: "SO-2"},
		"no_end":         {status: 201, committed: true, body: "SO-2"},
		"changed_behind": {status: 201, committed: true, body: "SO-2"},
	}
	for _, name := range FaultNames() {
		t.Run(name.Name, func(t *testing.T) {
			w, known := cases[name.Name]
			if !known {
				if name.Name != "401_after" {
					t.Fatalf("no case for fault %s", name.Name)
				}
				return
			}
			b := newTestSandbox(t, Config{
				Faults:     []Fault{{Name: name.Name, Method: "POST", First: 2, Last: 2}},
				LateCommit: 20 * time.Millisecond, SlowFor: 20 * time.Millisecond, DripEvery: 10 * time.Microsecond,
			})
			b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
			r, err := b.try("POST", "/sales-orders", salesBody("SO-2"))
			b.Settle()
			if (err != nil) != (w.status == 0 || w.cut) {
				t.Errorf("error: got %v, want an error: %v", err, w.status == 0 || w.cut)
			}
			if r.status != w.status {
				t.Errorf("status: got %d, want %d", r.status, w.status)
			}
			if !w.cut && !strings.Contains(r.body, w.body) {
				t.Errorf("body: got %s, want %s in it", r.body, w.body)
			}
			if n := len(b.Orders(SalesOrders)); (n == 2) != w.committed {
				t.Errorf("got %d orders, want committed %v", n, w.committed)
			}
			if name.Name == "empty" && r.body != "" || name.Name == "broken" && strings.HasSuffix(r.body, "}}") {
				t.Errorf("body: got %q", r.body)
			}
			if got := b.Stats(); got.Faults[name.Name] != 1 || got.Requests != 2 {
				t.Errorf("Stats: got %+v, want fault %s once in two requests", got, name.Name)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	b := newTestSandbox(t, Config{
		Faults: []Fault{{Name: "429", First: 1, Last: 1}, {Name: "429_date", First: 1, Last: 1}}, RetryAfter: 3 * time.Second, ClockSkew: -time.Hour,
	})
	r := b.do("GET", "/channels", "", 429)
	if got := r.header.Get("Retry-After"); got != "3" {
		t.Errorf("Retry-After: got %q, want 3", got)
	}
	r = b.do("GET", "/channels", "", 429)
	until, err1 := http.ParseTime(r.header.Get("Retry-After"))
	date, err2 := http.ParseTime(r.header.Get("Date"))
	if d := until.Sub(date); err1 != nil || err2 != nil || d < 3*time.Second || d > 5*time.Second || time.Since(date) < 50*time.Minute {
		t.Errorf("Retry-After %q, Date %q: want about 3 s between them on a clock an hour behind", r.header.Get("Retry-After"), r.header.Get("Date"))
	}
}

func TestPauseIsCounted(t *testing.T) {
	now := time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC)
	b := newTestSandbox(t, Config{Now: func() time.Time { return now }, Faults: []Fault{{Name: "429", First: 1, Last: 1}}, RetryAfter: 2 * time.Second})
	b.do("GET", "/channels", "", 429)
	b.do("GET", "/channels", "", 200) // within the grace period
	now = now.Add(500 * time.Millisecond)
	b.do("GET", "/channels", "", 200)
	now = now.Add(1500 * time.Millisecond)
	b.do("GET", "/channels", "", 200)
	if got := b.Stats(); got.InsidePause != 1 || got.Throttled != 1 || got.ByStatus[200] != 3 {
		t.Errorf("Stats: got %+v, want 1 during the pause, not counting the grace period", got)
	}
}

func TestRateLimit(t *testing.T) {
	now := time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC)
	b := newTestSandbox(t, Config{Now: func() time.Time { return now }, Rate: 0.4, Burst: 2})
	b.checkFields(b.do("GET", "/channels", "", 200), "meta.total", "12")
	r := b.do("GET", "/channels", "", 200)
	if r.header.Get("X-RateLimit-Limit") != "2" || r.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("headers: got %v", r.header)
	}
	r = b.do("POST", "/sales-orders", salesBody("SO-1"), 429)
	reset := strconv.FormatInt(now.Add(3*time.Second).Unix(), 10)
	if r.header.Get("Retry-After") != "3" || r.header.Get("X-RateLimit-Reset") != reset {
		t.Errorf("headers: got Retry-After %s and X-RateLimit-Reset %s, want 3 and %s", r.header.Get("Retry-After"), r.header.Get("X-RateLimit-Reset"), reset)
	}
	now = now.Add(2500 * time.Millisecond)
	b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
	b.do("POST", "/sales-orders", salesBody("SO-2"), 429)
	if got := b.Stats(); fmt.Sprint(got.Second) != "[2 0 1]" || got.Throttled != 2 || got.Created != 1 {
		t.Errorf("Stats: got %+v, want [2 0 1] accepted, 2 throttled", got)
	}
}

// TestLateCommitAfterClientLeft checks that a late commit happens when it is due, even if the
// client has given up.
func TestLateCommitAfterClientLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{Faults: []Fault{{Name: "late", P: 1}}, LateCommit: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, "POST", Prefix+"/sales-orders", strings.NewReader(salesBody("SO-1")))
		r.Header.Set("Authorization", "Bearer x")
		func() {
			defer func() {
				if p, _ := recover().(error); !errors.Is(p, http.ErrAbortHandler) {
					t.Errorf("got panic %v, want the connection to be dropped", p)
				}
			}()
			s.ServeHTTP(nopWriter{}, r)
		}()
		if n := len(s.Orders(SalesOrders)); n != 0 {
			t.Errorf("got %d orders before the late commit, want 0", n)
		}
		s.Settle()
		if n := len(s.Orders(SalesOrders)); n != 1 {
			t.Errorf("got %d orders after the late commit, want 1", n)
		}
	})
}

type nopWriter struct{}

func (nopWriter) Header() http.Header         { return http.Header{} }
func (nopWriter) Write(b []byte) (int, error) { return len(b), nil }
func (nopWriter) WriteHeader(int)             {}

func TestCloseCancelsLateCommits(t *testing.T) {
	b := newTestSandbox(t, Config{Faults: []Fault{{Name: "late_504", P: 1}}, LateCommit: time.Hour})
	b.do("POST", "/sales-orders", salesBody("SO-1"), 504)
	b.Close()
	b.Close()
	if n := len(b.Orders(SalesOrders)); n != 0 {
		t.Errorf("got %d orders, want the late commit canceled", n)
	}
}

func TestLatency(t *testing.T) {
	b := newTestSandbox(t, Config{Latency: 30 * time.Millisecond})
	begin := time.Now()
	b.do("GET", "/channels", "", 200)
	if d := time.Since(begin); d < 30*time.Millisecond {
		t.Errorf("response after %v, want at least 30 ms", d)
	}
}

func TestClientTimeoutOnDrip(t *testing.T) {
	b := newTestSandbox(t, Config{Faults: []Fault{{Name: "drip", P: 1}}, DripEvery: time.Hour})
	b.client.Timeout = 50 * time.Millisecond
	_, err := b.try("POST", "/sales-orders", salesBody("SO-1"))
	var ne net.Error
	if !errors.As(err, &ne) || !ne.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
	if n := len(b.Orders(SalesOrders)); n != 1 {
		t.Errorf("got %d orders, want 1", n)
	}
}

func TestFeedFaults(t *testing.T) {
	for name, want := range map[string]string{"lost_row": "SO-01 SO-03", "repeated_row": "SO-01 SO-02 SO-03 SO-01", "reordered": "SO-03 SO-02 SO-01"} {
		b := newFilledSandbox(t, Config{Faults: []Fault{{Name: name, P: 1}}})
		if got := pageNumbers(b.do("GET", "/sales-orders?per_page=3", "", 200)); got != want {
			t.Errorf("%s on a list: got %s, want %s", name, got, want)
		}
		if got := pageNumbers(b.do("GET", "/sales-orders/export?since=2025-01-01&limit=3", "", 200)); got != want {
			t.Errorf("%s on the feed: got %s, want %s", name, got, want)
		}
	}
}

// TestPageFaults checks what a client sees for each page fault: numbers, count, and whether there
// is more.
func TestPageFaults(t *testing.T) {
	list, feed := "/sales-orders?per_page=3&page=2", "/sales-orders/export?since=2025-01-01&limit=3"
	for _, c := range []struct{ fault, list, feed string }{
		{"lost_row", "SO-04 SO-06 of 25, page 2 of 9", "SO-01 SO-03 of 3, more true"},
		{"hidden_row", "SO-04 SO-06 of 24, page 2 of 9", "SO-01 SO-03 of 2, more true"},
		{"shifted", "SO-05 SO-06 of 24, page 2 of 9", "SO-01 SO-02 SO-03 of 3, more true"},
		{"wrong_count", "SO-04 SO-05 SO-06 of 26, page 2 of 9", "SO-01 SO-02 SO-03 of 4, more true"},
		{"no_rows", " of 25, page 2 of 9", " of 0, more true"},
		{"early_end", "SO-04 SO-05 SO-06 of 25, page 2 of 2", "SO-01 SO-02 SO-03 of 3, more false"},
		{"no_end", "SO-04 SO-05 SO-06 of 25, page 2 of 3", "SO-01 SO-02 SO-03 of 3, more true"},
	} {
		b := newFilledSandbox(t, Config{Faults: []Fault{{Name: c.fault, P: 1}}})
		r := b.do("GET", list, "", 200)
		if got := fmt.Sprintf("%s of %v, page %v of %v", pageNumbers(r), r.value("meta.total"), r.value("meta.current_page"), r.value("meta.last_page")); got != c.list {
			t.Errorf("%s on a list: got %s, want %s", c.fault, got, c.list)
		}
		r = b.do("GET", feed, "", 200)
		if got := fmt.Sprintf("%s of %v, more %v", pageNumbers(r), r.value("meta.rows"), r.value("has_more")); got != c.feed {
			t.Errorf("%s on the feed: got %s, want %s", c.fault, got, c.feed)
		}
	}
}

func TestParseFault(t *testing.T) {
	for text, want := range map[string]Fault{
		"drop_after=0.05":      {Name: "drop_after", P: 0.05},
		"post:500_after=1":     {Name: "500_after", P: 1, Method: "POST"},
		"WRITE:drop_before=#3": {Name: "drop_before", Method: "WRITE", First: 3, Last: 3},
		"429=#2-5":             {Name: "429", First: 2, Last: 5},
		"401_after=500":        {Name: "401_after", P: 500},
	} {
		if got, err := ParseFault(text); err != nil || got != want {
			t.Errorf("ParseFault(%s): got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "drop_after", "nonsense=0.1", "drop_after=x", "drop_after=1.5", "drop_after=-1", "drop_after=#0", "drop_after=#5-2", "FETCH:429=1", "401_after=0"} {
		if f, err := ParseFault(text); err == nil {
			t.Errorf("ParseFault(%q): got %+v, want an error", text, f)
		}
	}
	if _, err := New(Config{Faults: []Fault{{Name: "nonsense", P: 1}}}); err == nil || !strings.Contains(err.Error(), "drop_before") {
		t.Errorf("New with an unknown fault: got %v, want an error that lists the known faults", err)
	}
}

// TestFaultsAreSeeded checks that equal seeds inject into the same requests, about as often as
// asked, and that a second fault does not change the first.
func TestFaultsAreSeeded(t *testing.T) {
	injected := func(seed uint64, faults ...Fault) (out []int) {
		s, err := New(Config{Seed: seed, Faults: faults})
		if err != nil {
			t.Fatal(err)
		}
		r := &request{Request: &http.Request{Method: "POST"}}
		for n := range 10000 {
			if k := s.pickFault(n, r); k != nil && k.name == "500_after" {
				out = append(out, n)
			}
		}
		return out
	}
	fault := Fault{Name: "500_after", P: 0.05}
	a := injected(7, fault)
	if len(a) < 400 || len(a) > 600 {
		t.Errorf("probability 0.05: injected into %d of 10000 requests", len(a))
	}
	if fmt.Sprint(a) != fmt.Sprint(injected(7, fault)) {
		t.Error("equal seeds injected into different requests")
	}
	if fmt.Sprint(a) == fmt.Sprint(injected(8, fault)) {
		t.Error("different seeds injected into the same requests")
	}
	if fmt.Sprint(a) != fmt.Sprint(injected(7, fault, Fault{Name: "429", P: 0.5})) {
		t.Error("a second fault changed the first")
	}
}

func TestScript(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	b := newTestSandbox(t, Config{Script: func(c Call) string {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, fmt.Sprintf("%d %s %s %v %d", c.N, c.Method, c.Path, c.Numbers, c.Try))
		if c.Try == 1 && c.Method == "POST" {
			return "500_before"
		}
		return ""
	}})
	b.do("POST", "/sales-orders", salesBody("SO-1"), 500)
	b.do("POST", "/sales-orders", salesBody("SO-1"), 201)
	b.do("POST", "/purchase-orders", purchaseBody("A", "B"), 500)
	b.do("GET", "/sales-orders/1001", "", 200)
	want := "1 POST /sales-orders [SO-1] 1; 2 POST /sales-orders [SO-1] 2; 3 POST /purchase-orders [A B] 1; 4 GET /sales-orders/1001 [] 1"
	if got := strings.Join(seen, "; "); got != want {
		t.Errorf("script: got calls %s, want %s", got, want)
	}
}

// TestConcurrentRequests creates orders concurrently under faults and compares the responses with
// the existing orders.
func TestConcurrentRequests(t *testing.T) {
	b := newTestSandbox(t, Config{Seed: 3, Faults: []Fault{{Name: "drop_after", P: 0.05}, {Name: "500_before", P: 0.05}, {Name: "late_504", P: 0.05}}, LateCommit: 10 * time.Millisecond})
	var wg sync.WaitGroup
	var mu sync.Mutex
	created := map[string]bool{}
	for w := range 8 {
		wg.Go(func() {
			for i := range 25 {
				n := fmt.Sprintf("SO-%d-%d", w, i)
				r, err := b.try("POST", "/sales-orders", salesBody(n))
				if err == nil && r.status == 201 {
					mu.Lock()
					created[n] = true
					mu.Unlock()
				}
				_, _ = b.try("PATCH", "/sales-orders/1001", `{"internal_notes":"x"}`)
				_, _ = b.try("GET", "/sales-orders?sort=updated_at:desc", "")
			}
		})
	}
	wg.Wait()
	b.Settle()
	exists := map[string]bool{}
	for _, o := range b.Orders(SalesOrders) {
		exists[o.Numbers[0]] = true
		if o.Created != 1 {
			t.Errorf("%s: created %d times, want once", o.Numbers[0], o.Created)
		}
	}
	for n := range created {
		if !exists[n] {
			t.Errorf("%s: got 201, but the order doesn't exist", n)
		}
	}
	if got := b.Stats(); got.Created != len(exists) || len(exists) <= len(created) {
		t.Errorf("Stats %+v, %d orders, %d responses 201: want more orders than responses", got, len(exists), len(created))
	}
}

func TestEditAfterRead(t *testing.T) {
	for _, path := range []string{"/sales-orders?per_page=3", "/sales-orders/export?since=2025-01-01&limit=3"} {
		b := newFilledSandbox(t, Config{Faults: []Fault{{Name: "changed_behind", First: 1, Last: 1, Method: "GET"}}})
		if got := pageNumbers(b.do("GET", path, "", 200)); got != "SO-01 SO-02 SO-03" {
			t.Errorf("%s: got %s", path, got)
		}
		id := b.Orders(SalesOrders)[1].ID
		if got := b.do("GET", fmt.Sprintf("/sales-orders/%d", id), "", 200).value("data.internal_notes"); got != "changed while it was read" {
			t.Errorf("%s: middle order has internal_notes %v, want it changed", path, got)
		}
	}
}
