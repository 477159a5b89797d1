package detect

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/mapping/value"
)

// widths counts identifiers of digits by their length.
type widths struct {
	by                    [16]widthOf
	last                  uint64
	rises, falls, changes int
	total                 int
	rounded               places // of 11 digits or more, with zeros after the sixth
	long                  int    // of 11 digits or more
}

type widthOf struct {
	places
	lo, hi uint64
	zeros  int // that begin with a zero
	valid  int // whose last digit is the check digit of the others
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
			s.found(markLongIntact).count++
		}
		return
	}
	if s.role != idRole || s.postal && s.judgedByCountry(d, r, text) {
		return
	}
	if s.widths == nil {
		s.widths = &widths{}
	}
	s.widths.add(r.Num, text)
}

// judgedByCountry reports whether the country beside a postal code says how many digits it has.
func (s *column) judgedByCountry(d *Detector, r *cell.Row, text []byte) bool {
	country, known := d.countries[s.col]
	if !known {
		return false
	}
	n, known := postalDigits[strings.ToLower(string(value.TrimSpace(r.At(country).Text)))]
	if !known {
		return false
	}
	s.postalWide = max(s.postalWide, n)
	if n > 0 && len(text) < n && len(text) > n-3 {
		s.found(markShortPostal).add(r.Num, text)
		s.postalShort = max(s.postalShort, n)
	}
	return true
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
	if len(text) > 5 && hasCheckDigit(text) {
		at.valid++
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

// isCounter reports whether the numbers up to hi were given out one after the other, so that some
// are rightly shorter.
func (w *widths) isCounter(lo, hi uint64) bool {
	span := hi - lo + 1
	return (w.falls == 0 || w.rises <= 1) && span <= 20*uint64(w.changes) || span <= 3*uint64(w.changes)
}

// hasCheckDigit reports whether the last digit of a number follows from the others by the rule of
// GS1, as in UPC, EAN and ISBN-13. One in ten other numbers does so by chance. The digits count
// from the right, so lost zeros change nothing.
func hasCheckDigit(text []byte) bool {
	sum, weight := 0, 1
	for i := len(text) - 1; i >= 0; i-- {
		sum += int(text[i]-'0') * weight
		weight = 4 - weight
	}
	return sum%10 == 0
}

// isFull reports whether the identifiers of a width come as near to its end as they do when zeros
// fill them up. Counted ids end anywhere. Of n numbers spread over the width, the highest is below
// the share x of it in x^n of all cases; one case in twenty is missed.
func (w *widths) isFull(width int) bool {
	end := math.Pow10(width)
	return float64(w.by[width].hi) >= end*max(0.8, math.Pow(0.05, 1/float64(min(w.changes, 200))))
}

// barcodes finds article numbers with a check digit and without their zeros: they have 8, 12, 13 or
// 14 digits.
func (w *widths) barcodes(modal int) (width int, short []*places) {
	valid := 0
	for n := range w.by {
		valid += w.by[n].valid
	}
	if w.total < 10 || valid*20 < w.total*19 {
		return 0, nil
	}
	for _, whole := range []int{14, 13, 12, 8} {
		if modal <= whole && modal > 6 {
			width = whole
		}
	}
	for n := range w.by {
		if w.by[n].count > 0 && n < width && n != 8 && n != 12 && n != 13 {
			short = append(short, &w.by[n].places)
		}
	}
	if len(short) == 0 {
		return 0, nil
	}
	return width, short
}

// lost returns the width of a column's identifiers, those that are shorter because they lost zeros,
// and how it shows. width is 0 if it isn't known. Telephone numbers have all lengths.
func (s *column) lost() (width int, short []*places, why string) {
	w := s.widths
	if p := s.marks[markShortPostal]; p.n() > 0 {
		if w == nil && s.postalShort == s.postalWide { // all codes of the column have one width
			width = s.postalShort
		}
		return width, []*places{p}, "the postal codes of the countries beside them have more digits"
	}
	if w == nil || s.holdsPhones() {
		return 0, nil, ""
	}
	for n := range w.by {
		if w.by[n].count > w.by[width].count {
			width = n
		}
	}
	if whole, short := w.barcodes(width); whole > 0 {
		return whole, short, "the last digit is the check digit of the others, as in UPC and EAN, and such numbers have 8, 12, 13 or 14 digits"
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
		return 0, nil, ""
	}
	return width, short, plural(modal.count, "cell") + " have " + strconv.Itoa(width) + " digits, as identifiers of this column do; these have fewer"
}

// padded reports whether some identifiers of the usual width still have their zeros, and none of
// another width has.
func (s *column) padded(width int, modal *widthOf) bool {
	for n := range s.widths.by {
		if n != width && s.widths.by[n].zeros > 0 {
			return false
		}
	}
	return modal.zeros >= 2 && modal.count*2 > s.widths.total
}

// cutByOne reports whether nearly all have the usual width or are one or two digits shorter: one
// identifier in ten begins with a zero.
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
	if few || width < 5 || w.total < 10 || shorter*5 > w.total || !w.isFull(width) || width < 8 && s.isCounted() || s.kinds[cell.Text]+s.kinds[cell.Number] > 2*w.total {
		return false
	}
	return !w.isCounter(lo, w.by[width].hi)
}

// isCounted reports whether a header names ids as databases count them, not codes that people made.
func (s *column) isCounted() bool {
	h := strings.ToLower(strings.TrimSpace(s.header))
	return strings.HasSuffix(h, " id") || strings.HasSuffix(h, "_id") || h == "id"
}

// holdsPhones reports whether a column holds telephone numbers.
func (s *column) holdsPhones() bool {
	return headerHas(s.header+" "+s.field, "phone", "tel", "mobile", "fax")
}
