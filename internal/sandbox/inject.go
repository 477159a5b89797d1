package sandbox

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// faultKind is a fault that the sandbox knows how to inflict. act does what the request asks for; a fault that strikes before the commit
// doesn't call it.
type faultKind struct {
	name   string
	help   string
	inject func(s *Sandbox, w http.ResponseWriter, r *http.Request, act func() response)
}

// faultKinds is a read-only table.
var faultKinds = []faultKind{
	{"drop_before", "the connection ends before anything is committed", func(s *Sandbox, _ http.ResponseWriter, _ *http.Request, _ func() response) { s.dropConnection() }},
	{"drop_after", "committed, then the connection ends without an answer", func(s *Sandbox, _ http.ResponseWriter, _ *http.Request, act func() response) {
		act()
		s.dropConnection()
	}},
	{"429", "Too Many Requests with Retry-After in seconds", (*Sandbox).tooManySeconds},
	{"429_date", "Too Many Requests with Retry-After as an HTTP date", (*Sandbox).tooManyDate},
	{"429_bare", "Too Many Requests without Retry-After", respondInstead(http.StatusTooManyRequests, "Too Many Attempts.")},
	{"403", "forbidden, nothing committed", respondInstead(http.StatusForbidden, "This action is unauthorized.")},
	{"409", "conflict, nothing committed", respondInstead(http.StatusConflict, "Conflict.")},
	{"422_text", "422 with plain text, nothing committed", (*Sandbox).plainText},
	{"422_bare", "422 without field errors, nothing committed", respondInstead(http.StatusUnprocessableEntity, "The given data was invalid.")},
	{"422_string", "422 whose errors are bare strings instead of lists, nothing committed", (*Sandbox).stringErrors},
	{"500_before", "500, nothing committed", respondInstead(http.StatusInternalServerError, "Server Error")},
	{"500_after", "500, although committed", commitThenRespond(http.StatusInternalServerError, "Server Error")},
	{"502_after", "502, although committed", commitThenRespond(http.StatusBadGateway, "Bad Gateway")},
	{"503_before", "503, nothing committed", respondInstead(http.StatusServiceUnavailable, "Service Unavailable")},
	{"503_after", "503, although committed", commitThenRespond(http.StatusServiceUnavailable, "Service Unavailable")},
	{"504_before", "504, nothing committed", respondInstead(http.StatusGatewayTimeout, "Gateway Time-out")},
	{"504_after", "504, although committed", commitThenRespond(http.StatusGatewayTimeout, "Gateway Time-out")},
	{"late_504", "504 at once, committed some time after", (*Sandbox).late504},
	{"late_drop", "the connection ends at once, committed some time after", (*Sandbox).lateDrop},
	{"late", "committed and answered only after some time, also when the client has left", (*Sandbox).lateAnswer},
	{"slow", "committed, but the answer is held back", (*Sandbox).slow},
	{"drip", "committed, the answer comes one byte at a time", (*Sandbox).drip},
	{"truncated", "committed, the answer is cut in half", (*Sandbox).truncated},
	{"broken", "committed, the answer is whole but not JSON to its end", (*Sandbox).invalidJSON},
	{"html", "200 with a login page instead of JSON, nothing committed", htmlPage(false)},
	{"html_after", "200 with an HTML page, although committed", htmlPage(true)},
	{"empty", "committed, answered without a body", (*Sandbox).empty},
	{"wrong_number", "committed, answered with another order", (*Sandbox).wrongNumber},
	{"wrong_total", "committed, answered with another total", (*Sandbox).wrongTotal},
	{"redirect", "302 to another host, nothing committed", redirect(http.StatusFound)},
	{"redirect_307", "307 to another host, nothing committed", redirect(http.StatusTemporaryRedirect)},
	{"lost_row", "a list or feed page leaves out its middle row", changeRows(withoutMiddle)},
	{"repeated_row", "a list or feed page ends with its first row again", changeRows(withFirstAgain)},
	{"reordered", "a list or feed page comes in reverse", changeRows(reversed)},
	{"hidden_row", "a list or feed page leaves out its middle row and counts without it", changePages(hideMiddleOfList, hideMiddle)},
	{"shifted", "a list's page but the first leaves out its first row, as after a deletion before it", changePages(shift, func(*Sandbox, *feedPage) {})},
	{"wrong_count", "a list or feed page counts one row more than there is", changePages(miscountList, miscount)},
	{"no_rows", "a list or feed page comes without its rows", changePages(listWithoutRows, withoutRows)},
	{"early_end", "a list or feed page says that it is the last", changePages(endListEarly, endEarly)},
	{"no_end", "a list or feed page says that there is more, whatever there is", changePages(neverEndList, neverEnd)},
	{
		"changed_behind", "an order of a list or feed page changes as soon as it was read",
		changePages(func(s *Sandbox, p *listPage) { editAfterRead(s, p.Data) }, func(s *Sandbox, p *feedPage) { editAfterRead(s, p.Data) }),
	},
}

