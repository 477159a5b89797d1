package mapping

import (
	"bytes"
	"slices"

	"ordersheet/internal/cell"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/profile"
)

// A header may take two rows: titles of groups of columns (Bill To, Ship To, Items), and below them the headers that mean something only under
// their title (Name, Street, Name, Street, SKU). Titles stand in merged cells as a rule, but which cells are merged is known only at the
// sheet's end, so a title is taken to reach to the right up to the next.

// findGrouped looks for a header below group titles, and says whether it serves better than the best row alone.
func findGrouped(kind Kind, rows []cell.Row, p *profile.Profile, plain found) (best found, ok bool) {
	if plain.index >= 0 && plain.rank.missing == 0 && plain.rank.wrong == 0 {
		return plain, false
	}
	best = plain
	for i := 1; i < min(len(rows), HeaderRows); i++ {
		if p.HeaderRow > 0 && rows[i].Num != p.HeaderRow || !titled(&rows[i-1], &rows[i]) {
			continue
		}
		k, other, r := fit(kind, func(k Kind) cell.Row { return groupedRow(k, &rows[i-1], &rows[i], p) }, p)
		if k != "" && (best.index < 0 || r.betterThan(best.rank)) {
			best, ok = found{index: i, kind: k, also: other, rank: r}, true
		}
	}
	return best, ok
}

// betterThan is what a joined header has to be, so that whatever is bound without joining stays as it is.
func (r rank) betterThan(o rank) bool {
	return r.missing < o.missing || r.missing == o.missing && r.fed > o.fed && r.wrong < o.wrong
}

// titled says whether titles may be group titles of the headers: it stands right above them, both hold texts alone, and one title at least
// has two headers below it.
func titled(titles, headers *cell.Row) bool {
	text := func(c cell.Cell) bool { return c.Kind == cell.Text || c.Kind == cell.Blank }
	all := func(r *cell.Row) bool {
		return !slices.ContainsFunc(r.Cells, func(c cell.Cell) bool { return !text(c) })
	}
	if titles.Num+1 != headers.Num || !all(titles) || !all(headers) {
		return false
	}
	last := -1
	for _, h := range headers.Cells {
		t := titleOver(titles, h.Col)
		if t.Kind != cell.Blank && t.Col == last {
			return true
		}
		last = t.Col
	}
	return false
}

// titleOver is the title that stands over a column or to the left of it; Blank for none.
func titleOver(titles *cell.Row, col int) cell.Cell {
	for i := len(titles.Cells) - 1; i >= 0; i-- {
		if c := titles.Cells[i]; c.Col <= col && c.Kind != cell.Blank && catalog.CleanHeader(c.Text) != "" {
			return c
		}
	}
	return cell.Cell{Col: -1}
}

// groupedRow joins titles and headers into one row, in the place of the headers. A header is joined to its title where the mapping file or the
// catalogue knows both together; it stays alone where they don't. A title without a header below it is a header itself: its cell was merged
// downwards.
func groupedRow(kind Kind, titles, headers *cell.Row, p *profile.Profile) cell.Row {
	out := cell.Row{Num: headers.Num, Hidden: headers.Hidden, Cells: make([]cell.Cell, 0, len(titles.Cells)+len(headers.Cells))}
	named := namedBy(p)
	for _, h := range headers.Cells {
		text := catalog.CleanHeader(h.Text)
		if text == "" {
			continue
		}
		h.Text = []byte(text)
		if title := titleOver(titles, h.Col); title.Kind != cell.Blank {
			joined := catalog.CleanHeader(title.Text) + " " + text
			if named[catalog.Normalize(joined)] || knowsBetter(kind, joined, text) {
				h.Text = []byte(joined)
			}
		}
		out.Cells = append(out.Cells, h)
	}
	for _, t := range titles.Cells {
		if catalog.CleanHeader(headers.At(t.Col).Text) == "" && catalog.CleanHeader(t.Text) != "" {
			t.Text = bytes.Clone(t.Text)
			out.Cells = append(out.Cells, t)
		}
	}
	slices.SortFunc(out.Cells, func(a, b cell.Cell) int { return a.Col - b.Col })
	return out
}

// knowsBetter says whether a header means a field together with its title, and not that same field without it as firmly.
func knowsBetter(kind Kind, joined, alone string) bool {
	with, _ := catalog.MatchHeader(kind, joined)
	without, _ := catalog.MatchHeader(kind, alone)
	same := len(with) == 1 && len(without) == 1 && with[0].Field == without[0].Field
	return len(with) > 0 && (!same || with[0].Strength > without[0].Strength)
}

// namedBy is the headers that the mapping file speaks of, normalised.
func namedBy(p *profile.Profile) map[string]bool {
	named := map[string]bool{}
	for h := range p.Columns {
		named[catalog.Normalize(h)] = true
	}
	for _, h := range p.Ignore {
		named[catalog.Normalize(h)] = true
	}
	return named
}
