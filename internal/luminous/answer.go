package luminous

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// classify returns the error of an answer that isn't a success; nil is a success.
func (c *Client) classify(r request, a answer) *Error {
	if a.status >= 200 && a.status < 300 {
		return c.checkSuccess(r, a)
	}
	e := &Error{
		Call: r.name(), Status: a.status, Signature: strconv.Itoa(a.status), Raw: c.clean(string(a.body)), RetryAfter: a.retryAfter,
	}
	switch {
	case a.status == http.StatusUnauthorized:
		e.Outcome, e.TokenRejected, e.Stop = NotSent, true, true
	case a.status == http.StatusTooManyRequests:
		e.Outcome, e.retry = NotSent, afterPause
	case a.status >= 500 || a.status == http.StatusRequestTimeout:
		e.Outcome = Unknown // a proxy may answer 408 after it passed the request on
		if !r.write {
			e.retry = afterBackoff
		}
	case a.status >= 400:
		e.Outcome = Rejected
	default: // a redirect; 303 and 302 may even mean that the order was created
		e.Stop = true
		e.Message = c.redirect(r, a)
		e.Signature += " redirect"
		return e
	}
	c.readReason(e, a)
	return e
}

// checkSuccess finds the 2xx answers that confirm nothing.
func (c *Client) checkSuccess(r request, a answer) *Error {
	e := &Error{Call: r.name(), Status: a.status}
	if !r.write {
		e.retry = afterBackoff
	}
	body := bytes.TrimSpace(a.body)
	switch {
	case a.readErr != nil:
		e.Message, e.Signature, e.Err = "the answer is incomplete: "+c.clean(a.readErr.Error()), "incomplete answer", a.readErr
		if timedOut(a.readErr) {
			e.Signature = "timeout"
		}
	case len(body) == 0 && r.method == http.MethodDelete:
		return nil // the API's pages promise no body for a deletion
	case len(body) == 0:
		e.Message, e.Signature = "the answer is empty", "empty answer"
	case body[0] == '<' || strings.Contains(a.header.Get("Content-Type"), "html"):
		e.Message, e.Signature, e.NotAPI = "the answer is an HTML page, not the API's: a proxy, or a login page?", "not the API", true
		e.retry = never
	default:
		return nil
	}
	e.Raw = c.clean(string(body))
	return e
}

// unreadable is the error of a success whose body can't be parsed.
func (c *Client) unreadable(r request, a answer, err error) *Error {
	return &Error{
		Call: r.name(), Status: a.status, Signature: "unreadable answer", Raw: c.clean(string(a.body)), Err: err,
		Message: c.clean(err.Error()),
	}
}

// redirect says where a redirect points, as a base URL where possible.
func (c *Client) redirect(r request, a answer) string {
	const moved = "the server redirects to another address"
	loc, err := url.Parse(a.header.Get("Location"))
	if err != nil || loc.String() == "" {
		return moved + ", without naming it; check the base URL " + c.cfg.BaseURL
	}
	to := c.base.ResolveReference(loc)
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	if path, ok := strings.CutSuffix(strings.TrimRight(to.Path, "/"), r.path); ok {
		to.Path, to.RawPath = path, ""
		if base, err := NormalizeBaseURL(to.String(), ""); err == nil && base != c.cfg.BaseURL {
			return moved + "; nothing was sent there. If you know this address, use it as the base URL: " + c.clean(base)
		}
	}
	return moved + ", " + c.clean(to.String()) + "; nothing was sent there. Check the base URL " + c.cfg.BaseURL
}

// timedOut reports whether an error is a deadline that passed.
func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
