package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"ordersheet/internal/diff"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
)

// UndoMode is the mode of a run that undoes another.
const UndoMode = "undo"

// Options are how a run was asked for. They are kept with the run as JSON, so that every later step
// of it does as the first one was told.
type Options struct {
	// How the files are read. The profile of the run is kept beside the options.
	Kind      string   `json:"kind"`    // empty: inferred from the headers
	Mapping   string   `json:"mapping"` // what the mapping file was called
	Set       []string `json:"set"`
	Sheets    []string `json:"sheet"`
	HeaderRow int      `json:"header_row"`

	// How orders are compared with those that exist.
	Existing        string `json:"check_existing,omitempty"` // auto, on or off; empty is auto
	Recreate        bool   `json:"recreate,omitempty"`       // send again what the ledger created and is gone
	Tags            string `json:"tags,omitempty"`           // diff.TagsAsSent, TagsReplaced or TagsAdded
	LineRemoval     bool   `json:"allow_line_removal,omitempty"`
	ReplacePayments bool   `json:"replace_payments,omitempty"`

	// What an undo is about.
	Undo   int64  `json:"undo,omitempty"`   // the run that it undoes
	Status string `json:"status,omitempty"` // what sales orders become that it created; empty is cancelled

	// How orders are sent.
	Workers    int           `json:"workers"`               // requests in flight at most
	Rate       float64       `json:"rate,omitempty"`        // requests a second at most; 0 is unlimited
	Timeout    time.Duration `json:"timeout,omitempty"`     // longest that a request of the run could last; 0 is DefaultTimeout
	SettleWait time.Duration `json:"settle_wait,omitempty"` // how late an order may appear; 0 is twice Timeout
	Canary     int           `json:"canary"`                // orders that are sent one by one before the rest
	Verify     string        `json:"verify"`                // all, sample or none
	NoBreaker  bool          `json:"no_breaker,omitempty"`
	Report     string        `json:"report,omitempty"` // the surface's word for where the report goes
}

// DefaultTimeout is how long a request may last in a run whose options don't say it.
const DefaultTimeout = 30 * time.Second

// DefaultOptions are those of a run that was asked for nothing in particular.
func DefaultOptions() Options {
	return Options{Workers: 8, Timeout: DefaultTimeout, Canary: 3, Verify: "sample"}
}

// OptionError says which option has a value that it doesn't take.
type OptionError struct {
	Option string // as its JSON key
	Takes  string
	Got    any
}

// Error names the option, and what it takes.
func (e *OptionError) Error() string {
	if text, ok := e.Got.(string); ok {
		return fmt.Sprintf("%s takes %s, not %q", e.Option, e.Takes, text)
	}
	return fmt.Sprintf("%s takes %s, not %v", e.Option, e.Takes, e.Got)
}

// Check returns an *OptionError for the first option with a value that it doesn't take.
func (o Options) Check() error {
	_, isKind := order.ParseKind(o.Kind)
	for _, c := range []struct {
		ok            bool
		option, takes string
		got           any
	}{
		{o.Kind == "" || isKind, "kind", "sales-orders or purchase-orders", o.Kind},
		{slices.Contains([]string{"", "auto", "on", "off"}, o.Existing), "check_existing", "auto, on or off", o.Existing},
		{slices.Contains([]string{diff.TagsAsSent, diff.TagsReplaced, diff.TagsAdded}, o.Tags), "tags", "replace or add", o.Tags},
		{o.Workers >= 1 && o.Workers <= 250, "workers", "1 to 250", o.Workers},
		{o.Rate >= 0, "rate", "a number of requests a second", o.Rate},
		{o.SettleWait >= 0, "settle_wait", "a time such as 60s", o.SettleWait},
		{o.Canary >= 0, "canary", "a number of orders", o.Canary},
		{slices.Contains([]string{"", "all", "sample", "none"}, o.Verify), "verify", "all, sample or none", o.Verify},
	} {
		if !c.ok {
			return &OptionError{c.option, c.takes, c.got}
		}
	}
	return nil
}

// OptionsOf returns the options of a run. What the options of an older run don't say is as in
// DefaultOptions.
func OptionsOf(r ledger.Run) (Options, error) {
	o := DefaultOptions()
	if len(r.Options) == 0 {
		return o, nil
	}
	if err := json.Unmarshal(r.Options, &o); err != nil {
		return o, fmt.Errorf("reading the options of run %d: %w", r.ID, err)
	}
	return o, nil
}

// Encode returns the options as a run keeps them.
func (o Options) Encode() ([]byte, error) {
	b, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("keeping the options: %w", err)
	}
	return b, nil
}

// Undoes returns the run that a run undoes; 0 for any other run.
func Undoes(r ledger.Run) int64 {
	if r.Mode != UndoMode {
		return 0
	}
	o, err := OptionsOf(r)
	if err != nil {
		return 0
	}
	return o.Undo
}
