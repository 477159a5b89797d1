package flatten

import (
	"cmp"
	"fmt"

	"ordersheet/internal/order"
	"ordersheet/mapping/catalog"
	"ordersheet/mapping/profile"
)

// ForProfile makes a Flattener for the columns of a mapping file, in its order and under its
// headers, so that the same file reads the export. Value mappings are reversed: of several values
// for the same one, the alphabetically first is written. A list is written in one cell. Fields that
// no answer has are left out.
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
		c.separator = separator(p, c.typ)
		if m, ok := profile.ByField(kind, p.ValueMappings, path); ok {
			c.words = m.Reverse()
		}
		if !hasPath(chosen, c.path) { // a second column for the same field would only repeat it
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("choosing columns: the mapping file %s has no column under [columns] that the API returns", p.Name)
	}
	return newFlattener(kind, shape, chosen)
}

// separator returns what separates the entries of a list, so that reading the mapping file splits
// them again.
func separator(p *profile.Profile, t catalog.Type) string {
	switch t {
	case catalog.TagsType:
		return cmp.Or(p.TagSeparator, ",")[:1] + " "
	case catalog.ListType:
		return cmp.Or(p.NumberSeparator, ";")[:1] + " "
	}
	return ""
}
