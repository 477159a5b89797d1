package sandbox

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// faultKind is a kind of fault. A fault that occurs before the commit doesn't process the request.
type faultKind struct {
	name   string
	help   string
	inject injector
}

// injector handles a request with a fault. answer processes the request.
type injector func(s *Sandbox, w http.ResponseWriter, r *http.Request, answer func() response)

// faultKinds is read-only.
var faultKinds = []faultKind{
	{"drop_before", "close the connection before the commit", func(s *Sandbox, _ http.ResponseWriter, _ *http.Request, _ func() response) { s.dropConnection() }},
	{"drop_after", "commit, then close the connection without a response", func(s *Sandbox, _ http.ResponseWriter, _ *http.Request, answer func() response) {
		answer()
		s.dropConnection()
	}},
	{"429", "429 with Retry-After in seconds", (*Sandbox).tooManySeconds},
	{"429_date", "429 with Retry-After as an HTTP date", (*Sandbox).tooManyDate},
	{"429_bare", "429 without Retry-After", respondInstead(http.StatusTooManyRequests, "Too Many Attempts.")},
	{"403", "403 without commit", respondInstead(http.StatusForbidden, "This action is unauthorized.")},
	{"409", "409 without commit", respondInstead(http.StatusConflict, "Conflict.")},
	{"422_text", "422 with plain text, without commit", (*Sandbox).plainText},
	{"422_bare", "422 without field errors, without commit", respondInstead(http.StatusUnprocessableEntity, "The given data was invalid.")},
	{"422_string", "422 with errors as strings instead of lists, without commit", (*Sandbox).stringErrors},
	{"500_before", "500 without commit", respondInstead(http.StatusInternalServerError, "Server Error")},
	{"500_after", "500 after the commit", commitThenRespond(http.StatusInternalServerError, "Server Error")},
	{"502_after", "502 after the commit", commitThenRespond(http.StatusBadGateway, "Bad Gateway")},
	{"503_before", "503 without commit", respondInstead(http.StatusServiceUnavailable, "Service Unavailable")},
	{"503_after", "503 after the commit", commitThenRespond(http.StatusServiceUnavailable, "Service Unavailable")},
	{"504_before", "504 without commit", respondInstead(http.StatusGatewayTimeout, "Gateway Time-out")},
	{"504_after", "504 after the commit", commitThenRespond(http.StatusGatewayTimeout, "Gateway Time-out")},
	{"late_504", "504 at once, commit later", (*Sandbox).late504},
	{"late_drop", "close the connection at once, commit later", (*Sandbox).lateDrop},
	{"late", "commit and respond later, even if the client has left", (*Sandbox).lateAnswer},
	{"slow", "commit, then delay the response", (*Sandbox).slow},
	{"drip", "commit, then send the response one byte at a time", (*Sandbox).drip},
	{"truncated", "commit, then send half of the response", (*Sandbox).truncated},
	{"broken", "commit, then send a complete response with invalid JSON", (*Sandbox).invalidJSON},
	{"html", "200 with a login page instead of JSON, without commit", htmlPage(false)},
	{"html_after", "200 with an HTML page after the commit", htmlPage(true)},
	{"empty", "commit, then respond without a body", (*Sandbox).empty},
	{"wrong_number", "commit, then respond with another order", (*Sandbox).wrongNumber},
	{"wrong_total", "commit, then respond with another total", (*Sandbox).wrongTotal},
	{"redirect", "302 to another host, without commit", redirect(http.StatusFound)},
	{"redirect_307", "307 to another host, without commit", redirect(http.StatusTemporaryRedirect)},
	{"lost_row", "a list or feed page lacks its middle row", changeRows(withoutMiddle)},
	{"repeated_row", "a list or feed page repeats its first row at the end", changeRows(withFirstAgain)},
	{"reordered", "a list or feed page is in reverse order", changeRows(reversed)},
	{"hidden_row", "a list or feed page lacks its middle row, and its count is adjusted", changeCounted(hideMiddle)},
	{"shifted", "a list page after the first lacks its first row, as after a deletion", changePages(shift, func(*Sandbox, *feedPage) {})},
	{"wrong_count", "the count of a list or feed page is one too high", changeCounted(miscount)},
	{"no_rows", "a list or feed page has no rows", changePages(listWithoutRows, withoutRows)},
	{"early_end", "a list or feed page claims to be the last", changePages(endListEarly, endEarly)},
	{"no_end", "a list or feed page always claims that there is more", changePages(neverEndList, neverEnd)},
	{
		"changed_behind", "an order of a list or feed page changes right after it was read",
		changePages(func(s *Sandbox, p *listPage) { editAfterRead(s, p.Data) }, func(s *Sandbox, p *feedPage) { editAfterRead(s, p.Data) }),
	},
}

