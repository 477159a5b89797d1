package mapping

import (
	"slices"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
)

// ways are what a match of each strength is called, and its score.
var ways = map[catalog.Strength]struct {
	how   How
	score float64
}{
	catalog.Suggested: {ByLikeness, 0.6},
	catalog.Fallback:  {BySynonym, 0.8},
	catalog.Synonym:   {BySynonym, 0.9},
	catalog.OwnName:   {ByNormalized, 0.95},
	catalog.ExactName: {ByName, 1},
}

// matchByCatalog matches the remaining headers, clearest first: a column named order_number keeps a
// column named Order ID from feeding the order number.
func (m *matcher) matchByCatalog() {
	for i := range m.cells {
		h := &m.cells[i]
		if h.done {
			continue
		}
		if path, ok := catalog.CustomHeader(h.text); ok && catalog.FieldByPath(m.Kind, path) != nil {
			m.feed(h, []string{path}, ByName, 1)
			continue
		}
		claims, _ := catalog.MatchHeader(m.Kind, h.text)
		switch len(claims) {
		case 0:
		case 1:
			h.claim = claims[0]
		default: // the catalog's test keeps this from happening
			m.rejectAmbiguous(h, claims)
		}
	}
	for strength := catalog.ExactName; strength > catalog.Suggested; strength-- {
		for i := range m.cells {
			if h := &m.cells[i]; !h.done && h.claim.Strength == strength {
				m.choose(m.rivals(h.claim))
			}
		}
	}
}

// rivals returns the headers that mean a field with one strength.
func (m *matcher) rivals(claim catalog.Candidate) []*headerCell {
	var out []*headerCell
	for i := range m.cells {
		if h := &m.cells[i]; !h.done && h.claim == claim {
			out = append(out, h)
		}
	}
	return out
}

// choose decides between the headers that mean a field with the same strength.
func (m *matcher) choose(rivals []*headerCell) {
	f, strength := rivals[0].claim.Field, rivals[0].claim.Strength
	path, way, taken := f.Path, ways[strength], m.feeder(f.Path)
	fed := f.Many() && (strength > catalog.Fallback || taken == nil) || taken == nil && (len(rivals) == 1 || m.overrides(path, f) != nil)
	for i, h := range rivals {
		at := []string{"header", h.text, "field", path}
		switch {
		case fed, taken != nil && h.name == catalog.Normalize(taken.header): // the latter reports that it is repeated
			m.feed(h, []string{path}, way.how, way.score)
		case taken != nil:
			m.record(h, Column{How: Spare, Others: []string{path}})
			m.addProblemAt(h.col, problem.HeaderSpare, append(at, "other", taken.header)...)
		case strength == catalog.Fallback && !sameName(rivals):
			m.record(h, Column{How: Ambiguous, Others: []string{path}})
			m.addProblemAt(h.col, problem.HeaderLikely, at...)
		default: // none of them is used
			m.record(h, Column{How: Ambiguous, Others: []string{path}})
			if first := rivals[0]; i > 0 {
				m.addProblemAt(h.col, problem.HeaderRepeated, append(at, "other", first.text, "at", cell.A1(m.Row.Num, first.col))...)
			}
		}
	}
}

// sameName reports whether one header is repeated.
func sameName(cells []*headerCell) bool {
	return !slices.ContainsFunc(cells, func(h *headerCell) bool { return h.name != cells[0].name })
}

// rejectAmbiguous reports a header that means several fields.
func (m *matcher) rejectAmbiguous(h *headerCell, claims []catalog.Candidate) {
	paths := make([]string, len(claims))
	for i, c := range claims {
		paths[i] = c.Field.Path
	}
	m.addProblemAt(h.col, problem.HeaderAmbiguous, "header", h.text, "others", strings.Join(paths, ", "), "first", paths[0])
	m.record(h, Column{How: Ambiguous, Others: paths})
}

// maxGuesses is for how many headers similar field names are looked for. A sheet of thousands of
// columns isn't a list of orders.
const maxGuesses = 200

// reportUnmatched reports the headers that are left, with the fields that they might mean. None of
// them is used.
func (m *matcher) reportUnmatched() {
	guesses := 0
	for i := range m.cells {
		h := &m.cells[i]
		if h.done {
			continue
		}
		c := Column{How: NotMapped}
		_, possible := catalog.MatchHeader(m.Kind, h.text)
		for _, x := range possible {
			c.How, c.Score = ByLikeness, ways[catalog.Suggested].score
			c.Others = append(c.Others, x.Field.Path)
		}
		if guesses++; len(possible) == 0 && guesses <= maxGuesses {
			for _, x := range catalog.Suggest(m.Kind, h.text) {
				c.How, c.Score = ByLikeness, max(c.Score, x.Score)
				c.Others = append(c.Others, x.Path)
			}
		}
		m.record(h, c)
		useful := slices.IndexFunc(c.Others, func(path string) bool { // an id only where orders are changed
			return !m.has(path) && (path != catalog.IDPath || m.Changes())
		})
		if useful >= 0 {
			m.addProblemAt(h.col, problem.HeaderLikely, "header", h.text, "field", c.Others[useful])
			continue
		}
		m.addProblemAt(h.col, problem.HeaderUnknown, "header", h.text)
	}
}
