package sheet

import (
	"fmt"
	"slices"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
)

const (
	csvPlaces    = 5   // places named in a note
	csvTitles    = 64  // records among which titles may stand above the header
	csvShapes    = 256 // shapes that are told apart
	csvManyLines = 50  // line breaks in one record that make a forgotten quote likelier than a long text
)

// csvTally counts records with something in common and keeps the numbers of the first ones.
type csvTally struct {
	count  int
	places []int
}

func (t *csvTally) add(record int) {
	t.count++
	if len(t.places) < csvPlaces {
		t.places = append(t.places, record)
	}
}

// merge adds all of u.
func (t *csvTally) merge(u *csvTally) {
	t.count += u.count
	t.places = append(t.places, u.places...)
	slices.Sort(t.places)
	t.places = t.places[:min(len(t.places), csvPlaces)]
}

// String lists the places: rows 5, 9, 12 and 30 more.
func (t *csvTally) String() string {
	if t.count == 1 {
		return fmt.Sprintf("row %d", t.places[0])
	}
	var b strings.Builder
	for i, p := range t.places {
		b.WriteString([]string{", ", "rows "}[max(0, 1-i)])
		fmt.Fprint(&b, p)
	}
	if t.count > len(t.places) {
		fmt.Fprintf(&b, " and %d more", t.count-len(t.places))
	}
	return b.String()
}

// csvShape is how many fields a record has, and how many up to the last one that isn't blank.
type csvShape struct{ width, used int }

// csvOddities gathers, in constant memory, what a user should know about the records of a file.
type csvOddities struct {
	usual  int                    // the width that most records have had so far
	widths map[int]int            // records by width, but for the usual one
	most   int                    // records of the usual width
	head   []csvHead              // the first records
	shapes map[csvShape]*csvTally // of the records behind head that haven't the usual width
	tails  csvTally
	lines  csvTally
	ends   [3]int // records by how they end, as csvEnds has it
}

// csvEnds are the ways to end a line.
var csvEnds = [3]string{"CRLF", "LF", "CR"}

type csvHead struct {
	record int
	shape  csvShape
}

// see takes note of the record at hand.
func (o *csvOddities) see(r *csvRecords) {
	if r.tails > 0 {
		o.tails.add(r.record)
	}
	if r.breaks > csvManyLines {
		o.lines.add(r.record)
	}
	if r.width == 0 || r.width == o.usual && len(o.head) == csvTitles {
		o.most += min(r.width, 1)
		return
	}
	shape := csvShape{width: r.width}
	if n := len(r.cells); n > 0 {
		shape.used = r.cells[n-1].Col + 1
	}
	o.count(r.width)
	if len(o.head) < csvTitles {
		o.head = append(o.head, csvHead{r.record, shape})
		return
	}
	o.tally(shape).add(r.record)
}

// end takes note of how the record at hand ends.
func (o *csvOddities) end(r *csvRecords) {
	switch last := r.pos - 1; {
	case r.buf[last] == '\r':
		o.ends[2]++
	case r.buf[last] != '\n': // the end of the file
	case last > 0 && r.buf[last-1] == '\r':
		o.ends[0]++
	default:
		o.ends[1]++
	}
}

// lineEnds lists the line ends that occur, the most frequent first.
func (o *csvOddities) lineEnds() (names []string) {
	order := []int{0, 1, 2}
	slices.SortStableFunc(order, func(a, b int) int { return o.ends[b] - o.ends[a] })
	for _, i := range order {
		if o.ends[i] > 0 {
			names = append(names, csvEnds[i])
		}
	}
	return names
}

// count counts a record of a width and settles which width is the usual one.
func (o *csvOddities) count(width int) {
	if o.widths == nil {
		o.widths, o.shapes = map[int]int{}, map[csvShape]*csvTally{}
	}
	if width == o.usual {
		o.most++
		return
	}
	if len(o.widths) < csvShapes || o.widths[width] > 0 {
		o.widths[width]++
	}
	if n := o.widths[width]; n > o.most {
		o.widths[o.usual] = o.most
		delete(o.widths, width)
		o.usual, o.most = width, n
	}
}

// tally finds the tally of a shape; past csvShapes of them the rest share two.
func (o *csvOddities) tally(s csvShape) *csvTally {
	t := o.shapes[s]
	if t == nil && len(o.shapes) >= csvShapes {
		if s.width = 1; s.used > o.usual {
			s.used = csvColumns
		}
		t = o.shapes[s]
	}
	if t == nil {
		t = &csvTally{}
		o.shapes[s] = t
	}
	return t
}

// uneven finds the records with fewer fields than usual, and those with text in more. What stands above the first record of the usual width is a title, not a row.
func (o *csvOddities) uneven() (short, long csvTally) {
	first := slices.IndexFunc(o.head, func(h csvHead) bool { return h.shape.width == o.usual })
	for i, h := range o.head {
		switch {
		case i < first:
		case h.shape.used > o.usual:
			long.add(h.record)
		case h.shape.width < o.usual:
			short.add(h.record)
		}
	}
	for s, t := range o.shapes {
		switch {
		case s.used > o.usual:
			long.merge(t)
		case s.width < o.usual:
			short.merge(t)
		}
	}
	return short, long
}

// notes says what was found: one problem a kind, at the first place.
func (o *csvOddities) notes(file string) []problem.Problem {
	var out []problem.Problem
	note := func(t *csvTally, code, what, expected, hint string) {
		if t.count == 0 {
			return
		}
		have := "have"
		if t.count == 1 {
			have = "has"
		}
		out = append(out, problem.Problem{
			Severity: problem.Warning, Code: code, File: file, Cell: cell.A1(t.places[0], 0), Value: fmt.Sprint(t.count), Expected: expected,
			Message: fmt.Sprintf("%s %s %s", t, have, what), Hint: hint,
		})
	}
	short, long := o.uneven()
	fields := fmt.Sprintf("%d fields", o.usual)
	note(&short, "row_short", fmt.Sprintf("fewer fields than the %d that most rows have", o.usual), fields, "look for a line break or a delimiter that is missing there")
	note(&long, "row_long", fmt.Sprintf("text in more fields than the %d that most rows have", o.usual), fields, "look for a text with the delimiter in it that isn't in quotes")
	note(&o.tails, "quote_inside", "text behind a closing quote", "a delimiter behind the quote", `A quote inside a quoted text is written twice ("")`)
	note(&o.lines, "quote_long", fmt.Sprintf("more than %d line breaks in quotes", csvManyLines), "", "look for a quote that isn't closed where it should be")
	return out
}
