package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"

	"ordersheet/mapping/profile"
)

// ReportPrefix begins the header of every column that a report adds to the source's own. Such a column is never mapped, so that a report's
// "To fix" sheet imports as it stands.
const ReportPrefix = "ordersheet: "

// The columns that a report's "To fix" sheet adds.
const (
	ReportStatus  = ReportPrefix + "status"  // the order's final word
	ReportProblem = ReportPrefix + "problem" // what is wrong, and the hint
	ReportCell    = ReportPrefix + "cell"    // the cell in the source that it is about
	ReportRow     = ReportPrefix + "row"     // the row's number in the source
)

// ErrNoHeader says that a row holds no header at all.
var ErrNoHeader = errors.New("the row holds no headers")

// binder is Bind at work.
type binder struct {
	*Binding
	heads  []heading
	mapped map[string]bool // normalised headers that the mapping file speaks of and the sheet has
}

// heading is one header cell on its way to its fields.
type heading struct {
	col    int
	text   string
	name   string // normalised
	claims []catalog.Candidate
	done   bool
}

// Bind binds one row of a sheet, its header, to the fields of a kind. What is wrong with single headers is in the binding's Problems; an
// error says that the row can't be a header at all, or that the mapping file is for the other kind. p may be nil.
func Bind(kind Kind, src *cell.Source, header cell.Row, p *profile.Profile) (*Binding, error) {
	if p == nil {
		p = new(profile.Profile)
	}
	b, err := newBinder(kind, src, header, p)
	if err != nil {
		return nil, err
	}
	b.bind()
	b.leftOver()
	b.finish()
	return b.Binding, nil
}

func newBinder(kind Kind, src *cell.Source, header cell.Row, p *profile.Profile) (*binder, error) {
	if catalog.Fields(kind) == nil {
		return nil, fmt.Errorf("binding a header: %q is no kind of order", kind)
	}
	if p.Kind != "" && p.Kind != kind {
		return nil, fmt.Errorf("binding a header: the mapping file %s is for %s, not for %s", p.Name, p.Kind, kind)
	}
	b := &binder{
		Binding: &Binding{Kind: kind, Source: src, HeaderRow: header.Num, Profile: p, total: -1},
		mapped:  map[string]bool{},
	}
	if b.headings(header); len(b.heads) == 0 {
		return nil, fmt.Errorf("binding a header: %w", ErrNoHeader)
	}
	return b, nil
}

// bind is as much of the work as it takes to tell how well a row serves as a header.
func (b *binder) bind() {
	b.constants()
	b.byFile()
	b.byCatalogue()
}

// headings takes up the header's cells, and the columns without a header that the mapping file names by their letters.
func (b *binder) headings(header cell.Row) {
	for _, c := range header.Cells {
		if text := catalog.CleanHeader(c.Text); c.Kind != cell.Blank && text != "" {
			b.heads = append(b.heads, heading{col: c.Col, text: text, name: catalog.Normalize(text)})
		}
	}
	if len(b.heads) == 0 {
		return
	}
	for letters, paths := range b.Profile.Letters {
		_, col, ok := cell.ParseA1(letters + "1")
		if ok && len(paths) > 0 && !slices.ContainsFunc(b.heads, func(h heading) bool { return h.col == col }) {
			b.heads = append(b.heads, heading{col: col})
		}
	}
	slices.SortFunc(b.heads, func(x, y heading) int { return x.col - y.col })
}

// addProblem adds a problem about the header in column col.
func (b *binder) addProblem(col int, code string, args ...string) *problem.Problem {
	p := problem.New(code, append(args, "cell", cell.A1(b.HeaderRow, col))...)
	b.problems = append(b.problems, p)
	return &b.problems[len(b.problems)-1]
}

// constants resolves the mapping file's constants and defaults, in a fixed order.
func (b *binder) constants() {
	known := func(m map[string]profile.Constant) []boundConst {
		var out []boundConst
		for _, name := range sortedKeys(m) {
			path := catalog.Resolve(b.Kind, name)
			f := catalog.FieldByPath(b.Kind, path)
			if f == nil {
				b.strange++
				b.problems = append(b.problems, problem.New(problem.ConstantBad, "field", name, "value", m[name].Text, "want", "a field of a "+b.Kind.Word(),
					"why", "a "+b.Kind.Word()+" has no such field"))
				continue
			}
			_, label := catalog.SplitCustomLabel(path)
			out = append(out, boundConst{path: path, label: label, field: f, value: m[name]})
		}
		return out
	}
	b.consts, b.defaults = known(b.Profile.Constants), known(b.Profile.Defaults)
}

// overruled says that a constant gives the field, so that its column isn't read.
func (b *binder) overruled(path string, f *catalog.Field) *boundConst {
	if f.Many() {
		return nil
	}
	for i := range b.consts {
		if b.consts[i].path == path {
			return &b.consts[i]
		}
	}
	return nil
}

