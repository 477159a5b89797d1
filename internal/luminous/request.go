package luminous

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ordersheet/internal/order"
	"ordersheet/internal/pace"
)

// request is one call before it is sent.
type request struct {
	method string
	path   string // below the base URL, such as /sales-orders/7
	query  url.Values
	body   []byte
	write  bool          // it may change something
	within time.Duration // send it within this time or not at all; 0 is no limit
}

// answer is what came back, read to its end.
type answer struct {
	status     int
	header     http.Header
	body       []byte
	readErr    error         // why the body couldn't be read to its end
	retryAfter time.Duration // 0 if the server didn't ask for a wait
	quota      pace.Quota
}

// name is what messages call a request.
func (r request) name() string { return r.method + " " + r.path }

func orderPath(kind order.Kind, id int64) string {
	return "/" + string(kind) + "/" + strconv.FormatInt(id, 10)
}

// build makes the request for the transport. GetBody stays nil, so that net/http can't resend a
// write by itself. A body that net/http knows to be in memory is sent in one piece with the header.
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
