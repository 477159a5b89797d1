// Package lookup finds existing orders, and knows when finding nothing means that there are none.
//
// The API's pages name filters but don't say how a server treats one that it doesn't know. A Finder
// therefore proves first, with an order that a list shows, which filters work: that they find this
// order, and nothing for a number that no order has. Find adds to each look-up an order that is
// known to exist; if that one isn't found either, the look-up is inconclusive. compare, submit,
// undo and exporter all look orders up through a Finder.
package lookup

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// API is what looking up needs of the client. luminous.Client is one.
type API interface {
	List(ctx context.Context, kind order.Kind, query url.Values) (luminous.Page, error)
	Get(ctx context.Context, kind order.Kind, id int64) (order.Answer, error)
	Export(ctx context.Context, since time.Time, cursor string) (luminous.FeedPage, error)
}

// Method is how orders are looked up by number.
type Method int

// The methods, the best first.
const (
	Unproven Method = iota // lists show no order that could prove a filter
	Batch                  // many numbers per request
	Single                 // one number per request
	Changes                // no filter works: all orders that changed since a time are read
)

// Config says which orders are looked up.
type Config struct {
	API  API
	Kind order.Kind

	// Since and Spacing are for Find. No order that is looked for was created before Since. Of the
	// orders passed to Remember at most one per Spacing is kept; 0 keeps all.
	Since   time.Time
	Spacing time.Duration
}

// Finder looks up the orders of one kind in one account. It is safe for concurrent use. Make it
// with New.
type Finder struct {
	Config

	// proving has room while nothing is being proven, and guards the next lines. It is no mutex, since
	// waiting must end with the context, and would stop the clock of a synctest bubble.
	proving                chan struct{}
	idsProven, timesProven bool
	idsWork                bool
	timeLayout             string
	pagesProven            time.Time // when an order's own page was last shown to be readable

	mu     sync.Mutex // guards what follows
	method Method
	sample luminous.Page
	known  []knownOrder // oldest first

	distrust string // why nothing counts as absent; "" if it may
}

// New makes a Finder. It sends nothing.
func New(cfg Config) *Finder { return &Finder{Config: cfg, proving: make(chan struct{}, 1)} }

// Unfilterable reports whether no filter can be trusted with a number: a comma separates the
// numbers of a batch, and servers may trim spaces.
func Unfilterable(number string) bool {
	return number == "" || strings.Contains(number, ",") || strings.TrimSpace(number) != number
}

// Sample returns the beginning of the list as Prove read it.
func (f *Finder) Sample() luminous.Page {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sample
}

// SampleNumber returns a number of the sample that filters can be tested with; "" if there is none.
func (f *Finder) SampleNumber() string {
	for _, a := range f.Sample().Orders {
		for _, n := range a.Numbers {
			if !Unfilterable(n) {
				return n
			}
		}
	}
	return ""
}

// NotSupported reports whether the server rejected a query as such.
func NotSupported(err error) bool {
	var e *luminous.Error
	return errors.As(err, &e) && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity)
}

// NotFound reports whether the API itself says that an order doesn't exist.
func NotFound(err error) bool {
	var e *luminous.Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound && !e.NotAPI
}

// Pages returns the pages of a list, from the first to the last or to an empty one. An error ends
// them.
func (f *Finder) Pages(ctx context.Context, query url.Values) iter.Seq2[luminous.Page, error] {
	return func(yield func(luminous.Page, error) bool) {
		query = maps.Clone(query)
		for n := 1; ; n++ {
			if n > 1 {
				query.Set("page", strconv.Itoa(n))
			}
			page, err := f.API.List(ctx, f.Kind, query)
			if !yield(page, err) || err != nil || n >= page.Meta.LastPage || len(page.Orders) == 0 {
				return
			}
		}
	}
}

// found are orders by number. It has a key for each number that is looked for.
type found map[string][]order.Answer

func newFound(numbers []string) found {
	f := make(found, len(numbers))
	for _, n := range numbers {
		f[n] = nil
	}
	return f
}

// add adds an order, once, under each of its numbers that is looked for.
func (f found) add(a order.Answer) {
	for _, n := range a.Numbers {
		list, wanted := f[n]
		if wanted && !slices.ContainsFunc(list, func(x order.Answer) bool { return x.ID == a.ID }) {
			f[n] = append(list, a)
		}
	}
}
