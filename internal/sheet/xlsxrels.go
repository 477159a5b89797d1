package sheet

import (
	"net/url"
	"path"
	"strings"
)

// relation is one entry of a relations part: a link from a part to another.
type relation struct {
	id, kind, target string // kind is the last word of its type; target is the name of a part, from the root of the container
	external         bool   // target isn't in the container, and is never followed
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
			r := relation{id: s.attrString("Id"), external: s.attrString("TargetMode") == "External"}
			kind := s.attrString("Type")
			r.kind = kind[strings.LastIndexByte(kind, '/')+1:]
			if !r.external {
				var err error
				if r.target, err = a.resolve(dir, s.attrString("Target")); err != nil {
					return err
				}
			}
			rels = append(rels, r)
			return nil
		})
	})
	return rels, err
}

// resolve finds the part that a target means, seen from dir.
func (a *archive) resolve(dir, target string) (string, error) {
	target, _, _ = strings.Cut(strings.ReplaceAll(target, `\`, "/"), "#")
	name := target
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
			return "", damaged("is refused: one of its relations, %q, points outside the file", target)
		}
	}
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if plain, err := url.PathUnescape(name); err == nil && a.find(name) == nil && a.find(plain) != nil {
		name = plain
	}
	return name, nil
}

// related returns the part that the first relation of that kind leads to, or nil.
func (a *archive) related(rels []relation, kind string) *part {
	for _, r := range rels {
		if r.kind == kind && !r.external {
			if p := a.find(r.target); p != nil {
				return p
			}
		}
	}
	return nil
}
