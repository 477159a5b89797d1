package luminous

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ordersheet/internal/pace"
)

// shown is how many characters of an answer a message shows at most.
const shown = 300

// classify turns an answer that isn't a success into its error; nil is a success.
func (c *Client) classify(r request, a answer) *Error {
	if a.status >= 200 && a.status < 300 {
		return c.checkSuccess(r, a)
	}
	e := &Error{Call: r.name(), Status: a.status, Signature: fmt.Sprint(a.status), Raw: c.clean(string(a.body)), RetryAfter: a.retryAfter}
	switch {
	case a.status == http.StatusUnauthorized:
		e.Outcome, e.TokenRefused, e.Stop = NotSent, true, true
	case a.status == http.StatusTooManyRequests:
		e.Outcome, e.retry = NotSent, held
	case a.status >= 500 || a.status == http.StatusRequestTimeout:
		e.Outcome = Unknown // a 408 may come from something in between, after the request went on
		if !r.write {
			e.retry = flaky
		}
	case a.status >= 400:
		e.Outcome = Rejected
	default: // a redirect; 303 and 302 may even mean that the order was made
		e.Stop = true
		e.Message = c.elsewhere(r, a)
		e.Signature += " redirect"
		return e
	}
	c.readReason(e, a)
	return e
}

// checkSuccess finds the 2xx that confirm nothing.
func (c *Client) checkSuccess(r request, a answer) *Error {
	e := &Error{Call: r.name(), Status: a.status}
	if !r.write {
		e.retry = flaky
	}
	body := bytes.TrimSpace(a.body)
	switch {
	case a.broken != nil:
		e.Message, e.Signature, e.Err = "the answer broke off: "+c.clean(a.broken.Error()), "answer broke off", a.broken
		if timedOut(a.broken) {
			e.Signature = "timeout"
		}
	case len(body) == 0 && r.method == http.MethodDelete:
		return nil // the API's pages promise no body for a deletion
	case len(body) == 0:
		e.Message, e.Signature = "the answer is empty", "empty answer"
	case body[0] == '<' || strings.Contains(a.header.Get("Content-Type"), "html"):
		e.Message, e.Signature, e.NotAPI = "what answered is not the API but a page of HTML: a proxy, or a page to log in?", "not the API", true
		e.retry = never
	default:
		return nil
	}
	e.Raw = c.clean(string(body))
	return e
}

// unreadable is a success whose body can't be understood.
func (c *Client) unreadable(r request, a answer, err error) *Error {
	e := &Error{Call: r.name(), Status: a.status, Signature: "unreadable answer", Raw: c.clean(string(a.body)), Err: err}
	e.Message = c.clean(err.Error())
	return e
}

// elsewhere says where a redirect points, as a base URL when it can be one.
func (c *Client) elsewhere(r request, a answer) string {
	at := "the server answers that the API is elsewhere"
	loc, err := url.Parse(a.header.Get("Location"))
	if err != nil || loc.String() == "" {
		return at + ", without saying where; check the base URL " + c.cfg.BaseURL
	}
	to := c.base.ResolveReference(loc)
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	if path, ok := strings.CutSuffix(strings.TrimRight(to.Path, "/"), r.path); ok {
		to.Path, to.RawPath = path, ""
		if base, err := NormalizeBaseURL(to.String(), ""); err == nil && base != c.cfg.BaseURL {
			return at + "; nothing was sent there. If you know this address, use it as the base URL: " + c.clean(base)
		}
	}
	return at + ", at " + c.clean(to.String()) + "; nothing was sent there. Check the base URL " + c.cfg.BaseURL
}

// readReason fills in what the body of a refusal says.
func (c *Client) readReason(e *Error, a answer) {
	var in struct {
		Message json.RawMessage `json:"message"`
		Error   json.RawMessage `json:"error"`
		Errors  json.RawMessage `json:"errors"`
	}
	standard := http.StatusText(e.Status)
	if json.Unmarshal(a.body, &in) != nil {
		e.Message = standard
		if body := bytes.TrimSpace(a.body); len(body) > 0 && body[0] == '<' {
			e.Message, e.NotAPI = strings.TrimSpace(standard+" (a page of HTML)"), true
		} else if e.Raw != "" {
			e.Message = e.Raw
		}
	} else {
		e.Message = c.clean(firstText(in.Message, in.Error))
		e.Fields = c.fieldErrors(in.Errors)
		if e.Message == "" && len(e.Fields) == 0 && e.Raw != "" && e.Raw != "{}" {
			e.Message = e.Raw
		}
	}
	if e.Message == "" {
		e.Message = standard
	}
	if e.Outcome == Rejected {
		e.Signature = signature(e)
	}
	if e.NotAPI && e.Outcome == Rejected {
		e.Message += "; check the base URL " + c.cfg.BaseURL
	}
}

// firstText is the first of some JSON values that is a text; objects are searched for their message.
func firstText(values ...json.RawMessage) string {
	for _, v := range values {
		var s string
		if json.Unmarshal(v, &s) == nil && strings.TrimSpace(s) != "" {
			return strings.TrimSpace(s)
		}
		var o struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(v, &o) == nil && o.Message != "" {
			return o.Message
		}
	}
	return ""
}

// clean makes text of the server fit for a terminal and a report: without the token, on one line, without control characters, trimmed.
func (c *Client) clean(s string) string {
	if len(s) > 8*shown { // no need to walk through a long page
		s = s[:8*shown]
	}
	if t := string(c.token); t != "" {
		s = strings.ReplaceAll(s, t, "***")
		s = strings.ReplaceAll(s, url.QueryEscape(t), "***")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= shown {
		return s
	}
	return string([]rune(s)[:shown]) + "..."
}

// timedOut says that an error is a deadline that passed.
func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// answer is what came back, read to its end.
type answer struct {
	status     int
	header     http.Header
	body       []byte
	broken     error         // why the body couldn't be read to its end
	retryAfter time.Duration // 0 when the server didn't ask for a wait
	quota      pace.Quota
}
