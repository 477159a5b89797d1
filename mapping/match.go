package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
	"ordersheet/mapping/value"
)

// ReportPrefix begins the headers of the columns that a report adds. They are never matched, so
// that a corrected report can be imported.
const ReportPrefix = "ordersheet: "

// matcher finds the field of each header.
type matcher struct {
	*Header
	cells []headerCell
	known map[string]bool // normalized headers that the sheet has and the mapping file names
}

// headerCell is a header whose field is looked for.
type headerCell struct {
	col   int
	text  string
	name  string            // normalized
	claim catalog.Candidate // zero for none
	done  bool
}

// NewHeader matches a header row to the fields of a kind. What is wrong with single headers is in
// Header.Problems; an error means that the row can't be a header at all, or that the mapping file
// is for the other kind. p may be nil.
func NewHeader(kind order.Kind, row cell.Row, p *profile.Profile) (*Header, error) {
	m, err := newMatcher(kind, row, p)
	if err != nil {
		return nil, err
	}
	m.match()
	return m.finish(), nil
}

func newMatcher(kind order.Kind, row cell.Row, p *profile.Profile) (*matcher, error) {
	if p == nil {
		p = new(profile.Profile)
	}
	if catalog.Fields(kind) == nil {
		return nil, fmt.Errorf("matching a header: %q isn't a kind of order", kind)
	}
	if p.Kind != "" && p.Kind != kind {
		return nil, fmt.Errorf("matching a header: the mapping file %s is for %s, not for %s", p.Name, p.Kind, kind)
	}
	m := &matcher{Header: &Header{Kind: kind, Row: row, Profile: p}, known: map[string]bool{}}
	if m.collect(row); len(m.cells) == 0 {
		return nil, errors.New("matching a header: the row holds no headers")
	}
	return m, nil
}

// match does all that it takes to tell how well a row serves as a header.
func (m *matcher) match() {
	m.constants, m.defaults = m.resolve(m.Profile.Constants), m.resolve(m.Profile.Defaults)
	m.matchByFile()
	m.matchByCatalog()
}

// collect lists the headers, and the columns without one that the mapping file names by letter.
func (m *matcher) collect(row cell.Row) {
	for _, c := range row.Cells {
		if text := catalog.CleanHeader(c.Text); c.Kind != cell.Blank && text != "" {
			m.cells = append(m.cells, headerCell{col: c.Col, text: text, name: catalog.Normalize(text)})
		}
	}
	if len(m.cells) == 0 {
		return
	}
	for letters, paths := range m.Profile.Letters {
		_, col, ok := cell.ParseA1(letters + "1")
		if ok && len(paths) > 0 && !slices.ContainsFunc(m.cells, func(c headerCell) bool { return c.col == col }) {
			m.cells = append(m.cells, headerCell{col: col})
		}
	}
	slices.SortFunc(m.cells, func(a, b headerCell) int { return a.col - b.col })
}

func (m *matcher) addProblem(code string, args ...string) {
	m.problems = append(m.problems, problem.New(code, args...))
}

// addProblemAt adds a problem about the header in column col.
func (m *matcher) addProblemAt(col int, code string, args ...string) {
	m.addProblem(code, append(args, "cell", cell.A1(m.Row.Num, col))...)
}

// resolve finds the fields of the mapping file's constants or defaults.
func (m *matcher) resolve(values map[string]profile.Constant) []constant {
	var out []constant
	for _, name := range slices.Sorted(maps.Keys(values)) {
		path := catalog.Resolve(m.Kind, name)
		f := catalog.FieldByPath(m.Kind, path)
		if f == nil {
			m.foreign++
			m.addProblem(problem.ConstantBad, "field", name, "value", values[name].Text, "want", "a field of a "+m.Kind.Word(),
				"why", "a "+m.Kind.Word()+" has no such field")
			continue
		}
		out = append(out, constant{path, f, values[name]})
	}
	return out
}

// overrides returns the constant that takes the place of a column for the field, or nil.
func (m *matcher) overrides(path string, f *catalog.Field) *constant {
	if f.Many() {
		return nil
	}
	return findConstant(m.constants, path)
}

