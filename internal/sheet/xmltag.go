package sheet

import (
	"bytes"
)

// space sorts the namespaces that matter.
type space uint8

const (
	otherSpace    space = iota
	noSpace             // no namespace at all
	mainSpace           // SpreadsheetML, transitional (ECMA-376) or strict (ISO 29500)
	docSpace            // r: of r:id
	relSpace            // of relation parts
	typesSpace          // of [Content_Types].xml
	compatSpace         // mc: of AlternateContent
	xmlSpace            // xml: of xml:space
	reservedSpace       // xmlns
	officeSpace         // of OpenDocument, as those below (ODF 1.3 part 3, 2)
	tableSpace
	textSpace
	styleSpace
	numberSpace
	calcSpace // what LibreOffice adds
)

var spaces = map[string]space{
	"http://schemas.openxmlformats.org/spreadsheetml/2006/main":           mainSpace,
	"http://purl.oclc.org/ooxml/spreadsheetml/main":                       mainSpace,
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships": docSpace,
	"http://purl.oclc.org/ooxml/officeDocument/relationships":             docSpace,
	"http://schemas.openxmlformats.org/package/2006/relationships":        relSpace,
	"http://schemas.openxmlformats.org/package/2006/content-types":        typesSpace,
	"http://schemas.openxmlformats.org/markup-compatibility/2006":         compatSpace,
	"http://www.w3.org/XML/1998/namespace":                                xmlSpace,

	"urn:oasis:names:tc:opendocument:xmlns:office:1.0":                     officeSpace,
	"urn:oasis:names:tc:opendocument:xmlns:table:1.0":                      tableSpace,
	"urn:oasis:names:tc:opendocument:xmlns:text:1.0":                       textSpace,
	"urn:oasis:names:tc:opendocument:xmlns:style:1.0":                      styleSpace,
	"urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0":                  numberSpace,
	"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": calcSpace,
}

// scope is one binding of a prefix, or of the default namespace (prefix empty), within an element.
type scope struct {
	prefix string
	space  space
	depth  int
}

// nameTable marks the bytes of names: 1 may begin one, 2 may stand in one. Bytes over 0x7f are let pass, UTF-8 having been checked.
var nameTable = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == ':', c >= 0x80:
			t[c] = 3
		case c >= '0' && c <= '9', c == '-', c == '.':
			t[c] = 2
		}
	}
	return t
}()

