package exporter

import (
	"ordersheet/internal/luminous"
	"time"
)

// overlap is how far before the last window's end the next one begins, if nothing else is said. What was written by a slow transaction appears with a time that has
// passed already; it stands in the next file, and what stood in the last one may stand there again.
const overlap = 5 * time.Minute

// filterStamp writes a time as filters take it (API page "Filters").
func filterStamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

// formatTime writes a time, given as filterStamp writes it, in another layout.
func formatTime(stamp, layout string) string {
	t, ok := luminous.ParseTime(stamp)
	if !ok {
		return stamp
	}
	return t.Format(layout)
}

// second is a time of the API in seconds since 1970; 0 when it can't be read.
func second(stamp string) int64 {
	t, ok := luminous.ParseTime(stamp)
	if !ok {
		return 0
	}
	return t.Unix()
}

// beginning is since when all orders have changed (API page "Export sales orders incremental": a first run).
func beginning() time.Time { return time.Unix(0, 0).UTC() }
