package exporter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
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

// known is what is known about an order that was read.
type known struct {
	at int64 // its last change, in seconds since 1970
	n  int32 // the number of its newest answer; 0 when none is kept
}

// collect continues reading until all orders have been read.
func (w *exportRun) collect(ctx context.Context) error {
	if w.progress.Done {
		return nil
	}
	fetching, stop := context.WithCancel(ctx)
	defer stop()
	var g errgroup.Group
	batches := make(chan batch, 1) // the next page is requested while the orders of this one are read
	g.Go(func() error {
		defer close(batches)
		return w.fetch(fetching, w.progress.Cursor, batches)
	})
	g.Go(func() error { // if a further page can't be read, those that were read are kept anyway
		defer stop()
		for b := range batches {
			if err := w.keep(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// fetch reads one page after another.
func (w *exportRun) fetch(ctx context.Context, at cursor, batches chan<- batch) error {
	for {
		b, err := w.reader.read(ctx, at)
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
func (w *exportRun) keep(ctx context.Context, b batch) error {
	again := w.progress.Within // after an interruption: the page was checked before
	if !again {
		w.progress.Stats.page(b)
	}
	fresh := w.fresh(b.orders, again)
	if !again {
		w.progress.Stats.filters(w.Filters, fresh)
	}
	if b.late {
		w.progress.Stats.Late += len(fresh)
	}
	if w.progress.Cutoff == "" {
		w.progress.Cutoff = b.cutoff
	}
	for w.plan.Details && len(fresh) > keptAtOnce {
		w.progress.Cursor, w.progress.Within = b.at, true
		if err := w.add(ctx, fresh[:keptAtOnce]); err != nil {
			return err
		}
		fresh = fresh[keptAtOnce:]
	}
	w.progress.Cursor, w.progress.Within, w.progress.Done = b.next, false, b.done
	return w.add(ctx, fresh)
}

// add keeps the orders of a page, or each as it is when read by its id, together with the progress.
func (w *exportRun) add(ctx context.Context, orders []order.Answer) (err error) {
	full := orders
	if w.plan.Details {
		if full, err = w.byID(ctx, orders); err != nil {
			return err
		}
	}
	first := w.progress.Answers + 1
	answers := make([]ledger.Answer, 0, len(full))
	for i, a := range full {
		if a.ID == 0 { // deleted meanwhile
			delete(w.known, orders[i].ID)
			if err := w.gone(ctx, orders[i]); err != nil {
				return err
			}
			continue
		}
		if w.plan.Details && len(orders[i].Raw) > 0 {
			if err := w.progress.Stats.compare(orders[i], a, w.fromFeed(), w.edge()); err != nil {
				return err
			}
		}
		w.known[a.ID] = known{w.known[a.ID].at, int32(first + len(answers))}
		answers = append(answers, ledger.Answer{ID: a.ID, UpdatedAt: a.UpdatedAt, Raw: a.Raw})
	}
	w.progress.Answers += len(answers)
	kept := w.progress
	kept.Requests += w.api.Stats().Requests - w.before
	b, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("saving the progress of the export: %w", err)
	}
	if err := w.Ledger.KeepAnswers(ctx, w.id, first, answers, b); err != nil {
		return err
	}
	w.tell(Event{Phase: Reading, Done: int64(w.progress.Answers), Total: int64(len(w.Wanted))})
	return nil
}

// fresh returns the orders of a page that are new or have changed since they were read, each once.
// again means that the page was read before.
func (w *exportRun) fresh(orders []order.Answer, again bool) []order.Answer {
	out := make([]order.Answer, 0, len(orders))
	for _, a := range orders {
		at := unixTime(a.UpdatedAt)
		was, ok := w.known[a.ID]
		switch {
		case !ok:
		case at > was.at:
			w.progress.Stats.Moved++
		default:
			if w.fromFeed() && !again { // a list is read from the last order's time on, so orders do come again
				w.progress.Stats.Repeats++
			}
			continue
		}
		w.known[a.ID] = known{at, was.n}
		out = append(out, a)
	}
	return out
}

// edge returns the second from which an order of a page may have changed again unnoticed: the end
// of the feed's window, when its first page was made; for a list, shortly before now.
func (w *exportRun) edge() int64 {
	if w.fromFeed() {
		return unixTime(w.progress.Cutoff)
	}
	return w.Now().Unix() - 2
}

// byID reads orders in full, several at a time, and returns them in the same order. A deleted one
// has no id.
func (w *exportRun) byID(ctx context.Context, orders []order.Answer) ([]order.Answer, error) {
	full := make([]order.Answer, len(orders))
	g, ctx := errgroup.WithContext(ctx) // an order that can't be read ends the run: an incomplete file is worthless
	g.SetLimit(w.Workers)
	for i := range orders {
		g.Go(func() error {
			a, err := w.api.Get(ctx, w.Kind, orders[i].ID)
			switch {
			case lookup.NotFound(err):
				return nil
			case err != nil:
				return err
			case a.ID != orders[i].ID:
				return fmt.Errorf("reading %s %d: %w: it answered with order %d", w.Kind.Word(), orders[i].ID, ErrServer, a.ID)
			}
			full[i] = a
			return nil
		})
	}
	return full, g.Wait()
}

// gone counts an order that no longer exists. If it does, though its own page can't be read, that is
// a contradiction.
func (w *exportRun) gone(ctx context.Context, a order.Answer) error {
	const tries, wait = 4, time.Second // lists may lag behind
	stats := &w.progress.Stats
	if w.Wanted != nil {
		stats.Missing = append(stats.Missing, Wanted{ID: a.ID}.String())
		return nil
	}
	number := ""
	if len(a.Numbers) > 0 {
		number = a.Numbers[0]
	}
	for n := 1; ; n++ {
		err := w.finder.IsGone(ctx, a.ID, number)
		switch {
		case err == nil:
			stats.Gone++
			return nil
		case !errors.Is(err, lookup.ErrListed):
			return err
		case n == tries:
			stats.contradict("%v", err)
			return nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
