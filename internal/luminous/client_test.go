package luminous

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ordersheet/internal/order"
	"ordersheet/internal/pace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testToken = "tok-5f1c9d2e7a"

// testBody is a payload, told apart by its number.
func testBody(number string) []byte { return fmt.Appendf(nil, `{"order_number":%q}`, number) }

// newTestClient makes a client with short waits.
func newTestClient(t *testing.T, base string, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{BaseURL: base, Token: testToken, Timeout: 5 * time.Second, Patience: 200 * time.Millisecond}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.transport.Proxy = nil
	t.Cleanup(c.Close)
	return c
}

// serve starts a server and returns a client for it and the number of requests.
func serve(t *testing.T, h http.HandlerFunc, change ...func(*Config)) (*Client, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return newTestClient(t, s.URL+"/external/api/v1", change...), &n
}

// raw accepts connections and passes each to fn, which must return when the connection ends.
func raw(t *testing.T, fn func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	var conns sync.Map
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Store(conn, true)
			open.Go(func() {
				defer conn.Close()
				fn(conn)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		conns.Range(func(k, _ any) bool { k.(net.Conn).Close(); return true })
		open.Wait()
	})
	return "http://" + l.Addr().String() + "/external/api/v1"
}

// fail checks that an error is an *Error with this outcome.
func fail(t *testing.T, err error, want Outcome) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want a *luminous.Error that is %s", err, want)
	}
	if e.Outcome != want {
		t.Fatalf("the outcome is %s, want %s: %v", e.Outcome, want, e)
	}
	if text := fmt.Sprintf("%+v %s %v", *e, e.Error(), e.Err); strings.Contains(text, testToken) {
		t.Errorf("the error contains the token: %s", text)
	}
	return e
}

func answerWith(status int, header http.Header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const created = `{"data":{"id":7,"order_number":"A","total":12.50}}`

func TestCreateSendsWhatTheAPIAsksFor(t *testing.T) {
	var seen http.Request
	var body []byte
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = *r
		body, _ = io.ReadAll(r.Body)
		answerWith(201, http.Header{"Content-Type": {"application/json"}}, created)(w, r)
	}, func(c *Config) { c.UserAgent = "ordersheet/1.2" })
	a, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
	if err != nil || a.ID != 7 || a.Total.Decimal.String() != "12.5" {
		t.Fatalf("got %+v, %v", a, err)
	}
	for header, want := range map[string]string{
		"Accept": "application/json", "Authorization": "Bearer " + testToken, "User-Agent": "ordersheet/1.2", "Content-Type": "application/json",
		"Idempotency-Key": "", "X-Idempotency-Key": "",
	} {
		if got := seen.Header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	if seen.Method != "POST" || seen.URL.Path != "/external/api/v1/sales-orders" || string(body) != string(testBody("A")) {
		t.Errorf("sent %s %s %s", seen.Method, seen.URL, body)
	}
}

func TestVerbs(t *testing.T) {
	var got []string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+strings.TrimPrefix(r.URL.RequestURI(), "/external/api/v1"))
		if r.Method == http.MethodDelete {
			w.WriteHeader(204)
			return
		}
		io.WriteString(w, `{"data":{"id":9,"order_numbers":["A"]},"meta":{}}`)
	})
	ctx := t.Context()
	_, err1 := c.Update(ctx, order.SalesOrders, 3, []byte(`{}`), 0)
	_, err2 := c.Update(ctx, order.PurchaseOrders, 4, []byte(`{}`), 0)
	_, err3 := c.Get(ctx, order.PurchaseOrders, 5)
	err4 := c.Delete(ctx, order.PurchaseOrders, 6, 0)
	err5 := c.Ping(ctx)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	fail(t, c.Delete(ctx, order.SalesOrders, 6, 0), Rejected)
	want := "PATCH /sales-orders/3, PUT /purchase-orders/4, GET /purchase-orders/5, DELETE /purchase-orders/6, GET /warehouses?per_page=1"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("sent %s\nwant %s", s, want)
	}
}

