package exporter

import (
	"context"
	"fmt"
	"time"

	"ordersheet/internal/luminous"
)

// prove compares what was read with what the API says about it, and begins the manifest.
func (w *exportRun) prove(ctx context.Context) (Manifest, error) {
	stats := &w.progress.Stats
	m := Manifest{
		Manifest: 1, Name: w.Name, Kind: w.Kind, Account: w.account, Version: w.Version, Details: w.plan.Details,
		Began: w.began.UTC().Truncate(time.Second), Filters: w.filterList(), NotFound: stats.Missing, Notes: stats.Notes,
		Counts: Counts{Pages: stats.Pages, LateArrivals: stats.Late, Moved: stats.Moved, Repeated: stats.Repeats, Gone: stats.Gone},
	}
	if w.Wanted != nil {
		m.Proof = w.proofOfWanted()
		return m, nil
	}
	m.Window = Window{w.plan.Since.Format(time.RFC3339), w.progress.Cutoff}
	w.tell(Event{Phase: Counting})
	n, err := w.count(ctx)
	if err != nil {
		return m, err
	}
	m.Counts.LateArrivals = max(m.Counts.LateArrivals, n.Late)
	m.Proof = w.proof(n)
	return m, nil
}

// quietFor is how long ago a second must be for no further order to appear in it, whatever the
// server's clock says.
const quietFor = 10 * time.Minute

// count asks the list how many orders it has in the window.
func (w *exportRun) count(ctx context.Context) (count, error) {
	until, ok := luminous.ParseTime(w.progress.Cutoff)
	if !ok && w.progress.Cutoff != "" {
		return count{Why: fmt.Sprintf("the end of the window can't be read: %q", w.progress.Cutoff)}, nil
	}
	switch {
	case !ok: // an empty list
		until = w.Now()
	case !w.fromFeed() && until.Before(w.began.Add(-quietFor)):
		until = until.Add(time.Second) // no other order can appear in the second of the list's newest one: it belongs to the window
	}
	c := counter{exportRun: w, until: until}
	return c.count(ctx)
}

// proof grades the export. Only a contradiction makes it suspect.
func (w *exportRun) proof(n count) Proof {
	stats := &w.progress.Stats
	p := Proof{Grade: Counted, Contradictions: stats.Contradictions}
	if stats.Untold > 0 {
		p.Contradictions = append(p.Contradictions, fmt.Sprintf("and %d more", stats.Untold))
	}
	for _, missing := range n.Missing {
		p.Contradictions = append(p.Contradictions, missing+" changed in the window and wasn't read")
	}
	p.add("pages", true, "%s with %s, read to the end", times(stats.Pages, "page", "pages"), times(stats.Rows, "order", "orders"))
	whole := stats.Repeats == 0 && stats.Disorder == 0
	p.add("ids", whole, "%s; %s", times(stats.Repeats, "order appeared twice without a change", "orders appeared twice without a change"),
		times(stats.Disorder, "order is out of order by time of change", "orders are out of order by time of change"))
	if w.plan.Details {
		p.add("details", true, "%s read by id and compared in number, lines, quantity and total; %d of them changed in between",
			times(stats.Compared, "order", "orders"), stats.Later)
	}
	if n.Why == "" {
		p.add("count", true, "the list counts %s in the window, %d of those read still belong to it", times(n.Counted, "order", "orders"), n.Read)
	} else {
		p.add("count", false, "%s", n.Why)
	}
	switch {
	case len(p.Contradictions) > 0:
		p.Grade = Contradicted
	case n.Why == "":
	case whole && !stats.Shifts:
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

// proofOfWanted is the proof of an export of chosen orders: each was read, or doesn't exist.
func (w *exportRun) proofOfWanted() Proof {
	stats := &w.progress.Stats
	p := Proof{Grade: Complete, Contradictions: stats.Contradictions}
	p.add("orders", true, "%d wanted, %d read by id, %s", len(w.Wanted), len(w.known), times(len(stats.Missing), "doesn't exist", "don't exist"))
	if stats.Compared > 0 {
		p.add("details", true, "%d compared with the list in number, lines, quantity and total; %d of them changed in between",
			stats.Compared, stats.Later)
	}
	if len(p.Contradictions) > 0 {
		p.Grade = Contradicted
	}
	return p
}

// kept calls fn for the newest answer of each order, in the order in which they were found.
func (w *exportRun) kept(ctx context.Context, fn func(raw []byte) error) error {
	done := int64(0)
	return w.Ledger.Answers(ctx, w.id, func(n int, a answer) error {
		if int(w.known[a.ID].n) != n {
			return nil
		}
		if done++; done%1000 == 0 {
			w.tell(Event{Phase: Writing, Done: done, Total: int64(len(w.known))})
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return fn(a.Raw)
	})
}
