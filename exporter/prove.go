package exporter

import (
	"context"
	"fmt"
	"ordersheet/internal/luminous"
	"time"
)

// prove holds what was read against what the API says of it, and begins the manifest.
func (w *work) prove(ctx context.Context) (Manifest, error) {
	walk := &w.collect.p.Walk
	m := Manifest{
		Manifest: 1, Name: w.Name, Kind: w.Kind, Account: w.Account, Version: w.Version, Details: w.plan.Details, Began: w.began.UTC().Truncate(time.Second),
		NotFound: walk.Missing, Notes: walk.Notes,
		Counts: Counts{Pages: walk.Pages, LateArrivals: walk.Late, Moved: walk.Moved, Repeated: walk.Repeats, Gone: walk.Gone},
	}
	for _, f := range w.Filters {
		m.Filters = append(m.Filters, f.Name+"="+f.Value)
	}
	if w.Wanted != nil {
		m.Proof = w.proofOfWanted()
		return m, nil
	}
	m.Window = Window{w.plan.Since.Format(time.RFC3339), w.collect.p.Cutoff}
	w.Observe.tell(Event{Phase: Counting})
	n, err := w.count(ctx)
	if err != nil {
		return m, err
	}
	m.Counts.LateArrivals = max(m.Counts.LateArrivals, n.Late)
	m.Proof = w.proof(n)
	return m, nil
}

// quietFor is how long ago a second must have been for no further order to come at it, whatever the server's clock says.
const quietFor = 10 * time.Minute

// count asks the list how many orders it has in the window.
func (w *work) count(ctx context.Context) (count, error) {
	until, ok := luminous.ParseTime(w.collect.p.Cutoff)
	if !ok && w.collect.p.Cutoff != "" {
		return count{Why: fmt.Sprintf("the end of the window can't be read: %q", w.collect.p.Cutoff)}, nil
	}
	switch {
	case !ok: // a list without a single order
		until = w.Now()
	case !w.fromFeed() && until.Before(w.began.Add(-quietFor)): // a list's newest order belongs to the window, unless others may still come at its second
		until = until.Add(time.Second)
	}
	c := counter{Job: w.Job, since: w.plan.Since, until: until, seen: w.collect.seen, active: w.fromFeed(), finder: w.finder}
	return c.count(ctx)
}

// proof grades the export. Nothing but a contradiction makes it suspect.
func (w *work) proof(n count) Proof {
	walk := &w.collect.p.Walk
	p := Proof{Grade: Counted, Contradictions: walk.Contradictions}
	if walk.Untold > 0 {
		p.Contradictions = append(p.Contradictions, fmt.Sprintf("and %d more", walk.Untold))
	}
	for _, missing := range n.Missing {
		p.Contradictions = append(p.Contradictions, missing+" changed in the window and wasn't read")
	}
	p.add("pages", true, "%s with %s, walked to the end", times(walk.Pages, "page", "pages"), times(walk.Rows, "order", "orders"))
	whole := walk.Repeats == 0 && walk.Disorder == 0
	p.add("ids", whole, "%s; %s", times(walk.Repeats, "order came twice without a change", "orders came twice without a change"),
		times(walk.Disorder, "stood before an earlier change", "stood before an earlier change"))
	if w.plan.Details {
		p.add("details", true, "%s read by id and compared in number, lines, quantity and total; %d of them changed in between", times(walk.Compared, "order", "orders"), walk.Later)
	}
	if n.Why == "" {
		p.add("count", true, "the list counts %s in the window, %d of those read stand in it still", times(n.Counted, "order", "orders"), n.Read)
	} else {
		p.add("count", false, "%s", n.Why)
	}
	switch {
	case len(p.Contradictions) > 0:
		p.Grade = Contradicted
	case n.Why == "":
	case whole && !walk.Shifts:
		p.Grade = Complete
	default:
		p.Grade = NotComparable
	}
	return p
}

func (p *Proof) add(what string, ok bool, format string, args ...any) {
	result := "ok"
	if !ok {
		result = "not comparable"
	}
	p.Checks = append(p.Checks, Check{what, result, fmt.Sprintf(format, args...)})
}

func times(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// proofOfWanted is of an export of chosen orders: each was read, or doesn't stand.
func (w *work) proofOfWanted() Proof {
	walk := &w.collect.p.Walk
	p := Proof{Grade: Complete, Contradictions: walk.Contradictions}
	p.add("orders", true, "%d wanted, %d read by id, %s", len(w.Wanted), len(w.collect.seen), times(len(walk.Missing), "doesn't stand", "don't stand"))
	if walk.Compared > 0 {
		p.add("details", true, "%d held against the list in number, lines, quantity and total; %d of them changed in between", walk.Compared, walk.Later)
	}
	if len(p.Contradictions) > 0 {
		p.Grade = Contradicted
	}
	return p
}

// kept calls fn for the newest answer of each order, in the order in which they were found.
func (w *work) kept(ctx context.Context, fn func(raw []byte) error) error {
	done := int64(0)
	return w.Ledger.Answers(ctx, w.collect.run, func(n int, a answer) error {
		if int(w.collect.seen[a.ID].n) != n {
			return nil
		}
		if done++; done%1000 == 0 {
			w.Observe.tell(Event{Phase: Writing, Done: done, Total: int64(len(w.collect.seen))})
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return fn(a.Raw)
	})
}
