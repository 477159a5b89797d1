package exporter

import (
	"time"
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
