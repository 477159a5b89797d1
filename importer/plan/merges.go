package plan

import (
	"bytes"
	"sort"

	"ordersheet/internal/cell"
)

// MergeFiller fills merged cells: a spreadsheet keeps the value of a merged area in its upper left cell alone. The rule is that the value stands for every
// row of the area, in the area's first column; other columns of the area stay blank.
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

func NewMergeFiller(merges []cell.Range, headerRow int) MergeFiller {
	var f MergeFiller
	for _, m := range merges {
		if m.Row2 > m.Row1 && m.Row1 > headerRow {
			f.merges = append(f.merges, m)
		}
	}
	sort.Slice(f.merges, func(i, j int) bool { return f.merges[i].Row1 < f.merges[j].Row1 })
	return f
}

func (f *MergeFiller) Needed() bool { return len(f.merges) > 0 }

// rewind starts over at the first row.
func (f *MergeFiller) rewind() { f.open, f.next = f.open[:0], 0 }

// row returns r with the merged cells that it lies in filled. Rows come in rising numbers; the result is valid until the next call.
func (f *MergeFiller) Fill(r *cell.Row) *cell.Row {
	keep := f.open[:0]
	for _, m := range f.open {
		if m.Row2 >= r.Num {
			keep = append(keep, m)
		}
	}
	f.open = keep
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
	sort.SliceStable(f.buf.Cells, func(i, j int) bool { return f.buf.Cells[i].Col < f.buf.Cells[j].Col })
	return &f.buf
}
