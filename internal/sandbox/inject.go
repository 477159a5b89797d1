package sandbox

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// faultKind is a kind of fault.
type faultKind struct {
	name, help string
	commit     commit
	respond    responder
}

// responder responds to a request with a fault. a is the answer if the request was processed.
type responder func(s *Sandbox, w http.ResponseWriter, r *http.Request, a response)

// commit says when a request with a fault is processed.
type commit int

const (
	never commit = iota
	first        // before the response
	later        // after the response and Config.LateCommit
)

// faultKinds is read-only.
var faultKinds = []faultKind{
	{"drop_before", "close the connection before the commit", never, drop},
	{"drop_after", "commit, then close the connection without a response", first, drop},
	{"429", "429 with Retry-After in seconds", never, tooManySeconds},
	{"429_date", "429 with Retry-After as an HTTP date", never, tooManyDate},
	{"429_bare", "429 without Retry-After", never, fail(http.StatusTooManyRequests, "Too Many Attempts.")},
	{"403", "403 without commit", never, fail(http.StatusForbidden, "This action is unauthorized.")},
	{"409", "409 without commit", never, fail(http.StatusConflict, "Conflict.")},
	{
		"422_text", "422 with plain text, without commit", never,
		raw(http.StatusUnprocessableEntity, "text/plain; charset=utf-8", "Order could not be validated by upstream rule 17"),
	},
	{"422_bare", "422 without field errors, without commit", never, fail(http.StatusUnprocessableEntity, "The given data was invalid.")},
	{
		"422_string", "422 with errors as strings instead of lists, without commit", never,
		raw(http.StatusUnprocessableEntity, "application/json", `{"message":"The given data was invalid.","errors":{"order_status":"is not valid"}}`),
	},
	{"500_before", "500 without commit", never, fail(http.StatusInternalServerError, "Server Error")},
	{"500_after", "500 after the commit", first, fail(http.StatusInternalServerError, "Server Error")},
	{"502_after", "502 after the commit", first, fail(http.StatusBadGateway, "Bad Gateway")},
	{"503_before", "503 without commit", never, fail(http.StatusServiceUnavailable, "Service Unavailable")},
	{"503_after", "503 after the commit", first, fail(http.StatusServiceUnavailable, "Service Unavailable")},
	{"504_before", "504 without commit", never, fail(http.StatusGatewayTimeout, "Gateway Time-out")},
	{"504_after", "504 after the commit", first, fail(http.StatusGatewayTimeout, "Gateway Time-out")},
	{"late_504", "504 at once, commit later", later, fail(http.StatusGatewayTimeout, "Gateway Time-out")},
	{"late_drop", "close the connection at once, commit later", later, drop},
	{"late", "commit and respond later, even if the client has left", later, nil},
	{"slow", "commit, then delay the response", first, slow},
	{"drip", "commit, then send the response one byte at a time", first, drip},
	{"truncated", "commit, then send half of the response", first, truncated},
	{"broken", "commit, then send a complete response with invalid JSON", first, invalidJSON},
	{"html", "200 with a login page instead of JSON, without commit", never, raw(http.StatusOK, htmlType, loginPage)},
	{"html_after", "200 with an HTML page after the commit", first, raw(http.StatusOK, htmlType, loginPage)},
	{"empty", "commit, then respond without a body", first, empty},
	{"wrong_number", "commit, then respond with another order", first, changeShown(anotherOrder)},
	{"wrong_total", "commit, then respond with another total", first, changeShown(anotherTotal)},
	{"redirect", "302 to another host, without commit", never, redirect(http.StatusFound)},
	{"redirect_307", "307 to another host, without commit", never, redirect(http.StatusTemporaryRedirect)},
	{"lost_row", "a list or feed page lacks its middle row", first, changeRows(dropMiddle)},
	{"repeated_row", "a list or feed page repeats its first row at the end", first, changeRows(repeatFirst)},
	{"reordered", "a list or feed page is in reverse order", first, changeRows(reverseRows)},
	{"hidden_row", "a list or feed page lacks its middle row, and its count is adjusted", first, changeRows(hideMiddle)},
	{"shifted", "a list page after the first lacks its first row, as after a deletion", first, changeRows(shift)},
	{"wrong_count", "the count of a list or feed page is one too high", first, changePages(miscount)},
	{"no_rows", "a list or feed page has no rows", first, changePages(dropRows)},
	{"early_end", "a list or feed page claims to be the last", first, changePages(endEarly)},
	{"no_end", "a list or feed page always claims that there is more", first, changePages(neverEnd)},
	{"changed_behind", "an order of a list or feed page changes right after it was read", first, changePages(editAfterRead)},
}

const (
	htmlType  = "text/html; charset=utf-8"
	loginPage = "<!doctype html><title>Sign in</title><form><input name=user></form>"
)

func findFault(name string) *faultKind {
	i := slices.IndexFunc(faultKinds, func(k faultKind) bool { return k.name == name })
	if i < 0 {
		return nil
	}
	return &faultKinds[i]
}

