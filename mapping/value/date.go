package value

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"ordersheet/internal/cell"
)

// DateReadings is a set of readings of a date that is written with three numbers.
type DateReadings uint8

// The readings of a date.
const (
	DayFirst     DateReadings = 1 << iota // 31/12/2024
	MonthFirst                            // 12/31/2024
	YearFirst                             // 24/12/31
	AnyDateOrder = DayFirst | MonthFirst | YearFirst
)

// DateOrder describes one reading.
type DateOrder struct {
	Order DateReadings
	Word  string // of the mapping file
	Long  string
}

// DateOrders lists the readings.
var DateOrders = [...]DateOrder{
	{DayFirst, "dmy", "day, month, year"},
	{MonthFirst, "mdy", "month, day, year"},
	{YearFirst, "ymd", "year, month, day"},
}

// String returns the mapping file's word for one reading.
func (r DateReadings) String() string {
	for _, o := range DateOrders {
		if o.Order == r {
			return o.Word
		}
	}
	return ""
}

// Date is a date in text: one day, or three numbers that need an order.
type Date struct {
	Fixed bool       // Date holds it
	Date  cell.Civil // Seconds is not kept: a time of day is never sent
	parts [3]int     // the numbers as written, unless it is fixed
	Width [3]int     // how many digits each was written with: 1, 2 or 4
	Time  bool       // a time of day follows
	Short bool       // the year has two digits
}

// Readings returns the orders in which the three numbers are a date that exists.
func (d *Date) Readings() DateReadings {
	var set DateReadings
	for _, o := range DateOrders {
		if _, ok := d.In(o.Order); ok {
			set |= o.Order
		}
	}
	return set
}

// In reads the date in one order.
func (d *Date) In(order DateReadings) (cell.Civil, bool) {
	if d.Fixed {
		return d.Date, true
	}
	yi, mi, di := 2, 1, 0
	switch order {
	case MonthFirst:
		mi, di = 0, 1
	case YearFirst:
		yi, mi, di = 0, 1, 2
	}
	if d.Width[mi] > 2 || d.Width[di] > 2 || d.Width[yi] < 2 {
		return cell.Civil{}, false
	}
	year := d.parts[yi]
	if d.Width[yi] == 2 {
		year = fullYear(year)
	}
	c := cell.Civil{Year: year, Month: d.parts[mi], Day: d.parts[di]}
	return c, valid(c)
}

// fullYear adds the century to a year of two digits as Excel does: 00 to 29 are in this century, 30
// to 99 in the last.
func fullYear(y int) int {
	if y < 30 {
		return 2000 + y
	}
	return 1900 + y
}

// valid reports whether a date exists, in the years 1900 to 9999.
func valid(c cell.Civil) bool {
	if c.Year < 1900 || c.Year > 9999 || c.Month < 1 || c.Month > 12 || c.Day < 1 {
		return false
	}
	return c.Day <= 28 || time.Date(c.Year, time.Month(c.Month), c.Day, 0, 0, 0, 0, time.UTC).Day() == c.Day
}

// ParseDate reads a date written as text: ISO 8601 dates and date-times, eight digits, three
// numbers with / . - or spaces between them, and dates with the name of a month. ok is false if it
// is none of these. The date may still not exist: Readings is 0 then.
func ParseDate(s []byte) (d Date, ok bool) {
	s = bytes.TrimSpace(s)
	if len(s) < 6 || len(s) > 64 {
		return d, false
	}
	if len(s) == 8 && AllDigits(s) {
		d.Fixed, d.Date = true, cell.Civil{Year: Atoi(s[:4]), Month: Atoi(s[4:6]), Day: Atoi(s[6:])}
		return d, valid(d.Date)
	}
	if !isDigit(rune(s[0])) || hasMonthName(s) {
		return namedDate(s)
	}
	rest, ok := d.numbers(s)
	if !ok || !d.clock(rest) {
		return d, false
	}
	if d.Width[0] == 4 { // no one writes year, day, month
		d.Fixed, d.Date = true, cell.Civil{Year: d.parts[0], Month: d.parts[1], Day: d.parts[2]}
		return d, valid(d.Date) && d.Width[1] < 4 && d.Width[2] < 4
	}
	d.Short = d.Width[2] == 2
	return d, d.Width[1] < 4
}

