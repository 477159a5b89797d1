package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/importer/submit"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/problem"
)

// Service carries runs from their plan to their report. Every surface drives runs through it: it
// alone sets the state of a run. Its methods may be called from several goroutines.
//
// A run that is planned is compared with the orders that exist, confirmed by a person, and sent.
// Each step takes the run for this process (ledger.Acquire) and gives it back at its end.
type Service struct{ cfg Config }

// Ledger is what runs need of the ledger.
type Ledger interface {
	ledger.Runs
	ledger.Spool
	ledger.Plan
	ledger.Journal
	ledger.Keys
	Path() string
	Setting(ctx context.Context, name string) (string, error)
	SetSetting(ctx context.Context, name, value string) error
}

// Config is what a Service is built from.
type Config struct {
	// Ledger keeps the runs. Only Inspect and Match work without one.
	Ledger Ledger

	// Owner names this process in the ledger, as pid@host. Only reading works without it.
	Owner string

	// Connect returns a client of an account's API that keeps to the options of a run. A client of
	// another account is rejected. nil is for a Service that makes no requests.
	Connect func(account string, o Options) (API, error)

	// Confirm asks a person whether to carry out a run; an error is a no, and ends the step. It is
	// also called where nothing is left to send, so that the plan is shown. A run that has been
	// started before is to be resumed. nil means that whoever calls Service has asked.
	Confirm func(context.Context, Summary) error

	// MayList asks a person whether a list of so many orders may be read in so many requests; an error
	// is a no. nil is a yes.
	MayList func(orders, requests int) error

	// Observe is told of the progress of each step; nil: no progress is reported.
	Observe plan.Observe
}

// New returns a Service.
func New(cfg Config) *Service { return &Service{cfg} }

// API is what a run needs of a client. luminous.Client is one.
type API interface {
	submit.API
	BaseURL() string
	Stats() luminous.Stats
}

// ErrWrongAccount says that a run is for another account than the one connected to.
var ErrWrongAccount = errors.New("wrong account")

// NotAllowedError says why a run can't do what was asked. Nothing was done.
type NotAllowedError struct {
	Reason   string
	remedies []problem.Remedy
	cause    error // ledger.ErrNotFound, ErrWrongAccount or nil
}

// Error returns the reason.
func (e *NotAllowedError) Error() string { return e.Reason }

// Unwrap returns ledger.ErrNotFound, ErrWrongAccount or nil.
func (e *NotAllowedError) Unwrap() error { return e.cause }

// Remedies returns what can be done instead.
func (e *NotAllowedError) Remedies() []problem.Remedy { return e.remedies }

func notAllowed(remedies []problem.Remedy, format string, args ...any) error {
	return &NotAllowedError{Reason: fmt.Sprintf(format, args...), remedies: remedies}
}

// remedy returns remedies of these kinds for a run.
func remedy(run int64, kinds ...problem.RemedyKind) (out []problem.Remedy) {
	for _, k := range kinds {
		out = append(out, problem.Remedy{Kind: k, Run: run})
	}
	return out
}

// NotSentError says that a run ended before anything was sent, so that there is nothing to resume.
type NotSentError struct{ Err error }

// Error begins with what matters most.
func (e *NotSentError) Error() string { return "nothing was sent: " + e.Err.Error() }

// Unwrap returns why.
func (e *NotSentError) Unwrap() error { return e.Err }

// Result is how carrying out a run ended.
type Result struct {
	Summary Summary
	Err     error // why it ended before all orders were tried; nil when they all were

	// Elsewhere is the process that continues the run, which was only paused; then nothing else is
	// set.
	Elsewhere string
}

// task is a run that this process has taken.
type task struct {
	*Service
	run     ledger.Run
	options Options
	api     API
	release func()
	timeout time.Duration // longest that a request of an earlier process of the run could last
	before  ledger.Run    // as it was before this process took it: with the last sign of life of another
}

// take takes a run for this process. change changes its options, for as long as the task lasts; nil
// is none. may says whether the run is in a state for it; it is asked again once no other process
// can change it.
func (s *Service) take(ctx context.Context, id int64, change func(*Options), may func(ledger.Run) error) (*task, error) {
	t := &task{Service: s}
	var err error
	if t.before, err = s.Run(ctx, id); err != nil {
		return nil, err
	}
	if err = may(t.before); err != nil {
		return nil, err
	}
	if t.options, err = plan.OptionsOf(t.before); err != nil {
		return nil, err
	}
	t.timeout = t.options.Timeout
	if change != nil {
		change(&t.options)
	}
	if t.api, err = s.cfg.Connect(t.before.Account, t.options); err != nil {
		return nil, err
	}
	if base := t.api.BaseURL(); base != t.before.Account {
		reason := fmt.Sprintf("run %d is for %s, not for %s", id, t.before.Account, base)
		return nil, &NotAllowedError{Reason: reason, cause: ErrWrongAccount}
	}
	if t.release, err = s.cfg.Ledger.Acquire(ctx, id, s.cfg.Owner); err != nil {
		return nil, err
	}
	if t.run, err = s.Run(ctx, id); err == nil {
		err = may(t.run)
	}
	if err != nil {
		t.release()
		return nil, err
	}
	return t, nil
}

// update changes the run in the ledger.
func (t *task) update(ctx context.Context, change func(*ledger.Run)) error {
	if err := t.cfg.Ledger.UpdateRun(ctx, t.run.ID, change); err != nil {
		return err
	}
	change(&t.run)
	return nil
}

// keepOptions keeps the changed options with the run.
func (t *task) keepOptions(ctx context.Context) error {
	b, err := t.options.Encode()
	if err != nil {
		return err
	}
	return t.update(ctx, func(r *ledger.Run) { r.Options = b })
}

// settleWait is how long after its last byte a request may still create an order.
func settleWait(o Options) time.Duration {
	if o.SettleWait > 0 {
		return o.SettleWait
	}
	return 2 * o.Timeout
}

// Run returns a run by its number; ledger.ErrNotFound when there is none.
func (s *Service) Run(ctx context.Context, id int64) (ledger.Run, error) {
	run, err := s.cfg.Ledger.GetRun(ctx, id)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && run.State == ledger.Planning {
		reason := fmt.Sprintf("there is no run %d in %s", id, s.cfg.Ledger.Path())
		return run, &NotAllowedError{Reason: reason, cause: ledger.ErrNotFound}
	}
	return run, err
}
