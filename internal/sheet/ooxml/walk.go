package ooxml

import (
	"bytes"
	"io"

	"ordersheet/internal/sheet/book"
)

// Scan calls fn with the part and then checks the rest of it to its end. It is an error if an
// independent count of the tags differs from those that the Scanner has seen.
func (a *Archive) Scan(p *Part, fn func(*Scanner) error) error {
	src, err := a.stream(p)
	if err != nil {
		return err
	}
	defer src.close()
	s := newScanner(src, p.Name, a.limits)
	if err := fn(s); err != nil {
		return err
	}
	if err := s.finish(); err != nil {
		return err
	}
	if _, err := src.next(nil); err != io.EOF { // after the end the counts are complete
		return err
	}
	if got, want := s.seen, src.lexer.tags; got != want {
		return book.Damaged("two counts differ (rows %d and %d, cells %d and %d, values %d and %d, texts %d and %d)",
			got.rows, want.rows, got.cells, want.cells, got.values, want.values, got.texts, want.texts).At("part " + p.Name)
	}
	return nil
}

// ScanSmall is Scan for the parts that are small in real workbooks; one limit applies to their sum.
func (a *Archive) ScanSmall(p *Part, fn func(*Scanner) error) error {
	if !p.counted {
		p.counted = true
		a.small += p.Size
	}
	if a.small > a.limits.Part {
		return book.OverLimit("Part", "its parts other than sheets, up to %q, expand to more than %d bytes", p.Name, a.limits.Part)
	}
	return a.Scan(p, fn)
}

// Root opens the root element.
func (s *Scanner) Root() error {
	tok, err := s.Next()
	if err == nil && tok != Start {
		err = s.Damaged("it holds no element")
	}
	return err
}

// Each calls fn at the start of each child of the element opened last, and returns after the
// element's end. What fn doesn't read of a child is skipped. Of alternatives (mc:AlternateContent)
// the fallback is read, since the others require extensions.
func (s *Scanner) Each(fn func() error) error {
	for depth := s.Depth(); ; {
		tok, err := s.Next()
		switch {
		case err != nil:
			return err
		case tok == End && s.Depth() < depth:
			return nil
		case tok == Text:
			if err := s.RequireBlank(); err != nil {
				return err
			}
		case tok == Start:
			if err := s.Child(fn); err != nil {
				return err
			}
		}
	}
}

// Child calls fn for the element opened last, or for the children of its fallback, and skips what
// fn doesn't read of it.
func (s *Scanner) Child(fn func() error) error {
	depth := s.Depth()
	var err error
	if s.IsIn(CompatSpace, "AlternateContent") {
		err = s.Each(func() error {
			if s.IsIn(CompatSpace, "Fallback") {
				return s.Each(fn)
			}
			return s.SkipElement()
		})
	} else {
		err = fn()
	}
	if err != nil {
		return err
	}
	return s.Leave(depth)
}

// Leave reads until fewer than depth elements are open.
func (s *Scanner) Leave(depth int) error {
	for s.Depth() >= depth {
		if _, err := s.Next(); err != nil {
			return err
		}
	}
	return nil
}

// SkipElement skips the element opened last.
func (s *Scanner) SkipElement() error { return s.Leave(s.Depth()) }

// RequireBlank returns an error if the text found last isn't blank.
func (s *Scanner) RequireBlank() error {
	if len(bytes.Trim(s.text, " \t\r\n")) > 0 {
		return s.Damaged("there is text, %.20q, where none may be", s.text)
	}
	return nil
}

// AppendElement appends the text of the element opened last and reads to its end. Elements within
// it are skipped. A text over limit bytes is an error.
func (s *Scanner) AppendElement(dst []byte, limit int) ([]byte, error) {
	start := len(dst)
	for depth := s.Depth(); ; {
		tok, err := s.Next()
		switch {
		case err != nil:
			return dst, err
		case tok == End && s.Depth() < depth:
			return dst, nil
		case tok == Text && s.Depth() == depth:
			dst = s.AppendText(dst)
		}
		if len(dst)-start > limit {
			return dst, s.TooLong()
		}
	}
}

// TooLong returns the error for a cell whose text exceeds the limit.
func (s *Scanner) TooLong() error {
	return book.OverLimit("CellBytes", "a cell holds more text than is allowed").At("part " + s.part)
}
