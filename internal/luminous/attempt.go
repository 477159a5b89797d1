package luminous

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// attempt sends a request once and reads its answer to the end.
func (c *Client) attempt(parent context.Context, r request) (answer, *Error) {
	ctx, cancel := context.WithTimeout(parent, c.cfg.Timeout)
	defer cancel()
	w := &watch{mayWrite: func() bool { return c.governor.WaitPause(ctx, r.within) }}
	res, err := c.transport.RoundTrip(c.build(w.trace(ctx), r))
	if err != nil {
		return answer{}, c.noAnswer(parent, r, w, err)
	}
	defer res.Body.Close()
	c.requests.Add(1)
	a := c.read(res)
	return a, c.classify(r, a)
}

var errTooLarge = errors.New("it is too large")

// read reads an answer to its end, so that its connection can be reused.
func (c *Client) read(res *http.Response) answer {
	now := time.Now()
	a := answer{
		status: res.StatusCode, header: res.Header, retryAfter: retryAfter(res.Header, now), quota: readQuota(res.Header, now),
	}
	size := int64(4 << 10) // of an ordinary order
	if n := res.ContentLength; n >= 0 {
		size = min(n, 1<<20)
	}
	var buf bytes.Buffer
	buf.Grow(int(size) + bytes.MinRead) // then most answers are read without growing
	_, a.readErr = buf.ReadFrom(io.LimitReader(res.Body, c.cfg.MaxAnswer+1))
	if int64(buf.Len()) > c.cfg.MaxAnswer {
		a.readErr = errTooLarge
		buf.Truncate(int(c.cfg.MaxAnswer))
	}
	a.body = buf.Bytes()
	return a
}

// noAnswer classifies a request without an answer by whether any byte of it was sent.
func (c *Client) noAnswer(parent context.Context, r request, w *watch, err error) *Error {
	e := &Error{Call: r.name(), Err: err, Message: c.clean(err.Error()), Signature: "connection lost"}
	wrote := w.wrote()
	switch {
	case parent.Err() != nil:
		e.Err, e.Message, e.Signature = parent.Err(), "canceled before an answer came", "stopped"
	case timedOut(err) || errors.Is(err, context.DeadlineExceeded):
		e.Message, e.Signature = "no answer within "+c.cfg.Timeout.String(), "timeout"
	}
	if wrote {
		c.requests.Add(1)
		if !r.write && parent.Err() == nil {
			e.retry = afterBackoff
		}
		return e
	}
	e.Outcome = NotSent
	switch {
	case parent.Err() != nil:
		e.Message = "canceled before it was sent"
	case w.tooLate && r.within > 0:
		e.retry, e.Message = afterPause, "the server asked for a pause"
	case certificateError(err):
		e.Stop, e.Signature = true, "TLS"
		e.Message = "the server can't be trusted, nothing was sent: " + c.clean(err.Error())
	case w.got && w.reused:
		e.retry = newConn
	default:
		e.retry, e.Signature = unreachable, "not reachable"
		e.Message = "the server can't be reached, nothing was sent: " + c.clean(err.Error())
	}
	return e
}

// certificateError reports whether TLS failed for a reason that another try doesn't change.
func certificateError(err error) bool {
	var verify *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var alert tls.AlertError
	var op *net.OpError
	return errors.As(err, &verify) || errors.As(err, &header) || errors.As(err, &alert) ||
		errors.As(err, &op) && op.Op == "remote error" // an alert of the other side
}