// TestOutcomesOfAnswers sends writes that are answered in different ways: each has exactly one
// outcome, and none is sent twice.
func TestOutcomesOfAnswers(t *testing.T) {
	html := http.Header{"Content-Type": {"text/html"}}
	for _, c := range []struct {
		name      string
		status    int
		header    http.Header
		body      string
		want      Outcome
		signature string
		stop      bool
		notAPI    bool
	}{
		{"created, cut JSON", 201, nil, `{"data":{"id":7,"order_nu`, Unknown, "unreadable answer", false, false},
		{"created, no id", 201, nil, `{"data":{}}`, Unknown, "unreadable answer", false, false},
		{"created, empty", 201, nil, ``, Unknown, "empty answer", false, false},
		{"no content", 204, nil, ``, Unknown, "empty answer", false, false},
		{"HTML", 200, html, `<html>Sign in</html>`, Unknown, "not the API", false, true},
		{"HTML without a type", 200, nil, "\n <!doctype html>", Unknown, "not the API", false, true},
		{"bad request", 400, nil, `{"message":"Malformed."}`, Rejected, "400 malformed", false, false},
		{"no such path", 404, html, `<html>nginx</html>`, Rejected, "404 not found (an html page)", false, true},
		{"not allowed", 405, nil, `{"message":"The POST method is not supported."}`, Rejected, "405 the post method is not supported", false, false},
		{"forbidden", 403, nil, `{"message":"This action is unauthorized."}`, Rejected, "403 this action is unauthorized", false, false},
		{"conflict", 409, nil, `{"message":"Order 17 exists"}`, Rejected, "409 order # exists", false, false},
		{"too large", 413, html, ``, Rejected, "413 request entity too large", false, false},
		{"address too long", 414, nil, ``, Rejected, "414 request uri too long", false, false},
		{"request timed out", 408, nil, ``, Unknown, "408", false, false},
		{"server error", 500, nil, `{"message":"Server Error"}`, Unknown, "500", false, false},
		{"bad gateway", 502, html, `<html>502</html>`, Unknown, "502", false, false},
		{"unavailable", 503, nil, ``, Unknown, "503", false, false},
		{"gateway timed out", 504, nil, ``, Unknown, "504", false, false},
		{"token rejected", 401, nil, `{"message":"Unauthenticated."}`, NotSent, "401", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, n := serve(t, answerWith(c.status, c.header, c.body))
			_, err := client.Create(t.Context(), order.SalesOrders, testBody("A"))
			e := fail(t, err, c.want)
			if e.Status != c.status || e.Signature != c.signature || e.Stop != c.stop || e.NotAPI != c.notAPI {
				t.Errorf("got status %d, signature %q, stop %v, not the API %v; want %d, %q, %v, %v", e.Status, e.Signature, e.Stop, e.NotAPI,
					c.status, c.signature, c.stop, c.notAPI)
			}
			if n.Load() != 1 {
				t.Errorf("%d requests were sent, want 1", n.Load())
			}
		})
	}
}

func TestConnectionRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	l.Close()
	c := newTestClient(t, base)
	_, err = c.Create(t.Context(), order.SalesOrders, testBody("A"))
	e := fail(t, err, NotSent)
	if !e.Stop || e.Signature != "not reachable" || !strings.Contains(e.Message, "nothing was sent") {
		t.Errorf("got %+v", e)
	}
	if n := c.Stats().Retries; n == 0 || n > 10 {
		t.Errorf("tried again %d times, want a few", n)
	}
}

func TestServerComesBack(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	c := newTestClient(t, "http://"+addr, func(c *Config) { c.Patience = time.Minute })
	done := make(chan error, 1)
	go func() {
		_, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
		done <- err
	}()
	for c.Stats().Retries == 0 {
		pace.Sleep(context.Background(), time.Millisecond)
	}
	if l, err = net.Listen("tcp", addr); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(answerWith(201, nil, created))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	defer s.Close()
	if err := <-done; err != nil {
		t.Errorf("got %v once the server was back", err)
	}
}

