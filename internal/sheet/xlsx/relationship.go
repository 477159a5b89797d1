package xlsx

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

type relationship struct {
	id, kind, target string // kind is the last word of the type; target is the full name of a part
	external         bool   // target isn't in the container, and is never opened
	outside          bool   // target would be outside of the container
}

func relationships(a *ooxml.Archive, name string) ([]relationship, error) {
	name = strings.ReplaceAll(name, `\`, "/")
	dir, base := path.Split(strings.TrimPrefix(name, "/"))
	p := a.Find(dir + "_rels/" + base + ".rels")
	if p == nil {
		return nil, nil
	}
	var rels []relationship
	err := a.ScanSmall(p, func(s *ooxml.Scanner) error {
		if err := s.Root(); err != nil {
			return err
		}
		return s.Each(func() error {
			if !s.IsIn(ooxml.RelSpace, "Relationship") {
				return nil
			}
			if len(rels) == a.MaxEntries() {
				return book.OverLimit("Entries", "has more than %d relationships", a.MaxEntries())
			}
			r := relationship{id: s.AttrText("Id"), external: s.AttrText("TargetMode") == "External"}
			kind := s.AttrText("Type")
			r.kind = kind[strings.LastIndexByte(kind, '/')+1:]
			if !r.external {
				r.target, r.outside = resolve(a, dir, s.AttrText("Target"))
			}
			rels = append(rels, r)
			return nil
		})
	})
	return rels, err
}

// resolve returns the name of the part that a target in dir means.
func resolve(a *ooxml.Archive, dir, target string) (name string, outside bool) {
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
	if plain, err := url.PathUnescape(name); err == nil && a.Find(name) == nil && a.Find(plain) != nil {
		name = plain
	}
	return name, false
}

func related(a *ooxml.Archive, rels []relationship, kind string) (*ooxml.Part, error) {
	for _, r := range rels {
		if r.kind != kind || r.external {
			continue
		}
		if p, err := follow(a, r); p != nil || err != nil {
			return p, err
		}
	}
	return nil, nil
}

func follow(a *ooxml.Archive, r relationship) (*ooxml.Part, error) {
	if r.outside {
		return nil, book.Damaged("one of its relationships, %q, points outside the file", r.target)
	}
	return a.Find(r.target), nil
}

// mainByType finds the workbook by the list of content types, since its relationship may be
// missing.
func mainByType(a *ooxml.Archive) (*ooxml.Part, error) {
	return byType(a, func(kind string) bool {
		return strings.HasSuffix(kind, ".main+xml") && (strings.Contains(kind, "spreadsheetml") || strings.Contains(kind, "ms-excel"))
	})
}

// relatedOrTyped returns the part of a relationship of that kind, or if there is none the part that
// has that content type, or nil.
func relatedOrTyped(a *ooxml.Archive, rels []relationship, kind string) (*ooxml.Part, error) {
	if slices.ContainsFunc(rels, func(r relationship) bool { return r.kind == kind && !r.external }) {
		return related(a, rels, kind)
	}
	return byType(a, func(t string) bool { return strings.HasSuffix(t, "spreadsheetml."+kind+"+xml") })
}

func byType(a *ooxml.Archive, fits func(kind string) bool) (found *ooxml.Part, err error) {
	p := a.Find("[Content_Types].xml")
	if p == nil {
		return nil, nil
	}
	err = a.ScanSmall(p, func(s *ooxml.Scanner) error {
		if err := s.Root(); err != nil {
			return err
		}
		return s.Each(func() error {
			if found == nil && s.IsIn(ooxml.TypesSpace, "Override") && fits(s.AttrText("ContentType")) {
				found = a.Find(s.AttrText("PartName"))
			}
			return nil
		})
	})
	return found, err
}
