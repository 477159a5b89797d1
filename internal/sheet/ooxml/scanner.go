// Package ooxml reads what workbooks in XLSX and in OpenDocument format have in common: a zip
// container with XML parts. It is strict: checksums, sizes, XML that isn't well-formed and limits
// are errors (book.UnreadableError), so a part is read completely or not at all. The packages xlsx
// and ods call it.
package ooxml

import (
	"bytes"
	"fmt"
	"io"

	"ordersheet/internal/sheet/book"
)

// Token is what Scanner.Next found.
type Token uint8

// The tokens.
const (
	EOF   Token = iota // the end of the part, with all elements closed
	Start              // a start tag
	End                // an end tag
	Text
)

const (
	maxTag   = 4 << 20 // bytes of one tag, comment or instruction; attributes can hold long lists of ranges
	maxAttrs = 256
)

// blocks is where a Scanner gets its text; *stream is one.
type blocks interface {
	next(tail []byte) ([]byte, error)
}

// Scanner reads the tags and texts of one XML part. What isn't well-formed is an error (XML 1.0,
// fifth edition; Namespaces in XML 1.0), and so is a DTD, so there are only the five predefined
// entities. lexer finds control characters and invalid UTF-8 before the text gets here.
type Scanner struct {
	src      blocks // nil once buf holds the rest of the text
	buf      []byte
	pos      int
	off      int64 // offset of buf[0] in the part's text
	part     string
	maxDepth int

	BeforeMove func() // called before the bytes of earlier tokens become invalid; may be nil
	seen       tags

	// The tag that Next found.
	Name  []byte // with its prefix
	Local []byte
	Space Space
	Attrs []Attr
	Empty bool   // <tag/>: its end follows at once
	text  []byte // raw, after Text
	cdata bool   // text is from a CDATA section, which isn't decoded

	begun  bool // the root element was opened
	stack  []byte
	marks  []int // where in stack the name of each open element begins
	scopes []scope
}

// Attr is an attribute with its raw value.
type Attr struct {
	name, Local, Value []byte
	Space              Space
}

func newScanner(src blocks, part string, l book.Limits) *Scanner {
	return &Scanner{src: src, part: part, maxDepth: l.Depth}
}

// Depth returns how many elements are open.
func (s *Scanner) Depth() int { return len(s.marks) }

// Part returns the name of the part.
func (s *Scanner) Part() string { return s.part }

// Damaged returns an error for damage at the current position.
func (s *Scanner) Damaged(format string, args ...any) error {
	return book.Damaged(format, args...).At(fmt.Sprintf("part %s, byte %d", s.part, s.off+int64(s.pos)))
}

// Unread returns the text that was read from the part but not yet scanned.
func (s *Scanner) Unread() []byte { return s.buf[s.pos:] }

// Skip moves n bytes ahead in Unread. The bytes must be white space and complete elements, with so
// many cells, their values, and their inline texts.
func (s *Scanner) Skip(n, cells, values, texts int) {
	s.pos += n
	s.seen.cells += cells
	s.seen.values += values
	s.seen.texts += texts
}

