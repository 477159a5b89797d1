package sheet

import (
	"math/big"
	"strings"
	"time"
)

// isoSerial turns a date, a time or both, as ISO 8601 has them in cells of type d, into the serial that a spreadsheet would hold; nil if it is none. A zone is left out of
// account, as Excel does.
func isoSerial(b []byte, date1904 bool) []byte {
	s := strings.TrimSuffix(string(b), "Z")
	var days int64
	if date, clock, both := strings.Cut(s, "T"); both || strings.Contains(s, "-") {
		s = clock
		if date != "" {
			d, err := time.Parse(time.DateOnly, date)
			if err != nil {
				return nil
			}
			if days = serialDay(d, date1904); days < 0 {
				return nil
			}
		}
	}
	if s == "" {
		return new(big.Int).SetInt64(days).Append(nil, 10)
	}
	var t time.Time
	var err error
	for _, layout := range []string{"15:04:05", "15:04", "15:04:05Z07:00"} {
		if t, err = time.Parse(layout, s); err == nil {
			break
		}
	}
	if err != nil {
		return nil
	}
	nanos := int64(t.Hour())*3600e9 + int64(t.Minute())*60e9 + int64(t.Second())*1e9 + int64(t.Nanosecond())
	r := new(big.Rat).SetFrac64(nanos, 86400e9)
	text := r.Add(r, new(big.Rat).SetInt64(days)).FloatString(10)
	return []byte(strings.TrimRight(strings.TrimRight(text, "0"), "."))
}

// serialDay is the serial of a day: 1 is 1900-01-01 and 60 a day that never was; with the 1904 system 0 is 1904-01-01.
func serialDay(d time.Time, date1904 bool) int64 {
	if date1904 {
		return int64(d.Sub(time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	}
	days := int64(d.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	if days < 61 {
		days--
	}
	return days
}
