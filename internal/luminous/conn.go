package luminous

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

const (
	// idleTimeout is shorter than the 5 s after which many servers close an idle connection: a
	// request that is sent just when the server closes has an unknown outcome.
	idleTimeout = 4 * time.Second
	// connectTimeout bounds connecting, and then the TLS handshake. No byte of a request was sent by
	// then.
	connectTimeout = 10 * time.Second
	bufferSize     = 16 << 10 // holds an ordinary order or its answer
)

var errSealed = errors.New("the request was canceled before this write")

// newTransport makes an HTTP/1.1 transport whose connections count what is written. Each request in
// flight has a connection of its own, kept alive.
func newTransport(cfg Config) *http.Transport {
	dial := cfg.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: min(connectTimeout, cfg.Timeout), KeepAlive: 30 * time.Second}).DialContext
	}
	t := &http.Transport{
		WriteBufferSize:        bufferSize, // one write an order,
		ReadBufferSize:         bufferSize, // one read an answer
		Proxy:                  http.ProxyFromEnvironment,
		MaxIdleConns:           cfg.Workers,
		MaxIdleConnsPerHost:    cfg.Workers,
		IdleConnTimeout:        idleTimeout,
		TLSHandshakeTimeout:    min(connectTimeout, cfg.Timeout),
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // no HTTP/2: one request per connection can be counted
		MaxResponseHeaderBytes: 256 << 10,
	}
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: conn}, nil
	}
	// Bytes are counted above TLS: below it, a handshake or a closing alert would look like a request.
	t.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return handshake(ctx, conn, addr, t)
	}
	return t
}

func handshake(ctx context.Context, conn net.Conn, addr string, t *http.Transport) (net.Conn, error) {
	cfg := t.TLSClientConfig.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = net.SplitHostPort(addr)
	}
	ctx, cancel := context.WithTimeout(ctx, t.TLSHandshakeTimeout)
	defer cancel()
	secure := tls.Client(conn, cfg)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &countedConn{Conn: secure}, nil
}

// countedConn counts what is written. Once sealed, no write begins, so that "nothing was written"
// stays true.
type countedConn struct {
	net.Conn
	mu     sync.Mutex
	begun  int64 // bytes whose writing began
	sealed bool
}

// Write counts before it writes, so bytes on their way count as written, and subtracts what the
// connection reports as not written.
func (c *countedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	if c.sealed {
		c.mu.Unlock()
		return 0, errSealed
	}
	c.begun += int64(len(b))
	c.mu.Unlock()
	n, err := c.Conn.Write(b)
	if n == 0 && err != nil {
		if _, secure := c.Conn.(*tls.Conn); !secure { // part of a TLS record may have been sent
			c.mu.Lock()
			c.begun -= int64(len(b))
			c.mu.Unlock()
		}
	}
	return n, err
}

func (c *countedConn) count() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begun
}

// seal ends writing for good and returns how much was written.
func (c *countedConn) seal() int64 {
	c.mu.Lock()
	c.sealed = true
	n := c.begun
	c.mu.Unlock()
	_ = c.Close() // even if this fails, nothing is written any more
	return n
}

// watch finds out which connection a request gets and whether any byte of it was sent. Its hooks
// run in the goroutine of the round trip.
type watch struct {
	mayWrite func() bool // waits during a pause; false if the request mustn't be sent at all
	conn     *countedConn
	before   int64
	got      bool
	reused   bool
	sent     bool // on a connection that the transport gave up by itself
	tooLate  bool // mayWrite returned false
}

func (w *watch) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: w.gotConn})
}

func (w *watch) gotConn(info httptrace.GotConnInfo) {
	if w.conn != nil {
		w.sent = w.sent || w.conn.count() > w.before
	}
	w.conn, w.got, w.reused = counted(info.Conn), true, info.Reused
	if w.conn != nil {
		w.before = w.conn.count()
	}
	if w.tooLate = !w.mayWrite(); w.tooLate && w.conn != nil {
		w.conn.seal()
	}
}

// counted finds our connection under the transport's: behind a proxy the transport adds TLS itself.
func counted(conn net.Conn) *countedConn {
	if c, ok := conn.(*countedConn); ok {
		return c
	}
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		return counted(t.NetConn())
	}
	return nil
}

// wrote reports whether a byte of a failed request was sent, and makes sure that none will be.
func (w *watch) wrote() bool {
	if w.sent {
		return true
	}
	if w.conn == nil {
		return w.got // a connection that can't be counted may have written
	}
	return w.conn.seal() > w.before
}
