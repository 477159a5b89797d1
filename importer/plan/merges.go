package plan

import (
	"bytes"
	"cmp"
	"slices"

	"ordersheet/internal/cell"
)

// MergeFiller fills merged cells. A spreadsheet keeps the value of a merged area in its upper left
// cell alone; here it counts for every row of the area, in the area's first column. Other columns
// of the area stay blank.
type MergeFiller struct {
	merges []cell.Range // over several rows below the header, by first row
	open   []openMerge
	next   int
	buf    cell.Row
}

type openMerge struct {
	cell.Range
	value cell.Cell
}

// NewMergeFiller returns a filler for the merged areas below a header row.
func NewMergeFiller(merges []cell.Range, headerRow int) MergeFiller {
	var f MergeFiller
	for _, m := range merges {
		if m.Row2 > m.Row1 && m.Row1 > headerRow {
			f.merges = append(f.merges, m)
		}
	}
	slices.SortFunc(f.merges, func(a, b cell.Range) int { return cmp.Compare(a.Row1, b.Row1) })
	return f
}

// Needed reports whether there is anything to fill.
func (f *MergeFiller) Needed() bool { return len(f.merges) > 0 }

// rewind starts over at the first row.
func (f *MergeFiller) rewind() { f.open, f.next = f.open[:0], 0 }

// Fill returns r with the merged areas that it is in filled. Rows come in ascending order; the
// result is valid until the next call.
func (f *MergeFiller) Fill(r *cell.Row) *cell.Row {
	f.open = slices.DeleteFunc(f.open, func(m openMerge) bool { return m.Row2 < r.Num })
	for f.next < len(f.merges) && f.merges[f.next].Row1 <= r.Num {
		m := f.merges[f.next]
		f.next++
		if c := r.At(m.Col1); m.Row1 == r.Num && c.Kind != cell.Blank {
			c.Text = bytes.Clone(c.Text)
			f.open = append(f.open, openMerge{m, c})
		}
	}
	if len(f.open) == 0 {
		return r
	}
	f.buf.Num, f.buf.Hidden = r.Num, r.Hidden
	f.buf.Cells = append(f.buf.Cells[:0], r.Cells...)
	for _, m := range f.open {
		if m.Row1 < r.Num && r.At(m.Col1).Kind == cell.Blank {
			f.buf.Cells = append(f.buf.Cells, m.value)
		}
	}
	slices.SortStableFunc(f.buf.Cells, func(a, b cell.Cell) int { return cmp.Compare(a.Col, b.Col) })
	return &f.buf
}
