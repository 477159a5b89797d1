package value_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"ordersheet/internal/cell"

	"ordersheet/mapping/value"
)

func TestReadDate(t *testing.T) {
	fixed := func(y, m, d int) cell.Civil { return cell.Civil{Year: y, Month: m, Day: d} }
	for in, want := range map[string]cell.Civil{
		"2024-01-15": fixed(2024, 1, 15), "2024/1/5": fixed(2024, 1, 5), "2024.01.05": fixed(2024, 1, 5), "20240115": fixed(2024, 1, 15),
		"2024-01-15T10:20:30Z": fixed(2024, 1, 15), "2024-01-15 10:20:30 -0500": fixed(2024, 1, 15), "2024-01-15T10:20:30.123+02:00": fixed(2024, 1, 15),
		"15 Jan 2024": fixed(2024, 1, 15), "15-Jan-24": fixed(2024, 1, 15), "Jan 15, 2024": fixed(2024, 1, 15), "January 15th, 2024": fixed(2024, 1, 15),
		"15. Januar 2024": fixed(2024, 1, 15), "Monday, January 15, 2024": fixed(2024, 1, 15), "15 de enero de 2024": fixed(2024, 1, 15),
		"15 février 2024": fixed(2024, 2, 15), "15-Jan-2024 10:00 PM": fixed(2024, 1, 15), "1st March 1999": fixed(1999, 3, 1), "2024 Jan 15": fixed(2024, 1, 15),
		"29 Feb 2024": fixed(2024, 2, 29), "Oct 3, 2024": fixed(2024, 10, 3), "Sat 5 Oct 2024": fixed(2024, 10, 5),
	} {
		d, ok := value.ParseDate([]byte(in))
		if !ok || !d.Fixed || d.Date != want {
			t.Errorf("readDate(%q) = %+v, %v; want the fixed date %v", in, d, ok, want)
		}
	}
	for in, want := range map[string]value.DateReadings{
		"15/01/2024": value.DayFirst, "01/15/2024": value.MonthFirst, "03/04/2024": value.DayFirst | value.MonthFirst, "3.4.2024": value.DayFirst | value.MonthFirst, "31.12.2024.": value.DayFirst,
		"24/12/31": value.DayFirst | value.YearFirst, "99/12/31": value.YearFirst, "10/11/12": value.AnyDateOrder, "31/12/24": value.DayFirst | value.YearFirst, "31/12/99": value.DayFirst, "3-4-2024 10:15": value.DayFirst | value.MonthFirst, "31. 12. 2024": value.DayFirst,
		"31/02/2024": 0, "29/02/2023": 0, "00/01/2024": 0, "13/13/2024": 0, "12.50.1": 0, "1/2/2024 9:05:00 AM": value.DayFirst | value.MonthFirst, "30/02/24": value.YearFirst, "30/02/99": 0,
	} {
		d, ok := value.ParseDate([]byte(in))
		if !ok || d.Fixed || d.Readings() != want {
			t.Errorf("readDate(%q) = %+v, %v with readings %b; want readings %b", in, d, ok, d.Readings(), want)
		}
	}
	for _, in := range []string{
		"", "soon", "2024", "2024-13-01", "2024-02-30", "20241301", "1/2", "1/2/3/4", "12345", "45306", "2024-01-15 25:99", "1/2/202", "15 Foo 2024", "Jan Jan 2024",
		"15/01-2024", "2024-01-15x", "1-2-2024 at noon", "99999999", "32 Jan 2024", "10:20", "1.5",
	} {
		if d, ok := value.ParseDate([]byte(in)); ok {
			t.Errorf("readDate(%q) = %+v, want refusal", in, d)
		}
	}
}

