package sheet

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// relation is one entry of a relations part: a link from a part to another.
type relation struct {
	id, kind, target string // kind is the last word of its type; target is the name of a part, from the root of the container
	external         bool   // target isn't in the container, and is never followed
	outside          bool   // target would lie outside of the container
}

// relations reads the links of the part of that name; the root's name is empty. A part without links has no relations part.
func (a *archive) relations(name string) ([]relation, error) {
	name = strings.ReplaceAll(name, `\`, "/")
	dir, base := path.Split(strings.TrimPrefix(name, "/"))
	p := a.find(dir + "_rels/" + base + ".rels")
	if p == nil {
		return nil, nil
	}
	var rels []relation
	err := a.scanSmall(p, func(s *scanner) error {
		if err := s.root(); err != nil {
			return err
		}
		return s.each(func() error {
			if s.space != relSpace || string(s.local) != "Relationship" {
				return nil
			}
			if len(rels) == a.limits.Entries {
				return overLimit("Entries", "is refused: it has more than %d relations", a.limits.Entries)
			}
			r := relation{id: s.attrString("Id"), external: s.attrString("TargetMode") == "External"}
			kind := s.attrString("Type")
			r.kind = kind[strings.LastIndexByte(kind, '/')+1:]
			if !r.external {
				r.target, r.outside = a.resolve(dir, s.attrString("Target"))
			}
			rels = append(rels, r)
			return nil
		})
	})
	return rels, err
}

// resolve finds the part that a target means, seen from dir.
func (a *archive) resolve(dir, target string) (name string, outside bool) {
	target, _, _ = strings.Cut(strings.ReplaceAll(target, `\`, "/"), "#")
	name = target
	if !strings.HasPrefix(target, "/") {
		name = dir + target
	}
	depth := 0
	for _, step := range strings.Split(strings.TrimPrefix(name, "/"), "/") {
		switch step {
		case "..":
			depth--
		case ".", "":
		default:
			depth++
		}
		if depth < 0 {
			return target, true
		}
	}
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if plain, err := url.PathUnescape(name); err == nil && a.find(name) == nil && a.find(plain) != nil {
		name = plain
	}
	return name, false
}

// related returns the part that the first relation of that kind leads to, or nil.
func (a *archive) related(rels []relation, kind string) (*part, error) {
	for _, r := range rels {
		if r.kind != kind || r.external {
			continue
		}
		if p, err := a.follow(r); p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

// follow returns the part that a relation leads to, or nil.
func (a *archive) follow(r relation) (*part, error) {
	if r.outside {
		return nil, damaged("is refused: one of its relations, %q, points outside the file", r.target)
	}
	return a.find(r.target), nil
}

// mainByType finds the workbook by the list of content types: its relation may be missing.
func (a *archive) mainByType() (*part, error) {
	return a.byType(func(kind string) bool {
		return strings.HasSuffix(kind, ".main+xml") && (strings.Contains(kind, "spreadsheetml") || strings.Contains(kind, "ms-excel"))
	})
}

// relatedOrTyped returns the part that a relation of that kind leads to, or where there is no such relation the part that the list of content types has for it, or nil.
func (a *archive) relatedOrTyped(rels []relation, kind string) (*part, error) {
	if slices.ContainsFunc(rels, func(r relation) bool { return r.kind == kind && !r.external }) {
		return a.related(rels, kind)
	}
	return a.byType(func(t string) bool { return strings.HasSuffix(t, "spreadsheetml."+kind+"+xml") })
}

// byType finds the first part of a type of content that fits.
func (a *archive) byType(fits func(kind string) bool) (found *part, err error) {
	p := a.find("[Content_Types].xml")
	if p == nil {
		return nil, nil
	}
	err = a.scanSmall(p, func(s *scanner) error {
		if err := s.root(); err != nil {
			return err
		}
		return s.each(func() error {
			if found == nil && s.space == typesSpace && string(s.local) == "Override" && fits(s.attrString("ContentType")) {
				found = a.find(s.attrString("PartName"))
			}
			return nil
		})
	})
	return found, err
}