func TestTLS(t *testing.T) {
	var n atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		io.WriteString(w, created)
	}))
	s.Config.ErrorLog = nil
	s.StartTLS()
	defer s.Close()
	plain := httptest.NewServer(answerWith(201, nil, created))
	defer plain.Close()
	old := httptest.NewUnstartedServer(s.Config.Handler)
	old.Config.ErrorLog = log.New(io.Discard, "", 0)
	old.TLS = &tls.Config{Certificates: []tls.Certificate{expired(t)}}
	old.StartTLS()
	defer old.Close()
	for name, c := range map[string]*Client{
		"unknown authority": newTestClient(t, s.URL),
		"wrong host": func() *Client {
			c := newTestClient(t, strings.Replace(s.URL, "127.0.0.1", "localhost", 1))
			c.transport.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			return c
		}(),
		"expired": func() *Client {
			c := newTestClient(t, old.URL)
			c.transport.TLSClientConfig.RootCAs = x509.NewCertPool()
			c.transport.TLSClientConfig.RootCAs.AddCert(old.Certificate())
			return c
		}(),
		"no TLS there": newTestClient(t, strings.Replace(plain.URL, "http://", "https://", 1)),
	} {
		_, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
		if e := fail(t, err, NotSent); !e.Stop || e.Signature != "TLS" || c.Stats().Retries != 0 {
			t.Errorf("%s: got %+v after %d retries, want a stop without a retry", name, e, c.Stats().Retries)
		}
	}
	if n.Load() != 0 {
		t.Errorf("%d requests reached a server that can't be trusted", n.Load())
	}
	good := newTestClient(t, s.URL)
	good.transport.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	if _, err := good.Create(t.Context(), order.SalesOrders, testBody("A")); err != nil {
		t.Errorf("a server that can be trusted: %v", err)
	}
}

// expired returns a certificate for this machine that expired yesterday.
func expired(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(0, 0, -1),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(crand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// readRequest reads one request with its body and returns the body.
func readRequest(conn net.Conn, in *strings.Builder) (body string, ok bool) {
	buf := make([]byte, 4096)
	for {
		if head, rest, found := strings.Cut(in.String(), "\r\n\r\n"); found {
			var length int
			for line := range strings.SplitSeq(head, "\r\n") {
				if v, ok := strings.CutPrefix(strings.ToLower(line), "content-length: "); ok {
					fmt.Sscan(v, &length)
				}
			}
			if len(rest) >= length {
				in.Reset()
				in.WriteString(rest[length:])
				return rest[:length], true
			}
		}
		n, err := conn.Read(buf)
		in.Write(buf[:n])
		if err != nil {
			return "", false
		}
	}
}

// commits counts what a server processed, by body.
type commits struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *commits) add(body string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	c.n[body]++
}

func (c *commits) of(body []byte) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[string(body)]
}

const rawCreated = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n" + `{"id":7,"order_number":"A"}  `

