package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"ordersheet/importer"
	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/sqlite"
	"ordersheet/internal/luminous"
	"ordersheet/internal/sandbox"
)

// session is what a command that carries runs works with.
type session struct {
	*app
	*importer.Service
	yes      bool // don't ask
	mustAsk  bool // don't connect unless a question can be answered
	ledger   ledger.Ledger
	client   *luminous.Client // nil until a step connects
	account  string           // that orders go to
	token    string           // of account; empty until it is known
	progress *progress
	soft     context.Context // ended by the first signal: take no new orders
	hard     context.Context // ended by the second: leave at once
	close    []func()

	beforeAsking func(importer.Summary) error // shows more of a plan; nil is nothing
}

// newSession handles signals; it has no account and no ledger yet.
func (a *app) newSession(ctx context.Context, yes bool) *session {
	s := &session{app: a, yes: yes, progress: a.newProgress()}
	s.soft, s.hard = s.signals(ctx)
	return s
}

// openLedger opens the ledger and makes the Service.
func (s *session) openLedger(path string) (err error) {
	if s.ledger, err = sqlite.Open(path); err != nil {
		return err
	}
	s.close = append(s.close, func() { _ = s.ledger.Close() }) // everything that counts is committed
	s.Service = importer.New(importer.Config{
		Ledger: s.ledger, Owner: owner(), Connect: s.connect, Confirm: s.confirmRun, MayList: s.mayList,
		Observe: s.progress.observe,
	})
	return nil
}

// openKept opens a session for a run that exists: its account is the one that the ledger keeps.
func (a *app) openKept(ctx context.Context, yes bool) (*session, error) {
	s := a.newSession(ctx, yes)
	path, err := a.ledgerPath()
	if err == nil {
		err = s.openLedger(path)
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

// openNew opens a session for a new run or an export. With simulated it starts a sandbox that has fill
// orders of each kind.
func (a *app) openNew(ctx context.Context, yes, simulated bool, fill int) (*session, error) {
	s := a.newSession(ctx, yes || simulated)
	var path string
	var err error
	if simulated {
		s.token = "sandbox"
		if s.account, err = s.startSandbox(fill); err == nil {
			path, err = s.sandboxLedger()
		}
	} else if s.account, s.token, err = a.accountAndToken(""); err == nil {
		if err = checkToken(s.token); err == nil {
			path, err = a.ledgerPath()
		}
	}
	if err == nil {
		err = s.openLedger(path)
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func checkToken(token string) error {
	if token != "" {
		return nil
	}
	return fail(Usage, "create one under Settings > API tokens in Luminous and put it into LUMINOUS_API_KEY, "+
		"or into a file named with --api-key-file", "there is no API token")
}

// end closes everything, in reverse order.
func (s *session) end() {
	s.progress.done()
	for i := len(s.close) - 1; i >= 0; i-- {
		s.close[i]()
	}
}

// connect makes the client for a run.
func (s *session) connect(account string, o importer.Options) (importer.API, error) {
	if s.mustAsk {
		if err := s.requireConfirmation(); err != nil {
			return nil, err
		}
	}
	if s.token == "" {
		var err error
		if s.account, s.token, err = s.accountAndToken(account); err != nil {
			return nil, err
		}
		if err := checkToken(s.token); err != nil {
			return nil, err
		}
	}
	return s.newClient(o.Workers, o.Rate)
}

func (s *session) newClient(workers int, rate float64) (*luminous.Client, error) {
	c, err := luminous.New(luminous.Config{
		BaseURL: s.account, Token: s.token, Timeout: s.global.timeout, Workers: workers, Rate: rate,
		UserAgent: "ordersheet/" + version(),
	})
	if err != nil {
		return nil, fail(Usage, "", "%w", err)
	}
	s.client = c
	s.progress.setStats(c.Stats)
	s.close = append(s.close, c.Close)
	return c, nil
}

// startSandbox serves a simulated Luminous API on a free port of this machine.
func (s *session) startSandbox(fill int) (base string, err error) {
	box, err := newSandbox(sandbox.Config{AnySKU: true}, fill)
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

// sandboxLedger returns the ledger of a command with --sandbox. The sandbox forgets its orders, so its
// runs are kept only where --ledger says.
func (s *session) sandboxLedger() (string, error) {
	if s.global.ledger != "" {
		return s.ledgerPath()
	}
	dir, err := os.MkdirTemp("", "ordersheet-sandbox-")
	if err != nil {
		return "", fail(FileTrouble, "", "creating a folder for the ledger: %w", err)
	}
	s.close = append(s.close, func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "ledger.db"), nil
}

// withService opens the ledger for a command that makes no request.
func (a *app) withService(do func(*importer.Service, ledger.Ledger) error) (err error) {
	path, err := a.ledgerPath()
	if err != nil {
		return err
	}
	l, err := sqlite.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return do(importer.New(importer.Config{Ledger: l}), l)
}

// owner names this process in the ledger.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%d@%s", os.Getpid(), host)
}

// finishWithin is how long orders in flight may take to finish after the first signal.
const finishWithin = 30 * time.Second

// signals returns two contexts: the first signal ends soft; the second, or finishWithin, ends hard too.
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
					s.progress.say("stopping: orders in flight finish first, for at most %v; press Ctrl-C again to leave at once", finishWithin)
				}
			}
			if i == 1 {
				s.progress.say("leaving at once")
			}
			cancel()
			late = time.After(finishWithin)
		}
	}()
	return soft, hard
}
