package detect

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"ordersheet/internal/cell"

	"ordersheet/mapping/value"
)

// dateProof is what the dates of a column show.
type dateProof struct {
	texts    int    // dates written as text
	short    places // with a year of two digits
	dayOnly  places // three numbers that are a date with the day first only
	monOnly  places // with the month first only
	natives  places // date cells
	late     int    // date cells whose day is above 12
	total    int    // dates whose day is known
	buckets  map[int]*places
	last     *places
	lastDay  int
	lastText []byte
	lastRead value.Date
	lastOK   bool
}

// bucket is how many days are counted together; mostBuckets bounds them.
const (
	bucket      = 32
	mostBuckets = 1024
)

// mostDates is how many dates of one row are compared with each other.
const mostDates = 6

// mostPairs bounds the pairs of date columns in a sheet whose rows hold dates anywhere.
const mostPairs = 100

type dayAt struct{ col, day int }

// datePair compares two date columns, the left one being first.
type datePair struct {
	n, near     int
	plus, minus places           // the right date lies 1,462 days later, earlier
	late        [2][]cell.Sample // the later dates of the first plus and minus
	fixed       bool             // every distance is the same
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
		if bareDate(d.display.Format(*c).Code) {
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

// bareDate says that a number format shows no year or no day, as d-mmm and mmm-yy do, which a spreadsheet gives to what it takes for a date without one.
func bareDate(code string) bool {
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	if at := strings.IndexByte(code, ']'); at >= 0 { // the locale
		code = code[at+1:]
	}
	return strings.Contains(code, "m") && !strings.ContainsAny(code, "hs") && !(strings.Contains(code, "d") && strings.Contains(code, "y"))
}

// onDay takes in a date whose day is known.
func (s *column) onDay(d *Detector, row, col, day int) {
	p := &s.dates
	if p.buckets == nil {
		p.buckets = map[int]*places{}
	}
	if p.last == nil || day/bucket != p.lastDay/bucket {
		p.last, p.lastDay = p.buckets[day/bucket], day
		if p.last == nil && len(p.buckets) < mostBuckets {
			p.last = &places{}
			p.buckets[day/bucket] = p.last
		}
	}
	if p.last != nil {
		p.total++
		p.last.note(row, day)
	}
	if len(d.dates) < mostDates && s.role == dateRole && !s.ends() {
		d.dates = append(d.dates, dayAt{col, day})
	}
}

// note is add for a day, whose text is made only for the few that are shown.
func (p *places) note(row, day int) {
	if len(p.samples) < 3 {
		p.add(row, value.AppendDate(nil, civilOf(day)))
		return
	}
	p.add(row, nil)
}

// ends says that a column holds the ends of terms, which may lie years ahead.
func (s *column) ends() bool {
	h := strings.ToLower(s.header)
	for _, w := range []string{"exp", "valid", "until", "end", "warrant", "renew", "birth", "best before", "term"} {
		if strings.Contains(h, w) {
			return true
		}
	}
	return false
}

// textDate looks at a text that may be a date.
func (s *column) textDate(d *Detector, row, col int, text []byte) {
	p := &s.dates
	if !bytes.Equal(text, p.lastText) {
		p.lastText = append(p.lastText[:0], text...)
		p.lastRead, p.lastOK = value.ParseDate(value.TrimSpace(text))
	}
	v := &p.lastRead
	if !p.lastOK {
		return
	}
	p.texts++
	if v.Fixed {
		if v.Short {
			p.short.add(row, text)
		}
		s.onDay(d, row, col, daysOf(v.Date))
		return
	}
	set := v.Readings() & (value.DayFirst | value.MonthFirst)
	if set != 0 && v.Short {
		p.short.add(row, text)
	}
	switch set {
	case value.DayFirst:
		p.dayOnly.add(row, text)
	case value.MonthFirst:
		p.monOnly.add(row, text)
	default:
		return
	}
	c, _ := v.In(set)
	s.onDay(d, row, col, daysOf(c))
}

// pairDates compares the dates of one row with each other.
func (d *Detector) pairDates(row int) {
	for i := range d.dates {
		for _, b := range d.dates[i+1:] {
			a := d.dates[i]
			p := d.pairs[[2]int{a.col, b.col}]
			gap := b.day - a.day
			if p == nil && len(d.pairs) == mostPairs {
				continue
			}
			if p == nil {
				p = &datePair{fixed: true, distance: gap}
				d.pairs[[2]int{a.col, b.col}] = p
			}
			p.n++
			p.fixed = p.fixed && p.distance == gap
			switch {
			case gap > value.Days1462-45 && gap < value.Days1462+76:
				p.plus.note(row, a.day)
				p.later(0, row, b.day)
			case gap > -value.Days1462-45 && gap < -value.Days1462+76:
				p.minus.note(row, b.day)
				p.later(1, row, a.day)
			case gap > -150 && gap < 150:
				p.near++
			}
		}
	}
}

// later keeps the later date of a pair that is off, as an example.
func (p *datePair) later(minus, row, day int) {
	if len(p.late[minus]) < 3 {
		p.late[minus] = append(p.late[minus], cell.Sample{Row: row, Text: string(value.AppendDate(nil, civilOf(day)))})
	}
}

// shift is a column, or part of one, whose dates lie 1,462 days off.
type shift struct {
	later bool // they have to be moved later
	whole bool // all dates of the column
	cells *places
	why   string
}

// shifts finds the columns whose dates are off, from the distance to the other dates of their rows.
func (d *Detector) shifts() map[int]shift {
	out, votes := map[int]shift{}, map[int]int{}
	off := func(p *datePair) *places {
		best := &p.plus
		if p.minus.count > best.count {
			best = &p.minus
		}
		four := p.fixed && (p.distance == 1461 || p.distance == -1461) // four years to the day
		if p.n < 3 || best.count < 3 || best.count*20 < p.n || (best.count+p.near)*10 < p.n*9 || four {
			return nil
		}
		return best
	}
	for k, p := range d.pairs {
		if off(p) != nil {
			votes[k[0]]++
			votes[k[1]]++
		}
	}
	for _, k := range d.pairKeys() {
		p := d.pairs[k]
		cells := off(p)
		if cells == nil {
			continue
		}
		early, late := k[0], k[1]
		if cells == &p.minus {
			early, late = late, early
		}
		sh := shift{later: true, whole: cells.count*20 >= p.n*19, cells: cells}
		culprit, other := early, late
		if votes[late] > votes[early] || votes[late] == votes[early] && d.ahead(late) {
			culprit, other, sh.later = late, early, false
			moved := *cells
			if moved.samples = p.late[0]; cells == &p.minus {
				moved.samples = p.late[1]
			}
			sh.cells = &moved
		}
		sh.why = `in ` + plural(cells.count, "row") + ` of ` + plural(p.n, "row") + ` the date lies 1,462 days, give or take the usual distance, from that in column ` + cell.ColName(other)
		if _, told := out[culprit]; !told {
			out[culprit] = sh
		}
	}
	return out
}

func (d *Detector) pairKeys() [][2]int {
	keys := make([][2]int, 0, len(d.pairs))
	for k := range d.pairs {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]int) int { return (a[0]-b[0])*100_000 + a[1] - b[1] })
	return keys
}

