// Package luminous is the client of the Luminous external API: it authenticates, keeps the pace that the server grants, retries what is safe
// to retry, and says of every failed call whether its effect may stand. It knows nothing of files, runs or the ledger: what to do with an
// unknown outcome is decided by importer, which calls it, as exporter does.
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
	"sync"
	"sync/atomic"
	"time"

	"ordersheet/internal/pace"
)

// Config says how to reach an account.
type Config struct {
	BaseURL   string        // the API's address with its path; required. New normalises it
	Token     string        // the bearer token; required
	Timeout   time.Duration // longest time for one request, from the first byte out to the last byte in; 0 is 30 s
	Workers   int           // how many requests may be in flight at most; 0 is 8
	Rate      float64       // requests a second; 0 learns what the server grants
	Patience  time.Duration // how long to back off from a server that can't be reached or refuses everything before giving up, a sixth of it when it never answered; 0 is 1 minute
	MaxWait   time.Duration // the longest Retry-After that is waited for; 0 is 10 minutes
	MaxAnswer int64         // the longest answer that is read, in bytes; 0 is 64 MiB
	UserAgent string        // "" is ordersheet/dev

	// Dial makes a connection; nil is TCP. Tunnels and tests have others.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// withDefaults puts in what zero means.
func (c Config) withDefaults() Config {
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.Workers = cmp.Or(max(c.Workers, 0), 8)
	c.Rate = max(c.Rate, 0)
	c.Patience = cmp.Or(c.Patience, time.Minute)
	c.MaxWait = cmp.Or(c.MaxWait, 10*time.Minute)
	c.MaxAnswer = cmp.Or(c.MaxAnswer, 64<<20)
	c.UserAgent = cmp.Or(c.UserAgent, "ordersheet/dev")
	return c
}

// Client calls the API of one account. It is safe for concurrent use; all its callers share one pace. Make it with New.
type Client struct {
	cfg       Config
	token     secret
	base      *url.URL
	transport *http.Transport
	governor  *pace.Governor
	budget    retryBudget
	refused   atomic.Pointer[Error] // set once the token was refused: no further request is sent

	readHeader, writeHeader http.Header // shared by all requests, never changed after New
	requests, retries       atomic.Int64
	buffers                 sync.Pool // of *bytes.Buffer, for answers of unknown length
}

// New makes a client. It sends nothing: Ping tries the address and the token.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
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
	cfg.BaseURL, cfg.Token = base, "" // the token lives in one place, which doesn't print itself
	c := &Client{
		cfg: cfg, token: secret(token), base: u, transport: newTransport(cfg),
		governor: pace.New(pace.Config{Workers: cfg.Workers, Rate: cfg.Rate, Patience: cfg.Patience, MaxWait: cfg.MaxWait}), budget: newRetryBudget(),
	}
	c.readHeader = http.Header{
		"Accept": {"application/json"}, "Authorization": {"Bearer " + token}, "User-Agent": {cfg.UserAgent},
	}
	c.writeHeader = c.readHeader.Clone()
	c.writeHeader.Set("Content-Type", "application/json")
	return c, nil
}

// BaseURL is the normalised base URL, which names the account.
func (c *Client) BaseURL() string { return c.cfg.BaseURL }

// Close lets go of idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Stats is what the client did so far and its pace now.
type Stats struct {
	pace.Stats
	Requests int64 // of which at least one byte was sent, rejected ones and retries included
	Retries  int64
}

// Stats says where the client stands.
func (c *Client) Stats() Stats {
	return Stats{Requests: c.requests.Load(), Retries: c.retries.Load(), Stats: c.governor.Stats()}
}

// secret is text that doesn't print itself.
type secret string

// Format prints a placeholder, whatever the verb.
func (secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "***") }

// checkToken refuses what can't be sent as a bearer token, without showing it.
func checkToken(token string) error {
	if token == "" {
		return errors.New("checking the API token: it is empty")
	}
	for _, r := range token {
		if r <= ' ' || r > '~' {
			return errors.New("checking the API token: it holds a blank or a character that no token has; was more than the token copied?")
		}
	}
	return nil
}
