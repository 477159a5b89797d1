package mapping

import (
	"slices"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"

	"ordersheet/mapping/profile"
)

// FindHeaderIn is FindHeader on a sheet with table objects: where the header of one names all that is needed, it is the header, and the table's extent that of the orders.
// rows[index] is then replaced by its part within the table.
func FindHeaderIn(kind Kind, rows []cell.Row, tables []cell.Table, p *profile.Profile) (index int, b *Binding) {
	for i := range tables {
		t := &tables[i]
		at := slices.IndexFunc(rows, func(r cell.Row) bool { return r.Num == t.Range.Row1 })
		if !t.HasHeader || at < 0 {
			continue
		}
		within := rows[at]
		within.Cells = slices.DeleteFunc(slices.Clone(within.Cells), func(c cell.Cell) bool { return c.Col < t.Range.Col1 || c.Col > t.Range.Col2 })
		_, b := FindHeader(kind, []cell.Row{within}, p)
		if b == nil || len(b.Missing()) > 0 {
			continue
		}
		rows[at], b.table, b.last = within, t, t.Range.Row2
		if t.HasTotals {
			b.last--
		}
		return at, b
	}
	return FindHeader(kind, rows, p)
}

// NoOrder says that a row below the header is no order's, and why: it adds up the rows above it, or stands below the table object that the header belongs to. Rows that
// follow a table's last one without a gap are its own: programs that append rows don't always stretch the table. Rows come in rising order.
func (b *Binding) NoOrder(r *cell.Row) (why problem.Problem, ok bool) {
	if t := b.table; t != nil && r.Num > b.last {
		at := cell.A1(r.Num, r.Cells[0].Col)
		switch {
		case t.HasTotals && r.Num == t.Range.Row2:
			return problem.New(problem.Footer, "cell", at, "value", t.Name), true
		case t.HasTotals || r.Num > b.last+1:
			return problem.New(problem.BelowTable, "cell", at, "value", t.Name, "last", cell.A1(b.last, t.Range.Col2)), true
		}
		b.last++
	}
	if at, total := b.Footer(r); total {
		return problem.New(problem.Footer, "cell", cell.A1(r.Num, at.Col), "value", string(at.Text)), true
	}
	return why, false
}
