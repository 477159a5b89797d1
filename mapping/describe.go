package mapping

import (
	"cmp"
	"strings"

	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/value"
)

// example returns a value that the column takes.
func (c *column) example() string {
	if c.field.Type == catalog.DecimalType && c.Decimal == value.Comma {
		return "1.234,56"
	}
	ofType := map[catalog.Type]string{catalog.IntegerType: "12"}
	return cmp.Or(c.field.Example, ofType[c.field.Type], "1234.56")
}

// dateExample returns a date as the column writes them.
func (c *column) dateExample() string {
	switch c.DateOrder {
	case value.DayFirst:
		return "31/01/2024 (day, month, year) or 2024-01-31"
	case value.MonthFirst:
		return "01/31/2024 (month, day, year) or 2024-01-31"
	}
	return "2024-01-31"
}

// ambiguous returns the problem of a text with two readings in a column whose values don't say
// which is right. It names both readings, or the two cells of the column that contradict each
// other.
func (c *column) ambiguous(code string, text []byte) *badValue {
	args := []string{"header", c.header}
	switch code {
	case problem.DateAmbiguous:
		d, _ := value.ParseDate(text)
		args = append(args, dateReadings(&d, c.evidence.dates)...)
	case problem.DecimalAmbiguous:
		n, _ := value.ParseNumber(text)
		first, _ := n.AppendDecimal(nil, value.Point)
		second, _ := n.AppendDecimal(nil, value.Comma)
		args = append(args, "first", string(first), "second", string(second))
	default:
		return &badValue{code, append(args, c.evidence.contradiction(c.col)...), string(text)}
	}
	return bad(code, text, args...)
}

// dateReadings writes out the two readings of a date, and their words in the mapping file. Only the
// readings in possible count, unless that leaves fewer than two.
func dateReadings(d *value.Date, possible value.DateReadings) []string {
	set := d.Readings()
	if set&possible&(set&possible-1) != 0 {
		set &= possible
	}
	var dates, words, longs []string
	for _, o := range value.DateOrders {
		if set&o.Order == 0 {
			continue
		}
		date, _ := d.In(o.Order)
		if long := value.LongDate(date); len(dates) == 0 || dates[0] != long {
			dates = append(dates, long)
		}
		words, longs = append(words, o.Word), append(longs, o.Long)
	}
	for len(dates) < 2 {
		dates = append(dates, strings.Join(dates, ""))
	}
	// The message puts the first and the last of the quotes.
	return []string{
		"first", dates[0], "second", dates[1],
		"order", strings.Join(words, `" or "`), "orders", strings.Join(longs, "; or "),
	}
}