// TestNothingIsResent drops a kept-alive connection after the request was sent: net/http must not
// send the request again by itself.
func TestNothingIsResent(t *testing.T) {
	var seen commits
	base := raw(t, func(conn net.Conn) {
		var in strings.Builder
		for i := 0; ; i++ {
			body, ok := readRequest(conn, &in)
			if !ok {
				return
			}
			seen.add(body)
			if i > 0 {
				conn.(*net.TCPConn).SetLinger(i % 2) // closed in order, or reset
				return
			}
			io.WriteString(conn, rawCreated)
		}
	})
	c := newTestClient(t, base)
	update := func(kind order.Kind) func(context.Context, []byte) error {
		return func(ctx context.Context, b []byte) error { _, err := c.Update(ctx, kind, 1, b, 0); return err }
	}
	for name, send := range map[string]func(context.Context, []byte) error{
		"POST":  func(ctx context.Context, b []byte) error { _, err := c.Create(ctx, order.SalesOrders, b); return err },
		"PATCH": update(order.SalesOrders), "PUT": update(order.PurchaseOrders),
	} {
		if err := send(t.Context(), testBody("warm-"+name)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e := fail(t, send(t.Context(), testBody(name)), Unknown)
		if e.Signature != "connection lost" || seen.of(testBody(name)) != 1 {
			t.Errorf("%s: %d commits, want 1; %v", name, seen.of(testBody(name)), e)
		}
	}
}

func TestNoAnswer(t *testing.T) {
	short := func(c *Config) { c.Timeout = 150 * time.Millisecond }
	drop := func(head string, hold bool) func(net.Conn) {
		return func(conn net.Conn) {
			var in strings.Builder
			if _, ok := readRequest(conn, &in); !ok {
				return
			}
			io.WriteString(conn, head)
			if hold {
				io.Copy(io.Discard, conn) // until the client gives up
			}
		}
	}
	drip := func(conn net.Conn) {
		var in strings.Builder
		if _, ok := readRequest(conn, &in); !ok {
			return
		}
		io.WriteString(conn, "HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n")
		for range 100000 {
			if !pace.Sleep(context.Background(), 20*time.Millisecond) {
				return
			}
			if _, err := conn.Write([]byte(" ")); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		conn      func(net.Conn)
		signature string
	}{
		"silence after the request": {drop("", true), "timeout"},
		"closed after the request":  {drop("", false), "connection lost"},
		"half a header":             {drop("HTTP/1.1 201 Cre", false), "connection lost"},
		"no HTTP":                   {drop("SSH-2.0-OpenSSH\r\n\r\n", false), "connection lost"},
		"a body cut short":          {drop("HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"data\"", false), "incomplete answer"},
		"a chunk cut short":         {drop("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"i", false), "incomplete answer"},
		"a body that never ends":    {drip, "timeout"},
		"the request is never read": {func(conn net.Conn) { pace.Sleep(context.Background(), 400*time.Millisecond) }, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			client := newTestClient(t, raw(t, c.conn), short)
			body := testBody("A")
			if name == "the request is never read" {
				body = append(body, strings.Repeat(" ", 16<<20)...) // more than any socket buffers
			}
			start := time.Now()
			_, err := client.Create(t.Context(), order.SalesOrders, body)
			if e := fail(t, err, Unknown); e.Signature != c.signature {
				t.Errorf("signature %q, want %q: %v", e.Signature, c.signature, e)
			}
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("it took %v with a time-out of 150ms", d)
			}
		})
	}
}

func TestAnswerTooLarge(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if chunked {
				w.(http.Flusher).Flush()
			}
			for range 64 {
				io.WriteString(w, strings.Repeat(" ", 1024))
			}
		}, func(c *Config) { c.MaxAnswer = 32 << 10 })
		_, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
		fail(t, err, Unknown)
	}
}

// brokenConn is a connection that fails while it is written to.
type brokenConn struct {
	net.Conn
	after int // bytes that get through
}

func (b *brokenConn) Write(p []byte) (int, error) {
	n := min(b.after, len(p))
	b.after -= n
	if n > 0 {
		b.Conn.Write(p[:n])
	}
	return n, errors.New("connection reset by peer")
}

// TestOneByteMakesTheDifference checks that the outcome depends on whether a byte was sent, not on
// the error.
func TestOneByteMakesTheDifference(t *testing.T) {
	base := raw(t, func(conn net.Conn) { io.Copy(io.Discard, conn) })
	for bytes, want := range map[int]Outcome{0: NotSent, 1: Unknown} {
		c := newTestClient(t, base, func(c *Config) { c.Patience = time.Millisecond })
		dial := c.transport.DialContext
		c.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			counted := conn.(*countedConn)
			counted.Conn = &brokenConn{counted.Conn, bytes}
			return counted, nil
		}
		_, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
		fail(t, err, want)
	}
}

