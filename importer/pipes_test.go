package importer_test

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
)

// delayed holds each request back for a random time, so that answers overtake each other. With a
// seed of 0 it doesn't.
func delayed(h http.Handler, seed uint64) http.Handler {
	if seed == 0 {
		return h
	}
	var n atomic.Uint64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := time.Duration(rand.New(rand.NewPCG(seed, n.Add(1))).IntN(40)) * time.Millisecond
		select {
		case <-time.After(d):
		case <-r.Context().Done():
		}
		h.ServeHTTP(w, r)
	})
}

// pipes are connections in memory, and the listener of their other ends.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	down   atomic.Bool // nobody listens
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if p.down.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for the next connection.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

// Addr returns an address that nobody uses.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }
