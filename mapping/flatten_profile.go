package mapping

import (
	"fmt"
	"slices"

	"ordersheet/mapping/catalog"
)

// Flattener makes a Flattener for the columns of a mapping file, in its order and under its headers, so that the same file reads the export.
// Crosswalks are gone back over: of several words for the same value, the first by the alphabet stands. Lists stand in one cell each. Fields
// that no answer holds are left out.
func (p *Profile) Flattener(kind Kind, shape Shape) (*Flattener, error) {
	if p.Kind != "" && p.Kind != kind {
		return nil, fmt.Errorf("choosing columns: the mapping file %s is for %s", p.Name, p.Kind)
	}
	var chosen []flatColumn
	for _, header := range p.Order {
		path := catalog.Resolve(kind, p.Columns[header][0])
		if path == "" || unanswered[path] {
			continue
		}
		c, err := exportColumn(kind, path)
		if err != nil {
			return nil, err
		}
		c.header = header
		c.between = p.between(c.typ)
		if walk, ok := byField(kind, p.Crosswalks, path); ok {
			c.back = walk.back()
		}
		if slices.ContainsFunc(chosen, func(x flatColumn) bool { return x.path == c.path }) {
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
func (p *Profile) between(t catalog.Type) string {
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

// back is the crosswalk the other way.
func (c *Crosswalk) back() map[string]string {
	out := make(map[string]string, len(c.values))
	for _, from := range sortedKeys(c.values) {
		if to := c.values[from]; out[to] == "" {
			out[to] = from
		}
	}
	return out
}
