package mapping

import (
	"fmt"
	"ordersheet/mapping/catalog"
	"strings"
)

// Repairs is a set of repairs of what spreadsheets do to data. None is made unless a mapping file asks for it.
type Repairs uint16

const (
	repairZeros Repairs = 1 << iota
	repairDotZero
	repairExponents
	repairSpaces
	repairDashes
	repairMojibake
	repairNumbers
	repairPlus1462
	repairMinus1462
	repairSwapped
	repairTold Repairs = 1 << 15 // the mapping file speaks of repairs here, if only to switch them off
)

// repairs lists the words of the mapping file and what each repair does.
var repairs = [...]struct {
	bit        Repairs
	word, does string
}{
	{repairZeros, "leading_zeros", "identifiers of digits that are shorter than the others of their column get their leading zeros back"},
	{repairDotZero, "dot_zero", "identifiers lose a tail such as .0"},
	{repairExponents, "exponents", "identifiers such as 4.006381333931E+12 are written out, where no digit is missing"},
	{repairSpaces, "spaces", "no-break and other odd spaces become plain ones, zero-width signs go, runs of spaces become one"},
	{repairDashes, "dashes", "dashes in identifiers that only look like - become -"},
	{repairMojibake, "mojibake", "text that was read in the wrong charset gets its letters back: CafÃ© becomes Café"},
	{repairNumbers, "numbers_as_text", "custom fields whose text is a number are sent as numbers"},
	{repairPlus1462, "dates_plus_1462", "date cells are moved 1,462 days later"},
	{repairMinus1462, "dates_minus_1462", "date cells are moved 1,462 days earlier"},
	{repairSwapped, "swapped_dates", "the day and the month of date cells change places"},
}

// repairNamed is the repair of a word.
func repairNamed(word string) (Repairs, error) {
	words := make([]string, len(repairs))
	for i, r := range repairs {
		if r.word == word {
			return r.bit, nil
		}
		words[i] = r.word
	}
	return 0, fmt.Errorf("no repair is called %q; there are %s", word, strings.Join(words, ", "))
}

// Words lists the repairs as a mapping file names them.
func (r Repairs) Words() []string {
	out := []string{}
	for _, x := range repairs {
		if r&x.bit != 0 {
			out = append(out, x.word)
		}
	}
	return out
}

// repairsFor are the repairs that make sense for a field's type.
func repairsFor(t catalog.Type) Repairs {
	const text = repairSpaces | repairMojibake
	switch t {
	case catalog.IDText, catalog.ListType:
		return text | repairZeros | repairDotZero | repairExponents | repairDashes
	case catalog.DateType:
		return repairPlus1462 | repairMinus1462 | repairSwapped
	case catalog.DecimalType, catalog.IntegerType, catalog.BoolType:
		return 0
	case catalog.CustomType:
		return text | repairNumbers
	}
	return text
}
