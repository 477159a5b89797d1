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

// progress is how far an export has come. It is kept in the ledger together with the answers.
type progress struct {
	Cursor   cursor    `json:"place"`
	Within   bool      `json:"within"` // some orders of the page at Place were kept already
	Done     bool      `json:"done"`   // all pages were read
	Answers  int       `json:"answers"`
	Cutoff   string    `json:"cutoff"` // the end of the window, as the server wrote it
	Stats    readStats `json:"walk"`
	Requests int64     `json:"requests"` // of earlier processes
}

// collector reads all orders of an export into the ledger.
type collector struct {
	*Job
	run      int64
	details  bool
	reader   reader
	progress progress
	known    map[int64]known
	before   int64 // requests that the client had made when this began
}

// known is what is known about an order that was read.
type known struct {
	at int64 // its last change, in seconds since 1970
	n  int32 // the number of its newest answer; 0 when none is kept
}

// collect continues reading until all orders have been read.
func (c *collector) collect(ctx context.Context) error {
	if c.progress.Done {
		return nil
	}
	fetching, stop := context.WithCancel(ctx)
	defer stop()
	var g errgroup.Group
	batches := make(chan batch, 1) // the next page is requested while the orders of this one are read
	g.Go(func() error {
		defer close(batches)
		return c.fetch(fetching, c.progress.Cursor, batches)
	})
	g.Go(func() error { // if a further page can't be read, those that were read are kept anyway
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

// fetch reads one page after another.
func (c *collector) fetch(ctx context.Context, at cursor, batches chan<- batch) error {
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

// keptAtOnce is how many orders are read by id before they are kept. A kill loses at most so many.
const keptAtOnce = 500

// keep reads the orders of a page in full, if that was requested, and keeps them.
func (c *collector) keep(ctx context.Context, b batch) error {
	again := c.progress.Within // after an interruption: the page was checked before
	if !again {
		c.progress.Stats.page(b)
	}
	fresh := c.fresh(b.orders, again)
	if !again {
		c.progress.Stats.filters(c.Filters, fresh)
	}
	if b.late {
		c.progress.Stats.Late += len(fresh)
	}
	if c.progress.Cutoff == "" {
		c.progress.Cutoff = b.cutoff
	}
	for c.details && len(fresh) > keptAtOnce {
		c.progress.Cursor, c.progress.Within = b.at, true
		if err := c.add(ctx, fresh[:keptAtOnce]); err != nil {
			return err
		}
		fresh = fresh[keptAtOnce:]
	}
	c.progress.Cursor, c.progress.Within, c.progress.Done = b.next, false, b.done
	return c.add(ctx, fresh)
}

// add reads orders and keeps them together with the progress.
func (c *collector) add(ctx context.Context, orders []order.Answer) error {
	answers, err := c.answers(ctx, orders)
	if err != nil {
		return err
	}
	first := c.progress.Answers + 1
	for i, a := range answers {
		c.known[a.ID] = known{c.known[a.ID].at, int32(first + i)}
	}
	c.progress.Answers += len(answers)
	if err := c.save(ctx, first, answers); err != nil {
		return err
	}
	c.Observe.tell(Event{Phase: Reading, Done: int64(c.progress.Answers), Total: int64(len(c.Wanted))})
	return nil
}

func (c *collector) save(ctx context.Context, first int, answers []ledger.Answer) error {
	kept := c.progress
	kept.Requests += c.API.Stats().Requests - c.before
	b, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("saving the progress of the export: %w", err)
	}
	return c.Ledger.KeepAnswers(ctx, c.run, first, answers, b)
}

// fresh returns the orders of a page that are new or have changed since they were read, each once.
// again means that the page was read before.
func (c *collector) fresh(orders []order.Answer, again bool) []order.Answer {
	out := make([]order.Answer, 0, len(orders))
	for _, a := range orders {
		at := unixTime(a.UpdatedAt)
		was, ok := c.known[a.ID]
		switch {
		case !ok:
		case at > was.at:
			c.progress.Stats.Moved++
		default:
			c.progress.Stats.repeated(c.fromFeed() && !again)
			continue
		}
		c.known[a.ID] = known{at, was.n}
		out = append(out, a)
	}
	return out
}

// answers returns the orders as they are kept: those of the page, or each read by its id.
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
		if a.ID == 0 { // deleted meanwhile
			delete(c.known, orders[i].ID)
			c.progress.Stats.gone(c.Job, orders[i])
			continue
		}
		if c.details && len(orders[i].Raw) > 0 {
			if err := c.progress.Stats.compare(orders[i], a, c.fromFeed(), c.edge()); err != nil {
				return nil, err
			}
		}
		out = append(out, ledger.Answer{ID: a.ID, UpdatedAt: a.UpdatedAt, Raw: a.Raw})
	}
	return out, nil
}

// edge returns the second from which an order of a page may have changed again unnoticed: the end of
// the feed's window, when its first page was made; for a list, shortly before now.
func (c *collector) edge() int64 {
	if c.fromFeed() {
		return unixTime(c.progress.Cutoff)
	}
	return c.Now().Unix() - 2
}

// byID reads orders in full, several at a time, and returns them in the same order. A deleted one has
// no id.
func (c *collector) byID(ctx context.Context, orders []order.Answer) ([]order.Answer, error) {
	full := make([]order.Answer, len(orders))
	g, ctx := errgroup.WithContext(ctx) // an order that can't be read ends the run: an incomplete file is worthless
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

// resume finds out from the kept answers what has been read.
func (c *collector) resume(ctx context.Context) error {
	c.known = make(map[int64]known, c.progress.Answers)
	return c.Ledger.Answers(ctx, c.run, func(n int, a ledger.Answer) error {
		c.known[a.ID] = known{max(c.known[a.ID].at, unixTime(a.UpdatedAt)), int32(n)}
		return nil
	})
}
