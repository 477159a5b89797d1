package exporter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"ordersheet/internal/ledger"
	"ordersheet/internal/luminous"
	"ordersheet/internal/order"
)

// progress is how far an export has come. It is kept together with the answers.
type progress struct {
	Place    place  `json:"place"`
	Within   bool   `json:"within"` // some orders of the page at Place were kept already
	Done     bool   `json:"done"`   // all pages were read
	Answers  int    `json:"answers"`
	Cutoff   string `json:"cutoff"` // the end of the window, as the server wrote it
	Walk     walk   `json:"walk"`
	Requests int64  `json:"requests"` // of earlier processes
}

// collector reads all orders of an export into the ledger.
type collector struct {
	*Job
	run     int64
	details bool
	reader  reader
	p       progress
	seen    map[int64]seen
	before  int64 // requests that the client had made when this began
}

// seen is what is known of an order that was read.
type seen struct {
	at int64 // its last change, in seconds since 1970
	n  int32 // the number of its newest answer; 0 when none is kept
}

// collect reads on from where the export is until all is there.
func (c *collector) collect(ctx context.Context) error {
	if c.p.Done {
		return nil
	}
	fetching, stop := context.WithCancel(ctx)
	defer stop()
	var g errgroup.Group
	batches := make(chan batch, 1) // the next page is on its way while the orders of this one are read
	g.Go(func() error {
		defer close(batches)
		return c.fetch(fetching, c.p.Place, batches)
	})
	g.Go(func() error { // when no further page can be read, those that were read are kept all the same
		defer stop()
		for b := range batches {
			if err := c.keep(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// fetch reads page after page.
func (c *collector) fetch(ctx context.Context, at place, batches chan<- batch) error {
	for {
		b, err := c.reader.read(ctx, at)
		if err != nil {
			return err
		}
		b.at = at
		select {
		case batches <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		if b.done {
			return nil
		}
		at = b.next
	}
}

// keptAtOnce is how many orders are read by id before they are kept: what a kill costs.
const keptAtOnce = 500

// keep reads the orders of a page in full, where that is asked for, and keeps them.
func (c *collector) keep(ctx context.Context, b batch) error {
	again := c.p.Within // after an interruption: the page was looked at before
	if !again {
		c.p.Walk.page(b)
	}
	fresh := c.fresh(b.orders, again)
	if !again {
		c.p.Walk.filters(c.Filters, fresh)
	}
	if b.late {
		c.p.Walk.Late += len(fresh)
	}
	if c.p.Cutoff == "" {
		c.p.Cutoff = b.cutoff
	}
	for c.details && len(fresh) > keptAtOnce {
		c.p.Place, c.p.Within = b.at, true
		if err := c.add(ctx, fresh[:keptAtOnce]); err != nil {
			return err
		}
		fresh = fresh[keptAtOnce:]
	}
	c.p.Place, c.p.Within, c.p.Done = b.next, false, b.done
	return c.add(ctx, fresh)
}

// add reads some orders and keeps them, together with how far the export is then.
func (c *collector) add(ctx context.Context, orders []order.Answer) error {
	answers, err := c.answers(ctx, orders)
	if err != nil {
		return err
	}
	first := c.p.Answers + 1
	for i, a := range answers {
		c.seen[a.ID] = seen{c.seen[a.ID].at, int32(first + i)}
	}
	c.p.Answers += len(answers)
	if err := c.save(ctx, first, answers); err != nil {
		return err
	}
	c.Observe.tell(Event{Phase: Reading, Done: int64(c.p.Answers), Total: int64(len(c.Wanted))})
	return nil
}

func (c *collector) save(ctx context.Context, first int, answers []ledger.Answer) error {
	kept := c.p
	kept.Requests += c.API.Stats().Requests - c.before
	b, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("writing how far the export is: %w", err)
	}
	return c.Ledger.KeepAnswers(ctx, c.run, first, answers, b)
}

// fresh are the orders of a page that aren't known, or changed since they were read; each once. again says that the page was read before.
func (c *collector) fresh(orders []order.Answer, again bool) []order.Answer {
	out := make([]order.Answer, 0, len(orders))
	for _, a := range orders {
		at := second(a.UpdatedAt)
		was, known := c.seen[a.ID]
		switch {
		case !known:
		case at > was.at:
			c.p.Walk.Moved++
		default:
			c.p.Walk.repeated(c.fromFeed() && !again)
			continue
		}
		c.seen[a.ID] = seen{at, was.n}
		out = append(out, a)
	}
	return out
}

// answers are the orders as they are kept: those of the page, or each read by its id.
func (c *collector) answers(ctx context.Context, orders []order.Answer) ([]ledger.Answer, error) {
	full := orders
	if c.details {
		var err error
		if full, err = c.byID(ctx, orders); err != nil {
			return nil, err
		}
	}
	out := make([]ledger.Answer, 0, len(full))
	for i, a := range full {
		if a.ID == 0 { // gone meanwhile
			delete(c.seen, orders[i].ID)
			c.p.Walk.gone(c.Job, orders[i])
			continue
		}
		if c.details && len(orders[i].Raw) > 0 {
			if err := c.p.Walk.compare(orders[i], a, c.fromFeed(), c.edge()); err != nil {
				return nil, err
			}
		}
		out = append(out, ledger.Answer{ID: a.ID, UpdatedAt: a.UpdatedAt, Raw: a.Raw})
	}
	return out, nil
}

// edge is the second from which on an order of a page may have been changed again unnoticed: the end of the feed's window, which is when its
// first page was made; of a list, whose page was made just now, a little before that.
func (c *collector) edge() int64 {
	if c.fromFeed() {
		return second(c.p.Cutoff)
	}
	return c.Now().Unix() - 2
}

// byID reads orders in full, several at a time, and returns them in the same order; one that is gone has no id.
func (c *collector) byID(ctx context.Context, orders []order.Answer) ([]order.Answer, error) {
	full := make([]order.Answer, len(orders))
	g, ctx := errgroup.WithContext(ctx) // the first order that can't be read ends the run: a file with a hole is none
	g.SetLimit(c.Workers)
	for i := range orders {
		g.Go(func() error {
			a, err := c.API.Get(ctx, c.Kind, orders[i].ID)
			var api *luminous.Error
			switch {
			case errors.As(err, &api) && api.Status == 404 && !api.NotAPI:
				return nil
			case err != nil:
				return err
			case a.ID != orders[i].ID:
				return fmt.Errorf("reading %s %d: %w: it answered with order %d", c.Kind.Word(), orders[i].ID, ErrServer, a.ID)
			}
			full[i] = a
			return nil
		})
	}
	return full, g.Wait()
}

// resume learns from the kept answers what was read already.
func (c *collector) resume(ctx context.Context) error {
	c.seen = make(map[int64]seen, c.p.Answers)
	return c.Ledger.Answers(ctx, c.run, func(n int, a ledger.Answer) error {
		c.seen[a.ID] = seen{max(c.seen[a.ID].at, second(a.UpdatedAt)), int32(n)}
		return nil
	})
}