// TestCanceledAtAnyMoment cancels calls at random moments: if a call says "not sent", the server
// has never seen the order.
func TestCanceledAtAnyMoment(t *testing.T) {
	var seen commits
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if len(body) > 0 {
			seen.add(string(body))
		}
		answerWith(201, nil, created)(w, r)
	}, func(c *Config) { c.Workers = 4 })
	var notSent []string
	count := map[Outcome]int{}
	for i := range 400 {
		number := fmt.Sprint("n", i)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			pace.Sleep(context.Background(), time.Duration(rand.IntN(400))*time.Microsecond)
			cancel()
		})
		_, err := c.Create(ctx, order.SalesOrders, testBody(number))
		wg.Wait()
		var e *Error
		if errors.As(err, &e) {
			count[e.Outcome]++
			if !errors.Is(err, context.Canceled) {
				t.Errorf("a canceled call returned %v", err)
			}
			if e.Outcome == NotSent {
				notSent = append(notSent, number)
			}
		}
		cancel()
	}
	for _, number := range notSent {
		if n := seen.of(testBody(number)); n != 0 {
			t.Errorf("order %s was reported as not sent, but the server has seen it %d times", number, n)
		}
	}
	t.Logf("%v", count)
}

func TestRedirects(t *testing.T) {
	var redirected atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { redirected.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c, n := serve(t, answerWith(status, http.Header{"Location": {other.URL + "/api/v2/sales-orders"}}, ""))
		_, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
		e := fail(t, err, Unknown)
		if !e.Stop || n.Load() != 1 || !strings.Contains(e.Message, "use it as the base URL: "+other.URL+"/api/v2") {
			t.Errorf("%d: got %+v after %d requests", status, e, n.Load())
		}
		if _, err := c.Get(t.Context(), order.SalesOrders, 1); err == nil {
			t.Errorf("%d: a read followed the redirect", status)
		}
	}
	c, _ := serve(t, answerWith(302, http.Header{"Location": {"https://login.example/?next=%2F"}}, ""))
	_, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
	if e := fail(t, err, Unknown); !e.Stop || !strings.Contains(e.Message, "https://login.example/") {
		t.Errorf("got %v", e)
	}
	if redirected.Load() != 0 {
		t.Errorf("%d requests went to another host", redirected.Load())
	}
}

func TestRejectedToken(t *testing.T) {
	c, n := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answerWith(401, nil, fmt.Sprintf(`{"message":"Unauthenticated: %s"}`, r.Header.Get("Authorization")))(w, r)
	})
	_, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
	if e := fail(t, err, NotSent); !e.TokenRejected || !e.Stop {
		t.Errorf("got %+v", e)
	}
	_, err = c.List(t.Context(), order.PurchaseOrders, nil)
	if e := fail(t, err, NotSent); !e.TokenRejected || e.Call != "GET /purchase-orders" {
		t.Errorf("got %+v", e)
	}
	if n.Load() != 1 {
		t.Errorf("%d requests, want 1", n.Load())
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	date := func(base time.Time, d time.Duration) http.Header {
		return http.Header{"Date": {base.UTC().Format(http.TimeFormat)}, "Retry-After": {base.UTC().Add(d).Format(http.TimeFormat)}}
	}
	for name, header := range map[string]http.Header{
		"seconds":            {"Retry-After": {"1"}},
		"date, clock behind": date(time.Now().Add(-48*time.Hour), time.Second),
		"date, clock ahead":  date(time.Now().Add(48*time.Hour), time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var first atomic.Int64
			var early atomic.Int64
			c, n := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if first.CompareAndSwap(0, time.Now().UnixNano()) {
					answerWith(429, header, "")(w, r)
					return
				}
				if time.Now().UnixNano()-first.Load() < int64(990*time.Millisecond) {
					early.Add(1)
				}
				answerWith(201, nil, created)(w, r)
			})
			if _, err := c.Create(t.Context(), order.SalesOrders, testBody("A")); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() { c.Create(t.Context(), order.SalesOrders, testBody("A")) })
			}
			wg.Wait()
			if early.Load() > 0 || n.Load() != 10 {
				t.Errorf("%d of %d requests came during the pause", early.Load(), n.Load())
			}
			if s := c.Stats(); s.Throttled != 1 || s.Retries != 1 || s.Requests != 10 {
				t.Errorf("got %+v", s)
			}
		})
	}
}

