package plan

import (
	"ordersheet/internal/cell"
	"ordersheet/internal/sheet"
	"ordersheet/mapping"
)

// ReadHeaded reads a sheet of which the first rows have to be seen together, since the header is
// among them. read passes each row on; find is given copies of these rows, all of them if the sheet
// is short, and returns the number of the row that begins below the header; below is given each row
// from there on.
func ReadHeaded(
	read func(func(*cell.Row) error) (sheet.Extent, error), find func(head []cell.Row) (first int, err error), below func(*cell.Row) error,
) (sheet.Extent, error) {
	var head []cell.Row
	found := false
	hunt := func() error {
		found = true
		first, err := find(head)
		for j := 0; j < len(head) && err == nil; j++ {
			if head[j].Num >= first {
				err = below(&head[j])
			}
		}
		head = nil
		return err
	}
	extent, err := read(func(r *cell.Row) error {
		if found {
			return below(r)
		}
		if head = append(head, r.Clone()); len(head) == mapping.HeaderRows {
			return hunt()
		}
		return nil
	})
	if err == nil && !found {
		err = hunt()
	}
	return extent, err
}