// ahead says that most dates of a column lie more than a year ahead.
func (d *Detector) ahead(col int) bool {
	if d.today == 0 {
		return false
	}
	n, p := 0, &d.cols[col].dates
	for b, at := range p.buckets {
		if b*bucket > d.today+366 && b*bucket < d.today+value.Days1462+62 {
			n += at.count
		}
	}
	return n >= 3 && n*5 >= p.total*4
}

// alone judges a date column by itself: all of it lies years ahead, or a part of it lies 1,462 days from the rest.
func (d *Detector) alone(s *column) (shift, bool) {
	p := &s.dates
	if s.role != dateRole || s.ends() || p.total < 3 {
		return shift{}, false
	}
	if d.ahead(s.col) {
		return shift{whole: true, cells: merged(p.buckets, func(b int) bool { return b*bucket > d.today+366 }), why: "the dates lie years ahead, as do dates of the 1900 system in a workbook of the 1904 system"}, true
	}
	keys := make([]int, 0, len(p.buckets))
	for b := range p.buckets {
		keys = append(keys, b)
	}
	slices.Sort(keys)
	cut, gap := 0, 0
	for i := 1; i < len(keys); i++ {
		if keys[i]-keys[i-1] > gap {
			cut, gap = i, keys[i]-keys[i-1]
		}
	}
	if gap*bucket < 700 {
		return shift{}, false
	}
	low, high := 0, 0
	for i, k := range keys {
		if i < cut {
			low += p.buckets[k].count
		} else {
			high += p.buckets[k].count
		}
	}
	return splitShift(p, keys, cut, low, high)
}

// splitShift says whether the smaller of two groups of dates, moved 1,462 days, falls among the larger one.
func splitShift(p *dateProof, keys []int, cut, low, high int) (shift, bool) {
	minor, major, by, few := keys[:cut], keys[cut:], value.Days1462/bucket, low
	if high < low {
		minor, major, by, few = keys[cut:], keys[:cut], -value.Days1462/bucket, high
	}
	first, last := minor[0]+by, minor[len(minor)-1]+by
	from, to := major[0], major[len(major)-1]
	if few < 3 || few*100 > 45*p.total || to-from > 730/bucket || first < from-1 || last > to+1 {
		return shift{}, false
	}
	in := func(b int) bool { return b >= minor[0] && b <= minor[len(minor)-1] }
	return shift{later: by > 0, cells: merged(p.buckets, in), why: "moved by 1,462 days they would fall among the other dates of the column"}, true
}

// merged puts the cells of some buckets together, in the order of their rows.
func merged(buckets map[int]*places, in func(int) bool) *places {
	out := &places{}
	var keys []int
	for b := range buckets {
		if in(b) {
			keys = append(keys, b)
		}
	}
	slices.Sort(keys)
	for _, b := range keys {
		p := buckets[b]
		out.count += p.count
		out.runs = append(out.runs, p.runs...)
		out.samples = append(out.samples, p.samples...)
		out.beyond += p.beyond
	}
	slices.SortFunc(out.runs, func(a, b [2]int) int { return a[0] - b[0] })
	slices.SortFunc(out.samples, func(a, b cell.Sample) int { return a.Row - b.Row })
	out.samples = out.samples[:min(3, len(out.samples))]
	for len(out.runs) > mostRuns {
		last := out.runs[len(out.runs)-1]
		out.runs, out.beyond = out.runs[:len(out.runs)-1], out.beyond+last[1]-last[0]+1
	}
	return out
}