func TestRetryAfterIsCapped(t *testing.T) {
	for _, v := range []string{"1000000000", "1e300", time.Now().Add(24 * time.Hour).UTC().Format(http.TimeFormat)} {
		c, n := serve(t, answerWith(429, http.Header{"Retry-After": {v}}, ""))
		start := time.Now()
		_, err := c.Create(t.Context(), order.SalesOrders, testBody("A"))
		if e := fail(t, err, NotSent); !e.Stop || !strings.Contains(e.Message, "asks to wait") {
			t.Errorf("Retry-After %s: got %+v", v, e)
		}
		_, err = c.Create(t.Context(), order.SalesOrders, testBody("B"))
		if e := fail(t, err, NotSent); !e.Stop || e.RetryAfter < time.Hour {
			t.Errorf("Retry-After %s: the next call gives %+v", v, e)
		}
		if n.Load() != 1 || time.Since(start) > 5*time.Second {
			t.Errorf("Retry-After %s: %d requests in %v", v, n.Load(), time.Since(start))
		}
	}
}

func TestThrottledForever(t *testing.T) {
	c, n := serve(t, answerWith(429, nil, `{"message":"Too Many Attempts."}`), func(c *Config) { c.Workers = 16 })
	var wg sync.WaitGroup
	var stopped atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	for range 16 {
		wg.Go(func() {
			_, err := c.Create(ctx, order.SalesOrders, testBody("A"))
			var e *Error
			if errors.As(err, &e) && e.Stop && e.Outcome == NotSent {
				stopped.Add(1)
				cancel() // as a run does
			}
		})
	}
	wg.Wait()
	if stopped.Load() == 0 || n.Load() > 10 {
		t.Errorf("%d calls gave up, %d requests were sent", stopped.Load(), n.Load())
	}
	cancel()
}

func TestReadsAreRetriedWritesAreNot(t *testing.T) {
	var n atomic.Int64
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) {
		case 1:
			answerWith(500, nil, "")(w, r)
		case 2:
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"data"`)
		case 3:
			answerWith(502, nil, "<html>")(w, r)
		default:
			answerWith(200, nil, created)(w, r)
		}
	})
	if a, err := c.Get(t.Context(), order.SalesOrders, 7); err != nil || a.ID != 7 {
		t.Fatalf("got %+v, %v", a, err)
	}
	if n.Load() != 4 || c.Stats().Retries != 3 {
		t.Errorf("%d requests, %+v", n.Load(), c.Stats())
	}
}

// TestRetryBudget checks that in an outage reads are repeated far less often than calls are made.
func TestRetryBudget(t *testing.T) {
	var b retryBudget
	n := 0
	for range 1000 {
		if b.take() {
			n++
		}
	}
	if n != budgetSize {
		t.Errorf("%d repeats of 1000 failures, want %d", n, budgetSize)
	}
	for range 4 {
		b.refund()
	}
	if !b.take() || b.take() {
		t.Error("four successes must allow exactly one more repeat")
	}
}

func TestStopWhileWaiting(t *testing.T) {
	c, _ := serve(t, answerWith(429, http.Header{"Retry-After": {"60"}}, ""))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := c.Create(ctx, order.SalesOrders, testBody("A"))
		done <- err
	}()
	for c.Stats().WaitUntil.IsZero() {
		pace.Sleep(context.Background(), time.Millisecond)
	}
	if s := c.Stats(); s.Limit != "server" || s.Throttled != 1 {
		t.Errorf("while it waits: %+v", s)
	}
	cancel()
	e := fail(t, <-done, NotSent)
	if !errors.Is(e, context.Canceled) {
		t.Errorf("got %v", e)
	}
	if s := c.Stats(); s.InFlight != 0 {
		t.Errorf("afterwards: %+v", s)
	}
}

// String names the outcome.
func (o Outcome) String() string {
	switch o {
	case NotSent:
		return "not sent"
	case Rejected:
		return "rejected"
	}
	return "unknown"
}
