package detect

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
	"ordersheet/mapping/value"
)

// Damage is one kind of damage that the detector knows.
type Damage struct {
	Code            string
	Severity        problem.Severity
	Message, Advice string
	Repairs         value.Repairs // that undo it; 0 if nothing safe can be done
}

// damages lists all kinds, by code.
var damages = []Damage{
	{FoundCut, problem.Warning, "text was cut off at 32,767 characters, the most that a cell can hold", "take the rest from the source of the data", 0},
	{FoundLost, problem.Warning, "characters were lost and replaced by \ufffd", "take the text from its source again", 0},
	{FoundCodeDate, problem.Error, "codes such as MAR1 or 1-2 were turned into dates", "give the column the format Text and enter the codes again; the date doesn't show what they were", 0},
	{Found1462, problem.Warning, "dates are 1,462 days off: they were copied between workbooks of the 1900 and the 1904 date system", "compare a few of the dates with their source", value.RepairPlus1462 | value.RepairMinus1462},
	{FoundSwapped, problem.Warning, "days and months were swapped in the dates that a spreadsheet recognized; the others stayed text", "import the text file again with the right order of day and month", value.RepairSwapped},
	{FoundDigits, problem.Error, "numbers of more than 15 digits have lost their last digits", "look up the full numbers where the data came from, and paste them into a column of the format Text", 0},
	{FoundDotZero, problem.Warning, "identifiers end in .0", "export the column as text, not as a number with decimals", value.RepairDotZero},
	{FoundError, problem.Error, "cells have an error value", "correct the formulas, or replace them with values", 0},
	{FoundExponent, problem.Error, "identifiers were shortened to an exponent, such as 1.23E+11", "look up the full numbers where the data came from, and paste them into a column of the format Text", value.RepairExponents},
	{FoundFormula, problem.Error, "formulas have no saved result", "open the file in a spreadsheet program, let it calculate, and save it again", 0},
	{FoundZeros, problem.Warning, "identifiers have lost their leading zeros", "give the column the format Text and enter the identifiers in full", value.RepairZeros},
	{FoundMixed, problem.Error, "dates written as text use different orders of day and month", "write all dates of the column in one order, or as 2024-01-31", 0},
	{FoundMojibake, problem.Warning, "text was read in the wrong charset: letters became two or three characters", "open the text file as UTF-8, and save it again", value.RepairMojibake},
	{FoundNumText, problem.Notice, "numbers are stored as text", "nothing to do if the column feeds an amount: the text is read as a number", value.RepairNumbers},
	{FoundDashes, problem.Warning, "identifiers have dashes that only look like a hyphen", "replace them with plain hyphens", value.RepairDashes},
	{FoundSpaces, problem.Warning, "identifiers have no-break or invisible spaces, so they don't match", "replace them with plain spaces", value.RepairSpaces},
	{FoundShortYear, problem.Warning, "years have two digits, or the wrong century because of that", "show years with four digits before exporting; 00 to 29 are read as 2000 to 2029", 0},
}

// Damages returns all kinds of damage, by code.
func Damages() []Damage { return slices.Clone(damages) }

func damageOf(code string) Damage {
	return damages[slices.IndexFunc(damages, func(d Damage) bool { return d.Code == code })]
}

// RepairsOf returns the repairs that undo a kind of damage.
func RepairsOf(code string) value.Repairs { return damageOf(code).Repairs }

const longNumbers = "a number cell keeps 15 digits, and these have more"

// silent lists the findings that an import warns of: data that would be sent although it looks
// damaged, and that no conversion complains about.
var silent = []string{
	FoundZeros, FoundDigits, FoundDotZero, FoundCodeDate, Found1462, FoundSwapped, FoundSpaces, FoundDashes, FoundMojibake, FoundLost, FoundCut,
}

// Findings returns what was found, by column. Call it after the last row. With Options.Silent it
// leaves out what a conversion reports itself.
func (d *Detector) Findings() []Finding {
	out := d.findings()
	if !d.o.Silent {
		return out
	}
	return slices.DeleteFunc(out, func(f Finding) bool {
		return !slices.Contains(silent, f.Code) || len(f.Cells) == 0 || f.Code == FoundDigits && f.Evidence == longNumbers
	})
}

func (d *Detector) findings() []Finding {
	out, shifts := []Finding{}, d.shifts()
	for _, s := range d.cols {
		if s == nil {
			continue
		}
		out = append(out, d.ofCells(s)...)
		out = append(out, d.ofIdentifiers(s)...)
		out = append(out, d.ofDates(s)...)
		sh, ok := shifts[s.col]
		if !ok {
			sh, ok = d.alone(s)
		}
		if ok {
			out = append(out, d.shifted(s, sh))
		}
	}
	return out
}

