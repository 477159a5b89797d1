package mapping

import (
	"bytes"
	"slices"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
)

// A header may take two rows: titles of groups of columns (Bill To, Ship To, Items), and below them
// headers that mean something only with their title (Name, Street, SKU). Titles are usually merged
// cells, but merged cells are known only at the end of a sheet, so a title is taken to reach to the
// right as far as the next one.

// bestGrouped returns the best header that is joined with its group titles, if it serves better
// than the best one without.
func bestGrouped(kind order.Kind, rows []cell.Row, p *profile.Profile, best candidate) candidate {
	for i := 1; i < min(len(rows), HeaderRows); i++ {
		titles, headers := &rows[i-1], &rows[i]
		if p.HeaderRow > 0 && headers.Num != p.HeaderRow || !isTitled(titles, headers) {
			continue
		}
		c := rate(kind, func(k order.Kind) cell.Row { return joinTitles(k, titles, headers, p) }, p)
		if c.matcher != nil && (best.matcher == nil || c.worthJoining(best.rank)) {
			best = c
		}
	}
	return best
}

// worthJoining reports whether a joined header beats another. A header that is as good without its
// titles is left alone.
func (r rank) worthJoining(o rank) bool {
	return r.missing < o.missing || r.missing == o.missing && r.fields > o.fields && r.errors < o.errors
}

// isTitled reports whether titles may be the group titles of headers: it is the row right above,
// both hold nothing but text, and at least one title has two headers below it.
func isTitled(titles, headers *cell.Row) bool {
	onlyText := func(r *cell.Row) bool {
		return !slices.ContainsFunc(r.Cells, func(c cell.Cell) bool { return c.Kind != cell.Text && c.Kind != cell.Blank })
	}
	if titles.Num+1 != headers.Num || !onlyText(titles) || !onlyText(headers) {
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

// titleOver returns the title over a column or to the left of it; Blank for none.
func titleOver(titles *cell.Row, col int) cell.Cell {
	for i := len(titles.Cells) - 1; i >= 0; i-- {
		if c := titles.Cells[i]; c.Col <= col && c.Kind != cell.Blank && catalog.CleanHeader(c.Text) != "" {
			return c
		}
	}
	return cell.Cell{Col: -1}
}

// joinTitles joins titles and headers into one row. A header is joined with its title if the
// mapping file or the catalog knows the two together. A title without a header below it is itself a
// header: its cell was merged downward.
func joinTitles(kind order.Kind, titles, headers *cell.Row, p *profile.Profile) cell.Row {
	out := cell.Row{Num: headers.Num, Hidden: headers.Hidden, Cells: make([]cell.Cell, 0, len(titles.Cells)+len(headers.Cells))}
	named := namedHeaders(p)
	for _, h := range headers.Cells {
		text := catalog.CleanHeader(h.Text)
		if text == "" {
			continue
		}
		h.Text = []byte(text)
		if title := titleOver(titles, h.Col); title.Kind != cell.Blank {
			joined := catalog.CleanHeader(title.Text) + " " + text
			if _, known := named[catalog.Normalize(joined)]; known || clearerJoined(kind, joined, text) {
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

// clearerJoined reports whether a header together with its title means a field, and not the same
// field as clearly without it.
func clearerJoined(kind order.Kind, joined, alone string) bool {
	with, _ := catalog.MatchHeader(kind, joined)
	without, _ := catalog.MatchHeader(kind, alone)
	same := len(with) == 1 && len(without) == 1 && with[0].Field == without[0].Field
	return len(with) > 0 && (!same || with[0].Strength > without[0].Strength)
}
