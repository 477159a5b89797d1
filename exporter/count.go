package exporter

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"ordersheet/internal/lookup"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// Bounds of counting.
const (
	countTries = 5  // counts are compared only when nothing changed between two of them
	latePages  = 50 // of orders that changed after the window; more, and counting is given up
)

// count is the result of comparing the orders that were read with the list's own count. Why says
// why that wasn't possible.
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
			return count{Why: fmt.Sprintf("more than %d orders changed while the export ran", latePages*luminous.PerPage)}, nil
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
	n.Late += recent
	switch {
	case err != nil || len(missing) > 0:
		n.Missing = missing
	case recent > 0:
		n.Why = times(recent, "order", "orders") + " changed right before the end of the window and appeared only afterwards; " +
			"the next export begins before that"
	default:
		n.Why = fmt.Sprintf("the list counts %s, %d were read, and none of those listed is missing",
			times(n.Counted, "order", "orders"), n.Read)
	}
	return n, err
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

func (c *counter) window(more ...string) url.Values {
	return c.asking(append(more, "updated_at[gte]", c.form(c.plan.Since), "updated_at[lt]", c.form(c.until))...)
}

func (c *counter) form(t time.Time) string { return t.UTC().Format(c.layout) }

func (c *counter) total(ctx context.Context, q url.Values) (int, error) {
	q.Set("per_page", "1")
	p, err := c.api.List(ctx, c.Kind, q)
	return p.Meta.Total, err
}

// contains reports whether a time is in the window.
func (c *counter) contains(at int64) bool { return at >= c.plan.Since.Unix() && at < c.until.Unix() }

// read returns how many orders of the window were read, by the times they had then.
func (c *counter) read() (n int) {
	for _, k := range c.known {
		if c.contains(k.at) {
			n++
		}
	}
	return n
}

// late looks at the orders that changed at the end of the window or later. It returns how many
// changed later, -1 for too many, and how many of them had been read.
func (c *counter) late(ctx context.Context) (all, inWindow int, err error) {
	met := map[int64]bool{}
	for p, err := range c.finder.Pages(ctx, url.Values{"updated_at[gte]": {c.form(c.until)}, "sort": {"updated_at:asc"}}) {
		switch {
		case err != nil:
			return 0, 0, err
		case p.Meta.LastPage > latePages:
			return -1, 0, nil
		}
		for _, a := range p.Orders {
			if met[a.ID] {
				continue
			}
			met[a.ID] = true
			if unixTime(a.UpdatedAt) > c.until.Unix() {
				all++
			}
			if k, ok := c.known[a.ID]; ok && c.contains(k.at) {
				inWindow++
			}
		}
	}
	return all, inWindow, nil
}

// missing returns orders that the list shows in the window and that were not read, and the number
// of those that the next window includes.
func (c *counter) missing(ctx context.Context) (out []string, recent int, err error) {
	begins := c.until.Add(-c.Overlap).Unix() // the next window
	for p, err := range c.finder.Pages(ctx, c.window("sort", "updated_at:asc")) {
		if err != nil {
			return nil, 0, err
		}
		for _, a := range p.Orders {
			name := fmt.Sprintf("order %d (%s, changed %s)", a.ID, firstNumber(a), a.UpdatedAt)
			switch _, ok := c.known[a.ID]; {
			case ok || !c.belongs(a):
			case unixTime(a.UpdatedAt) >= begins:
				recent++
			case !slices.Contains(out, name):
				out = append(out, name)
			}
		}
		if len(out) >= examples {
			break
		}
	}
	return out, recent, nil
}

// belongs reports whether an order belongs to the window by its own fields, whatever the filters
// did.
func (c *counter) belongs(a order.Answer) bool {
	p := order.Payload(a.Raw)
	status, _ := p.Text("status")
	return c.contains(unixTime(a.UpdatedAt)) && (!c.fromFeed() || !p.Has("status") || strings.EqualFold(status, "active"))
}

// unfiltered says that the list can't be asked for the orders of the window.
const unfiltered = "the list can't be filtered by the time of change"

// prove returns why counting would prove nothing; empty if the filters of the list are shown to
// work: each finds an order that is known to match, and excludes what can't match.
func (c *counter) prove(ctx context.Context) (why string, err error) {
	if c.layout, err = c.finder.ProveTimes(ctx); err != nil || c.layout == "" {
		return unfiltered, err
	}
	never := time.Date(2999, 12, 31, 0, 0, 0, 0, time.UTC)
	switch n, err := c.total(ctx, c.asking("updated_at[gte]", c.form(never))); {
	case lookup.NotSupported(err):
		return unfiltered, nil
	case err != nil:
		return "", err
	case n > 0:
		return "the list ignores the filter updated_at[gte]", nil
	}
	if c.fromFeed() {
		switch n, err := c.total(ctx, c.asking("status", "none-such")); {
		case err != nil && !lookup.NotSupported(err):
			return "", err
		case n > 0:
			return "the list ignores the filter status, and holds orders that the feed leaves out", nil
		}
	}
	return c.proveKnown(ctx)
}

// proveKnown looks up one order of the window by the exact time of its change.
func (c *counter) proveKnown(ctx context.Context) (why string, err error) {
	for id, k := range c.known {
		if !c.contains(k.at) {
			continue
		}
		at := c.form(time.Unix(k.at, 0))
		p, err := c.api.List(ctx, c.Kind, c.asking("updated_at[gte]", at, "updated_at[lte]", at))
		switch {
		case lookup.NotSupported(err):
			return unfiltered, nil
		case err != nil:
			return "", err
		case slices.ContainsFunc(p.Orders, func(a order.Answer) bool { return a.ID == id }) || p.Meta.Total > len(p.Orders):
			return "", nil
		}
		now, err := c.api.Get(ctx, c.Kind, id)
		if err == nil && unixTime(now.UpdatedAt) != k.at {
			continue // it changed just now; another one will do
		}
		return "the list doesn't find an order by the time of its change", nil
	}
	return "", nil
}
