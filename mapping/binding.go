package mapping

import (
	"slices"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"

	"ordersheet/mapping/profile"
)

// Binding is one sheet's header bound to the fields of a kind: which column feeds which field, what is constant, what is left over. FindHeader
// and Bind make it.
type Binding struct {
	Kind      Kind
	Also      Kind // the other kind, when FindHeader had to infer the kind and both fit equally: the user must be asked
	Source    *cell.Source
	HeaderRow int              // one-based, as cell.Row.Num
	Columns   Columns          // every column with a header, in rising columns; one that feeds two fields stands twice
	Profile   *profile.Profile // never nil

	bound    []boundCol // what is read of a row, in rising columns
	consts   []boundConst
	defaults []boundConst // for blank cells, and for fields without a column
	keys     []int        // indexes into bound: the columns of the order number, leftmost first; keys[0] holds the grouping key
	total    int          // index into bound of the order's total to compare with, or -1
	strange  int          // names in the mapping file that are fields of the other kind
	problems []problem.Problem

	table *cell.Table // the table object that the header belongs to, or nil
	last  int         // its last row

	work *work // conversion, evidence and payload; order_work.go
}

// boundCol is a column that feeds a field, with all that converting its cells needs.
type boundCol struct {
	col          int
	header       string
	path         string                // full: custom_fields.Priority Level, items.sku
	label        string                // of a custom field
	field        *catalog.Field        // in the catalogue
	valueMapping *profile.ValueMapping // nil for none
	dateOrder    value.DateOrder       // "" is to be proven from the column
	decimal      byte                  // '.' or ','; 0 is to be proven from the column
	repair       value.Repairs
	width        int         // of identifiers that get their zeros back; 0 is to be proven
	fallback     *boundConst // default for a blank cell; nil for none
}

// boundConst is a value that every order (or every line) gets without a column. A constant of tags joins the tags of the columns; a
// constant of any other field has no column beside it.
type boundConst struct {
	path  string
	label string
	field *catalog.Field
	value profile.Constant
}

// Column finds the first column that feeds the field at path.
func (b *Binding) Column(path string) (Column, bool) { return b.Columns.Column(path) }

// Problems says what is to be said of the header: columns that could mean several fields, that mean the same, that mean nothing. One that is
// an error keeps the sheet from being used.
func (b *Binding) Problems() []problem.Problem {
	out := slices.Clone(b.problems)
	for i := range out {
		if b.Source != nil {
			out[i].File, out[i].Sheet = b.Source.File, b.Source.Sheet
		}
	}
	return out
}

// has says that a column, a constant or a default can give the field at path.
func (b *Binding) has(path string) bool {
	for i := range b.bound {
		if b.bound[i].path == path {
			return true
		}
	}
	named := func(c boundConst) bool { return c.path == path }
	return slices.ContainsFunc(b.consts, named) || slices.ContainsFunc(b.defaults, named)
}

// Changes says that orders which stand may be changed by the sheet's rows: the mapping file or --mode says so, or the sheet has a column of
// commands.
func (b *Binding) Changes() bool {
	_, commanded := b.Column(catalog.CommandPath)
	return b.Profile.Mode != "" && b.Profile.Mode != order.Create || commanded
}

// Missing is the fields that every order of the kind needs and that no column, constant or default can give. A sheet without any is a sheet
// of the kind. Where orders may be changed that is their number alone, or their id.
func (b *Binding) Missing() []catalog.Field {
	var out []catalog.Field
	fields := catalog.Fields(b.Kind)
	for i := range fields {
		f := &fields[i]
		if b.Changes() && (!catalog.IsOrderNumber(f.Path) || b.has(catalog.IDPath)) {
			continue
		}
		switch f.Required {
		case catalog.Always:
			if b.has(f.Path) || b.Profile.Generate && catalog.IsOrderNumber(f.Path) {
				continue
			}
		case catalog.UnlessCompany:
			if b.has(f.Path) || b.has(catalog.CompanyPath) {
				continue
			}
		case catalog.SKUOrProduct:
			if f.Path != catalog.SKUPath || b.has(catalog.SKUPath) || b.has(catalog.ProductPath) {
				continue
			}
		default:
			continue
		}
		out = append(out, *f)
	}
	return out
}

// fed counts the different fields that columns feed.
func (b *Binding) fed() int {
	n := 0
	for i := range b.bound {
		if i == 0 || !slices.ContainsFunc(b.bound[:i], func(c boundCol) bool { return c.path == b.bound[i].path }) {
			n++
		}
	}
	return n
}

// Blocked says that a problem of the header keeps every order of the sheet from being sent: two columns that mean one field, a header that
// means two, a constant for a field that the kind hasn't got. What a column holds would be lost in silence otherwise.
func (b *Binding) Blocked() bool {
	return slices.ContainsFunc(b.problems, func(p problem.Problem) bool { return p.Severity == problem.Error })
}
