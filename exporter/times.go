package exporter

import (
	"time"

	"ordersheet/internal/luminous"
)

// overlap is how far before the end of the last window the next one begins by default. What a slow
// transaction wrote appears late with an earlier time; the next file has it, and may repeat orders of
// the last one.
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

// unixTime returns a time of the API in seconds since 1970; 0 if it can't be parsed.
func unixTime(stamp string) int64 {
	t, ok := luminous.ParseTime(stamp)
	if !ok {
		return 0
	}
	return t.Unix()
}

// beginning returns the time since which all orders have changed (API page "Export sales orders
// incremental").
func beginning() time.Time { return time.Unix(0, 0).UTC() }
