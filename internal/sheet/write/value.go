package write

import (
	"fmt"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"ordersheet/internal/cell"
)

// Mark says how a cell is highlighted.
type Mark uint8

// The marks of cells.
const (
	Plain Mark = iota
	Good       // green
	Warn       // amber
	Bad        // red
	Muted      // gray
	Bold
	markHeader
	markRequired
	markTitle
	marks // how many there are
)

type valueType uint8

const (
	blankValue valueType = iota
	textValue
	numberValue
	boolValue
	dateValue
	stampValue // a date with a time
	errorValue
	formulaValue
)

// Value is one cell to write. The zero value is a blank cell.
type Value struct {
	typ    valueType
	mark   Mark
	text   string  // the cell's content; in a CSV file that of every type
	serial float64 // of a date, in days
	link   string
	format string
}

// Text returns a text cell. Whatever it begins with, it is never a formula.
func Text(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{typ: textValue, text: s}
}

// Number returns a number cell that holds exactly the decimal text. A text that isn't a decimal, or
// has more than the 15 significant digits that a spreadsheet keeps, becomes a text cell.
func Number(decimal string) Value {
	digits := []byte(decimal)
	var scratch [48]byte
	if _, ok := cell.AppendDecimal(scratch[:0], digits); !ok || cell.SignificantDigits(digits) > 15 {
		return Text(decimal)
	}
	return Value{typ: numberValue, text: decimal}
}

// Int returns a number cell that holds n.
func Int(n int) Value { return Number(strconv.Itoa(n)) }

// Bool returns a boolean cell.
func Bool(b bool) Value {
	if b {
		return Value{typ: boolValue, text: "TRUE"}
	}
	return Value{typ: boolValue, text: "FALSE"}
}

// ErrorValue returns a cell that holds an error, such as #N/A.
func ErrorValue(name string) Value { return Value{typ: errorValue, text: name} }

// Formula returns a cell that holds a formula without a result, as programs write it that can't
// calculate. It is only for formulas of our own; what comes from a user's file is written by Text.
func Formula(expression string) Value { return Value{typ: formulaValue, text: expression} }

// Blank returns an empty cell.
func Blank() Value { return Value{} }

// Date returns a date cell, with a time if it has one. A date before March 1900 becomes a text
// cell, since spreadsheets count days wrongly before that.
func Date(d cell.Civil) Value {
	v := Value{typ: dateValue, text: fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)}
	if d.Seconds != 0 {
		v.typ = stampValue
		v.text += fmt.Sprintf(" %02d:%02d:%02d", d.Seconds/3600, d.Seconds/60%60, d.Seconds%60)
	}
	day := time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
	serial := int(day.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
	if serial <= 60 {
		v.typ = textValue
		return v
	}
	v.serial = float64(serial) + float64(d.Seconds)/86400
	return v
}

// Link returns a text cell that links to a cell of the same workbook, such as #'To fix'!D17. Since
// a sheet can have 65,530 links, further ones are written as text only.
func Link(text, target string) Value {
	v := Text(text)
	if v.typ == textValue && len(target) > 1 && target[0] == '#' {
		v.link = target[1:]
	}
	return v
}

// Style returns the cell with a mark.
func (v Value) Style(m Mark) Value {
	v.mark = m
	return v
}

// Format returns the cell with a number format code of its own, such as 00000 or 0%.
func (v Value) Format(code string) Value {
	v.format = code
	return v
}

// isTooLong reports whether a text has more characters than a cell holds, and how many.
func isTooLong(s string) (n int, over bool) {
	if len(s) <= excelize.TotalCellChars {
		return 0, false
	}
	n = utf16Length(s)
	return n, n > excelize.TotalCellChars
}

// utf16Length counts the characters of a text as a spreadsheet does, in UTF-16 units.
func utf16Length(s string) (n int) {
	for _, r := range s {
		n += utf16Units(r)
	}
	return n
}

func utf16Units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// needsTextFormat reports whether a spreadsheet could turn a text into a formula or a number when
// a person edits its cell.
func needsTextFormat(s string) bool {
	c := s[0]
	return c == '=' || c == '+' || c == '-' || c == '@' || c >= '0' && c <= '9'
}

// FromText returns the cell of a kind for its text: a text, the digits of a number, TRUE or FALSE,
// or a date as yyyy-mm-dd or 2025-03-02T09:00:00Z. A workbook shows the time in UTC; other files
// keep the text as given. A text that isn't of its kind becomes a text cell.
func FromText(kind cell.Kind, text string) Value {
	switch kind {
	case cell.Blank:
		return Blank()
	case cell.Number:
		return Number(text)
	case cell.Bool:
		return Bool(text == "TRUE")
	case cell.Date:
		return parseDate(text)
	}
	return Text(text)
}

func parseDate(text string) Value {
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		t = t.UTC()
		v := Date(cell.Civil{Year: t.Year(), Month: int(t.Month()), Day: t.Day(), Seconds: t.Hour()*3600 + t.Minute()*60 + t.Second()})
		if layout != time.DateOnly {
			v.text = text
			if v.typ == dateValue {
				v.typ = stampValue // at midnight
			}
		}
		return v
	}
	return Text(text)
}
