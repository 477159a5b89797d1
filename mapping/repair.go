package mapping

import (
	"bytes"
	"time"

	"ordersheet/internal/cell"

	"ordersheet/mapping/value"
)

// days1462 lie between the two date systems of spreadsheets, of 1900 and 1904.
const days1462 = 1462

// mend repairs one cell and says which repairs changed it. The cell that it returns has text of its own if it was changed.
func (s *slot) mend(v *converter, c cell.Cell) (out cell.Cell, did value.Repairs) {
	switch c.Kind {
	case cell.Text:
		return s.mendText(c)
	case cell.Number:
		if s.repairs&value.RepairZeros != 0 && s.width > 0 {
			if digits := v.listedAs(c, c.Text); len(digits) < s.width && value.AllDigits(digits) {
				c.Kind, c.Text, c.Format = cell.Text, value.PadZeros(bytes.Clone(digits), 0, s.width), 0
				return c, value.RepairZeros
			}
		}
	case cell.Date:
		if s.repairs&(value.RepairPlus1462|value.RepairMinus1462|value.RepairSwapped) != 0 {
			return s.mendDate(v, c)
		}
	}
	return c, 0
}

func (s *slot) mendText(c cell.Cell) (out cell.Cell, did value.Repairs) {
	text := c.Text
	apply := func(bit value.Repairs, fn func([]byte) []byte) {
		if s.repairs&bit == 0 {
			return
		}
		if t := fn(text); !bytes.Equal(t, text) {
			text, did = t, did|bit
		}
	}
	apply(value.RepairMojibake, value.FixMojibake)
	apply(value.RepairSpaces, value.PlainSpaces)
	apply(value.RepairDashes, value.PlainDashes)
	apply(value.RepairExponents, value.ExpandExponent)
	apply(value.RepairDotZero, value.TrimDotZero)
	apply(value.RepairZeros, func(t []byte) []byte {
		if t = value.TrimSpace(t); s.width == 0 || len(t) >= s.width || !value.AllDigits(t) {
			return text
		}
		return value.PadZeros(bytes.Clone(t), 0, s.width)
	})
	c.Text = text
	if s.repairs&value.RepairNumbers != 0 {
		if n, ok := sureNumber(nil, c); ok && !value.HasLeadingZero(value.TrimSpace(text)) && value.WholeDigits(n) <= 15 {
			c.Kind, c.Text, did = cell.Number, n, did|value.RepairNumbers
		}
	}
	return c, did
}

// mendDate moves a date cell; it becomes the text of its new date.
func (s *slot) mendDate(v *converter, c cell.Cell) (cell.Cell, value.Repairs) {
	d, ok := cell.FromSerial(c.Text, v.src.Date1904)
	if !ok {
		return c, 0
	}
	did, t := value.Repairs(0), time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
	switch {
	case s.repairs&value.RepairPlus1462 != 0:
		t, did = t.AddDate(0, 0, days1462), value.RepairPlus1462
	case s.repairs&value.RepairMinus1462 != 0:
		t, did = t.AddDate(0, 0, -days1462), value.RepairMinus1462
	}
	d = cell.Civil{Year: t.Year(), Month: int(t.Month()), Day: t.Day()}
	if s.repairs&value.RepairSwapped != 0 && d.Day <= 12 && d.Day != d.Month {
		d.Day, d.Month = d.Month, d.Day
		did |= value.RepairSwapped
	}
	if did == 0 {
		return c, 0
	}
	c.Kind, c.Text = cell.Text, value.AppendDate(nil, d)
	return c, did
}
