package mapping

import (
	"ordersheet/internal/cell"
	"ordersheet/internal/problem"

	"ordersheet/mapping/value"
)

// Observe takes the evidence of one row: pass 1 calls it for every row, in file order, from one goroutine.
func (b *Binding) Observe(row *cell.Row) {
	w := b.start()
	if w.total != nil {
		w.observeTotal(row, b.Profile.FillDown)
	}
	w.detector.Row(row)
	for i := range row.Cells {
		c := &row.Cells[i]
		if c.Col >= len(w.first) {
			return
		}
		at := w.first[c.Col]
		if at == 0 || len(c.Text) == 0 {
			continue
		}
		for s := &w.slots[at-1]; ; at, s = at+1, &w.slots[at] {
			s.observe(&w.converter, row.Num, c)
			if !s.twin {
				break
			}
		}
	}
}

// Empty says that no mapped column has a value in the row: a note beside the table, or cells with formats only. Such a row belongs to no order
// and lacks no number; it is ignored.
func (b *Binding) Empty(row *cell.Row) bool {
	w := b.start()
	for i := range row.Cells {
		c := &row.Cells[i]
		if c.Col >= len(w.first) {
			return true
		}
		if w.first[c.Col] != 0 && (c.Kind != cell.Text && c.Kind != cell.Blank || len(value.TrimSpace(c.Text)) > 0) {
			return false
		}
	}
	return true
}

// Key gives the key that groups a row into its order: the identifier in the column of the order number, for a purchase order its first number.
// an order that the sheet names by its id in Luminous alone, that. "" is a row without either. Pass 1 calls it for every row, in file order: with fill_down a blank cell means the order above.
func (b *Binding) Key(row *cell.Row) string { return string(b.KeyBytes(row)) }

// KeyBytes is Key without an allocation; the key is valid until the next call.
func (b *Binding) KeyBytes(row *cell.Row) []byte {
	w := b.start()
	if w.keyFixed != nil {
		return w.keyFixed
	}
	if w.keySlot == nil {
		return w.idKey(row)
	}
	c := row.At(w.keySlot.col)
	out, f, bad := w.convert(w.keyText[:0], w.keySlot, &c)
	w.keyText = out[:0]
	switch {
	case bad != nil && (c.Kind == cell.Error || c.Kind == cell.Formula):
		// No one knows which order this is; with fill_down the rows below belong to it, not to the one above.
		w.keyLast = w.keyLast[:0]
		return nil
	case bad != nil: // the order will be refused, but its rows belong together
		w.keyLast = append(w.keyLast[:0], value.TrimSpace(c.Text)...)
		return w.keyLast
	case f == none:
		if b.Profile.FillDown {
			return w.keyLast
		}
		return w.idKey(row)
	}
	key, _ := firstItem(f, out)
	w.keyLast = append(w.keyLast[:0], key...)
	return w.keyLast
}

// idKeyPrefix begins the key of an order that the sheet names by its id alone.
const idKeyPrefix = "id "

// idKey is the key of a row that has no number but the order's id in Luminous.
func (w *work) idKey(row *cell.Row) []byte {
	if w.id == nil {
		return nil
	}
	c := row.At(w.id.col)
	out, f, bad := w.convert(append(w.keyText[:0], idKeyPrefix...), w.id, &c)
	w.keyText = out[:0]
	if bad != nil || f != bare {
		return nil
	}
	return out
}

// Settle ends pass 1: the verdict on each column whose texts needed evidence, and what was done to the cells of a whole column. After it
// Order may be called, concurrently.
func (b *Binding) Settle() []problem.Problem {
	w := b.start()
	out := append([]problem.Problem(nil), w.faults...)
	for i := range w.slots {
		out = append(out, w.slots[i].settle()...)
	}
	if w.total != nil {
		out = append(out, w.settleTotal()...)
	}
	out = append(out, w.silentFindings()...)
	if b.Source == nil {
		return out
	}
	for i := range out {
		out[i].File, out[i].Sheet = b.Source.File, b.Source.Sheet
	}
	return out
}
