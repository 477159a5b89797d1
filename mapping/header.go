package mapping

import (
	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/profile"
)

const (
	// HeaderRows is how many of a sheet's first rows a header is looked for in.
	HeaderRows = 50
	// fewestColumns is how many fields a row must name to be taken for a header: a title row may name one by chance.
	fewestColumns = 2
)

// FindHeader finds the header among the first rows of a sheet: the row that leaves the fewest required fields without a column, of those the
// one that names the most fields, of those the first. Title rows, logos and notes may stand above it. With kind "" both kinds are tried, and
// Binding.Also tells when both fit. A mapping file's kind and header row are obeyed.
//
// Where no row alone will do, a row is tried together with the row of group titles right above it: "Bill To" over "Name" and "Street". That
// reading is taken only if it leaves fewer required fields without a column, or names more fields with fewer errors; rows[index] is then
// replaced by the header so joined.
//
// The binding is nil when no row names two fields. One that isn't nil may still lack required fields, which Missing tells. It belongs to no
// sheet yet: Bind it again with its source, b.Kind and rows[index].
func FindHeader(kind Kind, rows []cell.Row, p *profile.Profile) (index int, b *Binding) {
	if p == nil {
		p = new(profile.Profile)
	}
	if kind == "" {
		kind = p.Kind
	}
	best := found{index: -1}
	for i := range min(len(rows), HeaderRows) {
		if p.HeaderRow > 0 && rows[i].Num != p.HeaderRow {
			continue
		}
		k, other, r := fit(kind, func(Kind) cell.Row { return rows[i] }, p)
		if k != "" && (best.index < 0 || r.above(best.rank)) {
			best = found{index: i, kind: k, also: other, rank: r}
		}
	}
	if grouped, ok := findGrouped(kind, rows, p, best); ok {
		best = grouped
		rows[best.index] = groupedRow(best.kind, &rows[best.index-1], &rows[best.index], p)
	}
	if best.index < 0 {
		return best.index, nil
	}
	b, err := Bind(best.kind, nil, rows[best.index], p)
	if err != nil { // it was bound a moment ago
		return -1, nil
	}
	b.Also = best.also
	return best.index, b
}

// found is a row that serves as a header.
type found struct {
	index      int // -1 for none
	kind, also Kind
	rank       rank
}

// fit tells which kind a row fits as a header, and how well; best is empty for a row that is no header, also is set when both kinds fit. The
// row is given for each kind, since titles are joined by what the kind's fields are called.
func fit(kind Kind, row func(Kind) cell.Row, p *profile.Profile) (best, also Kind, at rank) {
	for _, k := range catalog.Kinds(kind) {
		b, err := newBinder(k, nil, row(k), p)
		if err != nil {
			continue
		}
		b.bind()
		r := rankOf(b.Binding)
		switch {
		case r.fed < fewestColumns && p.HeaderRow == 0 && p.Mode != order.Delete: // a list of numbers is enough to delete
		case best == "":
			best, at = k, r
		case r == at || r.missing == 0 && at.missing == 0 && !b.telling(r, at):
			also = k
		case r.likelier(at):
			best, at = k, r
		}
	}
	return best, also, at
}

// telling says that of two kinds that lack nothing the one with more columns is meant: where orders that stand are changed, hardly a field is
// required, and lacking none says nothing.
func (b *Binding) telling(r, o rank) bool {
	return b.Changes() && r.fed-r.wrong != o.fed-o.wrong
}

// likelier compares one row as two kinds: where neither is complete, the kind that more of its headers speak of is what its maker meant.
func (r rank) likelier(o rank) bool {
	if r.missing > 0 && o.missing > 0 && r.fed-r.wrong != o.fed-o.wrong {
		return r.fed-r.wrong > o.fed-o.wrong
	}
	return r.above(o)
}

// rank says how well a row serves as a header.
type rank struct {
	missing, fed int
	wrong        int // errors of the header, such as two columns for one field
}

func rankOf(b *Binding) rank {
	r := rank{missing: len(b.Missing()) + b.strange, fed: b.fed()}
	for _, p := range b.problems {
		if p.Severity == problem.Error {
			r.wrong++
		}
	}
	return r
}

func (r rank) above(o rank) bool {
	if r.missing != o.missing {
		return r.missing < o.missing
	}
	if r.fed-r.wrong != o.fed-o.wrong {
		return r.fed-r.wrong > o.fed-o.wrong
	}
	return false
}
