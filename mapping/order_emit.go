package mapping

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"ordersheet/mapping/catalog"

	"ordersheet/mapping/value"
)

// get gives the text and the form of a leaf for one line or payment (-1 for the order): the constant, else the first column with a value, else
// the default. Lists are joined from all their columns and the constant.
func (s *scratch) get(n *node, at int) ([]byte, form) {
	if n.field.Type == catalog.TagsType || n.field.Type == catalog.ListType {
		return s.join(n, at)
	}
	if n == s.w.number && len(s.generated) > 0 {
		return s.generated, quoted
	}
	if n.place > 0 && s.absent[n.place-1] {
		return nil, none
	}
	if n.field.UpdateOnly && s.creating {
		return nil, none
	}
	if n.constant != nil {
		return n.constant.text, n.constant.form
	}
	for _, slot := range n.slots {
		switch v := s.at(slot, at); {
		case v.form == none:
		case v.form == cleared && s.creating: // a new order has nothing to empty; it gets no default either
			return nil, none
		default:
			return s.arena[v.start:v.end], v.form
		}
	}
	if n.fallback != nil && s.creating {
		return n.fallback.text, n.fallback.form
	}
	return nil, none
}

// at is the value of one column for one line or payment.
func (s *scratch) at(slot *slot, at int) orderValue {
	switch slot.part {
	case head:
		return s.heads[slot.index].orderValue
	case line:
		return s.cells[at*s.w.stride[line]+slot.index]
	}
	return s.payCells[at*s.w.stride[pay]+slot.index]
}

// join makes one list of all that feeds a list; each name stands once. The result is valid until the next call.
func (s *scratch) join(n *node, at int) ([]byte, form) {
	f := none
	s.list = s.list[:0]
	if n == s.w.number && len(s.generated) > 0 {
		s.list = append(append(s.list, s.generated...), 0)
	}
	for _, slot := range n.slots {
		switch v := s.at(slot, at); v.form {
		case listed:
			s.addItems(s.arena[v.start:v.end])
		case broken:
			f = broken
		case cleared:
			if f == none {
				f = cleared
			}
		}
	}
	if n.constant != nil {
		s.addItems(n.constant.text)
	}
	if len(s.list) == 0 && n.fallback != nil && f == none && s.creating {
		s.addItems(n.fallback.text)
	}
	switch {
	case len(s.list) > 0:
		f = listed
	case f == cleared && s.creating:
		f = none
	}
	return s.list, f
}

func (s *scratch) addItems(items []byte) {
	for len(items) > 0 {
		end := bytes.IndexByte(items, 0)
		if !hasItem(s.list, items[:end]) {
			s.list = append(s.list, items[:end+1]...)
		}
		items = items[end+1:]
	}
}

// firstItem is a text, or the first name of a list.
func firstItem(f form, text []byte) ([]byte, bool) {
	switch f {
	case listed:
		return text[:bytes.IndexByte(text, 0)], true
	case none, broken:
		return nil, false
	}
	return text, true
}

// fingerprintVersion is the first part of every fingerprint. It changes when the canonical form does, so that old fingerprints never compare
// equal by accident.
const fingerprintVersion = "1:"

// payload writes the order as JSON in the order of the catalogue, and its fingerprint.
func (s *scratch) payload() (json []byte, fingerprint string) {
	s.out = s.whole(s.out[:0], false)
	json = bytes.Clone(s.out)
	s.out = s.whole(s.out[:0], true)
	sum := sha256.Sum256(s.out)
	var text [len(fingerprintVersion) + 2*sha256.Size]byte
	n := copy(text[:], fingerprintVersion)
	hex.Encode(text[n:], sum[:])
	return json, string(text[:])
}

// whole writes all that there is.
func (s *scratch) whole(dst []byte, canon bool) []byte {
	if dst, ok := s.object(dst, s.w.root, -1, canon); ok {
		return dst
	}
	return append(dst, "{}"...)
}

// write writes a node, as JSON or (canon) in the canonical form that the tests define with referenceFingerprint: sorted names, a comma after each value. It
// writes nothing and says false when the node has no value.
func (s *scratch) write(dst []byte, n *node, at int, canon bool) ([]byte, bool) {
	switch {
	case n.rows:
		return s.records(dst, n, canon)
	case n.field == nil:
		return s.object(dst, n, at, canon)
	case n != s.w.number && s.deleting:
		return dst, false
	}
	text, f := s.get(n, at)
	switch f {
	case quoted:
		if canon {
			return value.AppendQuoted(dst, text), true
		}
		return value.AppendJSON(dst, text), true
	case bare:
		return append(dst, text...), true
	case listed:
		return writeList(dst, text, canon, n.field.Type == catalog.TagsType), true
	case cleared:
		if canon { // a fingerprint holds no blanks
			return dst, false
		}
		if n.field.Many() {
			return append(dst, "[]"...), true
		}
		return append(dst, "null"...), true
	}
	return dst, false
}

// object writes the children of a node that have a value.
func (s *scratch) object(dst []byte, n *node, at int, canon bool) ([]byte, bool) {
	start, children := len(dst), n.children
	if canon {
		children = n.sorted
	}
	dst = append(dst, '{')
	for _, c := range children {
		mark, ok := len(dst), false
		if canon {
			dst = append(dst, c.canon...)
		} else {
			dst = append(dst, c.key...)
		}
		if dst, ok = s.write(dst, c, at, canon); !ok {
			dst = dst[:mark]
			continue
		}
		dst = append(dst, ',')
	}
	if len(dst) == start+1 {
		return dst[:start], false
	}
	return closing(dst, '}', canon), true
}

// closing ends an object or a list whose last byte is a comma.
func closing(dst []byte, end byte, canon bool) []byte {
	if canon {
		return append(dst, end)
	}
	dst[len(dst)-1] = end
	return dst
}

// records writes the lines or the payments.
func (s *scratch) records(dst []byte, n *node, canon bool) ([]byte, bool) {
	count := len(s.items)
	if n.name+"." == catalog.PaymentsPrefix {
		count = len(s.pays)
	}
	if count == 0 || s.deleting {
		return dst, false
	}
	dst = append(dst, '[')
	for i := range count {
		dst, _ = s.object(dst, n, i, canon)
		dst = append(dst, ',')
	}
	return closing(dst, ']', canon), true
}

// writeList writes a list of texts. Tags are a set: the canonical form sorts them.
func writeList(dst, items []byte, canon, set bool) []byte {
	dst = append(dst, '[')
	if canon && set {
		names := bytes.Split(items[:len(items)-1], []byte{0})
		slices.SortFunc(names, bytes.Compare)
		for _, name := range names {
			dst = append(value.AppendQuoted(dst, name), ',')
		}
		return append(dst, ']')
	}
	for len(items) > 0 {
		end := bytes.IndexByte(items, 0)
		if canon {
			dst = value.AppendQuoted(dst, items[:end])
		} else {
			dst = value.AppendJSON(dst, items[:end])
		}
		dst, items = append(dst, ','), items[end+1:]
	}
	return closing(dst, ']', canon)
}
