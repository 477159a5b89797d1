package sandbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Server serves a sandbox on this machine.
type Server struct {
	*Sandbox
	BaseURL string     // of the API
	Ended   chan error // gets the error that ends the server by itself
	http    http.Server
}

// Listen serves a new sandbox that has so many orders of each kind. Port 0 takes a free one.
func Listen(ctx context.Context, addr string, c Config, orders int) (*Server, error) {
	box, err := New(c)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(box.Fill(SalesOrders, orders), box.Fill(PurchaseOrders, orders)); err != nil {
		return nil, err
	}
	box.Decorate()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &Server{
		Sandbox: box, BaseURL: "http://" + listener.Addr().String() + Prefix, Ended: make(chan error, 1),
		http: http.Server{Handler: box, ReadHeaderTimeout: 30 * time.Second},
	}
	go func() { s.Ended <- s.http.Serve(listener) }()
	return s, nil
}

// Close ends the server and the sandbox.
func (s *Server) Close() error {
	err := s.http.Close()
	s.Sandbox.Close()
	return err
}