// numbers reads the three numbers at the beginning of s and returns what follows.
func (d *Date) numbers(s []byte) (rest []byte, ok bool) {
	var separator byte
	for i := range d.parts {
		n := digitsAt(s)
		if n != 1 && n != 2 && n != 4 {
			return nil, false
		}
		d.parts[i], d.Width[i] = Atoi(s[:n]), n
		s = s[n:]
		if i == 2 {
			break
		}
		if len(s) == 0 || strings.IndexByte("/.- ", s[0]) < 0 || i == 1 && s[0] != separator {
			return nil, false
		}
		separator, s = s[0], s[1:]
		if separator != ' ' { // 31. 12. 2024
			s = bytes.TrimPrefix(s, []byte{' '})
		}
	}
	return s, true
}

// digitsAt counts the digits at the beginning of s.
func digitsAt(s []byte) int {
	n := 0
	for n < len(s) && isDigit(rune(s[n])) {
		n++
	}
	return n
}

// clock reports whether what follows a date is a time of day, or nothing.
func (d *Date) clock(s []byte) bool {
	if len(s) == 1 && s[0] == '.' || len(s) == 0 { // 31.12.2024.
		return true
	}
	rest := bytes.TrimLeft(s, " ,Tt")
	if len(rest) == len(s) {
		return false
	}
	d.Time = true
	zone := bytes.TrimLeft(rest, "0123456789:.")
	return isTimeOfDay(rest[:len(rest)-len(zone)]) && isZone(zone)
}

// isTimeOfDay accepts 9:05, 09:05:59 and 09:05:59.123; a lone hour isn't a time.
func isTimeOfDay(s []byte) bool {
	limits := [...]int{24, 59, 60}
	s, _, _ = bytes.Cut(s, []byte{'.'})
	n := 0
	for part := range bytes.SplitSeq(s, []byte{':'}) {
		if n == len(limits) || len(part) == 0 || len(part) > 2 || !AllDigits(part) || Atoi(part) > limits[n] {
			return false
		}
		n++
	}
	return n >= 2
}

// isZone accepts what may follow a time of day: AM or PM, Z, UTC, an offset, or several of them.
func isZone(s []byte) bool {
	for word := range bytes.FieldsSeq(s) {
		switch w := string(bytes.ToUpper(word)); w {
		case "AM", "PM", "A.M.", "P.M.", "Z", "UTC", "GMT":
		default:
			if len(w) < 3 || w[0] != '+' && w[0] != '-' || len(w) > 6 || !AllDigits([]byte(w[1:3])) {
				return false
			}
		}
	}
	return true
}

// hasMonthName reports whether there is a letter where only the name of a month can be.
func hasMonthName(s []byte) bool {
	i := len(s) - len(bytes.TrimLeft(s, "0123456789 -/.,"))
	switch {
	case i == len(s) || s[i] == ':':
		return false
	case s[i]|0x20 == 't': // of 2024-01-31T10:15
		return !(i >= 8 && i+1 < len(s) && isDigit(rune(s[i-1])) && isDigit(rune(s[i+1])))
	}
	return true
}

// namedDate reads a date with the name of a month: 15 Jan 2024, 15-Jan-24, January 15, 2024,
// Monday, 15. Januar 2024 10:00.
func namedDate(s []byte) (d Date, ok bool) {
	count, month := 0, 0
	for len(s) > 0 && (month == 0 || count < 2) {
		switch c := s[0]; {
		case isDigit(rune(c)):
			n := digitsAt(s)
			if count == 2 || n > 4 || n == 3 {
				return d, false
			}
			d.parts[count], d.Width[count] = Atoi(s[:n]), n
			count++
			s = dropOrdinal(s[n:])
		case strings.IndexByte(" -/.,", c) >= 0:
			s = s[1:]
		default:
			m, n := monthName(s)
			if n == 0 || m > 0 && month > 0 {
				return d, false
			}
			month, s = max(month, m), s[n:]
		}
	}
	if month == 0 || count < 2 || !d.clock(s) {
		return d, false
	}
	return d, d.named(month)
}