// dropConnection ends the connection. net/http knows this panic and closes without a word.
func (s *Sandbox) dropConnection() {
	s.counts.responseSent(0)
	panic(http.ErrAbortHandler)
}

func respondInstead(status int, text string) func(*Sandbox, http.ResponseWriter, *http.Request, func() response) {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ func() response) {
		s.write(w, message(status, text))
	}
}

func commitThenRespond(status int, text string) func(*Sandbox, http.ResponseWriter, *http.Request, func() response) {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, act func() response) {
		act()
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

// writeTooMany answers 429 and remembers until when nothing may come.
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

// writeRaw writes an answer that isn't one of the API's.
func (s *Sandbox) writeRaw(w http.ResponseWriter, status int, kind string, body []byte) {
	s.counts.responseSent(status)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// commitLater commits after Config.LateCommit, unless the sandbox is closed before.
func (s *Sandbox) commitLater(act func() response) {
	s.lateCommits.add(1)
	go func() {
		defer s.lateCommits.add(-1)
		t := time.NewTimer(s.cfg.LateCommit)
		defer t.Stop()
		select {
		case <-t.C:
			act()
		case <-s.closing:
		}
	}()
}

// pendingCommits counts the late commits that are still to come. It is no WaitGroup since new ones may come while somebody waits.
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

func (s *Sandbox) late504(w http.ResponseWriter, _ *http.Request, act func() response) {
	s.commitLater(act)
	s.write(w, message(http.StatusGatewayTimeout, "Gateway Time-out"))
}

func (s *Sandbox) lateDrop(_ http.ResponseWriter, _ *http.Request, act func() response) {
	s.commitLater(act)
	s.dropConnection()
}

func (s *Sandbox) lateAnswer(w http.ResponseWriter, r *http.Request, act func() response) {
	done := make(chan response, 1)
	s.commitLater(func() response {
		a := act()
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

func (s *Sandbox) slow(w http.ResponseWriter, r *http.Request, act func() response) {
	a := act()
	s.wait(r, s.cfg.SlowFor)
	s.write(w, a)
}

func (s *Sandbox) drip(w http.ResponseWriter, r *http.Request, act func() response) {
	a := act()
	b, done := render(a.body)
	defer done()
	s.counts.responseSent(a.status)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(a.status)
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

func (s *Sandbox) truncated(w http.ResponseWriter, _ *http.Request, act func() response) {
	a := act()
	b, done := render(a.body)
	defer done()
	s.counts.responseSent(a.status)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(a.status)
	_, _ = w.Write(b[:len(b)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func (s *Sandbox) invalidJSON(w http.ResponseWriter, _ *http.Request, act func() response) {
	a := act()
	b, done := render(a.body)
	defer done()
	s.writeRaw(w, a.status, "application/json", bytes.Clone(b[:len(b)/2]))
}

func htmlPage(commit bool) func(*Sandbox, http.ResponseWriter, *http.Request, func() response) {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, act func() response) {
		if commit {
			act()
		}
		s.writeRaw(w, http.StatusOK, "text/html; charset=utf-8", []byte("<!doctype html><title>Sign in</title><form><input name=user></form>"))
	}
}

func (s *Sandbox) empty(w http.ResponseWriter, _ *http.Request, act func() response) {
	s.writeRaw(w, act().status, "application/json", nil)
}

func redirect(status int) func(*Sandbox, http.ResponseWriter, *http.Request, func() response) {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ func() response) {
		w.Header().Set("Location", s.cfg.RedirectTo)
		s.writeRaw(w, status, "text/html; charset=utf-8", []byte("<!doctype html><title>Moved</title>"))
	}
}

// wrongNumber answers with another order of the same kind, or, as long as there is none, with one that doesn't exist.
func (s *Sandbox) wrongNumber(w http.ResponseWriter, _ *http.Request, act func() response) {
	a := act()
	if e, ok := a.body.(envelope); ok {
		switch o := e.Data.(type) {
		case *salesOrder:
			other := *o
			other.ID, other.OrderNumber = o.ID+1, o.OrderNumber+"-X"
			a.body = envelope{s.previousSales(o.ID, &other)}
		case *purchaseOrder:
			other := *o
			other.ID, other.OrderNumbers = o.ID+1, []string{"X-" + strconv.FormatInt(o.ID, 10)}
			a.body = envelope{s.previousPurchase(o.ID, &other)}
		}
	}
	s.write(w, a)
}

func (s *Sandbox) wrongTotal(w http.ResponseWriter, _ *http.Request, act func() response) {
	a := act()
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
