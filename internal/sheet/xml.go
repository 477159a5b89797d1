package sheet

import (
	"bytes"
	"fmt"
	"io"
)

// token is what scanner.next found.
type token uint8

const (
	tokEnd0 token = iota // the end of the part: every element is closed
	tokStart
	tokEnd
	tokText
)

const (
	maxTag   = 4 << 20 // bytes of one tag, comment or instruction: lists of ranges stand in attributes
	maxAttrs = 256
)

// blocks is where a scanner gets its text from; *stream is one.
type blocks interface {
	next(tail []byte) ([]byte, error)
}

// scanner reads the tags and texts of one XML part, and refuses what isn't well-formed (XML 1.0, fifth edition; Namespaces in XML 1.0). Documents with a DTD are
// refused, so the five predefined entities are all there are. Control characters and invalid UTF-8 are found before the text gets here, by tally.
type scanner struct {
	src  blocks // nil once buf holds the last of the text
	buf  []byte
	pos  int
	off  int64  // offset of buf[0] in the part's text
	part string // name, for messages
	max  int    // depth of nesting that is let pass

	keep   func()             // called before buf goes away
	passed func(local []byte) // called for each element that is skipped

	// the tag that next found
	name  []byte // with its prefix
	local []byte
	space space
	attrs []attr
	text  []byte // raw, after tokText
	cdata bool   // text came from a CDATA section: nothing in it is to be decoded

	empty  bool // an end follows the start at once
	begun  bool // the root element has been opened
	stack  []byte
	marks  []int // where on stack the name of each open element begins
	scopes []scope
}

// attr is one attribute; value is raw.
type attr struct {
	name, local, value []byte
	space              space
}

// newScanner scans a stream.
func newScanner(src blocks, part string, l Limits) *scanner {
	return &scanner{src: src, part: part, max: l.Depth}
}

// depth is how many elements are open.
func (s *scanner) depth() int { return len(s.marks) }

// fault says what is wrong, and where.
func (s *scanner) fault(format string, args ...any) error {
	return &damage{place: fmt.Sprintf("part %s, byte %d", s.part, s.off+int64(s.pos)), what: "is damaged: " + fmt.Sprintf(format, args...)}
}

