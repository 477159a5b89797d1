package mapping

import (
	"slices"
	"strings"

	"ordersheet/internal/problem"

	"ordersheet/internal/cell"

	"ordersheet/mapping/catalog"
)

// ways is what each tier is called, and its score.
var ways = map[catalog.Strength]struct {
	how   How
	score float64
}{
	catalog.Suggested: {ByLikeness, 0.6},
	catalog.Fallback:  {BySynonym, 0.8},
	catalog.Synonym:   {BySynonym, 0.9},
	catalog.OwnName:   {ByNormal, 0.95},
	catalog.ExactName: {ByName, 1},
}

// byCatalogue gives the headers that are left to the fields that the catalogue knows them for: the firmest claims first, so that a column
// named order_number keeps a column named Order ID from being taken for it.
func (b *binder) byCatalogue() {
	for i := range b.heads {
		h := &b.heads[i]
		if h.done {
			continue
		}
		if path, ok := catalog.CustomHeader(h.text); ok && catalog.FieldByPath(b.Kind, path) != nil {
			b.give(h, []string{path}, ByName, 1)
			continue
		}
		h.claims, _ = catalog.MatchHeader(b.Kind, h.text)
		if len(h.claims) > 1 { // the catalogue's test keeps this from happening
			b.ambiguous(h, h.claims)
		}
	}
	for t := catalog.ExactName; t > catalog.Suggested; t-- {
		b.tier(t)
	}
}

// tier settles all claims of one tier.
func (b *binder) tier(t catalog.Strength) {
	rivals := map[string][]*heading{}
	var paths []string
	for i := range b.heads {
		h := &b.heads[i]
		if h.done || len(h.claims) != 1 || h.claims[0].Strength != t {
			continue
		}
		path := h.claims[0].Field.Path
		if rivals[path] == nil {
			paths = append(paths, path)
		}
		rivals[path] = append(rivals[path], h)
	}
	for _, path := range paths {
		b.settle(path, rivals[path], t)
	}
}

// settle decides between the headers that claim a field equally firmly.
func (b *binder) settle(path string, heads []*heading, t catalog.Strength) {
	f, way := heads[0].claims[0].Field, ways[t]
	taken := b.feeder(path)
	switch {
	case f.Many() && (t > catalog.Fallback || taken == nil):
		for _, h := range heads {
			b.give(h, []string{path}, way.how, way.score)
		}
	case taken != nil:
		for _, h := range heads {
			if h.name == catalog.Normalize(taken.header) {
				b.give(h, []string{path}, way.how, way.score) // says that it is repeated
				continue
			}
			b.column(h, Column{How: Spare, Others: []string{path}})
			b.addProblem(h.col, problem.HeaderSpare, "header", h.text, "field", path, "other", taken.header)
		}
	case len(heads) == 1 || b.overruled(path, f) != nil:
		for _, h := range heads {
			b.give(h, []string{path}, way.how, way.score)
		}
	case t == catalog.Fallback && !sameName(heads):
		for _, h := range heads {
			b.column(h, Column{How: AmbiguousHow, Others: []string{path}})
			b.addProblem(h.col, problem.HeaderLikely, "header", h.text, "field", path)
		}
	default:
		b.repeated(path, heads)
	}
}

// sameName says that the headers are one header, repeated.
func sameName(heads []*heading) bool {
	return !slices.ContainsFunc(heads, func(h *heading) bool { return h.name != heads[0].name })
}

// repeated refuses columns that mean the same field equally firmly: none of them is taken.
func (b *binder) repeated(path string, heads []*heading) {
	first := heads[0]
	for i, h := range heads {
		other := first
		if i == 0 {
			other = heads[1]
		}
		if i > 0 {
			b.addProblem(h.col, problem.HeaderRepeated, "header", h.text, "field", path, "other", other.text, "at", cell.A1(b.HeaderRow, other.col))
		}
		b.column(h, Column{How: AmbiguousHow, Others: []string{path}})
	}
}

// ambiguous refuses a header that means several fields.
func (b *binder) ambiguous(h *heading, claims []catalog.Candidate) {
	paths := make([]string, len(claims))
	for i, c := range claims {
		paths[i] = c.Field.Path
	}
	b.addProblem(h.col, problem.HeaderAmbiguous, "header", h.text, "others", strings.Join(paths, ", "), "first", paths[0])
	b.column(h, Column{How: AmbiguousHow, Others: paths})
}

// mostGuesses bounds the headers of a sheet that a likeness is looked for: a sheet of thousands of columns is no list of orders.
const mostGuesses = 200

// leftOver says of the headers that are still left what they might mean. Nothing of it is used.
func (b *binder) leftOver() {
	guesses := 0
	for i := range b.heads {
		h := &b.heads[i]
		if h.done {
			continue
		}
		c := Column{How: NotMapped}
		_, possible := catalog.MatchHeader(b.Kind, h.text)
		for _, m := range possible {
			c.How, c.Score = ByLikeness, ways[catalog.Suggested].score
			c.Others = append(c.Others, m.Field.Path)
		}
		if guesses++; len(possible) == 0 && guesses <= mostGuesses {
			for _, m := range catalog.Suggest(b.Kind, h.text) {
				c.How, c.Score = ByLikeness, max(c.Score, m.Score)
				c.Others = append(c.Others, m.Path)
			}
		}
		b.column(h, c)
		if free := b.unfed(c.Others); len(free) > 0 {
			b.addProblem(h.col, problem.HeaderLikely, "header", h.text, "field", free[0])
			continue
		}
		b.addProblem(h.col, problem.HeaderUnknown, "header", h.text)
	}
}

// unfed is those of the paths that nothing gives yet. An id is of use only where orders are changed.
func (b *binder) unfed(paths []string) []string {
	var out []string
	for _, p := range paths {
		if !b.has(p) && (p != catalog.IDPath || b.Changes()) {
			out = append(out, p)
		}
	}
	return out
}
