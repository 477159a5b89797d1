package mapping

import (
	"strings"

	"ordersheet/internal/problem"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"
)

// wants says in a few words what the field takes.
func wants(f *catalog.Field) string {
	switch f.Type {
	case catalog.EnumType:
		return "one of " + strings.Join(f.Enum, ", ")
	case catalog.DecimalType:
		switch {
		case f.Minimum != "" && f.Exclusive:
			return "a number above " + f.Minimum
		case f.Minimum != "":
			return "a number of at least " + f.Minimum
		}
		return "a number"
	case catalog.IntegerType:
		return "a whole number"
	case catalog.DateType:
		return "a date"
	case catalog.BoolType:
		return "yes or no"
	case catalog.EmailType:
		return "an e-mail address"
	case catalog.IDText:
		return "an identifier"
	}
	return "a value"
}

// example is a value that the field takes.
func (s *slot) example() string {
	switch {
	case s.field.Type == catalog.DecimalType && s.sep == value.Comma:
		return "1.234,56"
	case s.field.Example != "":
		return s.field.Example
	case s.field.Type == catalog.IntegerType:
		return "12"
	}
	return "1234.56"
}

// dateExample is a date as the column writes them.
func (s *slot) dateExample() string {
	switch s.order {
	case value.DayFirst:
		return "31/01/2024 (day, month, year) or 2024-01-31"
	case value.MonthFirst:
		return "01/31/2024 (month, day, year) or 2024-01-31"
	}
	return "2024-01-31"
}

// doubtful is the fault of a text with two readings in a column that doesn't prove one. It names both.
func (s *slot) doubtful(code string, text []byte) *fault {
	args := []string{"header", s.header}
	switch code {
	case problem.DateAmbiguous:
		d, _ := value.ParseDate(text)
		args = append(args, bothDates(&d, s.proof.left)...)
	case problem.DecimalAmbiguous:
		n, _ := value.ParseNumber(text)
		args = append(args, bothNumbers(&n)...)
	default: // mixed: the column's two cells that contradict each other
		return &fault{code, append(args, s.proof.clash()...), string(text)}
	}
	return s.fault(code, text, args...)
}

// bothDates spells the two readings of a date, and the words for them in the mapping file. Only the readings in left count, unless that leaves
// none.
func bothDates(d *value.Date, left value.DateReadings) []string {
	set := d.Readings()
	if set&left&(set&left-1) != 0 {
		set &= left
	}
	var dates, words, longs []string
	for _, o := range value.DateOrderWords {
		if set&o.Order == 0 {
			continue
		}
		c, _ := d.In(o.Order)
		if said := value.LongDate(c); len(dates) == 0 || dates[0] != said {
			dates = append(dates, said)
		}
		words, longs = append(words, o.Word), append(longs, o.Long)
	}
	for len(dates) < 2 {
		dates = append(dates, strings.Join(dates, ""))
	}
	for i := range words[:max(0, len(words)-1)] {
		words[i] += `"`
		words[i+1] = `"` + words[i+1]
	}
	return []string{"first", dates[0], "second", dates[1], "order", strings.Join(words, " or "), "orders", strings.Join(longs, "; or ")}
}

// bothNumbers writes the two readings of a number.
func bothNumbers(n *value.Number) []string {
	first, _ := n.AppendDecimal(nil, value.Point)
	second, _ := n.AppendDecimal(nil, value.Comma)
	return []string{"first", string(first), "second", string(second)}
}