// more brings further text behind what is unread; false says that there is none.
func (s *scanner) more() (bool, error) {
	if s.src == nil {
		return false, nil
	}
	if s.keep != nil {
		s.keep()
	}
	if len(s.buf)-s.pos > maxTag {
		return false, s.fault("a tag is longer than %d bytes", maxTag)
	}
	w, err := s.src.next(s.buf[s.pos:])
	if err == io.EOF {
		s.src = nil
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.off += int64(s.pos)
	s.buf, s.pos = w, 0
	return true, nil
}

// next finds the next token. What it points at is valid until the next call.
func (s *scanner) next() (token, error) {
	if s.empty {
		s.empty = false
		s.pop()
		return tokEnd, nil
	}
	for {
		if s.pos == len(s.buf) {
			if ok, err := s.more(); err != nil {
				return 0, err
			} else if !ok {
				return tokEnd0, s.atEnd()
			}
			continue
		}
		if s.buf[s.pos] != '<' {
			if err := s.readText(); err != nil {
				return 0, err
			}
			if s.depth() > 0 {
				return tokText, nil
			}
			if err := s.outside(); err != nil {
				return 0, err
			}
			continue
		}
		tok, err := s.markup()
		if err != nil || tok != 0 {
			return tok, err
		}
	}
}

func (s *scanner) atEnd() error {
	if s.depth() > 0 {
		return s.fault("it ends within <%s>", s.stack[s.marks[len(s.marks)-1]:])
	}
	if !s.begun {
		return s.fault("it holds no XML")
	}
	return nil
}

// outside checks text outside of the root element: only white space may stand there.
func (s *scanner) outside() error {
	t := s.text
	if !s.begun && s.off == 0 && s.pos == len(t) {
		t = bytes.TrimPrefix(t, []byte("\xef\xbb\xbf"))
	}
	if len(bytes.Trim(t, " \t\r\n")) > 0 {
		return s.fault("it isn't XML: there is text outside of the root element")
	}
	return nil
}

// markup reads what begins with '<'; a zero token says that it was a comment or an instruction.
func (s *scanner) markup() (token, error) {
	for {
		tok, n, err := s.tryMarkup(s.buf[s.pos:])
		if err != nil {
			return 0, err
		}
		if n > 0 {
			s.pos += n
			return tok, nil
		}
		if ok, err := s.more(); err != nil {
			return 0, err
		} else if !ok {
			return 0, s.fault("it ends within a tag")
		}
	}
}

// tryMarkup reads a whole tag, comment, CDATA section or instruction from b and returns its length; 0 if b holds only its beginning.
func (s *scanner) tryMarkup(b []byte) (token, int, error) {
	if len(b) < 2 {
		return 0, 0, nil
	}
	switch b[1] {
	case '/':
		n, err := s.endTag(b)
		return tokEnd, n, err
	case '!':
		return s.declaration(b)
	case '?':
		n, err := s.instruction(b)
		return 0, n, err
	default:
		n, err := s.startTag(b)
		return tokStart, n, err
	}
}

func (s *scanner) declaration(b []byte) (token, int, error) {
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		n := bytes.Index(b[4:], []byte("--"))
		if n < 0 || len(b) < 4+n+3 {
			return 0, 0, nil
		}
		if b[4+n+2] != '>' {
			return 0, 0, s.fault("there is -- within a comment")
		}
		return 0, 4 + n + 3, nil
	case bytes.HasPrefix(b, []byte("<![CDATA[")) && s.depth() > 0:
		n := bytes.Index(b[9:], []byte("]]>"))
		if n < 0 {
			return 0, 0, nil
		}
		s.text, s.cdata = b[9:9+n], true
		return tokText, 9 + n + 3, nil
	case len(b) < 9:
		return 0, 0, nil
	case bytes.HasPrefix(b, []byte("<!DOCTYPE")):
		return 0, 0, &damage{place: "part " + s.part, what: "is refused: it declares a DTD, which no workbook needs"}
	default:
		return 0, 0, s.fault("there is an unknown declaration")
	}
}

func (s *scanner) instruction(b []byte) (int, error) {
	n := 2 + bytes.Index(b[2:], []byte("?>"))
	if n < 2 {
		return 0, nil
	}
	end := 2 + nameLen(b[2:n])
	target := string(b[2:end])
	if target == "" || end < n && !isSpace(b[end]) {
		return 0, s.fault("there is an instruction without a name")
	}
	if bytes.EqualFold(b[2:end], []byte("xml")) && (target != "xml" || s.begun || s.off+int64(s.pos) > 3) {
		return 0, s.fault("there is an XML declaration that isn't at the beginning")
	}
	return n + 2, nil
}

func (s *scanner) endTag(b []byte) (int, error) {
	if len(s.marks) == 0 {
		return 0, s.fault("there is an end tag, and nothing is open")
	}
	open := s.stack[s.marks[len(s.marks)-1]:]
	i := 2 + len(open)
	if len(b) <= i {
		return 0, nil
	}
	if string(b[2:i]) != string(open) {
		return 0, s.fault("<%s> is closed by %.40q", open, b)
	}
	for b[i] != '>' {
		if !isSpace(b[i]) {
			return 0, s.fault("<%s> is closed by %.40q", open, b)
		}
		if i++; i == len(b) {
			return 0, nil
		}
	}
	s.pop()
	return i + 1, nil
}

func (s *scanner) pop() {
	mark := s.marks[len(s.marks)-1]
	for len(s.scopes) > 0 && s.scopes[len(s.scopes)-1].depth == len(s.marks) {
		s.scopes = s.scopes[:len(s.scopes)-1]
	}
	s.marks, s.stack = s.marks[:len(s.marks)-1], s.stack[:mark]
}

// finish reads on to the end of the part.
func (s *scanner) finish() error {
	for {
		if tok, err := s.next(); err != nil || tok == tokEnd0 {
			return err
		}
	}
}