// cells counts a column's values.
func (s *column) cells() int {
	n := 0
	for _, k := range s.kinds {
		n += k
	}
	return n
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

// finding makes a finding of the cells in p.
func (d *Detector) finding(s *column, code string, p *places, format string, args ...any) Finding {
	v := damageOf(code)
	f := Finding{
		Code: code, Severity: v.Severity, Column: cell.ColName(s.col), Header: s.header, Field: s.field, Count: p.count, Of: s.cells(), More: p.beyond,
		Message: v.Message, Advice: v.Advice, Evidence: fmt.Sprintf(format, args...), Cells: []string{},
	}
	for _, r := range p.runs {
		at := cell.A1(r[0], s.col)
		if r[1] > r[0] {
			at += ":" + cell.A1(r[1], s.col)
		}
		f.Cells = append(f.Cells, at)
	}
	for _, x := range p.samples {
		f.Examples = append(f.Examples, Example{Cell: x.At(s.col), Value: x.Text})
	}
	f.propose(v.Repairs, 0)
	return f
}

// propose says which repair a mapping file can switch on, and shows what it makes of the examples.
func (f *Finding) propose(repair value.Repairs, width int) {
	for i := range f.Examples {
		x := &f.Examples[i]
		if c, done := repair.ApplyText(cell.Cell{Kind: cell.Text, Text: []byte(x.Value)}, width); done != 0 {
			x.Repaired = string(c.Text)
		}
	}
	_, label := catalog.SplitCustomLabel(f.Field)
	switch {
	case repair == 0, repair&(repair-1) != 0: // it depends which one
		return
	case repair == value.RepairNumbers && f.Field != "" && label == "": // it is read correctly anyway
		return
	case repair == value.RepairExponents && !slices.ContainsFunc(f.Examples, func(x Example) bool { return x.Repaired != "" }):
		return // the digits are gone
	}
	if f.Repair = repair.Words()[0]; f.Field == "" {
		return
	}
	f.Write = fmt.Sprintf("[formats.%s]\nrepair = [%q]", profile.Quote(f.Field), f.Repair)
	if width > 0 {
		f.Write += fmt.Sprintf("\nwidth = %d", width)
	}
}

// ofCells returns the findings that single cells show.
func (d *Detector) ofCells(s *column) []Finding {
	var out []Finding
	for _, x := range []struct {
		mark mark
		code string
		why  string
	}{
		{markError, FoundError, "the cells have the names of errors"},
		{markFormula, FoundFormula, "the file has the formulas without results"},
		{markSpaces, FoundSpaces, "the cells have spaces other than the plain one"},
		{markDashes, FoundDashes, "the cells have dashes other than the hyphen"},
		{markMojibake, FoundMojibake, "the characters, encoded as windows-1252, are valid UTF-8"},
		{markLost, FoundLost, "the cells have the replacement character for text that couldn't be read"},
		{markCut, FoundCut, "the text has exactly the maximum length of a cell"},
	} {
		if p := s.marks[x.mark]; p.n() > 0 {
			out = append(out, d.finding(s, x.code, p, "%s", x.why))
		}
	}
	if p := s.marks[markTextNumber]; s.numbersAsText(p) {
		out = append(out, d.finding(s, FoundNumText, p, "%s of the column have text that is a number, %s have numbers", plural(p.count, "cell"), plural(s.kinds[cell.Number], "cell")))
	}
	return out
}

// numbersAsText reports whether numbers in text are odd. A delimited file has nothing but text;
// elsewhere it is odd in a column of amounts, or among numbers.
func (s *column) numbersAsText(p *places) bool {
	numbers := s.kinds[cell.Number]
	switch n := p.n(); {
	case n == 0 || s.delimited:
		return false
	case s.role == numberRole:
		return s.marks[markPlainText].n() <= n+numbers
	default:
		return s.role == anyRole && numbers > 0 && (n+numbers)*5 >= s.cells()*4
	}
}

// ofIdentifiers returns the findings about codes and numbers that name something.
func (d *Detector) ofIdentifiers(s *column) []Finding {
	var out []Finding
	n := s.cells()
	if width, short, why := s.lost(); len(short) > 0 {
		f := d.finding(s, FoundZeros, merge(short), "%s", why)
		if f.Repair, f.Write = "", ""; width > 0 {
			f.propose(value.RepairZeros, width)
		}
		out = append(out, f)
	}
	if p := s.marks[markLongNumber]; p.n() > 0 {
		out = append(out, d.finding(s, FoundDigits, p, longNumbers))
	} else if p := s.marks[markLongText]; p.n() > 0 && s.marks[markLongIntact].n() == 0 && s.zerosProve(p) {
		out = append(out, d.finding(s, FoundDigits, p, "all digits after the 15th are zeros"))
	}
	if p := s.marks[markExponent]; p.n() > 0 {
		out = append(out, d.finding(s, FoundExponent, p, "text such as 1.23E+11 is how a spreadsheet shows a long number"))
	} else if w := s.widths; w != nil && w.rounded.count >= 3 && w.rounded.count*5 >= w.long*4 {
		out = append(out, d.finding(s, FoundExponent, &w.rounded, "the numbers have six digits followed by zeros, as 1.23457E+11 does when it is read again"))
	}
	if p := s.marks[markDotZero]; p.n() > 0 && s.marks[markDecimal].n()*50 <= p.count {
		out = append(out, d.finding(s, FoundDotZero, p, "whole numbers end in .0, and hardly any number has another fraction"))
	}
	for _, m := range []mark{markDate, markBareDate, markTitleDate, markTextDate} {
		if p := s.marks[m]; p.n() > 0 && s.codesBecame(m, p.count, n) {
			out = append(out, d.finding(s, FoundCodeDate, p, "%s of %d have dates, in a column of codes or numbers", plural(p.count, "cell"), n))
		}
	}
	return out
}

// zerosProve reports whether there are too many zeros for chance: one identifier in ten ends in
// one.
func (s *column) zerosProve(p *places) bool {
	zeros := 0
	for _, x := range p.samples {
		zeros += len(x.Text) - 15
	}
	return zeros >= 3
}

// codesBecame reports whether dates of a column may be codes. Dates in a column that isn't known to
// hold codes must be few among digits.
func (s *column) codesBecame(m mark, dates, all int) bool {
	few := dates*10 < all*3
	bare := m == markBareDate || m == markTitleDate
	if m == markDate && s.marks[markBareDate].n() > 0 { // these tell more
		return false
	}
	switch s.role {
	case idRole:
		return m != markTextDate || dates*2 <= all
	case numberRole:
		return (m == markDate || m == markBareDate) && dates*2 <= all
	case anyRole:
		if bare && dates > 1 && (all-dates)*10 >= all && s.wordy*2 < all {
			return true
		}
		return few && s.dates.texts*2 < s.marks[markPlainText].n() && s.marks[markPlainText].n() >= all/2 && s.wordy*5 < all
	}
	return false
}

// ofDates returns the findings about dates as they are written.
func (d *Detector) ofDates(s *column) []Finding {
	p := &s.dates
	if s.role != dateRole && (s.role != anyRole || (p.texts+p.natives.count)*5 < s.cells()*4) {
		return nil
	}
	var out []Finding
	if old, wrong := s.wrongCentury(); p.short.count > 0 {
		out = append(out, d.finding(s, FoundShortYear, &p.short, "the year of these dates is written with two digits"))
	} else if wrong {
		out = append(out, d.finding(s, FoundShortYear, old, "%s before 1950 are among recent dates: 30 to 99 are read as 1930 to 1999", plural(old.count, "date")))
	}
	minor, major := &p.dayOnly, &p.monOnly
	if major.count < minor.count {
		minor, major = major, minor
	}
	switch {
	case p.natives.count >= 4 && p.late == 0 && major.count >= 3 && minor.count == 0:
		out = append(out, d.swapped(s, major.count))
	case minor.count > 0:
		out = append(out, d.finding(s, FoundMixed, minor, "%s can't be read in the order that %s prove, such as %s",
			plural(minor.count, "date"), plural(major.count, "other"), major.samples[0].Text))
	}
	return out
}

// swapped returns the finding of dates whose day and month were swapped.
func (d *Detector) swapped(s *column, texts int) Finding {
	p := &s.dates.natives
	f := d.finding(s, FoundSwapped, p, "the day of all %d date cells is 12 or less, and %s hold dates as text whose day is above 12", p.count, plural(texts, "cell"))
	for i := range f.Examples {
		x := &f.Examples[i]
		c, ok := cell.FromSerial([]byte(x.Value), d.src.Date1904)
		if ok && x.Value != "0" {
			x.Value = string(value.AppendDate(nil, c))
			c.Day, c.Month = c.Month, c.Day
			x.Repaired = string(value.AppendDate(nil, c))
		}
	}
	return f
}

// wrongCentury returns the dates before 1950 among recent ones: a spreadsheet takes 30 for 1930.
func (s *column) wrongCentury() (old *places, wrong bool) {
	const day1920, day1950, day1990 = -18262, -7305, 7305
	old = s.dates.between(day1920, day1950)
	recent := s.dates.between(day1990-1, math.MaxInt).count
	return old, old.count > 0 && recent*2 >= s.dates.total && !s.ends
}

// shifted returns the finding of dates of another date system.
func (d *Detector) shifted(s *column, sh shift) Finding {
	if d.src.Date1904 {
		sh.why += "; the workbook uses the 1904 system"
	}
	f := d.finding(s, Found1462, sh.cells, "%s", sh.why)
	by, bit := -value.Days1462, value.RepairMinus1462
	if sh.later {
		by, bit = value.Days1462, value.RepairPlus1462
	}
	for i := range f.Examples {
		x := &f.Examples[i]
		if v, ok := value.ParseDate([]byte(x.Value)); ok && v.Fixed {
			x.Repaired = string(value.AppendDate(nil, civilOf(daysOf(v.Date)+by)))
		}
	}
	if sh.whole && s.kinds[cell.Date] == s.cells() {
		f.propose(bit, 0)
	}
	return f
}
