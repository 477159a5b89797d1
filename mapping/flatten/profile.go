package flatten

import (
	"fmt"
	"slices"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"

	"ordersheet/mapping/profile"
)

// FlattenerFor makes a Flattener for the columns of a mapping file, in its order and under its headers, so that the same file reads the export.
// Crosswalks are gone back over: of several words for the same value, the first by the alphabet stands. Lists stand in one cell each. Fields
// that no answer holds are left out.
func ForProfile(p *profile.Profile, kind order.Kind, shape Shape) (*Flattener, error) {
	if p.Kind != "" && p.Kind != kind {
		return nil, fmt.Errorf("choosing columns: the mapping file %s is for %s", p.Name, p.Kind)
	}
	var chosen []column
	for _, header := range p.HeaderOrder {
		path := catalog.Resolve(kind, p.Columns[header][0])
		if path == "" || unanswered[path] {
			continue
		}
		c, err := exportColumn(kind, path)
		if err != nil {
			return nil, err
		}
		c.header = header
		c.between = between(p, c.typ)
		if walk, ok := profile.ByField(kind, p.ValueMappings, path); ok {
			c.back = walk.Reverse()
		}
		if slices.ContainsFunc(chosen, func(x column) bool { return x.path == c.path }) {
			continue // a second column for the same field has nothing of its own to say
		}
		chosen = append(chosen, c)
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("choosing columns: the mapping file %s names none under [columns] that an answer holds", p.Name)
	}
	return newFlattener(kind, shape, chosen)
}

// between is what parts the entries of a list, as the mapping file's own rules part them again.
func between(p *profile.Profile, t catalog.Type) string {
	switch {
	case t == catalog.TagsType && p.TagSeparator != "":
		return p.TagSeparator[:1] + " "
	case t == catalog.TagsType:
		return ", "
	case t == catalog.ListType && p.NumberSeparator != "":
		return p.NumberSeparator[:1] + " "
	case t == catalog.ListType:
		return "; "
	}
	return ""
}
