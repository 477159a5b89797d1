package sqlite

import (
	"strconv"
	"time"
)

// millis returns how a time is stored; 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis is the inverse of millis.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// orderID returns the id of an order in planned_order.
func orderID(run, seq int64) int64 { return run<<32 | seq }

// seqOf returns the place of an order in its run.
func seqOf(id int64) int64 { return id & (1<<32 - 1) }