// matchByFile matches the columns that the mapping file names.
func (m *matcher) matchByFile() {
	p := m.Profile
	names := namedHeaders(p)
	for i := range m.cells {
		h := &m.cells[i]
		byLetter, hasLetter := p.Letters[cell.ColName(h.col)]
		paths, named := names[h.name]
		m.known[h.name] = m.known[h.name] || named && !hasLetter
		switch {
		case strings.HasPrefix(strings.ToLower(h.text), ReportPrefix), hasLetter && len(byLetter) == 0:
			m.record(h, Column{How: Ignored})
		case hasLetter:
			m.feed(h, byLetter, ByFile, 1)
		case named && len(paths) == 0:
			m.record(h, Column{How: Ignored})
		case named:
			m.feed(h, paths, ByFile, 1)
		}
	}
	for _, header := range slices.Sorted(maps.Keys(p.Columns)) {
		if !m.known[catalog.Normalize(header)] {
			m.addProblem(problem.ColumnAbsent, "header", header)
		}
	}
}

// namedHeaders returns the fields of the headers that a mapping file names, normalized; none for a
// header that it ignores.
func namedHeaders(p *profile.Profile) map[string][]string {
	out := make(map[string][]string, len(p.Columns)+len(p.Ignore))
	for h, paths := range p.Columns {
		out[catalog.Normalize(h)] = paths
	}
	for _, h := range p.Ignore {
		out[catalog.Normalize(h)] = nil
	}
	return out
}

// record says what became of a header.
func (m *matcher) record(h *headerCell, c Column) {
	c.Col, c.Header = h.col, h.text
	m.Columns = append(m.Columns, c)
	h.done = true
}

// feed lets a header's column feed the fields at paths.
func (m *matcher) feed(h *headerCell, paths []string, how How, score float64) {
	for _, name := range paths {
		path := catalog.Resolve(m.Kind, name)
		f := catalog.FieldByPath(m.Kind, path)
		if f == nil { // a mapping file without a kind may name a field of the other kind
			m.foreign++
			m.record(h, Column{How: NotMapped, Others: []string{name}})
			m.addProblemAt(h.col, problem.HeaderUnknown, "header", h.text)
			continue
		}
		if c := m.overrides(path, f); c != nil {
			m.addProblemAt(h.col, problem.ConstantOverride, "header", h.text, "field", path, "value", c.value.Text)
			m.record(h, Column{How: Overruled, Others: []string{path}})
			continue
		}
		if other := m.feeder(path); other != nil && !f.Many() {
			m.addProblemAt(h.col, problem.HeaderRepeated, "header", h.text, "field", path, "other", other.header, "at", cell.A1(m.Row.Num, other.col))
			m.record(h, Column{How: Ambiguous, Others: []string{path}})
			continue
		}
		m.mapped = append(m.mapped, mappedColumn{col: h.col, header: h.text, path: path, field: f})
		m.record(h, Column{Path: path, How: how, Score: score})
	}
	h.done = true
}

// finish returns the header with all that is known about it.
func (m *matcher) finish() *Header {
	m.reportUnmatched()
	m.describeColumns()
	return m.Header
}

// describeColumns sorts the columns, adds what the mapping file says about their values, and
// reports those that are never sent.
func (m *matcher) describeColumns() {
	slices.SortStableFunc(m.Columns, func(a, b Column) int { return a.Col - b.Col })
	slices.SortStableFunc(m.mapped, func(a, b mappedColumn) int { return a.col - b.col })
	p, keyed := m.Profile, false
	for i := range m.mapped {
		c := &m.mapped[i]
		c.valueMapping, _ = profile.ByField(m.Kind, p.ValueMappings, c.path)
		r, _ := profile.ByField(m.Kind, p.Formats, c.path)
		c.Reading = profile.Reading{
			DateOrder: cmp.Or(r.DateOrder, p.DateOrder), Decimal: cmp.Or(r.Decimal, p.Decimal), Repair: cmp.Or(r.Repair, p.Repair), Width: r.Width,
		}
		switch {
		case catalog.IsOrderNumber(c.path):
			if !keyed && c.Width == 0 && r.Repair&value.RepairZeros != 0 {
				m.addProblemAt(c.col, problem.WidthMissing, "header", c.header, "field", c.path)
			}
			keyed = true
		case c.path == m.Kind.TotalField(), m.reads(c.field):
		default:
			m.addProblemAt(c.col, problem.HeaderNotSent, "header", c.header, "field", c.path)
		}
	}
}