// nameLen is the length of the name that b begins with.
func nameLen(b []byte) int {
	if len(b) == 0 || nameTable[b[0]]&1 == 0 {
		return 0
	}
	i := 1
	for i < len(b) && nameTable[b[i]] != 0 {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// startTag reads a start tag; 0 if b holds only its beginning.
func (s *scanner) startTag(b []byte) (int, error) {
	i := 1 + nameLen(b[1:])
	if i == len(b) {
		return 0, nil
	}
	if i == 1 {
		return 0, s.fault("there is a < that begins no tag")
	}
	s.name, s.attrs = b[1:i], s.attrs[:0]
	declares := false
	for {
		start := i
		for i < len(b) && isSpace(b[i]) {
			i++
		}
		if i+1 >= len(b) && (i == len(b) || b[i] != '>') {
			return 0, nil
		}
		if b[i] == '>' {
			return i + 1, s.opened(false, declares)
		}
		if b[i] == '/' && b[i+1] == '>' {
			return i + 2, s.opened(true, declares)
		}
		if start == i {
			return 0, s.fault("the tag <%s> isn't well-formed", s.name)
		}
		n, err := s.attribute(b[i:])
		if n == 0 || err != nil {
			return 0, err
		}
		i += n
		declares = declares || bytes.HasPrefix(s.attrs[len(s.attrs)-1].name, []byte("xmlns"))
	}
}

// attribute reads name="value"; 0 if b holds only its beginning.
func (s *scanner) attribute(b []byte) (int, error) {
	n := nameLen(b)
	i := n
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	if n == 0 || b[i] != '=' {
		return 0, s.fault("an attribute of <%s> isn't well-formed", s.name)
	}
	i++
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	if b[i] != '"' && b[i] != '\'' {
		return 0, s.fault("an attribute of <%s> has no quotes", s.name)
	}
	end := bytes.IndexByte(b[i+1:], b[i])
	if end < 0 {
		return 0, nil
	}
	a := attr{name: b[:n], local: b[:n], value: b[i+1 : i+1+end], space: noSpace}
	if err := s.checkAttribute(a); err != nil {
		return 0, err
	}
	s.attrs = append(s.attrs, a)
	return i + end + 2, nil
}

func (s *scanner) checkAttribute(a attr) error {
	if bytes.IndexByte(a.value, '<') >= 0 {
		return s.fault("there is a < within attribute %s of <%s>", a.name, s.name)
	}
	if bad := badEntity(a.value); bad != "" {
		return s.fault("attribute %s of <%s> holds %s", a.name, s.name, bad)
	}
	for _, other := range s.attrs {
		if string(other.name) == string(a.name) {
			return s.fault("<%s> has the attribute %s twice", s.name, a.name)
		}
	}
	if len(s.attrs) == maxAttrs {
		return s.fault("<%s> has more than %d attributes", s.name, maxAttrs)
	}
	return nil
}

// opened takes note of the element that has been opened and finds the namespaces of its names.
func (s *scanner) opened(empty, declares bool) error {
	if s.depth() == 0 && s.begun {
		return s.fault("there is a second root element")
	}
	if s.depth() == s.max {
		return &damage{place: "part " + s.part, limit: "Depth", what: "is refused: its elements are nested deeper than allowed (limit Depth)"}
	}
	s.begun, s.empty = true, empty
	s.marks = append(s.marks, len(s.stack))
	s.stack = append(s.stack, s.name...)
	if declares {
		s.declare()
	}
	var err error
	if s.local, s.space, err = s.resolve(s.name, false); err != nil {
		return err
	}
	for i := range s.attrs {
		a := &s.attrs[i]
		if bytes.IndexByte(a.name, ':') < 0 {
			continue
		}
		if a.local, a.space, err = s.resolve(a.name, true); err != nil {
			return err
		}
	}
	return nil
}

// declare binds the prefixes that the element declares.
func (s *scanner) declare() {
	for _, a := range s.attrs {
		prefix, ok := bytes.CutPrefix(a.name, []byte("xmlns:"))
		if !ok && string(a.name) != "xmlns" {
			continue
		}
		if !ok {
			prefix = nil
		}
		sp := spaces[string(a.value)]
		if len(a.value) == 0 {
			sp = noSpace
		}
		s.scopes = append(s.scopes, scope{string(prefix), sp, len(s.marks)})
	}
}

// resolve splits a name and finds the namespace of its prefix.
func (s *scanner) resolve(name []byte, attribute bool) (local []byte, sp space, err error) {
	prefix := []byte(nil)
	local = name
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		prefix, local = name[:i], name[i+1:]
		if i == 0 || len(local) == 0 || bytes.IndexByte(local, ':') >= 0 {
			return nil, 0, s.fault("the name %s isn't well-formed", name)
		}
	} else if attribute {
		return local, noSpace, nil
	}
	for i := len(s.scopes) - 1; i >= 0; i-- {
		if s.scopes[i].prefix == string(prefix) {
			return local, s.scopes[i].space, nil
		}
	}
	switch string(prefix) {
	case "":
		return local, noSpace, nil
	case "xml":
		return local, xmlSpace, nil
	case "xmlns":
		return local, reservedSpace, nil
	}
	return nil, 0, s.fault("the prefix of %s isn't declared", name)
}

// attr returns the raw value of an attribute that has no prefix.
func (s *scanner) attr(name string) (value []byte, ok bool) { return s.attrIn(noSpace, name) }

func (s *scanner) attrIn(sp space, name string) (value []byte, ok bool) {
	for i := range s.attrs {
		if s.attrs[i].space == sp && string(s.attrs[i].local) == name {
			return s.attrs[i].value, true
		}
	}
	return nil, false
}

// attrString returns the decoded value of an attribute that has no prefix, or an empty string.
func (s *scanner) attrString(name string) string {
	v, _ := s.attr(name)
	return string(appendDecoded(nil, v))
}

// attrBool says whether an attribute is present and true (xsd:boolean).
func (s *scanner) attrBool(name string) bool {
	v, _ := s.attr(name)
	return string(v) == "1" || string(v) == "true"
}

// is says whether the tag found last is that element of SpreadsheetML.
func (s *scanner) is(local string) bool {
	return s.space == mainSpace && string(s.local) == local
}
