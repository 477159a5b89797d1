package cli

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/sandbox"
)

// session is everything that one run stands on.
type session struct {
	*app
	flags   sendFlags
	ledger  *ledger.Ledger
	client  *luminous.Client
	account string
	watch   *watcher
	soft    context.Context // ended by the first signal: take no new orders
	hard    context.Context // ended by the second: leave at once
	close   []func()
}

// open builds what a run stands on: the ledger, the client, the sandbox when one was asked for, and the contexts that signals end. account is
// the address that is used when none was given.
func (a *app) open(ctx context.Context, f sendFlags, account string, dryRun bool) (_ *session, err error) {
	s := &session{app: a, flags: f, watch: a.newWatcher()}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	s.soft, s.hard = s.signals(ctx)
	base, token := "", ""
	if f.sandbox {
		if base, err = s.startSandbox(); err != nil {
			return nil, err
		}
		token = "sandbox"
	} else if base, token, err = a.accountAndToken(account, dryRun); err != nil {
		return nil, err
	}
	s.account = base
	if base == "" {
		s.account = "no account (dry run)"
	}
	if !dryRun { // which makes no request
		if s.client, err = luminous.New(luminous.Config{
			BaseURL: base, Token: token, Timeout: a.global.timeout, Workers: f.workers, Rate: f.rate, UserAgent: "ordersheet/" + version(),
		}); err != nil {
			return nil, fail(Usage, "", "%w", err)
		}
		s.watch.stats = s.client.Stats
		s.close = append(s.close, s.client.Close)
	}
	path, err := s.ledgerFile()
	if err != nil {
		return nil, err
	}
	if s.ledger, err = ledger.Open(path); err != nil {
		return nil, err
	}
	s.close = append(s.close, func() { _ = s.ledger.Close() }) // what counts was committed before
	return s, nil
}

// end lets go of everything, last opened first.
func (s *session) end() {
	s.watch.done()
	for i := len(s.close) - 1; i >= 0; i-- {
		s.close[i]()
	}
}

// accountAndToken finds the API's address and the token. A dry run needs neither.
func (a *app) accountAndToken(account string, dryRun bool) (base, token string, err error) {
	baseURL, company := a.global.baseURL, a.global.company
	if baseURL == "" && company == "" {
		baseURL, company = a.env("BASE_URL"), a.env("COMPANY")
	}
	if baseURL == "" && company == "" {
		baseURL = account
	}
	if baseURL == "" && company == "" {
		if dryRun {
			return "", "", nil
		}
		return "", "", fail(Usage, "give --company NAME (the first part of your Luminous address), or try it with --sandbox", "which account? neither --company nor --base-url was given")
	}
	if base, err = luminous.NormalizeBaseURL(baseURL, company); err != nil {
		return "", "", fail(Usage, "", "%w", err)
	}
	if token, err = a.token(); err != nil {
		return "", "", err
	}
	if token == "" && !dryRun {
		return "", "", fail(Usage, "make one under Settings > API tokens in Luminous and put it into LUMINOUS_API_KEY, or into a file named with --api-key-file", "there is no API token")
	}
	return base, token, nil
}

// startSandbox serves an order system in a box on a free port of this machine.
func (s *session) startSandbox() (base string, err error) {
	box, err := newBox(sandbox.Config{AnySKU: true}, s.flags.fill)
	if err != nil {
		return "", err
	}
	listener, err := new(net.ListenConfig).Listen(s.hard, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("starting the sandbox: %w", err)
	}
	server := &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener) //nolint:errcheck // ends with Close
	s.close = append(s.close, func() { server.Close() })
	return "http://" + listener.Addr().String() + sandbox.Prefix, nil
}

// ledgerFile is the ledger of this command. A sandbox forgets its orders, so what was sent to it is remembered only where --ledger says.
func (s *session) ledgerFile() (string, error) {
	if !s.flags.sandbox || s.global.ledger != "" {
		return s.ledgerPath()
	}
	dir, err := os.MkdirTemp("", "ordersheet-sandbox-")
	if err != nil {
		return "", fail(FileTrouble, "", "making a folder for the ledger: %w", err)
	}
	s.close = append(s.close, func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "ledger.db"), nil
}

// finishWithin is how long orders in flight may take to finish after the first signal.
const finishWithin = 30 * time.Second

// signals gives two contexts: the first signal ends soft; the second, or half a minute, ends hard too.
func (s *session) signals(ctx context.Context) (soft, hard context.Context) {
	hard, leave := context.WithCancel(ctx)
	soft, stop := context.WithCancel(hard)
	finished := make(chan struct{})
	s.close = append(s.close, func() { close(finished); leave() })
	go func() {
		var late <-chan time.Time
		for i, cancel := range []context.CancelFunc{stop, leave} {
			select {
			case <-finished:
				return
			case <-late:
			case <-s.Signals:
				if i == 0 {
					s.watch.say("stopping: orders in flight are finished first, for at most %v; once more leaves at once", finishWithin)
				}
			}
			if i == 1 {
				s.watch.say("leaving at once")
			}
			cancel()
			late = time.After(finishWithin)
		}
	}()
	return soft, hard
}

// terminal says that a person can be asked: both what they type and what they read is a terminal.
func (a *app) terminal() bool {
	in, ok := a.Stdin.(*os.File)
	return ok && term.IsTerminal(int(in.Fd())) && isTerminal(a.Stderr)
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
