package block

import (
	"encoding/binary"
	"fmt"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
)

// A row is: the difference between its number and the one of the row before (0 before the first of
// a block), twice its number of cells plus one if it is hidden, and its cells. A cell is: the
// columns skipped since the cell before, its kind and whether it has a format, all in one number;
// the format if it has one; its text.

// AppendRow adds a row to the content of a block. before is the number of the row before it, 0 for
// the first row of the block.
func AppendRow(b []byte, before int, r *cell.Row) []byte {
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
		} else {
			b = binary.AppendUvarint(b, head)
		}
		b = appendBytes(b, c.Text)
	}
	return b
}

// Rows reads a block of rows. The zero value is empty.
type Rows struct {
	content
	row cell.Row
}

// Open starts to read a stored block; the one before is dropped.
func (b *Rows) Open(stored []byte) error {
	b.row.Num = 0
	return b.content.Open(stored)
}

// Next returns the next row, valid until the next call; nil at the end of the block.
func (b *Rows) Next() (*cell.Row, error) {
	if len(b.r.b) == 0 {
		return nil, nil
	}
	if b.readRow(); b.r.bad {
		return nil, fmt.Errorf("reading stored rows: %w: row %d has no end", ledger.ErrDamaged, b.row.Num)
	}
	return &b.row, nil
}

func (b *Rows) readRow() {
	r, into := &b.r, &b.row
	into.Num += int(r.uint())
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