// dropConnection makes net/http close the connection without a response.
func (s *Sandbox) dropConnection() {
	s.counts.responseSent(0)
	panic(http.ErrAbortHandler)
}

func respondInstead(status int, text string) injector {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ func() response) {
		s.write(w, message(status, text))
	}
}

func commitThenRespond(status int, text string) injector {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, answer func() response) {
		answer()
		s.write(w, message(status, text))
	}
}

func (s *Sandbox) tooManySeconds(w http.ResponseWriter, _ *http.Request, _ func() response) {
	seconds := int((s.cfg.RetryAfter + time.Second - 1) / time.Second)
	s.writeTooMany(w, strconv.Itoa(seconds), time.Duration(seconds)*time.Second)
}

func (s *Sandbox) tooManyDate(w http.ResponseWriter, _ *http.Request, _ func() response) {
	until := s.clock().Add(s.cfg.RetryAfter + time.Second).Truncate(time.Second)
	s.writeTooMany(w, until.UTC().Format(http.TimeFormat), until.Sub(s.clock()))
}

// writeTooMany responds with 429 and records the pause.
func (s *Sandbox) writeTooMany(w http.ResponseWriter, retryAfter string, d time.Duration) {
	w.Header().Set("Retry-After", retryAfter)
	s.write(w, message(http.StatusTooManyRequests, "Too Many Attempts."))
	now := s.cfg.Now()
	s.counts.pauseStarted(now, now.Add(d))
}

func (s *Sandbox) plainText(w http.ResponseWriter, _ *http.Request, _ func() response) {
	s.writeRaw(w, http.StatusUnprocessableEntity, "text/plain; charset=utf-8", []byte("Order could not be validated by upstream rule 17"))
}

func (s *Sandbox) stringErrors(w http.ResponseWriter, _ *http.Request, _ func() response) {
	s.writeRaw(w, http.StatusUnprocessableEntity, "application/json", []byte(`{"message":"The given data was invalid.","errors":{"order_status":"is not valid"}}`))
}

// writeRaw writes a response that isn't one of the API's.
func (s *Sandbox) writeRaw(w http.ResponseWriter, status int, kind string, body []byte) {
	s.writeHeader(w, status, kind, len(body))
	_, _ = w.Write(body)
}

// commitLater commits after Config.LateCommit, unless the sandbox is closed first.
func (s *Sandbox) commitLater(answer func() response) {
	s.lateCommits.add(1)
	go func() {
		defer s.lateCommits.add(-1)
		t := time.NewTimer(s.cfg.LateCommit)
		defer t.Stop()
		select {
		case <-t.C:
			answer()
		case <-s.closing:
		}
	}()
}

// pendingCommits counts outstanding late commits. A WaitGroup won't do: commits may be added while
// another goroutine waits.
type pendingCommits struct {
	mu   sync.Mutex
	n    int
	zero *sync.Cond
}

func (p *pendingCommits) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n += n
	if p.n == 0 && p.zero != nil {
		p.zero.Broadcast()
	}
}

func (p *pendingCommits) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.zero == nil {
		p.zero = sync.NewCond(&p.mu)
	}
	for p.n > 0 {
		p.zero.Wait()
	}
}

