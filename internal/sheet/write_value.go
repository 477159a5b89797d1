package sheet

import (
	"fmt"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"ordersheet/internal/cell"
)

// Mark is how a cell stands out.
type Mark uint8

// The marks of cells.
const (
	Plain Mark = iota
	Good       // green
	Warn       // amber
	Bad        // red
	Muted      // grey
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

// Value is one cell to be written. The zero value is a blank cell.
type Value struct {
	typ    valueType
	mark   Mark
	text   string  // what the cell holds; in a CSV file the text of every type
	serial float64 // of a date: days as a spreadsheet counts them
	link   string
	format string
}

// Text is a text cell. Whatever it begins with, it is never a formula.
func Text(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{typ: textValue, text: s}
}

// Number is a number cell that holds exactly the decimal text. What a spreadsheet can't hold exactly, a text that is no decimal or one of
// more than 15 significant digits, becomes a text cell, so that no digit is lost.
func Number(decimal string) Value {
	digits := []byte(decimal)
	var scratch [48]byte
	if _, ok := cell.AppendDecimal(scratch[:0], digits); !ok || cell.SignificantDigits(digits) > 15 {
		return Text(decimal)
	}
	return Value{typ: numberValue, text: decimal}
}

// Int is a number cell that holds n.
func Int(n int) Value { return Number(strconv.Itoa(n)) }

// Bool is a boolean cell.
func Bool(b bool) Value {
	if b {
		return Value{typ: boolValue, text: "TRUE"}
	}
	return Value{typ: boolValue, text: "FALSE"}
}

// ErrorValue is a cell that holds an error, such as #N/A.
func ErrorValue(name string) Value { return Value{typ: errorValue, text: name} }

// Formula is a cell that holds a formula without a result, as programs leave it that write files and can't calculate. It is for text of our
// own only: what comes from a user's file is written by Text, whatever it begins with.
func Formula(expression string) Value { return Value{typ: formulaValue, text: expression} }

// Blank is an empty cell.
func Blank() Value { return Value{} }

// Date is a date cell, with its time when it has one. A spreadsheet counts days from 1900 and wrongly before March of that year: an
// earlier date becomes a text cell.
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

// Link is a text cell that leads to a place in the same workbook, such as #'To fix'!D17. A spreadsheet follows at most 65,530 links a
// sheet; from there on the text stands alone.
func Link(text, target string) Value {
	v := Text(text)
	if v.typ == textValue && len(target) > 1 && target[0] == '#' {
		v.link = target[1:]
	}
	return v
}

// Style gives the cell a mark.
func (v Value) Style(m Mark) Value {
	v.mark = m
	return v
}

// Format gives the cell a number format code of its own, such as 00000 or 0%, instead of its column's.
func (v Value) Format(code string) Value {
	v.format = code
	return v
}

// overLong says how many characters a text has when that is more than a cell holds.
func overLong(s string) (n int, yes bool) {
	if len(s) <= excelize.TotalCellChars {
		return 0, false
	}
	n = utf16Length(s)
	return n, n > excelize.TotalCellChars
}

// utf16Length counts the characters of a text as a spreadsheet does: in UTF-16 units.
func utf16Length(s string) (n int) {
	for _, r := range s {
		n += units(r)
	}
	return n
}

func units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// asText says that a text must wear the text format, so that a spreadsheet whose user edits and leaves the cell doesn't turn it into a
// formula or a number.
func asText(s string) bool {
	c := s[0]
	return c == '=' || c == '+' || c == '-' || c == '@' || c >= '0' && c <= '9'
}

// Of is the value of a cell by its kind and text: a text, the digits of a number, TRUE or FALSE, or a date as yyyy-mm-dd or with a time as
// 2025-03-02T09:00:00Z. A workbook shows the time in UTC; other files keep the text that was given. A text that its kind can't hold stands as
// text.
func Of(kind cell.Kind, text string) Value {
	switch kind {
	case cell.Blank:
		return Blank()
	case cell.Number:
		return Number(text)
	case cell.Bool:
		return Bool(text == "TRUE")
	case cell.Date:
		return dated(text)
	}
	return Text(text)
}

func dated(text string) Value {
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
