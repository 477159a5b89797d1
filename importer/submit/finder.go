package submit

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

const (
	maxKnown   = 256
	feedMargin = time.Hour // the server's clock may be behind ours by as much
	maxPages   = 2000      // of one reading; more changed orders than that are no longer looked through
)

// finder knows how orders can be looked up in this run, and which orders are known to stand.
type finder struct {
	mu       sync.Mutex
	way      plan.Way
	began    time.Time // when this process began to send
	since    time.Time // an order of this run can't have changed before
	interval time.Duration
	known    []knownOrder // rising in time
	searched bool         // the ledger was asked for a witness of an earlier process
}

// knownOrder is an order of this run that is known to stand. A look-up that doesn't find it is blind.
type knownOrder struct {
	number string
	at     time.Time
}

// addKnown tells the finder of an order that this run knows to stand.
func (f *finder) addKnown(number string, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.known); n > 0 && at.Sub(f.known[n-1].at) < f.interval {
		return
	}
	if len(f.known) == maxKnown {
		f.known = slices.Delete(f.known, 1, maxKnown/2)
	}
	f.known = append(f.known, knownOrder{number, at})
}

// knownOrder is the first order that is known to stand and came into being after a time, or else the newest: a list that shows it shows what was
// there at that time.
func (f *finder) knownOrder(after time.Time, by plan.Way) (found knownOrder, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range f.known {
		if by != plan.ByReadingOn && plan.Unfilterable(w.number) {
			continue
		}
		if found, ok = w, true; !w.at.Before(after) {
			break
		}
	}
	return found, ok
}

// provenWay returns the way that was found so far.
func (f *finder) provenWay() plan.Way {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.way
}

// find proves once in a run how orders can be looked up, with an order that a list shows to stand. As long as lists show none, nothing is
// proven. One look-up at a time calls it until then.
func (f *finder) find(ctx context.Context, api API, kind order.Kind) (plan.Way, error) {
	if w := f.provenWay(); w != plan.Unproven {
		return w, nil
	}
	page, err := api.List(ctx, kind, url.Values{"per_page": {"10"}})
	if err != nil {
		return plan.Unproven, err
	}
	number := plan.NumberOn(page)
	switch {
	case len(page.Orders) == 0:
		return plan.Unproven, nil
	case number == "": // so far no order stands that a filter could be proven with
		return plan.ByReadingOn, nil
	}
	works, err := api.ProveBatchFilter(ctx, kind, number)
	if err != nil {
		return plan.Unproven, err
	}
	if works {
		return f.proved(plan.ByNumbers), nil
	}
	if works, err = api.ProveFilter(ctx, kind, number); err != nil {
		return plan.Unproven, err
	}
	if works {
		return f.proved(plan.ByNumber), nil
	}
	return f.proved(plan.ByReadingOn), nil
}

func (f *finder) proved(w plan.Way) plan.Way {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.way = w
	return w
}

// lookupResult is what a look-up saw.
type lookupResult struct {
	found        map[string][]order.Answer
	inconclusive string // why what wasn't found may stand nevertheless; empty when it doesn't
}

// lookUpIn looks for orders. after is the end of the last request that may have made one of them.
func (s *Submitter) lookUpIn(ctx context.Context, w plan.Way, orders []ledger.Order, after time.Time) (lookupResult, error) {
	numbers := make([]string, len(orders), len(orders)+1)
	for i, o := range orders {
		numbers[i] = o.Number
	}
	if w == plan.ByReadingOn {
		s.findKnownOrder(ctx)
	}
	known, ok := s.finder.knownOrder(after, w)
	if ok && !slices.Contains(numbers, known.number) {
		numbers = append(numbers, known.number)
	}
	var v lookupResult
	var err error
	switch w {
	case plan.Unproven:
		return lookupResult{inconclusive: "no list shows any order, so nothing shows that looking up works"}, nil
	case plan.ByNumbers:
		v.found, err = s.API.FindByNumbers(ctx, s.Run.Kind, numbers)
	case plan.ByNumber:
		v.found, err = plan.FindEach(ctx, s.API, s.Run.Kind, numbers)
	case plan.ByReadingOn:
		v.found, err = s.readChanges(ctx, numbers)
		if !ok {
			v.inconclusive = "looking up by order number doesn't work there, and no order is known to stand that a reading of all changes would have to show"
		}
	}
	if err == nil && ok && len(v.found[known.number]) == 0 {
		v.inconclusive = fmt.Sprintf("lists don't even show order %s, which has stood since %s", known.number, known.at.Local().Format(time.TimeOnly))
	}
	return v, err
}

// findKnownOrder asks the ledger once for an order that an earlier process of this run has made.
func (s *Submitter) findKnownOrder(ctx context.Context) {
	s.finder.mu.Lock()
	search := !s.finder.searched && len(s.finder.known) == 0
	s.finder.searched = true
	s.finder.mu.Unlock()
	if !search {
		return
	}
	enough := errors.New("enough")
	// Without a witness the look-up says less, which is all that an error here leads to.
	_ = s.Journal.Orders(ctx, s.Run.ID, ledger.Filter{States: []ledger.State{ledger.Created}}, func(o *ledger.Order) error {
		s.finder.addKnown(o.Number, o.LastByte)
		return enough
	})
}

// readChanges reads all that has changed since the run began and keeps the orders with these numbers, whole.
func (s *Submitter) readChanges(ctx context.Context, numbers []string) (map[string][]order.Answer, error) {
	wanted := make(map[string]bool, len(numbers))
	for _, n := range numbers {
		wanted[n] = true
	}
	if s.Run.Kind == order.SalesOrders {
		return s.readFeed(ctx, wanted)
	}
	return s.readPages(ctx, wanted)
}

// readFeed reads the feed of changed sales orders (API page "Export sales orders incremental"). It has words of its own, so what is found
// there is read again by its id.
func (s *Submitter) readFeed(ctx context.Context, wanted map[string]bool) (map[string][]order.Answer, error) {
	ids := map[int64]string{}
	cursor := ""
	for range maxPages {
		page, err := s.API.Export(ctx, s.finder.since, cursor, 0)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Orders {
			if wanted[a.Numbers[0]] {
				ids[a.ID] = a.Numbers[0]
			}
		}
		if cursor = page.Next; !page.HasMore {
			found := map[string][]order.Answer{}
			for id, number := range ids {
				a, err := s.API.Get(ctx, s.Run.Kind, id)
				if err != nil {
					return nil, err
				}
				if a.ID != id || !slices.Contains(a.Numbers, number) {
					return nil, fmt.Errorf("asked for order %s (id %d), the server answered with order %s (id %d)", number, id, strings.Join(a.Numbers, ", "), a.ID)
				}
				found[number] = append(found[number], a)
			}
			return found, nil
		}
	}
	return nil, errTooMany
}

var errTooMany = errors.New("more orders have changed since the run began than can be looked through")

// readPages reads the pages of the list that have changed since the run began.
func (s *Submitter) readPages(ctx context.Context, wanted map[string]bool) (map[string][]order.Answer, error) {
	found := map[string][]order.Answer{}
	since := url.Values{"updated_at[gte]": {s.finder.since.UTC().Format(time.DateTime)}}
	err := plan.EachListed(ctx, s.API, s.Run.Kind, since, func(p luminous.Page) error {
		if p.Meta.LastPage > maxPages {
			return errTooMany
		}
		for _, a := range p.Orders {
			for _, number := range a.Numbers {
				if wanted[number] {
					found[number] = append(found[number], a)
				}
			}
		}
		return nil
	})
	return found, err
}
