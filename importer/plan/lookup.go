package plan

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

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

// hiddenFields are the fields that an order's own page doesn't show, as far as has been seen. What a list doesn't show has to be looked for there.
type HiddenFields struct {
	mu    sync.Mutex
	names map[string]bool
}

func (h *HiddenFields) Add(names []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.names == nil {
		h.names = map[string]bool{}
	}
	for _, n := range names {
		h.names[n] = true
	}
}

func (h *HiddenFields) All(names []string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !slices.ContainsFunc(names, func(n string) bool { return !h.names[n] })
}

// way is how orders are looked up.
type Way int

const (
	Unproven    Way = iota // nothing has been shown to work yet
	ByNumbers              // many numbers in one request
	ByNumber               // one number in one request
	ByReadingOn            // no filter works: all that has changed since the run began is read
)

// odd says that a number can't be asked for by a filter: a comma would part it in a list, and who knows what becomes of blanks at its ends.
func Unfilterable(number string) bool {
	return number == "" || strings.Contains(number, ",") || strings.TrimSpace(number) != number
}

// listed is the number of an order on a page that can be asked for.
func NumberOn(p luminous.Page) string {
	for _, a := range p.Orders {
		for _, n := range a.Numbers {
			if !Unfilterable(n) {
				return n
			}
		}
	}
	return ""
}

func FindEach(ctx context.Context, api Finder, kind order.Kind, numbers []string) (map[string][]order.Answer, error) {
	found := map[string][]order.Answer{}
	for _, n := range numbers {
		orders, err := api.FindByNumber(ctx, kind, n)
		if err != nil {
			return nil, err
		}
		if len(orders) > 0 {
			found[n] = orders
		}
	}
	return found, nil
}

// eachListed calls fn for each page of a list, on which each order is shown once, and makes sure that the list showed all that it says it has.
// Sorted by id, orders that are made meanwhile come at the end and shift nothing.
func EachListed(ctx context.Context, api Finder, kind order.Kind, filter url.Values, fn func(luminous.Page) error) error {
	seen := map[int64]bool{}
	query := url.Values{"sort": {"id:asc"}}
	maps.Copy(query, filter)
	for n := 1; ; n++ {
		query.Set("page", strconv.Itoa(n))
		page, err := api.List(ctx, kind, query)
		if err != nil {
			return err
		}
		page.Orders = slices.DeleteFunc(page.Orders, func(a order.Answer) bool {
			again := seen[a.ID]
			seen[a.ID] = true
			return again
		})
		if err := fn(page); err != nil {
			return err
		}
		switch {
		case n < page.Meta.LastPage:
		case len(seen) < page.Meta.Total:
			return fmt.Errorf("the list says that it has %d orders and showed %d", page.Meta.Total, len(seen))
		default:
			return nil
		}
	}
}

// proof says how orders can be looked up.
type Proof struct {
	Way   Way
	Known int64         // the id of an order that stands; 0 when the list shows none
	First luminous.Page // the beginning of the list
}

// prove finds out how orders can be looked up, with an order that the list shows.
func Prove(ctx context.Context, api Finder, kind order.Kind) (p Proof, err error) {
	p.Way = ByReadingOn
	p.First, err = api.List(ctx, kind, url.Values{"per_page": {"10"}})
	if err != nil {
		return p, err
	}
	if len(p.First.Orders) > 0 {
		p.Known = p.First.Orders[0].ID
	}
	number := NumberOn(p.First)
	if number == "" {
		return p, nil
	}
	works, err := api.ProveBatchFilter(ctx, kind, number)
	if err == nil && works {
		p.Way = ByNumbers
		return p, nil
	}
	if err == nil {
		works, err = api.ProveFilter(ctx, kind, number)
	}
	if works {
		p.Way = ByNumber
	}
	return p, err
}
