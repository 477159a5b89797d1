package sqlite

import (
	"fmt"
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

// storedTime is a time that Scan reads as millis stored it.
type storedTime struct{ *time.Time }

// Scan reads a time.
func (t storedTime) Scan(column any) error {
	ms, ok := column.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T", column)
	}
	*t.Time = time.Time{}
	if ms != 0 {
		*t.Time = time.UnixMilli(ms).UTC()
	}
	return nil
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// orderID returns the id of an order in planned_order.
func orderID(run, seq int64) int64 { return run<<32 | seq }

// seqOf returns the place of an order in its run.
func seqOf(id int64) int64 { return id & (1<<32 - 1) }
