// Package luminous is the client of the Luminous external API. It authenticates, keeps the pace
// that the server allows, retries what is safe to retry, and says of each failed call whether it
// may have been processed. It knows nothing of files, runs or the ledger: importer decides what to
// do about an unknown outcome.
package luminous

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"ordersheet/internal/pace"
)

// Config says how to reach an account.
type Config struct {
	BaseURL   string        // the API's address with its path; required. New normalizes it
	Token     string        // the bearer token; required
	Timeout   time.Duration // of one request, from the first byte sent to the last byte received; 0 is 30 s
	Workers   int           // requests in flight at most; 0 is 8
	Rate      float64       // requests per second; 0 learns what the server allows
	Patience  time.Duration // see pace.Config; 0 is 1 minute
	MaxWait   time.Duration // see pace.Config; 0 is 10 minutes
	MaxAnswer int64         // the longest answer that is read, in bytes; 0 is 64 MiB
	UserAgent string        // "" is ordersheet/dev

	// Dial makes a connection; nil is TCP. Tunnels and tests have others.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Client calls the API of one account. It is safe for concurrent use; all its callers share one
// pace. Make it with New.
type Client struct {
	cfg       Config
	token     secret
	base      *url.URL
	transport *http.Transport
	governor  *pace.Governor
	budget    retryBudget
	rejected  atomic.Pointer[Error] // set when the token was rejected: no further request is sent

	readHeader, writeHeader http.Header // shared by all requests, never changed after New
	requests, retries       atomic.Int64
}

// New makes a client. It sends nothing: Ping tests the address and the token.
func New(cfg Config) (*Client, error) {
	cfg.Timeout = cmp.Or(cfg.Timeout, 30*time.Second)
	cfg.Workers = cmp.Or(max(cfg.Workers, 0), 8)
	cfg.MaxAnswer = cmp.Or(cfg.MaxAnswer, 64<<20)
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "ordersheet/dev")
	base, err := NormalizeBaseURL(cfg.BaseURL, "")
	if err != nil {
		return nil, err
	}
	token := strings.TrimSpace(cfg.Token)
	if err := checkToken(token); err != nil {
		return nil, err
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("reading the base URL %q: %w", base, err)
	}
	cfg.BaseURL, cfg.Token = base, "" // only Client.token, which doesn't print itself, has the token
	c := &Client{
		cfg: cfg, token: secret(token), base: u, transport: newTransport(cfg),
		governor: pace.New(pace.Config{Workers: cfg.Workers, Rate: cfg.Rate, Patience: cfg.Patience, MaxWait: cfg.MaxWait}),
		readHeader: http.Header{
			"Accept": {"application/json"}, "Authorization": {"Bearer " + token}, "User-Agent": {cfg.UserAgent},
		},
	}
	c.writeHeader = c.readHeader.Clone()
	c.writeHeader.Set("Content-Type", "application/json")
	return c, nil
}

// BaseURL returns the normalized base URL, which identifies the account.
func (c *Client) BaseURL() string { return c.cfg.BaseURL }

// Close closes idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Stats is what the client did so far and its pace now.
type Stats struct {
	pace.Stats
	Requests int64 // of which at least one byte was sent, rejected ones and retries included
	Retries  int64
}

// Stats returns the current figures.
func (c *Client) Stats() Stats {
	return Stats{Stats: c.governor.Stats(), Requests: c.requests.Load(), Retries: c.retries.Load()}
}

// secret is text that doesn't print itself.
type secret string

// Format prints a placeholder, whatever the verb.
func (secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "***") }

// checkToken rejects what can't be sent as a bearer token, without showing it.
func checkToken(token string) error {
	if token == "" {
		return errors.New("checking the API token: it is empty")
	}
	for _, r := range token {
		if r <= ' ' || r > '~' {
			return errors.New("checking the API token: it contains a space or a character that tokens don't have; was more than the token copied?")
		}
	}
	return nil
}
