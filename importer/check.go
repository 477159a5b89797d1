package importer

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
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

	// MayList is asked before a list of so many orders is read whole, in so many requests; nil is yes.
	MayList func(orders, requests int) error

	// Unchecked says after Do why the planned orders weren't looked up in the API; empty when they were, or when that wasn't wanted.
	Unchecked string

	way     way // how orders are looked up
	listing *ledger.Listing
	done    int64
}

// Finder is what checking needs of the client. luminous.Client is one.
type Finder interface {
	FindByNumber(ctx context.Context, kind order.Kind, number string) ([]order.Answer, error)
	FindByNumbers(ctx context.Context, kind order.Kind, numbers []string) (map[string][]order.Answer, error)
	ProveBatchFilter(ctx context.Context, kind order.Kind, known string) (bool, error)
	ProveFilter(ctx context.Context, kind order.Kind, known string) (bool, error)
	List(ctx context.Context, kind order.Kind, query url.Values) (luminous.Page, error)
	Get(ctx context.Context, kind order.Kind, id int64) (order.Answer, error)
}

// Do checks all planned orders. The run must be held (ledger.Acquire).
func (c *Check) Do(ctx context.Context) (err error) {
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
	filter := ledger.Filter{States: []ledger.State{ledger.OrderPlanned}, Full: true}
	err = c.Ledger.Orders(ctx, c.Run.ID, filter, func(o *ledger.Order) error {
		group = append(group, *o)
		if len(group) < checkGroup {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// group checks some orders and settles those that need not be sent.
func (c *Check) group(ctx context.Context, orders []ledger.Order, ask bool) error {
	if len(orders) == 0 {
		return nil
	}
	numbers := make([]string, len(orders))
	for i, o := range orders {
		numbers[i] = o.Number
	}
	remembered, err := c.Ledger.KeyInfo(ctx, c.Run.Account, c.Run.Kind, numbers)
	if err != nil {
		return err
	}
	var asked []string
	for _, n := range numbers {
		if k, ok := remembered[n]; ask || ok && k.Stands() {
			asked = append(asked, n)
		}
	}
	found, err := c.find(ctx, asked, remembered)
	if err != nil {
		return fmt.Errorf("asking what stands already: %w", err)
	}
	var settled []ledger.Settlement
	for _, o := range orders {
		if s, ok := c.verdict(o, remembered[o.Number], found[o.Number]); ok {
			settled = append(settled, s)
		}
	}
	c.done += int64(len(orders))
	c.Observe.tell(Event{Phase: Checking, Done: c.done})
	if len(settled) == 0 {
		return nil
	}
	_, err = c.Ledger.Advance(ctx, c.Run.ID, settled, 0)
	return err
}

func (c *Check) find(ctx context.Context, numbers []string, remembered map[string]ledger.KeyRecord) (map[string][]order.Answer, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	if c.way == unproven { // only what the ledger remembers is looked up
		if _, err := c.prove(ctx); err != nil {
			return nil, err
		}
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

// verdict settles an order that isn't to be sent; ok is false for one that is.
func (c *Check) verdict(o ledger.Order, k ledger.KeyRecord, found []order.Answer) (s ledger.Settlement, ok bool) {
	s.Seq = o.Seq
	w := whereabouts{c.Run, c.Sources}
	switch {
	case k.ClaimRun != 0 && k.ClaimRun != c.Run.ID:
		s.State = ledger.Held
		s.Message = fmt.Sprintf("run %d has this order number and its outcome isn't known yet (since %s)", k.ClaimRun, day(k.ClaimedAt))
		s.Problems = []cell.Problem{w.at(o, cell.Problem{
			Severity: cell.Err, Code: "order_number_in_another_run", Value: o.Number, Message: s.Message,
			Hint: fmt.Sprintf("let that run end first: ordersheet resume %d", k.ClaimRun),
		})}
	case len(found) == 1:
		w.compared(&s, o, found[0])
		if s.State == ledger.Created {
			s.State, s.Message = ledger.Unchanged, fmt.Sprintf("stands already as meant (id %d)", s.ID)
			if k.Stands() {
				s.Message = fmt.Sprintf("stands already as meant (id %d): run %d made it on %s", s.ID, k.Run, day(k.At))
			}
		}
	case len(found) > 1:
		w.several(&s, o, found)
	case k.Stands() && !c.Recreate:
		s.State = ledger.Held
		s.Message = fmt.Sprintf("run %d made it on %s as id %d, and it no longer stands", k.Run, day(k.At), k.ID)
		s.Problems = []cell.Problem{w.at(o, cell.Problem{
			Severity: cell.Err, Code: "made_before_and_gone", Value: o.Number, Message: s.Message,
			Hint: "if it is to be made once more, import again with --recreate",
		})}
	default:
		return s, false
	}
	return s, true
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
		s.Problems = append(s.Problems, w.locate(o, d.Path, cell.Problem{
			Severity: cell.Err, Code: "stands_differently", Field: d.Path, Expected: d.Stands,
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
	s.Problems = []cell.Problem{w.at(o, cell.Problem{
		Severity: cell.Err, Code: "number_stands_several_times", Value: o.Number, Message: s.Message, Expected: "one order",
		Hint: "look at them in Luminous and cancel those that are too many",
	})}
}
