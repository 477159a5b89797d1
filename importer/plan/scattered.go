package plan

import (
	"errors"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
)

const (
	// partRows is how many rows of strewn orders are held in memory at once.
	partRows = 20_000
	// partSource numbers the parts among the ledger's sources, beyond any real one.
	partSource = 1 << 20
)

// scattered plans a sheet whose orders stand strewn over it: the rows are dealt into parts of the ledger's spool, each with all rows of some of the
// orders, so that memory holds one part at a time however large the sheet is.
func (o *orderPlanner) scattered(s *sheetPlanner) error {
	partOf, parts := partition(s)
	err := o.spoolParts(s, partOf, parts)
	for part := 0; part < parts && err == nil; part++ {
		i := -1
		err = o.ledger.SpoolRows(o.ctx, o.run.ID, partSource+part, func(r *cell.Row) error {
			i++
			for s.groups.Of(i) < 0 || partOf[s.groups.Of(i)] != uint16(part) {
				i++
			}
			return o.add(s, s.groups.Of(i), r)
		})
		err = errors.Join(err, o.ledger.DropRows(o.ctx, o.run.ID, partSource+part))
	}
	return err
}

// partition gives each order its part: orders in their sequence, so many to a part that their rows fit into memory.
func partition(s *sheetPlanner) (partOf []uint16, parts int) {
	partOf = make([]uint16, s.groups.Len())
	rows := 0
	for g := range partOf {
		if rows > 0 && rows+s.groups.Size(g) > partRows {
			parts, rows = parts+1, 0
		}
		rows += s.groups.Size(g)
		partOf[g] = uint16(parts)
	}
	return partOf, parts + 1
}

// spoolParts copies the rows into their parts; a row without an order number is planned at once.
func (o *orderPlanner) spoolParts(s *sheetPlanner, partOf []uint16, parts int) (err error) {
	writers := make([]*ledger.SpoolWriter, parts)
	for i := range writers {
		writers[i] = o.ledger.Spool(o.run.ID, partSource+i)
	}
	defer func() {
		for _, w := range writers {
			err = errors.Join(err, w.Close(o.ctx))
		}
	}()
	return o.eachRow(s, func(g int, r *cell.Row) error {
		if g < 0 {
			return o.single(s, r)
		}
		return writers[partOf[g]].Append(r)
	})
}
