package detect

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"ordersheet/internal/cell"
	"ordersheet/mapping/value"
)

// dateProof is what the dates of a column show.
type dateProof struct {
	texts   int             // dates written as text
	short   places          // with a year of two digits
	dayOnly places          // three numbers that are a date with the day first only
	monOnly places          // with the month first only
	natives places          // date cells
	late    int             // date cells whose day is above 12
	total   int             // dates whose day is known
	buckets map[int]*places // those dates by day / bucket
}

const (
	// bucket is how many days are counted together; mostBuckets bounds the buckets of a column.
	bucket      = 32
	mostBuckets = 1024
	// mostDates is how many dates of one row are compared with each other.
	mostDates = 6
	// mostPairs bounds the pairs of date columns in a sheet whose rows hold dates anywhere.
	mostPairs = 100
)

type dayAt struct{ col, day int }

// datePair compares the dates of two columns in the same rows. The first index of early and late is
// 0 for rows whose right date is 1,462 days after the left one, 1 for rows in which it is before
// it.
type datePair struct {
	n, near     int
	early, late [2]places // the dates of those rows
	fixed       bool      // every distance is the same
	distance    int
}

func daysOf(c cell.Civil) int {
	return int(time.Date(c.Year, time.Month(c.Month), c.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func civilOf(days int) cell.Civil {
	y, m, d := time.Unix(int64(days)*86400, 0).UTC().Date()
	return cell.Civil{Year: y, Month: int(m), Day: d}
}

// epoch1900 is 1899-12-30 in days from 1970.
const epoch1900 = -25569

// date looks at a date cell.
func (s *column) date(d *Detector, r *cell.Row, c *cell.Cell) {
	if class := d.display.Format(*c).Class; class == cell.TimeOnly || class == cell.Elapsed {
		return
	}
	if s.role != dateRole {
		m := markDate
		if isBareDate(d.display.Format(*c).Code) {
			m = markBareDate
		}
		s.found(m).add(r.Num, d.display.Date(c.Text))
	}
	if s.role != dateRole && s.role != anyRole {
		return
	}
	whole, _, _ := bytes.Cut(c.Text, []byte{'.'})
	if len(whole) > 7 || !value.AllDigits(whole) {
		return
	}
	day := value.Atoi(whole) + epoch1900
	if d.src.Date1904 {
		day += value.Days1462
	}
	p := &s.dates
	if civilOf(day).Day > 12 {
		p.late++
	}
	p.natives.add(r.Num, whole)
	s.onDay(d, r.Num, c.Col, day)
}

// isBareDate reports whether a number format shows no year or no day, as d-mmm and mmm-yy do, which
// a spreadsheet gives to what it takes for a date without one.
func isBareDate(code string) bool {
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	if at := strings.IndexByte(code, ']'); at >= 0 { // the locale
		code = code[at+1:]
	}
	return strings.Contains(code, "m") && !strings.ContainsAny(code, "hs") && !(strings.Contains(code, "d") && strings.Contains(code, "y"))
}

// onDay takes a date whose day is known.
func (s *column) onDay(d *Detector, row, col, day int) {
	p := &s.dates
	at := p.buckets[day/bucket]
	if at == nil && len(p.buckets) < mostBuckets {
		at = &places{}
		p.buckets[day/bucket] = at
	}
	if at != nil {
		p.total++
		at.addDay(row, day)
	}
	if len(d.dates) < mostDates && s.role == dateRole && !s.ends {
		d.dates = append(d.dates, dayAt{col, day})
	}
}

// addDay is add for a day. Its text is made only for the few that are shown.
func (p *places) addDay(row, day int) {
	if len(p.samples) < mostSamples {
		p.add(row, value.AppendDate(nil, civilOf(day)))
		return
	}
	p.add(row, nil)
}

// endWords are in the headers of columns that hold the ends of terms, which may be years ahead.
var endWords = []string{"exp", "valid", "until", "end", "warrant", "renew", "birth", "best before", "term"}

// headerHas reports whether one of the words is in a header.
func headerHas(header string, words ...string) bool {
	header = strings.ToLower(header)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(header, w) })
}

// textDate looks at a text that may be a date.
func (s *column) textDate(d *Detector, row, col int, text []byte) {
	v, ok := value.ParseDate(value.TrimSpace(text))
	if !ok {
		return
	}
	p := &s.dates
	p.texts++
	set := v.Readings() & (value.DayFirst | value.MonthFirst)
	if v.Short && set != 0 {
		p.short.add(row, text)
	}
	switch {
	case v.Fixed:
	case set == value.DayFirst:
		p.dayOnly.add(row, text)
	case set == value.MonthFirst:
		p.monOnly.add(row, text)
	default:
		return
	}
	c, _ := v.In(set)
	s.onDay(d, row, col, daysOf(c))
}

// pairDates compares the dates of one row with each other.
func (d *Detector) pairDates(row int) {
	for i, a := range d.dates {
		for _, b := range d.dates[i+1:] {
			key, gap := [2]int{a.col, b.col}, b.day-a.day
			p := d.pairs[key]
			if p == nil && len(d.pairs) == mostPairs {
				continue
			}
			if p == nil {
				p = &datePair{fixed: true, distance: gap}
				d.pairs[key] = p
			}
			p.add(row, a.day, b.day)
		}
	}
}

func (p *datePair) add(row, left, right int) {
	gap := right - left
	p.n++
	p.fixed = p.fixed && p.distance == gap
	switch {
	case gap > value.Days1462-45 && gap < value.Days1462+76:
		p.early[0].addDay(row, left)
		p.late[0].addDay(row, right)
	case gap > -value.Days1462-45 && gap < -value.Days1462+76:
		p.early[1].addDay(row, right)
		p.late[1].addDay(row, left)
	case gap > -150 && gap < 150:
		p.near++
	}
}

// off returns the index of the dates that are 1,462 days apart. ok is false if they are too few for
// the date system to be the reason.
func (p *datePair) off() (side int, ok bool) {
	if p.early[1].count > p.early[0].count {
		side = 1
	}
	n := p.early[side].count
	fourYears := p.fixed && (p.distance == 1461 || p.distance == -1461) // to the day
	return side, n >= 3 && n*20 >= p.n && (n+p.near)*10 >= p.n*9 && !fourYears
}

// shift is a column, or part of one, whose dates are 1,462 days off.
type shift struct {
	later bool // they have to be moved later
	whole bool // all dates of the column
	cells *places
	why   string
}

// shifts finds the columns whose dates are off, from the distance to the other dates of their rows.
func (d *Detector) shifts() map[int]shift {
	out, votes := map[int]shift{}, map[int]int{}
	for k, p := range d.pairs {
		if _, off := p.off(); off {
			votes[k[0]]++
			votes[k[1]]++
		}
	}
	byColumns := func(a, b [2]int) int { return slices.Compare(a[:], b[:]) }
	for _, k := range slices.SortedFunc(maps.Keys(d.pairs), byColumns) {
		p := d.pairs[k]
		side, off := p.off()
		if !off {
			continue
		}
		early, late := k[side], k[1-side]
		culprit, other, cells := early, late, &p.early[side]
		blameLate := votes[late] > votes[early] || votes[late] == votes[early] && d.isAhead(late)
		if blameLate {
			culprit, other, cells = late, early, &p.late[side]
		}
		if _, known := out[culprit]; known {
			continue
		}
		out[culprit] = shift{
			later: !blameLate, whole: cells.count*20 >= p.n*19, cells: cells,
			why: fmt.Sprintf("in %s of %s the date lies 1,462 days, give or take the usual distance, from that in column %s",
				plural(cells.count, "row"), plural(p.n, "row"), cell.ColName(other)),
		}
	}
	return out
}

// isAhead reports whether most dates of a column are more than a year ahead.
func (d *Detector) isAhead(col int) bool {
	if d.today == 0 {
		return false
	}
	p := &d.cols[col].dates
	n := p.between(d.today+366, d.today+value.Days1462+62).count
	return n >= 3 && n*5 >= p.total*4
}

// between returns the dates between two days, by whole buckets.
func (p *dateProof) between(after, before int) *places {
	var found []*places
	for _, b := range slices.Sorted(maps.Keys(p.buckets)) {
		if b*bucket > after && b*bucket < before {
			found = append(found, p.buckets[b])
		}
	}
	return merge(found)
}

// alone judges a date column by itself: all of it is years ahead, or a part of it is 1,462 days
// from the rest.
func (d *Detector) alone(s *column) (shift, bool) {
	p := &s.dates
	if s.role != dateRole || s.ends || p.total < 3 {
		return shift{}, false
	}
	if d.isAhead(s.col) {
		return shift{
			whole: true, cells: p.between(d.today+366, math.MaxInt),
			why: "the dates lie years ahead, as do dates of the 1900 system in a workbook of the 1904 system",
		}, true
	}
	keys := slices.Sorted(maps.Keys(p.buckets))
	cut, gap := 0, 0
	for i := 1; i < len(keys); i++ {
		if keys[i]-keys[i-1] > gap {
			cut, gap = i, keys[i]-keys[i-1]
		}
	}
	if gap*bucket < 700 {
		return shift{}, false
	}
	return p.splitShift(keys[:cut], keys[cut:])
}

// splitShift reports whether the smaller of two groups of buckets, moved 1,462 days, falls among
// the larger one.
func (p *dateProof) splitShift(low, high []int) (shift, bool) {
	cells := func(keys []int) *places { return p.between(keys[0]*bucket-1, keys[len(keys)-1]*bucket+1) }
	minor, major, by, few := low, high, value.Days1462/bucket, cells(low)
	if other := cells(high); other.count < few.count {
		minor, major, by, few = high, low, -by, other
	}
	first, last := minor[0]+by, minor[len(minor)-1]+by
	from, to := major[0], major[len(major)-1]
	if few.count < 3 || few.count*100 > 45*p.total || to-from > 730/bucket || first < from-1 || last > to+1 {
		return shift{}, false
	}
	return shift{later: by > 0, cells: few, why: "moved by 1,462 days they would fall among the other dates of the column"}, true
}

// merge puts cells together in the order of their rows.
func merge(all []*places) *places {
	out := &places{}
	for _, p := range all {
		out.count += p.count
		out.runs = append(out.runs, p.runs...)
		out.samples = append(out.samples, p.samples...)
		out.beyond += p.beyond
	}
	slices.SortFunc(out.runs, func(a, b [2]int) int { return a[0] - b[0] })
	slices.SortFunc(out.samples, func(a, b cell.Sample) int { return a.Row - b.Row })
	out.samples = out.samples[:min(mostSamples, len(out.samples))]
	for len(out.runs) > mostRuns {
		last := out.runs[len(out.runs)-1]
		out.runs, out.beyond = out.runs[:len(out.runs)-1], out.beyond+last[1]-last[0]+1
	}
	return out
}
