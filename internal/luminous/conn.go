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

// idleTimeout is shorter than the 5 s after which many servers close an idle connection: a request that leaves just when the server closes
// has an unknown outcome.
const idleTimeout = 4 * time.Second

// connectTimeout bounds connecting, and then the TLS handshake. No byte of a request has left by then.
const connectTimeout = 10 * time.Second

// bufferSize holds an ordinary order and its answer.
const bufferSize = 16 << 10

// errSealed is what writing to a sealed connection gives.
var errSealed = errors.New("the request was given up before this write")

// newTransport speaks HTTP/1.1 over connections that count what is written. Each request in flight has a connection of its own, kept alive.
func newTransport(cfg Config) *http.Transport {
	dial := cfg.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: min(connectTimeout, cfg.Timeout), KeepAlive: 30 * time.Second}).DialContext
	}
	t := &http.Transport{
		WriteBufferSize:        bufferSize, // an order leaves in one piece,
		ReadBufferSize:         bufferSize, // and its answer comes in one
		Proxy:                  http.ProxyFromEnvironment,
		MaxIdleConns:           cfg.Workers,
		MaxIdleConnsPerHost:    cfg.Workers,
		IdleConnTimeout:        idleTimeout,
		TLSHandshakeTimeout:    min(connectTimeout, cfg.Timeout),
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // no HTTP/2: one request a connection, countable
		MaxResponseHeaderBytes: 256 << 10,
	}
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: conn}, nil
	}
	// The count stands above TLS: below it, a handshake or a closing alert would look like a request.
	t.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return handshake(ctx, conn, addr, t)
	}
	return t
}

// handshake makes a TLS connection of a plain one.
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

// countedConn counts what is written, and can be sealed: after that no write begins, so that "nothing was written" stays true.
type countedConn struct {
	net.Conn
	mu     sync.Mutex
	begun  int64 // bytes whose writing began
	sealed bool
}

// Write counts before it writes: bytes on their way count as written. What the connection reports as not written is taken back.
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
		if _, secure := c.Conn.(*tls.Conn); !secure { // of TLS, a record may have left in part
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

// seal ends writing for good and says how much was written.
func (c *countedConn) seal() int64 {
	c.mu.Lock()
	c.sealed = true
	n := c.begun
	c.mu.Unlock()
	_ = c.Close() // whatever it says, nothing is written any more
	return n
}

// watch sees which connection a request gets and whether any byte of it left. Its hooks run in the goroutine of the round trip.
type watch struct {
	conn   *countedConn
	before int64
	got    bool
	reused bool
	left   bool        // a byte left on a connection that the transport gave up by itself
	shut   bool        // the gate didn't open
	gate   func() bool // waits while nothing may leave; false when it may not leave at all
}

func (w *watch) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: w.gotConn})
}

func (w *watch) gotConn(info httptrace.GotConnInfo) {
	if w.conn != nil {
		w.left = w.left || w.conn.count() > w.before
	}
	w.conn, w.got, w.reused = counted(info.Conn), true, info.Reused
	if w.conn != nil {
		w.before = w.conn.count()
	}
	if w.shut = !w.gate(); w.shut && w.conn != nil {
		w.conn.seal()
	}
}

// counted finds our connection under the one that the transport uses: behind a proxy the transport puts TLS above it by itself.
func counted(conn net.Conn) *countedConn {
	if c, ok := conn.(*countedConn); ok {
		return c
	}
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		return counted(t.NetConn())
	}
	return nil
}

// wrote says whether a byte of a failed request left, and makes sure that none will.
func (w *watch) wrote() bool {
	if w.left {
		return true
	}
	if w.conn == nil {
		return w.got // a connection that can't be counted may have written
	}
	return w.conn.seal() > w.before
}
