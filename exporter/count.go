package exporter

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ordersheet/internal/lookup"
	"ordersheet/internal/order"
)

// Bounds of counting.
const (
	countTries = 5  // counts are compared only when nothing changed between two of them
	latePages  = 50 // of orders that changed after the window; more, and counting is given up
)

// count is the result of comparing the orders that were read with the list's own count. Why says why
// that wasn't possible.
type count struct {
	Counted int      // orders of the window by the list
	Read    int      // orders of the window that were read and still belong to it
	Late    int      // orders that changed after the window's end
	Why     string   // why counting proves nothing
	Missing []string // orders that the list shows in the window and that were not read
}

// counter asks the list how many orders changed in the window, and compares.
type counter struct {
	*exportRun
	until  time.Time // not in the window: whether the server's window includes its last second isn't documented
	layout string    // of times in filters
}

// count counts, when the list's filters are shown to work.
func (c *counter) count(ctx context.Context) (count, error) {
	why, err := c.prove(ctx)
	if err != nil || why != "" {
		return count{Why: why}, err
	}
	for range countTries {
		before, err := c.total(ctx, c.window())
		if err != nil {
			return count{}, err
		}
		late, inWindow, err := c.late(ctx)
		if err != nil {
			return count{}, err
		}
		after, err := c.total(ctx, c.window())
		switch {
		case err != nil:
			return count{}, err
		case late < 0:
			return count{Why: fmt.Sprintf("more than %d orders changed while the export ran", latePages*100)}, nil
		case before == after:
			return c.compare(ctx, count{Counted: after, Read: c.read() - inWindow, Late: late})
		}
	}
	return count{Why: "orders changed faster than they could be counted"}, nil
}

// compare resolves a difference order by order: only an order that the list shows in the window and
// that was not read is missing. One of the last few minutes may have been written by a slow
// transaction; the next window begins before it.
func (c *counter) compare(ctx context.Context, n count) (count, error) {
	if n.Counted == n.Read {
		return n, nil
	}
	missing, recent, err := c.missing(ctx)
	if err != nil {
		return n, err
	}
	if n.Missing = missing; len(missing) > 0 {
		return n, nil
	}
	if n.Late += recent; recent > 0 {
		n.Why = fmt.Sprintf("%s changed right before the end of the window and appeared only afterwards; the next export begins before that",
			times(recent, "order", "orders"))
		return n, nil
	}
	n.Why = fmt.Sprintf("the list counts %s, %d were read, and none of those listed is missing", times(n.Counted, "order", "orders"), n.Read)
	return n, nil
}

// asking returns a query of the list with the export's filters and more.
func (c *counter) asking(more ...string) url.Values {
	q := c.query()
	if c.fromFeed() { // which has active orders only
		q.Set("status", "Active")
	}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q
}

func (c *counter) window() url.Values {
	return c.asking("updated_at[gte]", c.form(c.plan.Since), "updated_at[lt]", c.form(c.until))
}

func (c *counter) form(t time.Time) string { return t.UTC().Format(c.layout) }

func (c *counter) total(ctx context.Context, q url.Values) (int, error) {
	q = maps.Clone(q)
	q.Set("per_page", "1")
	p, err := c.api.List(ctx, c.Kind, q)
	return p.Meta.Total, err
}

// read returns how many orders of the window were read, by the times they had then.
func (c *counter) read() (n int) {
	for _, s := range c.known {
		if s.at >= c.plan.Since.Unix() && s.at < c.until.Unix() {
			n++
		}
	}
	return n
}

// late looks at the orders that changed at the end of the window or later. It returns how many changed
// later, -1 for too many, and how many of them had been read.
func (c *counter) late(ctx context.Context) (all, inWindow int, err error) {
	met := map[int64]bool{}
	q := url.Values{"updated_at[gte]": {c.form(c.until)}, "sort": {"updated_at:asc"}}
	for page := 1; ; page++ {
		q.Set("page", strconv.Itoa(page))
		p, err := c.api.List(ctx, c.Kind, q)
		if err != nil {
			return 0, 0, err
		}
		for _, a := range p.Orders {
			s, ok := c.known[a.ID]
			if !met[a.ID] && unixTime(a.UpdatedAt) > c.until.Unix() {
				all++
			}
			if ok && !met[a.ID] && s.at >= c.plan.Since.Unix() && s.at < c.until.Unix() {
				inWindow++
			}
			met[a.ID] = true
		}
		if page >= p.Meta.LastPage || len(p.Orders) == 0 {
			return all, inWindow, nil
		}
		if p.Meta.LastPage > latePages {
			return -1, 0, nil
		}
	}
}