// More appends text to Unread; false means that there is none.
func (s *Scanner) More() (bool, error) {
	if s.src == nil {
		return false, nil
	}
	if s.BeforeMove != nil {
		s.BeforeMove()
	}
	if len(s.buf)-s.pos > maxTag {
		return false, s.Damaged("a tag is longer than %d bytes", maxTag)
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

// Next finds the next token. Its bytes are valid until the next call.
func (s *Scanner) Next() (Token, error) {
	if s.Empty {
		s.Empty = false
		s.pop()
		return End, nil
	}
	for {
		if s.pos == len(s.buf) {
			if ok, err := s.More(); err != nil {
				return 0, err
			} else if !ok {
				return EOF, s.atEnd()
			}
			continue
		}
		if s.buf[s.pos] != '<' {
			if err := s.readText(); err != nil {
				return 0, err
			}
			if s.Depth() > 0 {
				return Text, nil
			}
			if err := s.outside(); err != nil {
				return 0, err
			}
			continue
		}
		tok, err := s.markup()
		if err != nil || tok != EOF {
			return tok, err
		}
	}
}

func (s *Scanner) atEnd() error {
	if s.Depth() > 0 {
		return s.Damaged("it ends within <%s>", s.stack[s.marks[len(s.marks)-1]:])
	}
	if !s.begun {
		return s.Damaged("it holds no XML")
	}
	return nil
}

func (s *Scanner) outside() error {
	t := s.text
	if !s.begun && s.off == 0 && s.pos == len(t) {
		t = bytes.TrimPrefix(t, []byte("\xef\xbb\xbf"))
	}
	if len(bytes.Trim(t, " \t\r\n")) > 0 {
		return s.Damaged("it isn't XML: there is text outside of the root element")
	}
	return nil
}

// markup reads what begins with '<'; EOF means that it was a comment or an instruction.
func (s *Scanner) markup() (Token, error) {
	for {
		tok, n, err := s.tryMarkup(s.buf[s.pos:])
		if err != nil {
			return 0, err
		}
		if n > 0 {
			if s.pos += n; tok == Start {
				s.seen.add(s.Local)
			} else if tok != End {
				s.seen.addAll(s.buf[s.pos-n : s.pos])
			}
			return tok, nil
		}
		if ok, err := s.More(); err != nil {
			return 0, err
		} else if !ok {
			return 0, s.Damaged("it ends within a tag")
		}
	}
}

// tryMarkup reads a complete tag, comment, CDATA section or instruction from b and returns its
// length; 0 if b holds only its beginning.
func (s *Scanner) tryMarkup(b []byte) (Token, int, error) {
	if len(b) < 2 {
		return 0, 0, nil
	}
	switch b[1] {
	case '/':
		n, err := s.endTag(b)
		return End, n, err
	case '!':
		return s.declaration(b)
	case '?':
		n, err := s.instruction(b)
		return 0, n, err
	default:
		n, err := s.startTag(b)
		return Start, n, err
	}
}

func (s *Scanner) declaration(b []byte) (Token, int, error) {
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		n := bytes.Index(b[4:], []byte("--"))
		if n < 0 || len(b) < 4+n+3 {
			return 0, 0, nil
		}
		if b[4+n+2] != '>' {
			return 0, 0, s.Damaged("there is -- within a comment")
		}
		return 0, 4 + n + 3, nil
	case bytes.HasPrefix(b, []byte("<![CDATA[")) && s.Depth() > 0:
		n := bytes.Index(b[9:], []byte("]]>"))
		if n < 0 {
			return 0, 0, nil
		}
		s.text, s.cdata = b[9:9+n], true
		return Text, 9 + n + 3, nil
	case len(b) < 9:
		return 0, 0, nil
	case bytes.HasPrefix(b, []byte("<!DOCTYPE")):
		return 0, 0, &book.UnreadableError{What: "declares a DTD, which no workbook needs", Place: "part " + s.part}
	default:
		return 0, 0, s.Damaged("there is an unknown declaration")
	}
}

func (s *Scanner) instruction(b []byte) (int, error) {
	n := 2 + bytes.Index(b[2:], []byte("?>"))
	if n < 2 {
		return 0, nil
	}
	end := 2 + nameLen(b[2:n])
	target := string(b[2:end])
	if target == "" || end < n && !isSpace(b[end]) {
		return 0, s.Damaged("there is an instruction without a name")
	}
	if bytes.EqualFold(b[2:end], []byte("xml")) && (target != "xml" || s.begun || s.off+int64(s.pos) > 3) {
		return 0, s.Damaged("there is an XML declaration that isn't at the beginning")
	}
	return n + 2, nil
}

func (s *Scanner) endTag(b []byte) (int, error) {
	if len(s.marks) == 0 {
		return 0, s.Damaged("there is an end tag, and nothing is open")
	}
	open := s.stack[s.marks[len(s.marks)-1]:]
	i := 2 + len(open)
	if len(b) <= i {
		return 0, nil
	}
	if string(b[2:i]) != string(open) {
		return 0, s.Damaged("<%s> is closed by %.40q", open, b)
	}
	for b[i] != '>' {
		if !isSpace(b[i]) {
			return 0, s.Damaged("<%s> is closed by %.40q", open, b)
		}
		if i++; i == len(b) {
			return 0, nil
		}
	}
	s.pop()
	return i + 1, nil
}

func (s *Scanner) pop() {
	mark := s.marks[len(s.marks)-1]
	for len(s.scopes) > 0 && s.scopes[len(s.scopes)-1].depth == len(s.marks) {
		s.scopes = s.scopes[:len(s.scopes)-1]
	}
	s.marks, s.stack = s.marks[:len(s.marks)-1], s.stack[:mark]
}

func (s *Scanner) finish() error {
	for {
		if tok, err := s.Next(); err != nil || tok == EOF {
			return err
		}
	}
}
