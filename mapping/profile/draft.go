package profile

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
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
func (d *Draft) Encode(w io.Writer) error {
	var t tomlWriter
	t.line("# What the columns mean. docs/mapping.md explains each part of this file.")
	d.Profile.writeSettings(&t)
	d.writeColumns(&t)
	if len(d.Missing) > 0 {
		t.line("\n# Still missing: a column for each of these, or one value for all orders under [constants]:")
		for _, f := range d.Missing {
			t.line("#   %s (such as %s)", f.Path, f.Example)
		}
	}
	d.Profile.writeValues(&t)
	return t.writeTo(w, "a mapping file")
}

// writeColumns writes [columns], and [letters] for the columns whose header is repeated or empty.
func (d *Draft) writeColumns(t *tomlWriter) {
	var letters tomlWriter
	t.line("\n[columns]")
	for _, c := range d.Columns {
		switch {
		case len(c.Paths) == 0:
		case d.unique(c):
			t.line("%s = %s", Quote(c.Header), tomlPaths(c.Paths))
		default:
			letters.line("%s = %s # %s", cell.ColName(c.Col), tomlPaths(c.Paths), strconv.Quote(c.Header))
		}
	}
	for _, c := range d.Columns {
		switch {
		case len(c.Paths) > 0 || c.Ignored || c.Header == "":
		case c.Overruled:
			t.line("# %s is ignored: %s is set for all orders", strconv.Quote(c.Header), strings.Join(c.Possible, ", "))
		case len(c.Possible) > 0:
			t.line("# %s = %s # column %s: perhaps; not certain enough to be used", Quote(c.Header), tomlPaths(c.Possible), cell.ColName(c.Col))
		default:
			t.line("# %s = ... # column %s: not recognized", Quote(c.Header), cell.ColName(c.Col))
		}
	}
	if letters.Len() > 0 {
		t.line("\n[letters]")
		t.Write(letters.Bytes())
	}
}

// unique reports whether the column's header names it and no other.
func (d *Draft) unique(c DraftColumn) bool {
	name := catalog.Normalize(c.Header)
	return name != "" && !slices.ContainsFunc(d.Columns, func(other DraftColumn) bool {
		return other.Col != c.Col && catalog.Normalize(other.Header) == name
	})
}
