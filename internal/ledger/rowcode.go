package ledger

import (
	"encoding/binary"

	"ordersheet/internal/cell"
)

// A spooled row is: how far its number is from the row before (0 before a block's first), twice its number of cells plus one if it is
// hidden, and its cells. A cell is: columns skipped since the cell before, its kind and whether it has a format, all in one number; the
// format if it has one; its text.

// appendRow adds a row to a block.
func appendRow(b []byte, before int, r *cell.Row) []byte {
	b = binary.AppendUvarint(b, uint64(r.Num-before))
	n := uint64(len(r.Cells)) << 1
	if r.Hidden {
		n |= 1
	}
	b = binary.AppendUvarint(b, n)
	next := 0
	for i := range r.Cells {
		c := &r.Cells[i]
		head := uint64(c.Col-next)<<4 | uint64(c.Kind)<<1
		next = c.Col + 1
		if c.Format != 0 {
			b = binary.AppendUvarint(b, head|1)
			b = binary.AppendUvarint(b, uint64(c.Format))
		} else if head < 0x80 {
			b = append(b, byte(head))
		} else {
			b = binary.AppendUvarint(b, head)
		}
		if len(c.Text) < 0x80 {
			b = append(b, byte(len(c.Text)))
		} else {
			b = binary.AppendUvarint(b, uint64(len(c.Text)))
		}
		b = append(b, c.Text...)
	}
	return b
}

// row reads a row; its texts lie in the block.
func (r *reader) row(before int, into *cell.Row) {
	into.Num = before + int(r.uint())
	n := r.uint()
	into.Hidden = n&1 == 1
	into.Cells = into.Cells[:0]
	col := 0
	for range n >> 1 {
		head := r.uint()
		c := cell.Cell{Col: col + int(head>>4), Kind: cell.Kind(head >> 1 & 7)}
		if head&1 == 1 {
			c.Format = uint16(r.uint())
		}
		c.Text = r.bytes()
		if r.bad {
			return
		}
		col = c.Col + 1
		into.Cells = append(into.Cells, c)
	}
}
