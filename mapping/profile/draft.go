package profile

import (
	"io"
	"slices"

	"ordersheet/mapping/catalog"
)

// Draft is a mapping file for a person to complete: each column of a header with its field, and as
// comments what the others might mean and what is still missing.
type Draft struct {
	Profile *Profile // its settings and values are kept, its columns aren't
	Columns []DraftColumn
	Missing []catalog.Field
}

// DraftColumn is one column of a Draft's header.
type DraftColumn struct {
	Col       int // zero-based
	Header    string
	Paths     []string // the fields that it feeds
	Possible  []string // the fields that it may mean, when it feeds none
	Overruled bool     // a constant gives the fields in Possible
	Ignored   bool     // no comment either
}

// Encode writes the mapping file.
func (d *Draft) Encode(w io.Writer) error { return execute(w, "draft", d) }

// Mapped returns the columns that feed fields: those whose header names them and no other column,
// or those that only their letters can name.
func (d *Draft) Mapped(byHeader bool) []DraftColumn {
	return slices.DeleteFunc(slices.Clone(d.Columns), func(c DraftColumn) bool {
		name := catalog.Normalize(c.Header)
		unique := name != "" && !slices.ContainsFunc(d.Columns, func(other DraftColumn) bool {
			return other.Col != c.Col && catalog.Normalize(other.Header) == name
		})
		return len(c.Paths) == 0 || unique != byHeader
	})
}

// Unmapped returns the columns about which there is a comment.
func (d *Draft) Unmapped() []DraftColumn {
	return slices.DeleteFunc(slices.Clone(d.Columns), func(c DraftColumn) bool { return len(c.Paths) > 0 || c.Ignored || c.Header == "" })
}
