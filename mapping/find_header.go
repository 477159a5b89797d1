package mapping

import (
	"slices"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
)

const (
	// HeaderRows is among how many of a sheet's first rows its header is looked for.
	HeaderRows = 50
	// minFields is how many fields a header names at least; a title may name one by chance.
	minFields = 2
)

// FindHeader finds the header among the first rows of a sheet: the row that leaves the fewest
// required fields without a column, of those the one that names the most fields, of those the
// first. Titles, logos and notes may be above it. With an empty kind both are tried. The kind and
// the header row of a mapping file are obeyed; p may be nil.
//
// The header of a table object is taken if it lacks no field. The table then ends the orders.
//
// Where no row lacks nothing, a row is also tried together with the group titles right above it:
// "Bill To" over "Name" and "Street".
//
// It returns nil if no row names two fields. A header that it returns may still lack fields, which
// Header.Missing lists.
func FindHeader(kind order.Kind, rows []cell.Row, tables []cell.Table, p *profile.Profile) *Header {
	if p == nil {
		p = new(profile.Profile)
	}
	if kind == "" {
		kind = p.Kind
	}
	for i := range tables {
		t := &tables[i]
		at := slices.IndexFunc(rows, func(r cell.Row) bool { return r.Num == t.Range.Row1 })
		if !t.HasHeader || at < 0 {
			continue
		}
		if h := bestHeader(kind, []cell.Row{within(rows[at], t)}, p); h != nil && len(h.Missing()) == 0 {
			h.table = t
			return h
		}
	}
	return bestHeader(kind, rows, p)
}

// within returns the cells of a row that are in a table.
func within(r cell.Row, t *cell.Table) cell.Row {
	r.Cells = slices.DeleteFunc(slices.Clone(r.Cells), func(c cell.Cell) bool {
		return c.Col < t.Range.Col1 || c.Col > t.Range.Col2
	})
	return r
}

func bestHeader(kind order.Kind, rows []cell.Row, p *profile.Profile) *Header {
	var best candidate
	for i := range min(len(rows), HeaderRows) {
		if p.HeaderRow > 0 && rows[i].Num != p.HeaderRow {
			continue
		}
		c := rate(kind, func(order.Kind) cell.Row { return rows[i] }, p)
		if c.matcher != nil && (best.matcher == nil || c.rank.betterThan(best.rank)) {
			best = c
		}
	}
	if best.matcher == nil || best.missing > 0 || best.errors > 0 {
		best = bestGrouped(kind, rows, p, best)
	}
	if best.matcher == nil {
		return nil
	}
	h := best.finish()
	h.Also = best.also
	return h
}

// candidate is a row that may be the header. Its matcher is nil for none.
type candidate struct {
	*matcher
	rank
	also order.Kind // is set if both kinds fit
}

// rank says how well a row serves as a header.
type rank struct {
	missing int // required fields without a column
	fields  int
	errors  int
}

// rate tells which kind a row fits as a header, and how well. The row is a function of the kind,
// since group titles are joined according to what the kind's fields are called.
func rate(kind order.Kind, row func(order.Kind) cell.Row, p *profile.Profile) (best candidate) {
	for _, k := range catalog.Kinds(kind) {
		m, err := newMatcher(k, row(k), p)
		if err != nil {
			continue
		}
		m.match()
		c := candidate{matcher: m, rank: m.rank()}
		switch r := c.rank; {
		case r.fields < minFields && p.HeaderRow == 0 && p.Mode != order.Delete: // numbers alone are enough to delete
		case best.matcher == nil:
			best = c
		case r == best.rank, r.missing == 0 && best.missing == 0 && (!m.Changes() || r.clean() == best.clean()):
			best.also = k
		case r.likelierThan(best.rank):
			c.also = best.also
			best = c
		}
	}
	return best
}

func (m *matcher) rank() rank {
	paths := map[string]bool{}
	for i := range m.mapped {
		paths[m.mapped[i].path] = true
	}
	return rank{missing: len(m.Missing()) + m.foreign, fields: len(paths), errors: m.errors()}
}

// clean counts the fields that no error is about, more or less.
func (r rank) clean() int { return r.fields - r.errors }

// likelierThan compares one row as the headers of two kinds: where neither is complete, the kind
// that more of its headers name is what its maker meant.
func (r rank) likelierThan(o rank) bool {
	if r.missing > 0 && o.missing > 0 && r.clean() != o.clean() {
		return r.clean() > o.clean()
	}
	return r.betterThan(o)
}

func (r rank) betterThan(o rank) bool {
	if r.missing != o.missing {
		return r.missing < o.missing
	}
	return r.clean() > o.clean()
}
