package importer

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
)

// CheckExisting says whether planned orders are looked up in the API before anything is sent.
type CheckExisting string

// The ways of checking. Auto checks when it costs at most one request in twenty orders.
const (
	CheckAuto CheckExisting = "auto"
	CheckOn   CheckExisting = "on"
	CheckOff  CheckExisting = "off"
)

// checkGroup is how many orders are checked at once.
const checkGroup = 500

// Check compares the planned orders of a run with what the ledger remembers and with what stands in the API, before anything is sent. What
// stands the same as meant becomes unchanged, what stands differently is held. What the ledger remembers is always confirmed by a look-up.
type Check struct {
	Ledger   *ledger.Ledger
	API      Finder
	Run      ledger.Run
	Sources  []ledger.Source
	Existing CheckExisting // "" is auto
	Recreate bool          // send again what this ledger made and what no longer stands
	Observe  Observe

	// How updates, upserts and deletions are meant.
	Tags             string // order.TagsAsSent, TagsReplaced or TagsAdded
	ReplacePayments  bool   // the sheet's payments are all that there shall be
	AllowLineRemoval bool   // a line of which something was received may be removed
	Refresh          bool   // the held orders of the run are compared, not its planned ones, and planned again where that is possible now
	Workers          int    // look-ups in flight at most; 0 is 4

	// MayList is asked before a list of so many orders is read whole, in so many requests; nil is yes.
	MayList func(orders, requests int) error

	// Unchecked says after Do why the planned orders weren't looked up in the API; empty when they were, or when that wasn't wanted.
	Unchecked string

	way     way // how orders are looked up
	proving sync.Mutex
	listing *ledger.Listing
	done    int64

	rules    order.Rules
	changes  bool  // the run holds other things than plain creates
	byIDs    bool  // many ids can be asked for at once
	byIDKnow bool  // that was tried
	known    int64 // the id of an order that stands
	owner    map[int64]owner
	hidden   hiddenFields
}

// Finder is what checking needs of the client. luminous.Client is one.
type Finder interface {
	FindByNumber(ctx context.Context, kind order.Kind, number string) ([]order.Answer, error)
	FindByNumbers(ctx context.Context, kind order.Kind, numbers []string) (map[string][]order.Answer, error)
	ProveBatchFilter(ctx context.Context, kind order.Kind, known string) (bool, error)
	ProveFilter(ctx context.Context, kind order.Kind, known string) (bool, error)
	List(ctx context.Context, kind order.Kind, query url.Values) (luminous.Page, error)
	Get(ctx context.Context, kind order.Kind, id int64) (order.Answer, error)
	FindByIDs(ctx context.Context, kind order.Kind, ids []int64) (map[int64]order.Answer, error)
	ProveIDFilter(ctx context.Context, kind order.Kind, known int64) (bool, error)
}

// Do checks all planned orders. The run must be held (ledger.Acquire).
func (c *Check) Do(ctx context.Context) (err error) {
	if err := c.survey(ctx); err != nil {
		return err
	}
	ask, err := c.worthAsking(ctx)
	if err != nil {
		return err
	}
	if c.listing != nil {
		defer func() { err = errors.Join(err, c.listing.Close()) }()
	}
	var group []ledger.Order
	flush := func() error {
		err := c.group(ctx, group, ask)
		group = group[:0]
		return err
	}
	filter := ledger.Filter{States: []ledger.State{c.state()}, Full: true}
	err = c.Ledger.Orders(ctx, c.Run.ID, filter, func(o *ledger.Order) error {
		if c.Refresh && o.Payload == nil {
			return nil // held for what stands in the sheet
		}
		group = append(group, *o)
		if len(group) < checkGroup {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err == nil && c.Refresh {
		err = c.reopen(ctx)
	}
	return err
}

// reopen makes a plan of a run again whose held orders were compared once more, if any of them is to be sent now.
func (c *Check) reopen(ctx context.Context) error {
	states, err := c.Ledger.CountStates(ctx, c.Run.ID)
	if err != nil || states[ledger.OrderPlanned] == 0 {
		return err
	}
	return c.Ledger.UpdateRun(ctx, c.Run.ID, func(r *ledger.Run) { r.State, r.Ended = ledger.Planned, time.Time{} })
}

func (c *Check) find(ctx context.Context, numbers []string, remembered map[string]ledger.KeyRecord) (map[string][]order.Answer, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	switch {
	case c.listing != nil:
		return c.listing.Find(ctx, numbers)
	case c.way == byReadingOn:
		return c.confirm(ctx, numbers, remembered)
	case c.way == byNumbers:
		return c.API.FindByNumbers(ctx, c.Run.Kind, numbers)
	}
	return findEach(ctx, c.API, c.Run.Kind, numbers)
}

// compared settles an order by the one that stands under its number.
func (w whereabouts) compared(s *ledger.Settlement, o ledger.Order, a order.Answer) {
	s.ID = a.ID
	if a.Total.Valid {
		s.ConfirmedTotal = a.Total.Decimal.String()
	}
	diff, err := order.Differences(o.Payload, a.Raw)
	if err != nil {
		diff = []order.Difference{{Path: "the answer", Stands: err.Error()}}
	}
	if len(diff) == 0 {
		s.State = ledger.Created
		return
	}
	var parts []string
	for _, d := range diff {
		parts = append(parts, d.String())
		s.Problems = append(s.Problems, w.locate(o, d.Path, problem.Problem{
			Severity: problem.Error, Code: codeDiffers, Field: d.Path, Expected: d.Stands,
			Message: fmt.Sprintf("the order stands in Luminous (id %d), but there %s", a.ID, d),
			Hint:    "compare the order with your sheet in Luminous; nothing was overwritten",
		}))
	}
	s.State = ledger.Held
	s.Message = fmt.Sprintf("an order with this number stands (id %d) and differs: %s", a.ID, strings.Join(parts, "; "))
}

// several settles an order whose number several orders bear.
func (w whereabouts) several(s *ledger.Settlement, o ledger.Order, found []order.Answer) {
	var ids []string
	for _, a := range found {
		ids = append(ids, fmt.Sprint(a.ID))
	}
	s.State, s.Message = ledger.Held, "several orders bear this number: ids "+strings.Join(ids, ", ")
	s.Problems = []problem.Problem{w.at(o, problem.Problem{
		Severity: problem.Error, Code: codeSeveral, Value: o.Number, Message: s.Message, Expected: "one order",
		Hint: "look at them in Luminous and cancel those that are too many",
	})}
}
