// Package exporter exports orders from Luminous to a file: it finds what changed, reads it, keeps
// it in the ledger, proves as far as the API allows that nothing is missing, writes the file, and
// publishes it in one step with a manifest beside it. Only the ledger passes from one step to the
// next, so a killed export resumes where it was. The package knows no terminal, names no flag, and
// reports progress through one Observe func. mapping/flatten decides about columns, sheet/write
// about how cells are written.
package exporter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/problem"
)

// API is what an export needs of the client. luminous.Client is one.
type API interface {
	lookup.API
	// BaseURL returns the normalized base URL, which is the account.
	BaseURL() string
	// Stats returns how many requests were made.
	Stats() luminous.Stats
}

// Ledger is what an export needs of the ledger: the exports themselves, and a lock on each.
type Ledger interface {
	ledger.Exports
	Path() string
	Acquire(ctx context.Context, run int64, owner string) (release func(), err error)
	DropRows(ctx context.Context, run int64, source int) error
}

// Service makes exports and checks them. Every surface exports through it. Its methods may be
// called from several goroutines.
type Service struct{ cfg Config }

// Config is what a Service is built from.
type Config struct {
	// Ledger keeps what was read, and how far the published exports have come. Only Verify works
	// without one.
	Ledger Ledger

	// Owner names this process in the ledger, as pid@host; Version is the program's, for manifests.
	Owner, Version string

	// Connect returns a client of the account to export from that keeps to the pace of the options.
	Connect func(Options) (API, error)

	// Stdout is where an export without a file goes; nil is nowhere.
	Stdout io.Writer

	// Observe is told of the progress; nil means none. It must not block for long.
	Observe func(Event)

	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// New returns a Service.
func New(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{cfg}
}

// Event is the progress of an export.
type Event struct {
	Phase Phase
	Done  int64  // orders
	Total int64  // 0 if unknown
	Note  string // a message for a person; then nothing else is set
}

// Phase names a step of an export.
type Phase string

// The phases.
const (
	Reading  Phase = "reading orders"
	Counting Phase = "counting"
	Writing  Phase = "writing"
)

func (c *Config) tell(e Event) {
	if c.Observe != nil {
		c.Observe(e)
	}
}

func (c *Config) note(format string, args ...any) {
	c.tell(Event{Note: fmt.Sprintf(format, args...)})
}

// UsageError says that something can't be done as requested. Nothing was done.
type UsageError struct {
	Err     error
	Hint    string   // what to do; may be empty
	Options []string // the options that this is about, such as split_rows
}

// Error returns the cause.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UsageError) Unwrap() error { return e.Err }

// Remedies returns the options to change.
func (e *UsageError) Remedies() (out []problem.Remedy) {
	for _, o := range e.Options {
		out = append(out, problem.Remedy{Kind: problem.RunOption, Option: o})
	}
	return out
}

// ErrServer says that answers of the server contradict each other, so that the file would be wrong.
var ErrServer = errors.New("the server contradicts itself")

// Status says where an export begins.
type Status struct {
	Name  string           // whose watermark Last is
	Last  ledger.Watermark // of the last published export of that name; zero when there is none
	Since time.Time        // orders that changed at this time or later are exported
	First bool             // what changed since the last export was asked for, and there is none
}

// Status says where an export of an account with these options would begin.
func (s *Service) Status(ctx context.Context, account string, o Options) (Status, error) {
	o.setDefaults()
	// All orders have changed since 1970 (API page "Export sales orders incremental").
	st := Status{Name: o.Name, Since: time.Unix(0, 0).UTC()}
	var err error
	if st.Last, err = s.cfg.Ledger.Watermark(ctx, account, o.Kind, o.Name); err != nil {
		return st, err
	}
	switch {
	case o.Wanted != nil:
	case !o.Since.Last:
		if !o.Since.At.IsZero() {
			st.Since = o.Since.At.UTC()
		}
	case st.Last.At == "":
		st.First = true
	case st.Last.Filters != o.filters():
		return st, &UsageError{
			fmt.Errorf("the last export named %q had other filters (%s), so its end says nothing about these orders",
				o.Name, cmp.Or(st.Last.Filters, "none")),
			"give it another name, or export all orders",
			[]string{"name", "since"},
		}
	default:
		at, ok := luminous.ParseTime(st.Last.At)
		if !ok {
			return st, fmt.Errorf("reading the watermark of %q: %q is not a time", o.Name, st.Last.At)
		}
		st.Since = at.Add(-o.Overlap)
	}
	return st, nil
}
