package cell

import (
	"math/big"
	"strconv"
	"strings"
	"time"
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
	r, ok := new(big.Rat).SetString(string(serial))
	if !ok || r.Sign() < 0 {
		return d, false
	}
	secs := new(big.Int).Quo(new(big.Int).Add(new(big.Int).Mul(r.Num(), big.NewInt(2*86400)), r.Denom()),
		new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	if !secs.IsInt64() {
		return d, false
	}
	return civil(secs.Int64()/86400, secs.Int64()%86400, date1904)
}

func civil(days, sec int64, date1904 bool) (d Civil, ok bool) {
	const last1900, last1904 = 2958465, 2957003 // 9999-12-31
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
