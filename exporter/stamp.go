package exporter

import (
	"context"
	"net/url"
	"time"

	"ordersheet/internal/order"
)

// overlap is how far before the last window's end the next one begins, if nothing else is said. What was written by a slow transaction appears with a time that has
// passed already; it stands in the next file, and what stood in the last one may stand there again.
const overlap = 5 * time.Minute

// parseStamp reads a time as the API writes one; without a zone it is UTC (API pages "Filters" and "Export sales orders incremental").
func parseStamp(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// filterStamp writes a time as filters take it (API page "Filters").
func filterStamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

// timeFilter is how a list is asked for the time of the last change. In which zone and form filters read times isn't documented, so it is
// tried with an order that stands: a filter that reads them otherwise would leave out hours of changes without a word.
type timeFilter struct {
	tried  bool
	layout string // empty: no form works
}

// try finds a form that works; when the list is empty, any will do.
func (f *timeFilter) try(ctx context.Context, api API, kind order.Kind) error {
	if f.tried {
		return nil
	}
	f.tried, f.layout = true, ""
	for range countTries {
		p, err := api.List(ctx, kind, url.Values{"per_page": {"1"}})
		if err != nil {
			return err
		}
		if len(p.Orders) == 0 {
			f.layout = time.DateTime
			return nil
		}
		known := p.Orders[0]
		for _, layout := range []string{time.DateTime, time.RFC3339} {
			if found, err := finds(ctx, api, kind, known, layout); err != nil || found {
				f.layout = layout
				return err
			}
		}
		again, err := api.Get(ctx, kind, known.ID)
		if err == nil && again.UpdatedAt == known.UpdatedAt {
			return nil
		}
	}
	return nil
}

// finds says whether the list finds an order by the very time of its change, and only orders of that time.
func finds(ctx context.Context, api API, kind order.Kind, known order.Answer, layout string) (bool, error) {
	at, ok := parseStamp(known.UpdatedAt)
	if !ok {
		return false, nil
	}
	text := at.Format(layout)
	p, err := api.List(ctx, kind, url.Values{"updated_at[gte]": {text}, "updated_at[lte]": {text}})
	if refused(err) {
		return false, nil
	}
	if err != nil || len(p.Orders) == 0 {
		return false, err
	}
	for _, a := range p.Orders {
		if second(a.UpdatedAt) != at.Unix() {
			return false, nil
		}
	}
	later, err := api.List(ctx, kind, url.Values{"updated_at[gte]": {at.Add(time.Second).Format(layout)}, "per_page": {"1"}})
	return err == nil && (len(later.Orders) == 0 || second(later.Orders[0].UpdatedAt) > at.Unix()), err
}

// form writes a time, given as filterStamp writes it, in the form that works.
func (f *timeFilter) form(stamp string) string {
	t, ok := parseStamp(stamp)
	if !ok || f.layout == "" {
		return stamp
	}
	return t.Format(f.layout)
}

// second is a time of the API in seconds since 1970; 0 when it can't be read.
func second(stamp string) int64 {
	t, ok := parseStamp(stamp)
	if !ok {
		return 0
	}
	return t.Unix()
}

// beginning is since when all orders have changed (API page "Export sales orders incremental": a first run).
func beginning() time.Time { return time.Unix(0, 0).UTC() }
