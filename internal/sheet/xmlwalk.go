package sheet

import (
	"bytes"
	"io"
)

// scan opens a part and hands it to fn, then checks the rest of it to its end. It gives the independent counts of the tags.
func (a *archive) scan(p *part, fn func(*scanner) error) (tally, error) {
	src, err := a.stream(p)
	if err != nil {
		return tally{}, err
	}
	defer src.close()
	s := newScanner(src, p.name, a.limits)
	if err := fn(s); err != nil {
		return tally{}, err
	}
	if err := s.finish(); err != nil {
		return tally{}, err
	}
	if _, err := src.next(nil); err != io.EOF { // the scanner has seen the end, so the counts are complete
		return tally{}, err
	}
	return src.tally, nil
}

// scanSmall is scan for the parts that honest workbooks keep small: all of them together have one limit.
func (a *archive) scanSmall(p *part, fn func(*scanner) error) error {
	if !p.counted {
		p.counted = true
		a.small += p.size
	}
	if a.small > a.limits.Part {
		return overLimit("Part", "is refused: its parts other than sheets, up to %q, expand to more than %d bytes", p.name, a.limits.Part)
	}
	_, err := a.scan(p, fn)
	return err
}

// root opens the root element.
func (s *scanner) root() error {
	tok, err := s.next()
	if err == nil && tok != tokStart {
		err = s.fault("it holds no element")
	}
	return err
}

// each calls fn at the start of each child of the element opened last, and returns after its end. What fn leaves of a child is skipped. Where a file offers
// alternatives (mc:AlternateContent), the children of its fallback count: this reader knows none of the extensions that the others ask for.
func (s *scanner) each(fn func() error) error {
	for depth := s.depth(); ; {
		tok, err := s.next()
		switch {
		case err != nil:
			return err
		case tok == tokEnd && s.depth() < depth:
			return nil
		case tok == tokText:
			if err := s.blank(); err != nil {
				return err
			}
		case tok == tokStart:
			if err := s.child(fn); err != nil {
				return err
			}
		}
	}
}

func (s *scanner) child(fn func() error) error {
	depth := s.depth()
	var err error
	if s.space == compatSpace && string(s.local) == "AlternateContent" {
		err = s.each(func() error {
			if s.space == compatSpace && string(s.local) == "Fallback" {
				return s.each(fn)
			}
			return s.pass()
		})
	} else {
		err = fn()
	}
	if err != nil {
		return err
	}
	return s.leave(depth)
}

// leave reads on until fewer than depth elements are open.
func (s *scanner) leave(depth int) error {
	for s.depth() >= depth {
		tok, err := s.next()
		if err != nil {
			return err
		}
		if tok == tokStart && s.passed != nil {
			s.passed(s.local)
		}
	}
	return nil
}

// pass skips the element opened last.
func (s *scanner) pass() error {
	if s.passed != nil {
		s.passed(s.local)
	}
	return s.leave(s.depth())
}

// blank refuses a text where only elements may stand.
func (s *scanner) blank() error {
	if len(bytes.Trim(s.text, " \t\r\n")) > 0 {
		return s.fault("there is text, %.20q, where none may be", s.text)
	}
	return nil
}

// appendElement appends the text of the element opened last, up to its end; elements within it are skipped.
func (s *scanner) appendElement(dst []byte, limit int) ([]byte, error) {
	start := len(dst)
	for depth := s.depth(); ; {
		tok, err := s.next()
		switch {
		case err != nil:
			return dst, err
		case tok == tokEnd && s.depth() < depth:
			return dst, nil
		case tok == tokText && s.depth() == depth:
			dst = s.appendText(dst)
		case tok == tokStart && s.passed != nil:
			s.passed(s.local)
		}
		if len(dst)-start > limit {
			return dst, tooLong(s.part)
		}
	}
}

func tooLong(part string) error {
	return &damage{place: "part " + part, limit: "CellBytes", what: "is refused: a cell holds more text than is allowed (limit CellBytes)"}
}
