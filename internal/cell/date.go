package cell

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Civil is a date without a time zone, and the seconds since its midnight.
type Civil struct {
	Year, Month, Day int
	Seconds          int // 0 for a date without a time
}

// FromSerial returns the date of a date cell's serial, with the seconds rounded to the nearest. ok
// is false for serials outside 1900-01-01 to 9999-12-31, and for serial 60 of the 1900 system: it
// is 1900-02-29, a day that never existed (Excel has it for compatibility with Lotus 1-2-3).
func FromSerial(serial []byte, date1904 bool) (d Civil, ok bool) {
	if isShortInteger(serial) {
		days, _ := strconv.ParseInt(string(serial), 10, 64)
		return civil(days, 0, date1904)
	}
	if _, ok := AppendDecimal(nil, serial); !ok {
		return d, false
	}
	r, err := decimal.NewFromString(string(serial))
	if err != nil || r.IsNegative() || r.GreaterThan(decimal.New(last1900+1, 0)) {
		return d, false
	}
	seconds := r.Mul(decimal.New(daySeconds, 0)).Round(0).IntPart()
	return civil(seconds/daySeconds, seconds%daySeconds, date1904)
}

// Serials of 9999-12-31.
const last1900, last1904 = 2958465, 2957003

const daySeconds = 86400

func civil(days, sec int64, date1904 bool) (d Civil, ok bool) {
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		if days > last1904 {
			return d, false
		}
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days > last1900 || days == 60 || days == 0:
		return d, false
	case days < 60:
		base = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	t := base.AddDate(0, 0, int(days))
	return Civil{t.Year(), int(t.Month()), t.Day(), int(sec)}, true
}

// SerialOfISO returns the serial of an ISO 8601 date, time or both; nil if it is none of these. It
// ignores a time zone, as Excel does.
func SerialOfISO(b []byte, date1904 bool) []byte {
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
	var clock time.Time // midnight of some day
	if s != "" {
		var err error
		for _, layout := range []string{"15:04:05", "15:04", "15:04:05Z07:00"} {
			if clock, err = time.Parse(layout, s); err == nil {
				break
			}
		}
		if err != nil {
			return nil
		}
	}
	nanos := clock.Hour()*3600e9 + clock.Minute()*60e9 + clock.Second()*1e9 + clock.Nanosecond()
	serial := decimal.New(int64(nanos), -9).DivRound(decimal.New(daySeconds, 0), 10).Add(decimal.New(days, 0))
	return []byte(serial.String())
}

// serialDay returns the serial of a day: 1 is 1900-01-01 and 60 the day that never existed; in the
// 1904 system 0 is 1904-01-01.
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
