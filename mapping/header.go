package mapping

import (
	"io"
	"slices"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
)

// Header is the header row of a sheet and what it means: which column feeds which field, and what
// a mapping file adds. FindHeader and NewHeader make it; Scan begins the first pass over the rows.
type Header struct {
	Kind    order.Kind
	Also    order.Kind       // the other kind, if FindHeader inferred the kind and both fit: a person must choose
	Row     cell.Row         // group titles joined with the headers below them, cut to its table object
	Columns Columns          // all columns that have a header; one that feeds two fields is listed twice
	Profile *profile.Profile // never nil

	mapped    []mappedColumn // by column
	constants []constant
	defaults  []constant // for blank cells, and for fields without a column
	foreign   int        // names in the mapping file that are fields of the other kind
	problems  []problem.Problem
	table     *cell.Table // the table object that begins with the header, or nil
}

// mappedColumn is a column that feeds a field, and what the mapping file says about its values.
type mappedColumn struct {
	col             int
	header          string
	path            string // with its label for a custom field
	field           *catalog.Field
	valueMapping    *profile.ValueMapping // nil for none
	profile.Reading                       // what is 0 is inferred from the column's values
}

// constant is a value that needs no column. A constant of tags is added to those of the columns; a
// constant of any other field takes the place of the column.
type constant struct {
	path  string
	field *catalog.Field
	value profile.Constant
}

// Problems returns what is wrong with the header: columns that could mean several fields, that mean
// the same, that mean nothing.
func (h *Header) Problems() []problem.Problem { return slices.Clone(h.problems) }

// Blocked reports whether a problem of the header keeps every order from being sent. Otherwise what
// a column holds could be lost unnoticed.
func (h *Header) Blocked() bool { return h.errors() > 0 }

func (h *Header) errors() int {
	n := 0
	for _, p := range h.problems {
		if p.Severity == problem.Error {
			n++
		}
	}
	return n
}

// Changes reports whether rows may change existing orders: the mode says so, or there is a column
// of commands.
func (h *Header) Changes() bool {
	_, commands := h.Columns.Column(catalog.CommandPath)
	return h.Profile.Mode != "" && h.Profile.Mode != order.Create || commands
}

// has reports whether a column, a constant or a default gives the field at path.
func (h *Header) has(path string) bool {
	return h.feeder(path) != nil || findConstant(h.constants, path) != nil || findConstant(h.defaults, path) != nil
}

func findConstant(list []constant, path string) *constant {
	i := slices.IndexFunc(list, func(c constant) bool { return c.path == path })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// feeder returns the first column that feeds the field at path, or nil.
func (h *Header) feeder(path string) *mappedColumn {
	i := slices.IndexFunc(h.mapped, func(c mappedColumn) bool { return c.path == path })
	if i < 0 {
		return nil
	}
	return &h.mapped[i]
}

// Missing returns the fields that every order needs and that no column, constant or default gives.
// The sheet can be read only if there are none. Where orders may be changed, an order number or an
// id is enough.
func (h *Header) Missing() []catalog.Field {
	var out []catalog.Field
	for _, f := range catalog.Fields(h.Kind) {
		if h.lacks(&f) {
			out = append(out, f)
		}
	}
	return out
}

func (h *Header) lacks(f *catalog.Field) bool {
	number := catalog.IsOrderNumber(f.Path)
	if h.Changes() && (!number || h.has(catalog.IDPath)) || h.has(f.Path) {
		return false
	}
	switch f.Required {
	case catalog.Always:
		return !number || !h.Profile.Generate
	case catalog.UnlessCompany:
		return !h.has(catalog.CompanyPath)
	case catalog.SKUOrProduct:
		return f.Path == catalog.SKUPath && !h.has(catalog.ProductPath)
	}
	return false
}

// reads reports whether cells of the field are read at all.
func (h *Header) reads(f *catalog.Field) bool {
	return onCreate(f) || f.UpdateOnly && h.Changes() || f.Path == catalog.CommandPath || f.Path == catalog.IDPath
}

// onCreate reports whether a new order may have the field.
func onCreate(f *catalog.Field) bool { return !f.ReadOnly && !f.UpdateOnly }

// WriteMapping writes a mapping file that says what the header was taken to mean: each column with
// its field, and as comments what the others might mean and what is still missing. The settings of
// the header's own mapping file are kept.
func (h *Header) WriteMapping(w io.Writer) error {
	p := *h.Profile
	p.Kind = h.Kind
	if h.Row.Num > 1 {
		p.HeaderRow = h.Row.Num
	}
	d := profile.Draft{Profile: &p, Missing: h.Missing()}
	for _, c := range h.Columns {
		last := len(d.Columns) - 1
		if last >= 0 && d.Columns[last].Col == c.Col && c.Path != "" {
			d.Columns[last].Paths = append(d.Columns[last].Paths, c.Path)
			continue
		}
		x := profile.DraftColumn{Col: c.Col, Header: c.Header, Possible: c.Others, Overruled: c.How == Overruled, Ignored: c.How == Ignored}
		if c.Path != "" {
			x.Paths = []string{c.Path}
		}
		d.Columns = append(d.Columns, x)
	}
	return d.Encode(w)
}
