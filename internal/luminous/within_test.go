package luminous

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"ordersheet/internal/order"
)

// TestUpdateWithin lets the server ask for a pause while an update is connecting: the update isn't
// sent late, since the order that it is based on may have changed by then.
func TestUpdateWithin(t *testing.T) {
	var patches atomic.Int64
	paused := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			patches.Add(1)
			return
		}
		w.Header().Set("Connection", "close") // else the update would use this connection before the pause is known
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	dials := make(chan int, 2)
	dials <- 1
	dials <- 2
	begun := make(chan struct{})
	c, err := New(Config{BaseURL: server.URL, Token: "t", Workers: 2, Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if n, more := <-dials; more && n == 1 { // the update's
			close(begun)
			<-paused
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error)
	go func() {
		_, err := c.Update(ctx, order.SalesOrders, 1, []byte(`{}`), 200*time.Millisecond)
		failed <- err
	}()
	<-begun
	read := make(chan struct{})
	go func() {
		_, _ = c.Get(ctx, order.SalesOrders, 1) // waits for the pause to end
		close(read)
	}()
	for c.Stats().Throttled == 0 {
		time.Sleep(time.Millisecond)
	}
	close(paused)
	var e *Error
	if err := <-failed; !errors.As(err, &e) || e.Outcome != NotSent || e.Stop {
		t.Errorf("an update before the server's pause ended with %v, want not sent", err)
	}
	start := time.Now()
	if _, err := c.Update(ctx, order.SalesOrders, 1, []byte(`{}`), 50*time.Millisecond); !errors.As(err, &e) || e.Outcome != NotSent || e.Stop {
		t.Errorf("an update during the server's pause ended with %v after %v, want not sent", err, time.Since(start))
	}
	cancel()
	<-read
	if n := patches.Load(); n != 0 {
		t.Errorf("%d updates arrived, want none", n)
	}
}