// byFile gives the columns that the mapping file speaks of to their fields.
func (b *binder) byFile() {
	p := b.Profile
	ignored := map[string]bool{}
	for _, h := range p.Ignore {
		ignored[catalog.Normalize(h)] = true
	}
	columns := make(map[string][]string, len(p.Columns))
	for h, paths := range p.Columns {
		columns[catalog.Normalize(h)] = paths
	}
	for i := range b.heads {
		h := &b.heads[i]
		letters, lettered := p.Letters[cell.ColName(h.col)]
		switch paths, named := columns[h.name]; {
		case strings.HasPrefix(strings.ToLower(h.text), ReportPrefix):
			b.column(h, Column{How: Ignored})
		case lettered && len(letters) == 0:
			b.column(h, Column{How: Ignored})
		case lettered:
			b.give(h, letters, ByFile, 1)
		case ignored[h.name]:
			b.mapped[h.name] = true
			b.column(h, Column{How: Ignored})
		case named:
			b.mapped[h.name] = true
			b.give(h, paths, ByFile, 1)
		}
	}
	for _, header := range sortedKeys(p.Columns) {
		if !b.mapped[catalog.Normalize(header)] {
			b.problems = append(b.problems, problem.New(problem.ColumnAbsent, "header", header))
		}
	}
}

// column records what became of a header.
func (b *binder) column(h *heading, c Column) {
	c.Col, c.Header = h.col, h.text
	b.Columns = append(b.Columns, c)
	h.done = true
}

// give lets a header feed the fields at paths.
func (b *binder) give(h *heading, paths []string, how How, score float64) {
	for _, name := range paths {
		path := catalog.Resolve(b.Kind, name)
		f := catalog.FieldByPath(b.Kind, path)
		if f == nil { // a mapping file without a kind may name a field of the other one
			b.strange++
			b.column(h, Column{How: NotMapped, Others: []string{name}})
			b.addProblem(h.col, problem.HeaderUnknown, "header", h.text)
			continue
		}
		if c := b.overruled(path, f); c != nil {
			b.addProblem(h.col, problem.ConstantOverride, "header", h.text, "field", path, "value", c.value.Text)
			b.column(h, Column{How: Overruled, Others: []string{path}})
			continue
		}
		if other := b.feeder(path); other != nil && !f.Many() {
			b.addProblem(h.col, problem.HeaderRepeated, "header", h.text, "field", path, "other", other.header, "at", cell.A1(b.HeaderRow, other.col))
			b.column(h, Column{How: AmbiguousHow, Others: []string{path}})
			continue
		}
		_, label := catalog.SplitCustomLabel(path)
		b.bound = append(b.bound, boundCol{col: h.col, header: h.text, path: path, label: label, field: f})
		b.column(h, Column{Path: path, How: how, Score: score})
	}
	h.done = true
}

// feeder is the column that already feeds the field at path.
func (b *binder) feeder(path string) *boundCol {
	for i := range b.bound {
		if b.bound[i].path == path {
			return &b.bound[i]
		}
	}
	return nil
}

// finish puts the columns in order, resolves what converting their cells needs, and says which of them are never sent.
func (b *binder) finish() {
	slices.SortStableFunc(b.Columns, func(x, y Column) int { return x.Col - y.Col })
	slices.SortStableFunc(b.bound, func(x, y boundCol) int { return x.col - y.col })
	p := b.Profile
	for i := range b.bound {
		c := &b.bound[i]
		c.valueMapping, _ = profile.ByField(b.Kind, p.ValueMappings, c.path)
		r, _ := profile.ByField(b.Kind, p.Formats, c.path)
		c.dateOrder, c.decimal = r.DateOrder, r.Decimal
		if c.repair = r.Repair; c.repair == 0 {
			c.repair = p.Repair
		}
		if c.width = r.Width; c.width == 0 && r.Repair&value.RepairZeros != 0 && i == b.keyIndex() {
			b.addProblem(c.col, problem.WidthMissing, "header", c.header, "field", c.path)
		}
		if c.dateOrder == "" {
			c.dateOrder = p.DateOrder
		}
		if c.decimal == 0 {
			c.decimal = p.Decimal
		}
		for j := range b.defaults {
			if b.defaults[j].path == c.path {
				c.fallback = &b.defaults[j]
			}
		}
		switch {
		case catalog.IsOrderNumber(c.path):
			b.keys = append(b.keys, i)
		case c.path == b.Kind.TotalField():
			b.total = i
		case c.field.UpdateOnly && !b.Changes(), c.field.ReadOnly && c.path != catalog.IDPath && c.path != catalog.CommandPath:
			b.addProblem(c.col, problem.HeaderNotSent, "header", c.header, "field", c.path)
		}
	}
}

// keyIndex is the column that groups rows into orders: the leftmost of the order number; -1 for none.
func (b *binder) keyIndex() int {
	return slices.IndexFunc(b.bound, func(c boundCol) bool { return catalog.IsOrderNumber(c.path) })
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
