package mapping

import (
	"bytes"
	"strings"

	"ordersheet/internal/cell"
)

// widths tells identifiers of digits by their length.
type widths struct {
	by                    [16]widthOf
	last                  uint64
	rises, falls, changes int
	total                 int
	rounded               places // of 11 digits or more, with zeros behind the sixth
	long                  int    // of 11 digits or more
}

type widthOf struct {
	places
	lo, hi uint64
	zeros  int // that begin with a zero
}

// digits looks at an identifier of digits.
func (s *column) digits(d *Detector, r *cell.Row, text []byte) {
	if s.role == numberRole || s.role == dateRole {
		return
	}
	if len(text) > 15 {
		if len(bytes.Trim(text[15:], "0")) == 0 {
			s.found(markLongText).add(r.Num, text)
		} else {
			s.found(markLongSound).count++
		}
		return
	}
	if s.role != idRole || s.postal && d.wholeElsewhere(r, s.col) {
		return
	}
	if s.widths == nil {
		s.widths = &widths{}
	}
	s.widths.add(r.Num, text)
}

// wholeElsewhere says that a row's postal code belongs to a country whose codes are short.
func (d *Detector) wholeElsewhere(r *cell.Row, col int) bool {
	if col >= len(d.countries) || d.countries[col] == 0 {
		return false
	}
	c := r.At(d.countries[col] - 1)
	return fourDigits[strings.ToLower(string(trimOuter(c.Text)))]
}

func (w *widths) add(row int, text []byte) {
	n := uint64(0)
	for _, c := range text {
		n = n*10 + uint64(c-'0')
	}
	at := &w.by[len(text)]
	if at.count == 0 || n < at.lo {
		at.lo = n
	}
	at.hi = max(at.hi, n)
	if text[0] == '0' {
		at.zeros++
	}
	at.add(row, text)
	switch {
	case w.total == 0 || n > w.last:
		w.rises, w.changes = w.rises+1, w.changes+1
	case n < w.last:
		w.falls, w.changes = w.falls+1, w.changes+1
	}
	w.last = n
	w.total++
	if len(text) >= 11 {
		w.long++
		if len(bytes.Trim(text[6:], "0")) == 0 && text[5] != '0' {
			w.rounded.add(row, text)
		}
	}
}

// counter says that the numbers up to hi were given out one after the other, so that some are shorter in their own right.
func (w *widths) counter(lo, hi uint64) bool {
	span := hi - lo + 1
	return (w.falls == 0 || w.rises <= 1) && span <= 20*uint64(w.changes) || span <= 3*uint64(w.changes)
}

// full says that the identifiers of a width reach to its end, as they do when zeros fill them up; ids that are counted end anywhere.
func (w *widths) full(width int) bool {
	end := uint64(1)
	for range width {
		end *= 10
	}
	return w.by[width].hi >= end/10*8
}

// lost finds the width that a column's identifiers have, and those that are short of it by lost zeros. width is 0 when none are.
func (s *column) lost() (width int, short []*places) {
	w := s.widths
	if w == nil {
		return 0, nil
	}
	for n := range w.by {
		if w.by[n].count > w.by[width].count {
			width = n
		}
	}
	modal := &w.by[width]
	shorter := 0
	for n := 1; n < width; n++ {
		if w.by[n].zeros == 0 && w.by[n].count > 0 {
			shorter += w.by[n].count
			short = append(short, &w.by[n].places)
		}
	}
	if shorter == 0 || !(s.padded(width, modal) || s.cutByOne(width, shorter)) {
		return 0, nil
	}
	return width, short
}

// padded: some identifiers of the usual width still have their zeros, and none of another width has.
func (s *column) padded(width int, modal *widthOf) bool {
	for n := range s.widths.by {
		if n != width && s.widths.by[n].zeros > 0 {
			return false
		}
	}
	return modal.zeros >= 2 && modal.count*2 > s.widths.total
}

// cutByOne: nearly all have the usual width or are one or two digits short of it, as one identifier in ten begins with a zero.
func (s *column) cutByOne(width, shorter int) bool {
	w := s.widths
	one, two := w.by[width-1].count, 0
	lo := w.by[width-1].lo
	if width > 2 {
		if two = w.by[width-2].count; two > 0 {
			lo = w.by[width-2].lo
		}
	}
	others := w.total - w.by[width].count - one - two
	few := w.by[width].zeros > 0 || one == 0 || two > one || others*50 > w.total
	if s.postal {
		return width == 5 && !few && shorter*100 <= 35*w.total
	}
	if few || width < 5 || w.total < 10 || shorter*5 > w.total || !w.full(width) || s.phone() || s.kinds[cell.Text]+s.kinds[cell.Number] > 2*w.total {
		return false
	}
	return !w.counter(lo, w.by[width].hi)
}

// phone says that a column holds telephone numbers, which have all lengths.
func (s *column) phone() bool {
	h := strings.ToLower(s.header + " " + s.field)
	for _, w := range []string{"phone", "tel", "mobile", "fax"} {
		if strings.Contains(h, w) {
			return true
		}
	}
	return false
}
