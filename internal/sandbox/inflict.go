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
	name string
	help string
	do   func(s *Sandbox, w http.ResponseWriter, r *http.Request, act func() answer)
}

// faultKinds is a read-only table.
var faultKinds = []faultKind{
	{"drop_before", "the connection ends before anything is committed", func(s *Sandbox, _ http.ResponseWriter, _ *http.Request, _ func() answer) { s.drop() }},
	{"drop_after", "committed, then the connection ends without an answer", func(s *Sandbox, _ http.ResponseWriter, _ *http.Request, act func() answer) { act(); s.drop() }},
	{"429", "Too Many Requests with Retry-After in seconds", (*Sandbox).tooMany},
	{"429_date", "Too Many Requests with Retry-After as an HTTP date", (*Sandbox).tooManyDate},
	{"429_bare", "Too Many Requests without Retry-After", instead(http.StatusTooManyRequests, "Too Many Attempts.")},
	{"403", "forbidden, nothing committed", instead(http.StatusForbidden, "This action is unauthorized.")},
	{"409", "conflict, nothing committed", instead(http.StatusConflict, "Conflict.")},
	{"422_text", "422 with plain text, nothing committed", (*Sandbox).plainText},
	{"422_bare", "422 without field errors, nothing committed", instead(http.StatusUnprocessableEntity, "The given data was invalid.")},
	{"422_string", "422 whose errors are bare strings instead of lists, nothing committed", (*Sandbox).bareStrings},
	{"500_before", "500, nothing committed", instead(http.StatusInternalServerError, "Server Error")},
	{"500_after", "500, although committed", afterwards(http.StatusInternalServerError, "Server Error")},
	{"502_after", "502, although committed", afterwards(http.StatusBadGateway, "Bad Gateway")},
	{"503_before", "503, nothing committed", instead(http.StatusServiceUnavailable, "Service Unavailable")},
	{"503_after", "503, although committed", afterwards(http.StatusServiceUnavailable, "Service Unavailable")},
	{"504_before", "504, nothing committed", instead(http.StatusGatewayTimeout, "Gateway Time-out")},
	{"504_after", "504, although committed", afterwards(http.StatusGatewayTimeout, "Gateway Time-out")},
	{"late_504", "504 at once, committed some time after", (*Sandbox).late504},
	{"late_drop", "the connection ends at once, committed some time after", (*Sandbox).lateDrop},
	{"late", "committed and answered only after some time, also when the client has left", (*Sandbox).lateAnswer},
	{"slow", "committed, but the answer is held back", (*Sandbox).slow},
	{"drip", "committed, the answer comes one byte at a time", (*Sandbox).drip},
	{"truncated", "committed, the answer is cut in half", (*Sandbox).truncated},
	{"broken", "committed, the answer is whole but not JSON to its end", (*Sandbox).broken},
	{"html", "200 with a login page instead of JSON, nothing committed", page(false)},
	{"html_after", "200 with an HTML page, although committed", page(true)},
	{"empty", "committed, answered without a body", (*Sandbox).empty},
	{"wrong_number", "committed, answered with another order", (*Sandbox).wrongNumber},
	{"wrong_total", "committed, answered with another total", (*Sandbox).wrongTotal},
	{"redirect", "302 to another host, nothing committed", redirect(http.StatusFound)},
	{"redirect_307", "307 to another host, nothing committed", redirect(http.StatusTemporaryRedirect)},
	{"lost_row", "a list or feed page leaves out its middle row", rows(withoutMiddle)},
	{"repeated_row", "a list or feed page ends with its first row again", rows(withFirstAgain)},
	{"reordered", "a list or feed page comes in reverse", rows(reversed)},
	{"hidden_row", "a list or feed page leaves out its middle row and counts without it", pages(hideMiddleOfList, hideMiddle)},
	{"shifted", "a list's page but the first leaves out its first row, as after a deletion before it", pages(shift, func(*Sandbox, *feedPage) {})},
	{"wrong_count", "a list or feed page counts one row more than there is", pages(miscountList, miscount)},
	{"no_rows", "a list or feed page comes without its rows", pages(listWithoutRows, withoutRows)},
	{"early_end", "a list or feed page says that it is the last", pages(endListEarly, endEarly)},
	{"no_end", "a list or feed page says that there is more, whatever there is", pages(neverEndList, neverEnd)},
	{
		"changed_behind", "an order of a list or feed page changes as soon as it was read",
		pages(func(s *Sandbox, p *listPage) { changeBehind(s, p.Data) }, func(s *Sandbox, p *feedPage) { changeBehind(s, p.Data) }),
	},
}

// drop ends the connection. net/http knows this panic and closes without a word.
func (s *Sandbox) drop() {
	s.counts.answered(0)
	panic(http.ErrAbortHandler)
}

func instead(status int, text string) func(*Sandbox, http.ResponseWriter, *http.Request, func() answer) {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ func() answer) {
		s.write(w, message(status, text))
	}
}

func afterwards(status int, text string) func(*Sandbox, http.ResponseWriter, *http.Request, func() answer) {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, act func() answer) {
		act()
		s.write(w, message(status, text))
	}
}

func (s *Sandbox) tooMany(w http.ResponseWriter, _ *http.Request, _ func() answer) {
	seconds := int((s.cfg.RetryAfter + time.Second - 1) / time.Second)
	s.pause(w, strconv.Itoa(seconds), time.Duration(seconds)*time.Second)
}

