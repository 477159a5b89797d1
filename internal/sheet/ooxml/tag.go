package ooxml

import (
	"bytes"

	"ordersheet/internal/sheet/book"
)

// Space is an XML namespace, as far as it matters here.
type Space uint8

// The namespaces.
const (
	OtherSpace    Space = iota
	NoSpace             // no namespace
	MainSpace           // SpreadsheetML, transitional (ECMA-376) or strict (ISO 29500)
	DocSpace            // r: of r:id
	RelSpace            // of relation parts
	TypesSpace          // of [Content_Types].xml
	CompatSpace         // mc: of AlternateContent
	XmlSpace            // xml: of xml:Space
	ReservedSpace       // xmlns
	OfficeSpace         // of OpenDocument, like those below (ODF 1.3 part 3, 2)
	TableSpace
	TextSpace
	StyleSpace
	NumberSpace
	CalcSpace // LibreOffice's own
)

var spaces = map[string]Space{
	"http://schemas.openxmlformats.org/spreadsheetml/2006/main":           MainSpace,
	"http://purl.oclc.org/ooxml/spreadsheetml/main":                       MainSpace,
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships": DocSpace,
	"http://purl.oclc.org/ooxml/officeDocument/relationships":             DocSpace,
	"http://schemas.openxmlformats.org/package/2006/relationships":        RelSpace,
	"http://schemas.openxmlformats.org/package/2006/content-types":        TypesSpace,
	"http://schemas.openxmlformats.org/markup-compatibility/2006":         CompatSpace,
	"http://www.w3.org/XML/1998/namespace":                                XmlSpace,

	"urn:oasis:names:tc:opendocument:xmlns:office:1.0":                     OfficeSpace,
	"urn:oasis:names:tc:opendocument:xmlns:table:1.0":                      TableSpace,
	"urn:oasis:names:tc:opendocument:xmlns:text:1.0":                       TextSpace,
	"urn:oasis:names:tc:opendocument:xmlns:style:1.0":                      StyleSpace,
	"urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0":                  NumberSpace,
	"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": CalcSpace,
}

// scope binds a prefix, or the default namespace (empty prefix), within an element.
type scope struct {
	prefix string
	space  Space
	depth  int
}

// nameTable marks the bytes of names: 1 may begin one, 2 may be in one. All bytes over 0x7f may,
// since UTF-8 was checked before.
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

// startTag reads a start tag and returns its length; 0 if b holds only its beginning.
func (s *Scanner) startTag(b []byte) (int, error) {
	i := 1 + nameLen(b[1:])
	if i == len(b) {
		return 0, nil
	}
	if i == 1 {
		return 0, s.Damaged("there is a < that begins no tag")
	}
	s.Name, s.Attrs = b[1:i], s.Attrs[:0]
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
			return 0, s.Damaged("the tag <%s> isn't well-formed", s.Name)
		}
		n, err := s.attribute(b[i:])
		if n == 0 || err != nil {
			return 0, err
		}
		i += n
		declares = declares || bytes.HasPrefix(s.Attrs[len(s.Attrs)-1].name, []byte("xmlns"))
	}
}

// attribute reads name="value" and returns its length; 0 if b holds only its beginning.
func (s *Scanner) attribute(b []byte) (int, error) {
	n := nameLen(b)
	i := n
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	if n == 0 || b[i] != '=' {
		return 0, s.Damaged("an attribute of <%s> isn't well-formed", s.Name)
	}
	i++
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	if b[i] != '"' && b[i] != '\'' {
		return 0, s.Damaged("an attribute of <%s> has no quotes", s.Name)
	}
	end := bytes.IndexByte(b[i+1:], b[i])
	if end < 0 {
		return 0, nil
	}
	a := Attr{name: b[:n], Local: b[:n], Value: b[i+1 : i+1+end], Space: NoSpace}
	if err := s.checkAttribute(a); err != nil {
		return 0, err
	}
	s.Attrs = append(s.Attrs, a)
	return i + end + 2, nil
}