// inject handles a request with a fault. answer processes the request.
func (k *faultKind) inject(s *Sandbox, w http.ResponseWriter, r *http.Request, answer func() response) {
	var a response
	switch k.commit {
	case first:
		a = answer()
	case later:
		done := s.commitLater(answer)
		if k.respond != nil {
			break
		}
		select {
		case a = <-done:
			s.write(w, a)
		case <-r.Context().Done():
			drop(s, w, r, a)
		case <-s.closing:
			drop(s, w, r, a)
		}
		return
	}
	k.respond(s, w, r, a)
}

// commitLater commits after Config.LateCommit, unless the sandbox is closed first.
func (s *Sandbox) commitLater(answer func() response) <-chan response {
	done := make(chan response, 1)
	s.mu.Lock()
	s.lateCommits++
	s.mu.Unlock()
	go func() {
		t := time.NewTimer(s.cfg.LateCommit)
		defer t.Stop()
		select {
		case <-t.C:
			done <- answer()
		case <-s.closing:
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lateCommits--
		s.settled.Broadcast()
	}()
	return done
}

// drop makes net/http close the connection without a response.
func drop(s *Sandbox, _ http.ResponseWriter, _ *http.Request, _ response) {
	s.gate.update(func(st *Stats) { st.ByStatus[0]++ })
	panic(http.ErrAbortHandler)
}

func fail(status int, text string) responder {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ response) {
		s.write(w, message(status, text))
	}
}

func raw(status int, contentType, body string) responder {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ response) {
		s.writeRaw(w, status, contentType, []byte(body))
	}
}

func redirect(status int) responder {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ response) {
		w.Header().Set("Location", "https://login.sandbox.invalid/")
		s.writeRaw(w, status, htmlType, []byte("<!doctype html><title>Moved</title>"))
	}
}

func tooManySeconds(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ response) {
	seconds := int((s.cfg.RetryAfter + time.Second - 1) / time.Second)
	s.writeTooMany(w, strconv.Itoa(seconds), time.Duration(seconds)*time.Second)
}

func tooManyDate(s *Sandbox, w http.ResponseWriter, _ *http.Request, _ response) {
	until := s.clock().Add(s.cfg.RetryAfter + time.Second).Truncate(time.Second)
	s.writeTooMany(w, until.UTC().Format(http.TimeFormat), until.Sub(s.clock()))
}

// writeTooMany responds with 429 and records the pause.
func (s *Sandbox) writeTooMany(w http.ResponseWriter, retryAfter string, d time.Duration) {
	w.Header().Set("Retry-After", retryAfter)
	s.write(w, message(http.StatusTooManyRequests, "Too Many Attempts."))
	now := s.cfg.Now()
	s.gate.pauseStarted(now, now.Add(d))
}

func slow(s *Sandbox, w http.ResponseWriter, r *http.Request, a response) {
	s.wait(r, s.cfg.SlowFor)
	s.write(w, a)
}

func drip(s *Sandbox, w http.ResponseWriter, r *http.Request, a response) {
	b := a.encode()
	s.writeHeader(w, a.status, "application/json", len(b))
	flush := http.NewResponseController(w)
	for i := range b {
		if _, err := w.Write(b[i : i+1]); err != nil || flush.Flush() != nil || r.Context().Err() != nil {
			return
		}
		s.wait(r, s.cfg.DripEvery)
	}
}

func truncated(s *Sandbox, w http.ResponseWriter, _ *http.Request, a response) {
	b := a.encode()
	s.writeHeader(w, a.status, "application/json", len(b))
	_, _ = w.Write(b[:len(b)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func invalidJSON(s *Sandbox, w http.ResponseWriter, _ *http.Request, a response) {
	b := a.encode()
	s.writeRaw(w, a.status, "application/json", bytes.Clone(b[:len(b)/2]))
}

func empty(s *Sandbox, w http.ResponseWriter, _ *http.Request, a response) {
	s.writeRaw(w, a.status, "application/json", nil)
}

// changeShown makes a fault that changes the order in a response.
func changeShown(change func(o *orders, order doc) doc) responder {
	return func(s *Sandbox, w http.ResponseWriter, _ *http.Request, a response) {
		data, _ := a.body["data"].(shown)
		if order, ok := data.value.(doc); ok && data.of != nil {
			s.mu.Lock()
			data.value = change(data.of, maps.Clone(order))
			s.mu.Unlock()
			a.body["data"] = data
		}
		s.write(w, a)
	}
}

// anotherOrder returns the previous order of the kind, or a made-up one if there is none.
func anotherOrder(o *orders, order doc) doc {
	id := wholeOf(order, "id")
	if previous := o.get(id - 1); previous != nil {
		return previous
	}
	order["id"], order["order_number"] = whole(id+1), text(order, "order_number")+"-X"
	order["order_numbers"] = []any{"X-" + string(whole(id))}
	return order
}

func anotherTotal(o *orders, order doc) doc {
	order[o.total] = number(decimalOf(order, o.total).Add(decimal.New(101, -2)))
	return order
}
