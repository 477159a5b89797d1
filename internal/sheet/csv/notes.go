package csv

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/book"
)

const (
	maxPlaces     = 5   // row numbers in a note
	headRecords   = 64  // records that may include titles above the header row
	maxShapes     = 256 // record shapes that are counted separately
	maxLineBreaks = 50  // line breaks in one record above which a missing quote is likelier than a long text
)

// rowList counts records and keeps the numbers of the first ones.
type rowList struct {
	count int
	first []int
}

func (l *rowList) add(record int) {
	l.count++
	if len(l.first) < maxPlaces {
		l.first = append(l.first, record)
	}
}

func (l *rowList) addAll(other *rowList) {
	l.count += other.count
	l.first = append(l.first, other.first...)
	slices.Sort(l.first)
	l.first = l.first[:min(len(l.first), maxPlaces)]
}

// have returns the beginning of a sentence: "rows 5, 9, 12 and 30 more have".
func (l *rowList) have() string {
	if l.count == 1 {
		return fmt.Sprintf("row %d has", l.first[0])
	}
	numbers := make([]string, len(l.first))
	for i, n := range l.first {
		numbers[i] = strconv.Itoa(n)
	}
	text := "rows " + strings.Join(numbers, ", ")
	if l.count > len(l.first) {
		text += fmt.Sprintf(" and %d more", l.count-len(l.first))
	}
	return text + " have"
}

// recordShape is how many fields a record has, and how many up to the last one that isn't blank.
type recordShape struct{ width, used int }

// anomalies collects, in constant memory, what a user should know about the records of a file.
type anomalies struct {
	usual      int         // the width that most records have so far
	usualCount int         // records of that width
	widths     map[int]int // records by width, except the usual one
	head       []headRecord
	shapes     map[recordShape]*rowList // records after head whose width isn't the usual one
	tails      rowList
	longQuotes rowList
	ends       [3]int // records by their line ends, as in lineEndNames
}

type headRecord struct {
	record int
	shape  recordShape
}

var lineEndNames = [3]string{"CRLF", "LF", "CR"}

func (a *anomalies) add(r *recordReader) {
	if r.tails > 0 {
		a.tails.add(r.record)
	}
	if r.breaks > maxLineBreaks {
		a.longQuotes.add(r.record)
	}
	if r.width == 0 || r.width == a.usual && len(a.head) == headRecords {
		a.usualCount += min(r.width, 1)
		return
	}
	shape := recordShape{width: r.width}
	if n := len(r.cells); n > 0 {
		shape.used = r.cells[n-1].Col + 1
	}
	a.countWidth(r.width)
	if len(a.head) < headRecords {
		a.head = append(a.head, headRecord{r.record, shape})
		return
	}
	a.rowsOf(shape).add(r.record)
}

func (a *anomalies) countLineEnd(r *recordReader) {
	switch last := r.pos - 1; {
	case r.buf[last] == '\r':
		a.ends[2]++
	case r.buf[last] != '\n': // the end of the file
	case last > 0 && r.buf[last-1] == '\r':
		a.ends[0]++
	default:
		a.ends[1]++
	}
}

func (a *anomalies) lineEnds() (names []string) {
	order := []int{0, 1, 2}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(a.ends[j], a.ends[i]) })
	for _, i := range order {
		if a.ends[i] > 0 {
			names = append(names, lineEndNames[i])
		}
	}
	return names
}

func (a *anomalies) countWidth(width int) {
	if a.widths == nil {
		a.widths, a.shapes = map[int]int{}, map[recordShape]*rowList{}
	}
	if width == a.usual {
		a.usualCount++
		return
	}
	if len(a.widths) < maxShapes || a.widths[width] > 0 {
		a.widths[width]++
	}
	if n := a.widths[width]; n > a.usualCount {
		a.widths[a.usual] = a.usualCount
		delete(a.widths, width)
		a.usual, a.usualCount = width, n
	}
}

// rowsOf returns the rows of a shape. Beyond maxShapes the other shapes share two lists.
func (a *anomalies) rowsOf(s recordShape) *rowList {
	rows := a.shapes[s]
	if rows == nil && len(a.shapes) >= maxShapes {
		if s.width = 1; s.used > a.usual {
			s.used = book.MaxColumns
		}
		rows = a.shapes[s]
	}
	if rows == nil {
		rows = &rowList{}
		a.shapes[s] = rows
	}
	return rows
}

// uneven returns the records with fewer fields than usual, and those with text in more. What is
// above the first record of the usual width is a title, not a row.
func (a *anomalies) uneven() (short, long rowList) {
	first := slices.IndexFunc(a.head, func(h headRecord) bool { return h.shape.width == a.usual })
	for i, h := range a.head {
		switch {
		case i < first:
		case h.shape.used > a.usual:
			long.add(h.record)
		case h.shape.width < a.usual:
			short.add(h.record)
		}
	}
	for s, rows := range a.shapes {
		switch {
		case s.used > a.usual:
			long.addAll(rows)
		case s.width < a.usual:
			short.addAll(rows)
		}
	}
	return short, long
}

func (a *anomalies) notes() (out []problem.Problem) {
	add := func(code string, rows *rowList, args ...string) {
		if rows.count > 0 {
			args = append(args, "rows", rows.have(), "cell", cell.A1(rows.first[0], 0), "value", strconv.Itoa(rows.count))
			out = append(out, problem.New(code, args...))
		}
	}
	short, long := a.uneven()
	add(problem.RowShort, &short, "usual", strconv.Itoa(a.usual))
	add(problem.RowLong, &long, "usual", strconv.Itoa(a.usual))
	add(problem.QuoteInside, &a.tails)
	add(problem.QuoteLong, &a.longQuotes, "most", strconv.Itoa(maxLineBreaks))
	return out
}