func (s *Sandbox) late504(w http.ResponseWriter, _ *http.Request, answer func() response) {
	s.commitLater(answer)
	s.write(w, message(http.StatusGatewayTimeout, "Gateway Time-out"))
}

func (s *Sandbox) lateDrop(_ http.ResponseWriter, _ *http.Request, answer func() response) {
	s.commitLater(answer)
	s.dropConnection()
}

func (s *Sandbox) lateAnswer(w http.ResponseWriter, r *http.Request, answer func() response) {
	done := make(chan response, 1)
	s.commitLater(func() response {
		a := answer()
		done <- a
		return a
	})
	select {
	case a := <-done:
		s.write(w, a)
	case <-r.Context().Done():
		s.dropConnection()
	case <-s.closing:
		s.dropConnection()
	}
}

func (s *Sandbox) slow(w http.ResponseWriter, r *http.Request, answer func() response) {
	a := answer()
	s.wait(r, s.cfg.SlowFor)
	s.write(w, a)
}

func (s *Sandbox) drip(w http.ResponseWriter, r *http.Request, answer func() response) {
	a := answer()
	b, done := render(a.body)
	defer done()
	s.writeHeader(w, a.status, "application/json", len(b))
	flush := http.NewResponseController(w)
	for i := range b {
		if _, err := w.Write(b[i : i+1]); err != nil || flush.Flush() != nil {
			return
		}
		s.wait(r, s.cfg.DripEvery)
		if r.Context().Err() != nil {
			return
		}
	}
}

func (s *Sandbox) truncated(w http.ResponseWriter, _ *http.Request, answer func() response) {
	a := answer()
	b, done := render(a.body)
	defer done()
	s.writeHeader(w, a.status, "application/json", len(b))
	_, _ = w.Write(b[:len(b)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func (s *Sandbox) invalidJSON(w http.ResponseWriter, _ *http.Request, answer func() response) {
	a := answer()
	b, done := render(a.body)
	defer done()
	s.writeRaw(w, a.status, "application/json", bytes.Clone(b[:len(b)/2]))
}

func htmlPage(commit bool) injector {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, answer func() response) {
		if commit {
			answer()
		}
		s.writeRaw(w, http.StatusOK, "text/html; charset=utf-8", []byte("<!doctype html><title>Sign in</title><form><input name=user></form>"))
	}
}

func (s *Sandbox) empty(w http.ResponseWriter, _ *http.Request, answer func() response) {
	s.writeRaw(w, answer().status, "application/json", nil)
}

func redirect(status int) injector {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ func() response) {
		w.Header().Set("Location", s.cfg.RedirectTo)
		s.writeRaw(w, status, "text/html; charset=utf-8", []byte("<!doctype html><title>Moved</title>"))
	}
}

// wrongNumber responds with the previous order of the kind, or with a made-up one if there is none.
func (s *Sandbox) wrongNumber(w http.ResponseWriter, _ *http.Request, answer func() response) {
	a := answer()
	s.mu.Lock()
	if e, ok := a.body.(envelope); ok {
		switch o := e.Data.(type) {
		case *salesOrder:
			other := *o
			other.ID, other.OrderNumber = o.ID+1, o.OrderNumber+"-X"
			a.body = envelope{s.sales.previous(o.ID, &other)}
		case *purchaseOrder:
			other := *o
			other.ID, other.OrderNumbers = o.ID+1, []string{"X-" + strconv.FormatInt(o.ID, 10)}
			a.body = envelope{s.purchases.previous(o.ID, &other)}
		}
	}
	s.mu.Unlock()
	s.write(w, a)
}

func (s *Sandbox) wrongTotal(w http.ResponseWriter, _ *http.Request, answer func() response) {
	a := answer()
	if e, ok := a.body.(envelope); ok {
		switch o := e.Data.(type) {
		case *salesOrder:
			other := *o
			other.Total = o.Total.plus("1.01")
			a.body = envelope{&other}
		case *purchaseOrder:
			other := *o
			other.TotalCost = o.TotalCost.plus("1.01")
			a.body = envelope{&other}
		}
	}
	s.write(w, a)
}
