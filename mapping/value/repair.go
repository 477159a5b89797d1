package value

import (
	"bytes"
	"time"

	"ordersheet/internal/cell"
)

// Days1462 is the distance between the two date systems of spreadsheets, of 1900 and 1904.
const Days1462 = 1462

// Apply repairs one cell and returns which repairs changed it. width is how many digits identifiers
// have, 0 if that isn't known. A changed cell has a text of its own.
func (r Repairs) Apply(d Display, c cell.Cell, width int) (cell.Cell, Repairs) {
	switch c.Kind {
	case cell.Text:
		return r.ApplyText(c, width)
	case cell.Number:
		if r&RepairZeros != 0 && width > 0 {
			if digits := d.Number(c, c.Text); len(digits) < width && AllDigits(digits) {
				c.Kind, c.Text, c.Format = cell.Text, PadZeros(bytes.Clone(digits), 0, width), 0
				return c, RepairZeros
			}
		}
	case cell.Date:
		if r&(RepairPlus1462|RepairMinus1462|RepairSwapped) != 0 {
			return r.applyDate(d, c)
		}
	}
	return c, 0
}

// ApplyText is Apply for a text cell.
func (r Repairs) ApplyText(c cell.Cell, width int) (out cell.Cell, done Repairs) {
	text := c.Text
	apply := func(repair Repairs, fn func([]byte) []byte) {
		if r&repair == 0 {
			return
		}
		if t := fn(text); !bytes.Equal(t, text) {
			text, done = t, done|repair
		}
	}
	apply(RepairMojibake, fixMojibake)
	apply(RepairSpaces, plainSpaces)
	apply(RepairDashes, plainDashes)
	apply(RepairExponents, expandExponent)
	apply(RepairDotZero, trimDotZero)
	apply(RepairZeros, func(t []byte) []byte {
		if t = TrimSpace(t); width == 0 || len(t) >= width || !AllDigits(t) {
			return text
		}
		return PadZeros(bytes.Clone(t), 0, width)
	})
	c.Text = text
	if r&RepairNumbers != 0 {
		n, ok := AppendUnambiguous(nil, c)
		if ok && !HasLeadingZero(TrimSpace(text)) && WholeDigits(n) <= 15 {
			c.Kind, c.Text, done = cell.Number, n, done|RepairNumbers
		}
	}
	return c, done
}

// applyDate moves a date cell; it becomes the text of its new date.
func (r Repairs) applyDate(d Display, c cell.Cell) (cell.Cell, Repairs) {
	date, ok := cell.FromSerial(c.Text, d.Source.Date1904)
	if !ok {
		return c, 0
	}
	done := Repairs(0)
	t := time.Date(date.Year, time.Month(date.Month), date.Day, 0, 0, 0, 0, time.UTC)
	switch {
	case r&RepairPlus1462 != 0:
		t, done = t.AddDate(0, 0, Days1462), RepairPlus1462
	case r&RepairMinus1462 != 0:
		t, done = t.AddDate(0, 0, -Days1462), RepairMinus1462
	}
	date = cell.Civil{Year: t.Year(), Month: int(t.Month()), Day: t.Day()}
	if r&RepairSwapped != 0 && date.Day <= 12 && date.Day != date.Month {
		date.Day, date.Month = date.Month, date.Day
		done |= RepairSwapped
	}
	if done == 0 {
		return c, 0
	}
	c.Kind, c.Text = cell.Text, AppendDate(nil, date)
	return c, done
}
