package mapping

import (
	"bytes"

	"ordersheet/internal/cell"
)

// EachNumber calls fn with every order number that stands in a row, from the leftmost column on: a purchase order may have several, in one
// cell or in several columns. The number is valid only inside fn. It is for after Settle, from one goroutine.
func (b *Binding) EachNumber(row *cell.Row, fn func(number []byte)) {
	w, nul := b.start(), []byte{0}
	if w.number == nil || w.number.constant != nil {
		return
	}
	for _, s := range w.number.slots {
		c := row.At(s.col)
		out, f, bad := w.convert(w.keyText[:0], s, &c)
		w.keyText = out[:0]
		switch {
		case bad != nil, f == none: // a bad one is told when its order is planned
		case f == listed:
			for number := range bytes.SplitSeq(bytes.TrimSuffix(out, nul), nul) {
				fn(number)
			}
		default:
			fn(out)
		}
	}
}
