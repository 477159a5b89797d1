package luminous

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// request is one call before it is sent.
type request struct {
	method string
	path   string // below the base URL, such as /sales-orders/7
	query  url.Values
	body   []byte
	write  bool          // it may change something
	within time.Duration // it leaves within this time or not at all, and isn't held back and sent later; 0 is no bound
}

// attempt sends a request once and reads its answer to the end.
func (c *Client) attempt(parent context.Context, r request) (answer, *Error) {
	ctx, cancel := context.WithTimeout(parent, c.cfg.Timeout)
	defer cancel()
	w := &watch{gate: func() bool { return c.governor.WaitPause(ctx, r.within) }}
	res, err := c.transport.RoundTrip(c.build(w.trace(ctx), r))
	if err != nil {
		return answer{}, c.broke(parent, r, w, err)
	}
	defer res.Body.Close()
	c.requests.Add(1)
	a := c.read(res)
	return a, c.classify(r, a)
}

// build makes the request for the transport. GetBody stays nil on everything, so that net/http can't send a write a second time by itself. A
// body that net/http knows to be in memory leaves in one piece with the header.
func (c *Client) build(ctx context.Context, r request) *http.Request {
	u := *c.base
	u.Path, u.RawPath, u.RawQuery = c.base.Path+r.path, "", r.query.Encode()
	req := &http.Request{
		Method: r.method, URL: &u, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: c.readHeader, Host: u.Host,
	}
	if len(r.body) > 0 {
		req.Body, req.ContentLength, req.Header = io.NopCloser(bytes.NewReader(r.body)), int64(len(r.body)), c.writeHeader
	}
	return req.WithContext(ctx)
}

// read reads an answer to its end, so that its connection can be used again.
func (c *Client) read(res *http.Response) answer {
	now := time.Now()
	a := answer{status: res.StatusCode, header: res.Header, retryAfter: retryAfter(res.Header, now), quota: readQuota(res.Header, now)}
	limit := c.cfg.MaxAnswer
	if n := res.ContentLength; n >= 0 && n <= min(limit, 1<<20) {
		a.body = make([]byte, n)
		n, err := io.ReadFull(res.Body, a.body)
		a.body, a.broken = a.body[:n], err
		if n == 0 && errors.Is(err, io.EOF) {
			a.broken = nil
			if res.ContentLength > 0 {
				a.broken = io.ErrUnexpectedEOF
			}
		}
		return a
	}
	buf, ok := c.buffers.Get().(*bytes.Buffer)
	if !ok {
		buf = new(bytes.Buffer)
	}
	defer c.buffers.Put(buf)
	buf.Reset()
	_, a.broken = buf.ReadFrom(io.LimitReader(res.Body, limit+1))
	if int64(buf.Len()) > limit {
		a.broken = errTooLarge
		buf.Truncate(int(limit))
	}
	a.body = bytes.Clone(buf.Bytes())
	return a
}

var errTooLarge = errors.New("it is larger than any answer should be")

// broke says what a request without an answer means: everything hangs on whether a byte of it left.
func (c *Client) broke(parent context.Context, r request, w *watch, err error) *Error {
	e := &Error{Call: r.name(), Err: err, Message: c.clean(err.Error()), Signature: "connection lost"}
	wrote := w.wrote()
	switch {
	case parent.Err() != nil:
		e.Err, e.Message, e.Signature = parent.Err(), "broken off before an answer came", "stopped"
	case timedOut(err) || errors.Is(err, context.DeadlineExceeded):
		e.Message, e.Signature = "no answer within "+c.cfg.Timeout.String(), "timeout"
	}
	if wrote {
		c.requests.Add(1)
		if !r.write && parent.Err() == nil {
			e.retry = flaky
		}
		return e
	}
	e.Outcome = NotSent
	switch {
	case parent.Err() != nil:
		e.Message = "stopped before it was sent"
	case w.shut && r.within > 0:
		e.retry, e.Message = held, "the server wants to be left alone"
	case certificateTrouble(err):
		e.Stop, e.Signature = true, "TLS"
		e.Message = "the server can't be trusted, nothing was sent: " + c.clean(err.Error())
	case w.got && w.reused:
		e.retry = stale
	default:
		e.retry, e.Signature = unreachable, "not reachable"
		e.Message = "the server can't be reached, nothing was sent: " + c.clean(err.Error())
	}
	return e
}

// certificateTrouble says that TLS failed for a reason that no repeat mends.
func certificateTrouble(err error) bool {
	var verify *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var alert tls.AlertError
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	if errors.As(err, &verify) || errors.As(err, &header) || errors.As(err, &alert) || errors.As(err, &host) ||
		errors.As(err, &unknown) || errors.As(err, &invalid) {
		return true
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error" // an alert of the other side
}
