package mapping

import (
	"io"

	"ordersheet/mapping/profile"
)

// WriteMapping writes a mapping file that says what the binding does: each column with its field,
// and as comments what each of the others might mean and what is still missing. The settings of the
// binding's own mapping file are kept.
func (b *Binding) WriteMapping(w io.Writer) error {
	p := *b.Profile
	p.Kind = b.Kind
	if b.HeaderRow > 1 {
		p.HeaderRow = b.HeaderRow
	}
	d := profile.Draft{Profile: &p, Missing: b.Missing()}
	for _, c := range b.Columns {
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