// missing returns orders that the list shows in the window and that were not read, and the number of
// those that the next window includes.
func (c *counter) missing(ctx context.Context) (out []string, recent int, err error) {
	begins := c.until.Add(-c.Overlap).Unix() // the next window
	q := c.window()
	q.Set("sort", "updated_at:asc")
	for page := 1; len(out) < examples; page++ {
		q.Set("page", strconv.Itoa(page))
		p, err := c.api.List(ctx, c.Kind, q)
		if err != nil {
			return nil, 0, err
		}
		for _, a := range p.Orders {
			switch _, ok := c.known[a.ID]; {
			case ok || !c.belongs(a):
			case unixTime(a.UpdatedAt) >= begins:
				recent++
			case !slices.Contains(out, name(a)):
				out = append(out, name(a))
			}
		}
		if page >= p.Meta.LastPage || len(p.Orders) == 0 {
			break
		}
	}
	return out, recent, nil
}

func name(a order.Answer) string {
	return fmt.Sprintf("order %d (%s, changed %s)", a.ID, firstNumber(a), a.UpdatedAt)
}

// belongs reports whether an order belongs to the window by its own fields, whatever the filters did.
func (c *counter) belongs(a order.Answer) bool {
	at := unixTime(a.UpdatedAt)
	if at < c.plan.Since.Unix() || at >= c.until.Unix() {
		return false
	}
	p := order.Payload(a.Raw)
	status, _ := p.Text("status")
	return !c.fromFeed() || !p.Has("status") || strings.EqualFold(status, "active")
}

// prove returns why counting would prove nothing; empty if the filters of the list are shown to work:
// each finds an order that is known to match, and excludes what can't match.
func (c *counter) prove(ctx context.Context) (why string, err error) {
	if c.layout, err = c.finder.ProveTimes(ctx); err != nil {
		return "", err
	}
	if c.layout == "" {
		return "the list can't be filtered by the time of change", nil
	}
	never := time.Date(2999, 12, 31, 0, 0, 0, 0, time.UTC)
	none, err := c.total(ctx, c.asking("updated_at[gte]", c.form(never)))
	switch {
	case lookup.NotSupported(err):
		return "the list can't be filtered by the time of change", nil
	case err != nil:
		return "", err
	case none > 0:
		return "the list ignores the filter updated_at[gte]", nil
	}
	if c.fromFeed() {
		q := c.asking()
		q.Set("status", "none-such")
		other, err := c.total(ctx, q)
		if err != nil && !lookup.NotSupported(err) {
			return "", err
		}
		if err == nil && other > 0 {
			return "the list ignores the filter status, and holds orders that the feed leaves out", nil
		}
	}
	return c.proveKnown(ctx)
}

// proveKnown looks up one order of the window by the exact time of its change.
func (c *counter) proveKnown(ctx context.Context) (why string, err error) {
	for id, s := range c.known {
		if s.at < c.plan.Since.Unix() || s.at >= c.until.Unix() {
			continue
		}
		at := c.form(time.Unix(s.at, 0))
		p, err := c.api.List(ctx, c.Kind, c.asking("updated_at[gte]", at, "updated_at[lte]", at))
		switch {
		case lookup.NotSupported(err):
			return "the list can't be filtered by the time of change", nil
		case err != nil:
			return "", err
		case slices.ContainsFunc(p.Orders, func(a order.Answer) bool { return a.ID == id }) || p.Meta.Total > len(p.Orders):
			return "", nil
		}
		now, err := c.api.Get(ctx, c.Kind, id)
		if err == nil && unixTime(now.UpdatedAt) != s.at {
			continue // it changed just now; another one will do
		}
		return "the list doesn't find an order by the time of its change", nil
	}
	return "", nil
}
