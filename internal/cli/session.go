package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ordersheet/importer"
	"ordersheet/internal/deliver"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/luminous"
	"ordersheet/internal/sandbox"

	"github.com/spf13/cobra"
)

// session is what a command that needs the ledger works with.
type session struct {
	*app
	*importer.Service
	yes      bool   // don't ask
	mustAsk  bool   // don't connect unless a question can be answered
	path     string // of the ledger
	ledger   ledger.Ledger
	client   *luminous.Client // nil until a step connects
	baseURL  string           // account that orders go to
	apiKey   string           // token of the account; empty until it is known
	folder   deliver.Folder   // of reports and plans
	progress *progress
	soft     context.Context // ended by the first signal: take no new orders
	hard     context.Context // ended by the second: leave at once
	close    []func()

	beforeAsking func(importer.Summary) error // shows more of a plan; nil is nothing
}

// with opens a session, carries a command out, and closes the session. account says which account
// it is for before anything else happens; nil is that of the run, which the ledger keeps.
func (a *app) with(ctx context.Context, yes bool, account, do func(*session) error) error {
	s := &session{app: a, yes: yes, progress: a.newProgress()}
	defer func() {
		s.progress.done()
		for i := len(s.close) - 1; i >= 0; i-- {
			s.close[i]()
		}
	}()
	s.soft, s.hard = s.signals(ctx)
	if account != nil {
		if err := account(s); err != nil {
			return err
		}
	}
	var err error
	if s.path == "" {
		if s.path, err = a.ledgerPath(); err != nil {
			return err
		}
	}
	if s.ledger, err = sqlite.Open(s.path); err != nil {
		return err
	}
	s.close = append(s.close, func() { _ = s.ledger.Close() }) // everything that counts is committed
	s.Service = importer.New(importer.Config{
		Ledger: s.ledger, Owner: owner(), Connect: s.connect, Confirm: s.confirmRun, MayList: s.mayList,
		Observe: s.progress.observe,
	})
	s.folder = deliver.Folder{Service: s.Service, Command: remedyCommand}
	return do(s)
}

// reading makes what a command does of what it does with a session, where it makes no request.
func (a *app) reading(do func(s *session, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		return a.with(c.Context(), false, nil, func(s *session) error { return do(s, args) })
	}
}

// given takes the account of a new run from flags and settings.
func (s *session) given() error { return s.login("") }

// anyAccount is for a dry run, which needs no account and no token.
func (s *session) anyAccount() (err error) {
	if s.global.baseURL+s.global.company+s.env("BASE_URL")+s.env("COMPANY") == "" {
		s.baseURL = "no account (dry run)"
		return nil
	}
	s.baseURL, err = s.account("")
	return err
}

// login finds out which account and token to use. kept is the account that a run keeps.
func (s *session) login(kept string) (err error) {
	if s.baseURL, err = s.account(kept); err == nil {
		s.apiKey, err = s.token()
	}
	return err
}

// simulated starts a sandbox that has fill orders of each kind. It forgets its orders, so its runs
// are kept only where --ledger says.
func simulated(fill int) func(*session) error {
	return func(s *session) error {
		server, err := serveSandbox(s.hard, "127.0.0.1:0", sandbox.Config{AnySKU: true}, fill)
		if err != nil {
			return err
		}
		s.yes, s.baseURL, s.apiKey = true, server.BaseURL, "sandbox"
		s.close = append(s.close, func() { _ = server.Close() })
		if s.global.ledger != "" {
			return nil
		}
		dir, err := os.MkdirTemp("", "ordersheet-sandbox-")
		if err != nil {
			return fail(FileTrouble, "", "creating a folder for the ledger: %w", err)
		}
		s.path = filepath.Join(dir, "ledger.db")
		s.close = append(s.close, func() { _ = os.RemoveAll(dir) })
		return nil
	}
}

// connect makes the client for a run.
func (s *session) connect(account string, o importer.Options) (importer.API, error) {
	if s.mustAsk {
		if err := s.requireConfirmation(); err != nil {
			return nil, err
		}
	}
	if s.apiKey == "" {
		if err := s.login(account); err != nil {
			return nil, err
		}
	}
	return s.newClient(o.Workers, o.Rate)
}

func (s *session) newClient(workers int, rate float64) (*luminous.Client, error) {
	c, err := luminous.New(luminous.Config{
		BaseURL: s.baseURL, Token: s.apiKey, Timeout: s.global.timeout, Workers: workers, Rate: rate,
		UserAgent: "ordersheet/" + version(),
	})
	if err != nil {
		return nil, fail(Usage, "", "%w", err)
	}
	s.client = c
	s.progress.stats = c.Stats
	s.close = append(s.close, c.Close)
	return c, nil
}

// owner names this process in the ledger.
func owner() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%d@%s", os.Getpid(), cmp.Or(host, "localhost"))
}

// finishWithin is how long orders in flight may take to finish after the first signal.
const finishWithin = 30 * time.Second

// signals returns two contexts: the first signal ends soft; the second, or finishWithin, ends hard
// too.
func (s *session) signals(ctx context.Context) (soft, hard context.Context) {
	hard, leave := context.WithCancel(ctx)
	soft, stop := context.WithCancel(hard)
	s.close = append(s.close, leave)
	go func() {
		select {
		case <-hard.Done():
			return
		case <-s.Signals:
		}
		s.progress.say("stopping: orders in flight finish first, for at most %v; press Ctrl-C again to leave at once", finishWithin)
		stop()
		select {
		case <-hard.Done():
			return
		case <-s.Signals:
		case <-time.After(finishWithin):
		}
		s.progress.say("leaving at once")
		leave()
	}()
	return soft, hard
}