// named puts the month and the two numbers together: the year is the one with four digits,
// otherwise the last.
func (d *Date) named(month int) bool {
	day, year := 0, 1
	if d.Width[0] == 4 {
		day, year = 1, 0
	}
	d.Fixed, d.Short = true, d.Width[year] == 2
	d.Date = cell.Civil{Year: d.parts[year], Month: month, Day: d.parts[day]}
	if d.Short {
		d.Date.Year = fullYear(d.parts[year])
	}
	return d.Width[year] > 1 && d.Width[day] < 4 && valid(d.Date)
}

// monthName reads the word at the beginning of s: the month that it names, or 0 for a weekday or a
// filler. n is its length, 0 for any other word.
func monthName(s []byte) (month, n int) {
	for n < len(s) && (s[n] >= 0x80 || isLetter(s[n])) {
		n++
	}
	word := string(bytes.ToLower(s[:n]))
	month, known := months[word]
	switch word {
	case "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun", "de", "of", "den", "le",
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday":
		known = true
	}
	if !known {
		return 0, 0
	}
	return month, n
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// dropOrdinal drops the ending of 1st, 2nd, 3rd, 4th.
func dropOrdinal(s []byte) []byte {
	if len(s) < 2 || len(s) > 2 && isLetter(s[2]) {
		return s
	}
	switch string(bytes.ToLower(s[:2])) {
	case "st", "nd", "rd", "th":
		return s[2:]
	}
	return s
}

// months has the names of months, in full and as they are usually abbreviated, in English, German,
// French, Spanish, Italian, Portuguese and Dutch. No name means two months in two of these
// languages.
var months = map[string]int{
	"january": 1, "jan": 1, "januar": 1, "jänner": 1, "janvier": 1, "janv": 1, "enero": 1, "ene": 1, "gennaio": 1, "gen": 1, "janeiro": 1, "januari": 1,
	"february": 2, "feb": 2, "februar": 2, "février": 2, "fevrier": 2, "févr": 2, "fev": 2, "febrero": 2, "febbraio": 2, "fevereiro": 2, "februari": 2,
	"march": 3, "mar": 3, "märz": 3, "mär": 3, "mrz": 3, "mars": 3, "marzo": 3, "março": 3, "maart": 3, "mrt": 3,
	"april": 4, "apr": 4, "avril": 4, "avr": 4, "abril": 4, "abr": 4, "aprile": 4,
	"may": 5, "mai": 5, "mayo": 5, "maggio": 5, "mag": 5, "maio": 5, "mei": 5,
	"june": 6, "jun": 6, "juni": 6, "juin": 6, "junio": 6, "giugno": 6, "giu": 6, "junho": 6,
	"july": 7, "jul": 7, "juli": 7, "juillet": 7, "juil": 7, "julio": 7, "luglio": 7, "lug": 7, "julho": 7,
	"august": 8, "aug": 8, "août": 8, "aout": 8, "agosto": 8, "ago": 8, "augustus": 8,
	"september": 9, "sep": 9, "sept": 9, "septembre": 9, "septiembre": 9, "settembre": 9, "set": 9, "setembro": 9,
	"october": 10, "oct": 10, "oktober": 10, "okt": 10, "octobre": 10, "octubre": 10, "ottobre": 10, "ott": 10, "outubro": 10, "out": 10,
	"november": 11, "nov": 11, "novembre": 11, "noviembre": 11, "novembro": 11,
	"december": 12, "dec": 12, "dezember": 12, "dez": 12, "décembre": 12, "decembre": 12, "déc": 12, "diciembre": 12, "dic": 12, "dicembre": 12, "dezembro": 12,
}

// AppendDate appends a date as the API takes it.
func AppendDate(dst []byte, c cell.Civil) []byte {
	two := func(dst []byte, n int) []byte { return append(dst, byte('0'+n/10%10), byte('0'+n%10)) }
	dst = append(two(two(dst, c.Year/100), c.Year%100), '-')
	dst = append(two(dst, c.Month), '-')
	return two(dst, c.Day)
}

// LongDate writes out a date for a sentence: 3 April 2024.
func LongDate(c cell.Civil) string {
	return strconv.Itoa(c.Day) + " " + time.Month(c.Month).String() + " " + strconv.Itoa(c.Year)
}
