package plan

import (
	"context"
	"errors"

	"ordersheet/internal/cell"
	"ordersheet/internal/ledger"
	"ordersheet/mapping/grouping"
)

const (
	// partRows is how many rows of scattered orders are held in memory at once.
	partRows = 20_000
	// partSource numbers the parts among the ledger's sources, beyond any real one.
	partSource = 1 << 20
)

// planScattered plans a large sheet in which rows of one order are not contiguous. It partitions
// the rows in the ledger's spool, each part with all rows of some of the orders, so that memory
// holds one part however large the sheet is.
func (o *orderPlanner) planScattered(ctx context.Context, s *sheetPlanner) error {
	groups := s.plan.Groups()
	partOf, parts := partition(groups)
	err := o.spoolParts(ctx, s, partOf, parts)
	for part := 0; part < parts && err == nil; part++ {
		i := -1
		err = o.ledger.SpoolRows(ctx, o.run.ID, partSource+part, func(r *cell.Row) error {
			i++
			for groups.Of(i) < 0 || partOf[groups.Of(i)] != uint16(part) {
				i++
			}
			return o.add(s, groups.Of(i), r)
		})
		err = errors.Join(err, o.ledger.DropRows(ctx, o.run.ID, partSource+part))
	}
	return err
}

// partition assigns each order to a part: orders in sequence, as many as fit into memory.
func partition(groups *grouping.Index) (partOf []uint16, parts int) {
	partOf = make([]uint16, groups.Len())
	rows := 0
	for g := range partOf {
		if rows > 0 && rows+groups.Size(g) > partRows {
			parts, rows = parts+1, 0
		}
		rows += groups.Size(g)
		partOf[g] = uint16(parts)
	}
	return partOf, parts + 1
}

// spoolParts copies the rows into their parts. It plans a row without an order number at once.
func (o *orderPlanner) spoolParts(ctx context.Context, s *sheetPlanner, partOf []uint16, parts int) (err error) {
	writers := make([]ledger.SpoolWriter, parts)
	for i := range writers {
		writers[i] = o.ledger.Spool(o.run.ID, partSource+i)
	}
	defer func() {
		for _, w := range writers {
			err = errors.Join(err, w.Close(ctx))
		}
	}()
	return s.eachRow(ctx, func(g int, r *cell.Row) error {
		if g < 0 {
			return o.addSingle(s, r)
		}
		return writers[partOf[g]].Append(r)
	})
}
