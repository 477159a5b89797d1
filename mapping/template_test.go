package mapping_test

import (
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/mapping"
	"ordersheet/mapping/catalog"
)

// A template's own header binds whole, each column to its field, and satisfies its kind.
func TestTemplateBinds(t *testing.T) {
	for _, kind := range bothKinds {
		var headers, paths []string
		for _, f := range catalog.Template(kind) {
			headers, paths = append(headers, f.Column), append(paths, f.Path)
		}
		b := newHeader(t, kind, nil, headers...)
		for i, c := range b.Columns {
			if c.Path != paths[i] || c.How != mapping.ByName {
				t.Errorf("%s: %s gives %s (%s), want %s", kind, c.Header, c.Path, c.How, paths[i])
			}
		}
		if m := b.Missing(); len(m) > 0 {
			t.Errorf("%s: the template lacks %v", kind, m)
		}
		if p := b.Problems(); len(p) > 0 {
			t.Errorf("%s: the template's header has problems: %v", kind, p)
		}
		if found := mapping.FindHeader("", []cell.Row{headerRow(1, headers...)}, nil, nil); found.Kind != kind || found.Also != "" {
			t.Errorf("the template of %s is taken for %s, also %q", kind, found.Kind, found.Also)
		}
		if f := catalog.Template(kind)[0]; f.Required != catalog.Always {
			t.Errorf("%s: the template begins with %s", kind, f.Path)
		}
	}
}