func (s *Scanner) checkAttribute(a Attr) error {
	if bytes.IndexByte(a.Value, '<') >= 0 {
		return s.Damaged("there is a < within attribute %s of <%s>", a.name, s.Name)
	}
	if bad := BadEntity(a.Value); bad != "" {
		return s.Damaged("attribute %s of <%s> holds %s", a.name, s.Name, bad)
	}
	for _, other := range s.Attrs {
		if string(other.name) == string(a.name) {
			return s.Damaged("<%s> has the attribute %s twice", s.Name, a.name)
		}
	}
	if len(s.Attrs) == maxAttrs {
		return s.Damaged("<%s> has more than %d attributes", s.Name, maxAttrs)
	}
	return nil
}

func (s *Scanner) opened(empty, declares bool) error {
	if s.Depth() == 0 && s.begun {
		return s.Damaged("there is a second root element")
	}
	if s.Depth() == s.maxDepth {
		return book.OverLimit("Depth", "its elements are nested too deep").At("part " + s.part)
	}
	s.begun, s.Empty = true, empty
	s.marks = append(s.marks, len(s.stack))
	s.stack = append(s.stack, s.Name...)
	if declares {
		s.declare()
	}
	var err error
	if s.Local, s.Space, err = s.resolve(s.Name, false); err != nil {
		return err
	}
	for i := range s.Attrs {
		a := &s.Attrs[i]
		if bytes.IndexByte(a.name, ':') < 0 {
			continue
		}
		if a.Local, a.Space, err = s.resolve(a.name, true); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scanner) declare() {
	for _, a := range s.Attrs {
		prefix, ok := bytes.CutPrefix(a.name, []byte("xmlns:"))
		if !ok && string(a.name) != "xmlns" {
			continue
		}
		if !ok {
			prefix = nil
		}
		sp := spaces[string(a.Value)]
		if len(a.Value) == 0 {
			sp = NoSpace
		}
		s.scopes = append(s.scopes, scope{string(prefix), sp, len(s.marks)})
	}
}

func (s *Scanner) resolve(name []byte, attribute bool) (local []byte, sp Space, err error) {
	prefix := []byte(nil)
	local = name
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		prefix, local = name[:i], name[i+1:]
		if i == 0 || len(local) == 0 || bytes.IndexByte(local, ':') >= 0 {
			return nil, 0, s.Damaged("the name %s isn't well-formed", name)
		}
	} else if attribute {
		return local, NoSpace, nil
	}
	for i := len(s.scopes) - 1; i >= 0; i-- {
		if s.scopes[i].prefix == string(prefix) {
			return local, s.scopes[i].space, nil
		}
	}
	switch string(prefix) {
	case "":
		return local, NoSpace, nil
	case "xml":
		return local, XmlSpace, nil
	case "xmlns":
		return local, ReservedSpace, nil
	}
	return nil, 0, s.Damaged("the prefix of %s isn't declared", name)
}

// Attr returns the raw value of an attribute without a prefix.
func (s *Scanner) Attr(name string) (value []byte, ok bool) { return s.AttrIn(NoSpace, name) }

// AttrIn returns the raw value of an attribute.
func (s *Scanner) AttrIn(sp Space, name string) (value []byte, ok bool) {
	for i := range s.Attrs {
		if s.Attrs[i].Space == sp && string(s.Attrs[i].Local) == name {
			return s.Attrs[i].Value, true
		}
	}
	return nil, false
}

// AttrText returns the decoded value of an attribute without a prefix, or an empty string.
func (s *Scanner) AttrText(name string) string { return s.AttrTextIn(NoSpace, name) }

// AttrTextIn returns the decoded value of an attribute, or an empty string.
func (s *Scanner) AttrTextIn(sp Space, name string) string {
	v, _ := s.AttrIn(sp, name)
	return string(AppendDecoded(nil, v))
}

// AttrBool reports whether an attribute is present and true (xsd:boolean).
func (s *Scanner) AttrBool(name string) bool {
	v, _ := s.Attr(name)
	return string(v) == "1" || string(v) == "true"
}

// Is reports whether the tag found last is that element of SpreadsheetML.
func (s *Scanner) Is(local string) bool { return s.IsIn(MainSpace, local) }

// IsIn reports whether the tag found last is that element.
func (s *Scanner) IsIn(sp Space, local string) bool { return s.Space == sp && string(s.Local) == local }

// OnlyRootScope reports whether all namespace declarations that apply are those of the root
// element.
func (s *Scanner) OnlyRootScope() bool {
	return len(s.scopes) > 0 && s.scopes[len(s.scopes)-1].depth == 1
}
