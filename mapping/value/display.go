package value

import (
	"time"

	"ordersheet/internal/cell"
)

// Display writes the cells of a sheet as a person sees them there. Source must not be nil.
type Display struct {
	Source *cell.Source
}

// Format returns the number format of a cell.
func (d Display) Format(c cell.Cell) cell.Format {
	if int(c.Format) < len(d.Source.Formats) {
		return d.Source.Formats[c.Format]
	}
	return cell.Format{}
}

// Cell returns what a cell shows: a date as a date, a number without what binary fractions add, a
// formula with its equals sign.
func (d Display) Cell(c cell.Cell) []byte {
	switch c.Kind {
	case cell.Number:
		if WholeDigits(c.Text) > 15 {
			return c.Text
		}
		return d.Number(c, c.Text)
	case cell.Date:
		return d.Date(c.Text)
	case cell.Formula:
		return append([]byte{'='}, c.Text...)
	}
	return TrimSpace(c.Text)
}

// Number returns the text of a number cell with the leading zeros that its format shows. The text
// of any other cell is returned as it is. Value mappings list numbers in this form.
func (d Display) Number(c cell.Cell, text []byte) []byte {
	if c.Kind != cell.Number {
		return text
	}
	out, ok := cell.AppendDecimal(nil, text)
	if !ok {
		return text
	}
	return PadZeros(out, 0, d.Format(c).Zeros)
}

// Date returns the serial number of a date cell as a date, with its time of day if it has one.
func (d Display) Date(serial []byte) []byte {
	date, ok := cell.FromSerial(serial, d.Source.Date1904)
	if !ok {
		return serial
	}
	out := AppendDate(nil, date)
	if date.Seconds != 0 {
		out = time.Unix(int64(date.Seconds), 0).UTC().AppendFormat(out, " 15:04:05")
	}
	return out
}