func (s *Sandbox) tooManyDate(w http.ResponseWriter, _ *http.Request, _ func() answer) {
	until := s.clock().Add(s.cfg.RetryAfter + time.Second).Truncate(time.Second)
	s.pause(w, until.UTC().Format(http.TimeFormat), until.Sub(s.clock()))
}

// pause answers 429 and remembers until when nothing may come.
func (s *Sandbox) pause(w http.ResponseWriter, retryAfter string, d time.Duration) {
	w.Header().Set("Retry-After", retryAfter)
	s.write(w, message(http.StatusTooManyRequests, "Too Many Attempts."))
	now := s.cfg.Now()
	s.counts.paused(now, now.Add(d))
}

func (s *Sandbox) plainText(w http.ResponseWriter, _ *http.Request, _ func() answer) {
	s.raw(w, http.StatusUnprocessableEntity, "text/plain; charset=utf-8", []byte("Order could not be validated by upstream rule 17"))
}

func (s *Sandbox) bareStrings(w http.ResponseWriter, _ *http.Request, _ func() answer) {
	s.raw(w, http.StatusUnprocessableEntity, "application/json", []byte(`{"message":"The given data was invalid.","errors":{"order_status":"is not valid"}}`))
}

// raw writes an answer that isn't one of the API's.
func (s *Sandbox) raw(w http.ResponseWriter, status int, kind string, body []byte) {
	s.counts.answered(status)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// later commits after Config.LateCommit, unless the sandbox is closed before.
func (s *Sandbox) later(act func() answer) {
	s.late.add(1)
	go func() {
		defer s.late.add(-1)
		t := time.NewTimer(s.cfg.LateCommit)
		defer t.Stop()
		select {
		case <-t.C:
			act()
		case <-s.closing:
		}
	}()
}

// pending counts the late commits that are still to come. It is no WaitGroup since new ones may come while somebody waits.
type pending struct {
	mu   sync.Mutex
	n    int
	zero *sync.Cond
}

func (p *pending) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n += n
	if p.n == 0 && p.zero != nil {
		p.zero.Broadcast()
	}
}

func (p *pending) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.zero == nil {
		p.zero = sync.NewCond(&p.mu)
	}
	for p.n > 0 {
		p.zero.Wait()
	}
}

func (s *Sandbox) late504(w http.ResponseWriter, _ *http.Request, act func() answer) {
	s.later(act)
	s.write(w, message(http.StatusGatewayTimeout, "Gateway Time-out"))
}

func (s *Sandbox) lateDrop(_ http.ResponseWriter, _ *http.Request, act func() answer) {
	s.later(act)
	s.drop()
}

func (s *Sandbox) lateAnswer(w http.ResponseWriter, r *http.Request, act func() answer) {
	done := make(chan answer, 1)
	s.later(func() answer {
		a := act()
		done <- a
		return a
	})
	select {
	case a := <-done:
		s.write(w, a)
	case <-r.Context().Done():
		s.drop()
	case <-s.closing:
		s.drop()
	}
}

func (s *Sandbox) slow(w http.ResponseWriter, r *http.Request, act func() answer) {
	a := act()
	s.wait(r, s.cfg.SlowFor)
	s.write(w, a)
}

func (s *Sandbox) drip(w http.ResponseWriter, r *http.Request, act func() answer) {
	a := act()
	b, done := render(a.body)
	defer done()
	s.counts.answered(a.status)
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

func (s *Sandbox) truncated(w http.ResponseWriter, _ *http.Request, act func() answer) {
	a := act()
	b, done := render(a.body)
	defer done()
	s.counts.answered(a.status)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(a.status)
	_, _ = w.Write(b[:len(b)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func (s *Sandbox) broken(w http.ResponseWriter, _ *http.Request, act func() answer) {
	a := act()
	b, done := render(a.body)
	defer done()
	s.raw(w, a.status, "application/json", bytes.Clone(b[:len(b)/2]))
}

func page(commit bool) func(*Sandbox, http.ResponseWriter, *http.Request, func() answer) {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, act func() answer) {
		if commit {
			act()
		}
		s.raw(w, http.StatusOK, "text/html; charset=utf-8", []byte("<!doctype html><title>Sign in</title><form><input name=user></form>"))
	}
}

func (s *Sandbox) empty(w http.ResponseWriter, _ *http.Request, act func() answer) {
	s.raw(w, act().status, "application/json", nil)
}

func redirect(status int) func(*Sandbox, http.ResponseWriter, *http.Request, func() answer) {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ func() answer) {
		w.Header().Set("Location", s.cfg.RedirectTo)
		s.raw(w, status, "text/html; charset=utf-8", []byte("<!doctype html><title>Moved</title>"))
	}
}

// wrongNumber answers with another order of the same kind, or, as long as there is none, with one that doesn't exist.
func (s *Sandbox) wrongNumber(w http.ResponseWriter, _ *http.Request, act func() answer) {
	a := act()
	if e, ok := a.body.(envelope); ok {
		switch o := e.Data.(type) {
		case *salesOrder:
			other := *o
			other.ID, other.OrderNumber = o.ID+1, o.OrderNumber+"-X"
			a.body = envelope{s.otherSales(o.ID, &other)}
		case *purchaseOrder:
			other := *o
			other.ID, other.OrderNumbers = o.ID+1, []string{"X-" + strconv.FormatInt(o.ID, 10)}
			a.body = envelope{s.otherPurchase(o.ID, &other)}
		}
	}
	s.write(w, a)
}

func (s *Sandbox) wrongTotal(w http.ResponseWriter, _ *http.Request, act func() answer) {
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
