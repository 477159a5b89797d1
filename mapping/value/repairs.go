// Package value reads one text or number as one typed value: dates, numbers, identifiers. It also
// repairs what spreadsheets do to them. It knows no column.
package value

import (
	"fmt"
	"strings"

	"ordersheet/mapping/catalog"
)

// Repairs is a set of repairs of what spreadsheets do to data. None is made unless a mapping file
// asks for it.
type Repairs uint16

// The repairs, in the order of AllRepairs.
const (
	RepairZeros Repairs = 1 << iota
	RepairDotZero
	RepairExponents
	RepairSpaces
	RepairDashes
	RepairMojibake
	RepairNumbers
	RepairPlus1462
	RepairMinus1462
	RepairSwapped
	RepairsGiven Repairs = 1 << 15 // the mapping file names repairs here, if only to switch them off
)

// AllRepairs lists the words of the mapping file and what each repair does.
var AllRepairs = [...]struct {
	Bit        Repairs
	Word, does string
}{
	{RepairZeros, "leading_zeros", "identifiers of digits that are shorter than the others of their column get their leading zeros back"},
	{RepairDotZero, "dot_zero", "identifiers lose a tail such as .0"},
	{RepairExponents, "exponents", "identifiers such as 4.006381333931E+12 are written out, where no digit is missing"},
	{RepairSpaces, "spaces", "no-break and other odd spaces become plain ones, zero-width signs go, runs of spaces become one"},
	{RepairDashes, "dashes", "dashes in identifiers that only look like - become -"},
	{RepairMojibake, "mojibake", "text that was read in the wrong charset gets its letters back: CafÃ© becomes Café"},
	{RepairNumbers, "numbers_as_text", "custom fields whose text is a number are sent as numbers"},
	{RepairPlus1462, "dates_plus_1462", "date cells are moved 1,462 days later"},
	{RepairMinus1462, "dates_minus_1462", "date cells are moved 1,462 days earlier"},
	{RepairSwapped, "swapped_dates", "the day and the month of date cells change places"},
}

// MaxWidth bounds the digits of an identifier that gets its leading zeros back.
const MaxWidth = 40

// RepairByWord returns the repair with a word of the mapping file.
func RepairByWord(word string) (Repairs, error) {
	words := make([]string, len(AllRepairs))
	for i, r := range AllRepairs {
		if r.Word == word {
			return r.Bit, nil
		}
		words[i] = r.Word
	}
	return 0, fmt.Errorf("no repair is called %q; there are %s", word, strings.Join(words, ", "))
}

// Words lists the repairs as a mapping file names them.
func (r Repairs) Words() []string {
	out := []string{}
	for _, x := range AllRepairs {
		if r&x.Bit != 0 {
			out = append(out, x.Word)
		}
	}
	return out
}

// RepairsFor returns the repairs that make sense for a field's type.
func RepairsFor(t catalog.Type) Repairs {
	const text = RepairSpaces | RepairMojibake
	switch t {
	case catalog.IDText, catalog.ListType:
		return text | RepairZeros | RepairDotZero | RepairExponents | RepairDashes
	case catalog.DateType:
		return RepairPlus1462 | RepairMinus1462 | RepairSwapped
	case catalog.DecimalType, catalog.IntegerType, catalog.BoolType:
		return 0
	case catalog.CustomType:
		return text | RepairNumbers
	}
	return text
}