func TestReadNumber(t *testing.T) {
	type want struct{ point, comma string } // "" when it is no number in that reading
	for in, w := range map[string]want{
		"12": {"12", "12"}, "0": {"0", "0"}, "007": {"7", "7"}, "12.5": {"12.5", ""}, "12,5": {"", "12.5"}, "1,234": {"1234", "1.234"}, "1.234": {"1.234", "1234"},
		"1,234.50": {"1234.5", ""}, "1.234,50": {"", "1234.5"}, "1,234,567": {"1234567", ""}, "1.234.567": {"", "1234567"}, "0,123": {"", "0.123"},
		"1234,567": {"", "1234.567"}, "1 234,5": {"", "1234.5"}, "1\u00a0234.5": {"1234.5", ""}, "1\u202f234": {"1234", "1234"}, "1'234.50": {"1234.5", ""},
		"1’234": {"1234", "1234"}, "-5": {"-5", "-5"}, "−5.25": {"-5.25", ""}, "(12.50)": {"-12.5", ""}, "12.50-": {"-12.5", ""}, "+3": {"3", "3"},
		"$1,299.00": {"1299", ""}, "1.299,00 €": {"", "1299"}, "USD 12.50": {"12.5", ""}, "12.50 EUR": {"12.5", ""}, "kr. 5": {"5", "5"}, "5 kr.": {"5", "5"},
		"US$ 5": {"5", "5"}, "-$5.00": {"-5", ""}, "$-5.00": {"-5", ""}, "zł 3,20": {"", "3.2"}, ".5": {"0.5", ""}, ",5": {"", "0.5"}, "5.": {"5", ""},
		"1E3": {"1000", "1000"}, "1.5e-3": {"0.0015", ""}, "-0.00": {"0", ""}, "0.10": {"0.1", ""}, "100": {"100", "100"}, "1,00,000.00": {"100000", ""},
		"10.00": {"10", ""}, "0.0": {"0", ""}, "000.5": {"0.5", ""},
	} {
		n, ok := value.ParseNumber([]byte(in))
		if !ok {
			t.Errorf("readNumber(%q): refused", in)
			continue
		}
		for sep, text := range map[value.Separators]string{value.Point: w.point, value.Comma: w.comma} {
			got, fits := n.AppendDecimal(nil, sep)
			if n.Readings&sep == 0 {
				got = nil
			} else if !fits {
				t.Errorf("%q doesn't fit", in)
			}
			if string(got) != text {
				t.Errorf("readNumber(%q) with %v: %q, want %q", in, sep, got, text)
			}
		}
	}
	for _, in := range []string{
		"", "abc", "12 pcs", "1,23,4", "1.2.3", "1..2", "--5", "1 23", "12,34,56", "$", "1-2", "5 5", "1,234 567", "1e999", "e5", "$5€", "0x10", "1.234.56", "NaN", "Inf", "(5", "12/5",
	} {
		if n, ok := value.ParseNumber([]byte(in)); ok {
			t.Errorf("readNumber(%q) = %+v, want refusal", in, n)
		}
	}
}

func TestTrimOuter(t *testing.T) {
	for in, want := range map[string]string{
		" a ": "a", "\u00a0x\u00a0y\u00a0": "x\u00a0y", "\ufeffSO-1\u200b": "SO-1", "\t\n": "", "é ": "é", "": "",
	} {
		if got := string(value.TrimSpace([]byte(in))); got != want {
			t.Errorf("trimOuter(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestValidEmail(t *testing.T) {
	for in, want := range map[string]bool{
		"ann@example.com": true, "ann.lee+x@mail.example.co.uk": true, "o'neil@example.com": true, `"a b"@example.com`: true,
		"ann": false, "ann@": false, "@example.com": false, "ann@example..com": false, "Ann <ann@example.com>": false, "a@b.com, c@d.com": false, ".a@b.com": false,
	} {
		if got := value.IsEmail([]byte(in)); got != want {
			t.Errorf("validEmail(%q) = %v, want %v", in, got, want)
		}
	}
}

func FuzzReadDate(f *testing.F) {
	for _, s := range []string{"2024-01-15", "15/01/2024 10:00", "Jan 15, 2024", "15. Januar 24", "20240115"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		d, ok := value.ParseDate(in)
		if !ok {
			return
		}
		for _, o := range value.DateOrders {
			if c, ok := d.In(o.Order); ok && time.Date(c.Year, time.Month(c.Month), c.Day, 0, 0, 0, 0, time.UTC).Day() != c.Day {
				t.Errorf("readDate(%q) gives %v, which isn't a date", in, c)
			}
		}
	})
}

func FuzzReadNumber(f *testing.F) {
	for _, s := range []string{"1,234.50", "1.234,50 €", "(12.50)", "1e-3", "1\u00a0234", ".5", "-0"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		n, ok := value.ParseNumber(in)
		if !ok {
			return
		}
		for _, sep := range []value.Separators{value.Point, value.Comma} {
			if n.Readings&sep == 0 {
				continue
			}
			got, ok := n.AppendDecimal([]byte("x"), sep)
			if !ok {
				continue
			}
			got = got[1:]
			if !json.Valid(got) {
				t.Fatalf("readNumber(%q) gives %q, which JSON doesn't take", in, got)
			}
			if d, err := decimal.NewFromString(string(got)); err != nil || d.String() != string(got) {
				t.Errorf("readNumber(%q) gives %q, want the plain decimal %s (%v)", in, got, d, err)
			}
		}
	})
}
