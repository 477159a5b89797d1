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
		h.claims, _ = catalog.MatchHeader(m.Kind, h.text)
		if len(h.claims) > 1 { // the catalog's test keeps this from happening
			m.rejectAmbiguous(h)
		}
	}
	for strength := catalog.ExactName; strength > catalog.Suggested; strength-- {
		m.matchStrength(strength)
	}
}

// matchStrength matches the headers that mean a field with one strength.
func (m *matcher) matchStrength(strength catalog.Strength) {
	rivals := map[string][]*headerCell{}
	var paths []string
	for i := range m.cells {
		h := &m.cells[i]
		if h.done || len(h.claims) != 1 || h.claims[0].Strength != strength {
			continue
		}
		path := h.claims[0].Field.Path
		if rivals[path] == nil {
			paths = append(paths, path)
		}
		rivals[path] = append(rivals[path], h)
	}
	for _, path := range paths {
		m.choose(path, rivals[path], strength)
	}
}

// choose decides between the headers that mean a field with the same strength.
func (m *matcher) choose(path string, rivals []*headerCell, strength catalog.Strength) {
	f, way, taken := rivals[0].claims[0].Field, ways[strength], m.feeder(path)
	switch {
	case f.Many() && (strength > catalog.Fallback || taken == nil),
		taken == nil && (len(rivals) == 1 || m.overrides(path, f) != nil):
		for _, h := range rivals {
			m.feed(h, []string{path}, way.how, way.score)
		}
	case taken != nil:
		for _, h := range rivals {
			if h.name == catalog.Normalize(taken.header) {
				m.feed(h, []string{path}, way.how, way.score) // reports that it is repeated
				continue
			}
			m.record(h, Column{How: Spare, Others: []string{path}})
			m.addProblemAt(h.col, problem.HeaderSpare, "header", h.text, "field", path, "other", taken.header)
		}
	case strength == catalog.Fallback && !sameName(rivals):
		for _, h := range rivals {
			m.record(h, Column{How: Ambiguous, Others: []string{path}})
			m.addProblemAt(h.col, problem.HeaderLikely, "header", h.text, "field", path)
		}
	default:
		m.rejectRepeated(path, rivals)
	}
}

// sameName reports whether one header is repeated.
func sameName(cells []*headerCell) bool {
	return !slices.ContainsFunc(cells, func(h *headerCell) bool { return h.name != cells[0].name })
}

// rejectRepeated reports columns that mean the same field equally clearly. None of them is used.
func (m *matcher) rejectRepeated(path string, rivals []*headerCell) {
	first := rivals[0]
	for i, h := range rivals {
		if i > 0 {
			m.addProblemAt(h.col, problem.HeaderRepeated, "header", h.text, "field", path, "other", first.text, "at", cell.A1(m.Row.Num, first.col))
		}
		m.record(h, Column{How: Ambiguous, Others: []string{path}})
	}
}

// rejectAmbiguous reports a header that means several fields.
func (m *matcher) rejectAmbiguous(h *headerCell) {
	paths := make([]string, len(h.claims))
	for i, c := range h.claims {
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
