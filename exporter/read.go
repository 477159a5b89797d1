package exporter

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// cursor is where reading continues. It is kept with the answers. Which fields are set depends on
// what is read.
type cursor struct {
	Cursor string `json:"cursor,omitempty"`  // feed: of the next page; empty is the first
	From   string `json:"from,omitempty"`    // list: orders changed since then; empty is the window's start
	Page   int    `json:"page,omitempty"`    // list: page of that, from 1
	ByPage bool   `json:"by_page,omitempty"` // list: page by page, since the server doesn't sort
	Late   bool   `json:"late,omitempty"`    // list: once more, for what moved meanwhile
	Next   int    `json:"next,omitempty"`    // wanted orders: how many were asked for
}

// batch is one page of whatever is read.
type batch struct {
	at      cursor
	orders  []order.Answer
	next    cursor
	done    bool
	cutoff  string   // feed: the end of the window
	stated  int      // how many orders the page says that it holds; -1 when it doesn't say
	missing []string // wanted orders that don't exist
	notes   []string // what the page did that it shouldn't
	late    bool     // list: read once more at the end
	shifts  bool     // list: read page by page in an order that changes may disturb
}

// reader reads the orders of an export, page by page.
type reader interface {
	read(ctx context.Context, at cursor) (batch, error)
}

// newReader chooses how the orders are found.
func (w *exportRun) newReader() reader {
	switch {
	case w.Wanted != nil:
		return &wantedReader{exportRun: w}
	case w.fromFeed():
		return &feedReader{exportRun: w}
	}
	return &listReader{exportRun: w}
}

// query returns the list's query for the requested filters.
func (o *Options) query() url.Values {
	q := url.Values{}
	for _, f := range o.Filters {
		q.Add(f.Name, f.Value)
	}
	return q
}

// feedReader reads the feed of changed sales orders.
type feedReader struct {
	*exportRun
	empty int // pages without an order in a row
}

// mostEmpty is how many pages without an order the feed may send in a row while it says that there
// is more: a feed of filtered rows may have some.
const mostEmpty = 20

func (r *feedReader) read(ctx context.Context, at cursor) (batch, error) {
	p, err := r.api.Export(ctx, r.plan.Since, at.Cursor)
	if err != nil {
		return batch{}, err
	}
	if p.HasMore && p.Next == at.Cursor {
		return batch{}, fmt.Errorf("reading the feed: %w: it gave the same cursor twice", ErrServer)
	}
	if r.empty++; len(p.Orders) > 0 || !p.HasMore {
		r.empty = 0
	}
	if r.empty > mostEmpty {
		return batch{}, fmt.Errorf("reading the feed: %w: it says that there is more, and sends %d pages without an order", ErrServer, r.empty)
	}
	return batch{orders: p.Orders, next: cursor{Cursor: p.Next}, done: !p.HasMore, cutoff: p.Cutoff, stated: p.Rows}, nil
}

// listReader reads a list by the time of the last change: each page is requested from the last
// order's time on, so that no page shifts under it while orders change. Orders of that very time
// come twice. At the end it reads the last few minutes once more, for what moved or came late.
type listReader struct {
	*exportRun
	layout   string // of times in filters; "" if the list can't be filtered by the time of change
	unsorted bool   // the server doesn't sort
	newest   string
}

func (r *listReader) read(ctx context.Context, at cursor) (batch, error) {
	var err error
	if r.layout, err = r.finder.ProveTimes(ctx); err != nil {
		return batch{}, err
	}
	p, err := r.page(ctx, at)
	if err != nil {
		return batch{}, err
	}
	b := batch{stated: -1, late: at.Late, next: at}
	for _, a := range p.Orders {
		if unixTime(a.UpdatedAt) >= r.plan.Since.Unix() {
			b.orders = append(b.orders, a)
		}
		if unixTime(a.UpdatedAt) > unixTime(r.newest) {
			r.newest = a.UpdatedAt
		}
	}
	b.next.Page = max(at.Page, 1) + 1
	full := p.Meta.PerPage > 0 && len(p.Orders) >= p.Meta.PerPage // there may be more, whatever the page says
	if max(at.Page, 1) >= p.Meta.LastPage && !full || len(p.Orders) == 0 {
		r.end(&b, at)
		return b, nil
	}
	r.next(&b, at)
	b.shifts = b.next.ByPage && (r.unsorted || r.layout != "" || !slices.IsSortedFunc(p.Orders, byID))
	return b, nil
}

// end is for the last page: the last few minutes are read once more, where the list can be
// filtered.
func (r *listReader) end(b *batch, at cursor) {
	if !at.Late {
		b.cutoff = r.newest
	}
	newest, ok := luminous.ParseTime(r.newest)
	if b.done = at.Late || !ok || r.layout == ""; !b.done {
		b.next = cursor{Late: true, ByPage: at.ByPage, From: max(filterStamp(newest.Add(-r.Overlap)), filterStamp(r.plan.Since))}
	}
}

// next decides where the page after this one begins.
func (r *listReader) next(b *batch, at cursor) {
	const note = "; it was read page by page, which may miss orders that change meanwhile"
	switch {
	case at.ByPage:
	case r.layout == "":
		b.next.ByPage = true
		b.notes = append(b.notes, "the list can't be asked for the time of change: all of it was read, page by page")
	case r.unsorted || !rising(b.orders):
		b.next.ByPage = true
		b.notes = append(b.notes, "the list isn't sorted by the time of change"+note)
	case len(b.orders) > 0:
		end, ok := luminous.ParseTime(b.orders[len(b.orders)-1].UpdatedAt)
		if from := filterStamp(end); ok && from > r.from(at) {
			b.next.From, b.next.Page = from, 0
		}
	}
}

// page requests one page, unsorted where the server doesn't sort. Where the list can't be filtered
// by the time of change, it is sorted by id, which no change moves.
func (r *listReader) page(ctx context.Context, at cursor) (luminous.Page, error) {
	q := r.query()
	q.Set("page", strconv.Itoa(max(at.Page, 1)))
	q.Set("sort", "id:asc")
	if r.layout != "" {
		from, _ := luminous.ParseTime(r.from(at))
		q.Set("updated_at[gte]", from.Format(r.layout))
		q.Set("sort", "updated_at:asc")
	}
	if r.unsorted {
		q.Del("sort")
	}
	p, err := r.api.List(ctx, r.Kind, q)
	if lookup.NotSupported(err) && !r.unsorted {
		r.unsorted = true
		q.Del("sort")
		p, err = r.api.List(ctx, r.Kind, q)
	}
	return p, err
}

func (r *listReader) from(at cursor) string { return cmp.Or(at.From, filterStamp(r.plan.Since)) }

func byID(a, b order.Answer) int { return cmp.Compare(a.ID, b.ID) }

// rising reports whether the orders are sorted by their last change.
func rising(orders []order.Answer) bool {
	for i := 1; i < len(orders); i++ {
		if unixTime(orders[i].UpdatedAt) < unixTime(orders[i-1].UpdatedAt) {
			return false
		}
	}
	return true
}

// filterStamp writes a time as filters take it (API page "Filters").
func filterStamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

// unixTime returns a time of the API in seconds since 1970; 0 if it can't be parsed.
func unixTime(stamp string) int64 {
	t, ok := luminous.ParseTime(stamp)
	if !ok {
		return 0
	}
	return t.Unix()
}
