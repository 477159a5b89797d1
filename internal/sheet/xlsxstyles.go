package sheet

import (
	"strconv"

	"ordersheet/internal/cell"
)

// readStyles reads which number format each cell style has. A workbook without styles has General only.
func (w *workbook) readStyles(p *part) error {
	w.formats = []cell.Format{{Code: "General"}}
	if p == nil {
		return nil
	}
	codes := map[int]string{}
	index := map[int]uint16{0: 0}
	return w.archive.scanSmall(p, func(s *scanner) error {
		if err := s.root(); err != nil {
			return err
		}
		return s.each(func() error {
			switch {
			case s.is("numFmts"):
				return s.each(func() error {
					if id, err := strconv.Atoi(s.attrString("numFmtId")); err == nil && s.is("numFmt") {
						codes[id] = s.attrString("formatCode")
					}
					return nil
				})
			case s.is("cellXfs"):
				return s.each(func() error { return w.readStyle(s, codes, index) })
			}
			return nil
		})
	})
}

func (w *workbook) readStyle(s *scanner, codes map[int]string, index map[int]uint16) error {
	if !s.is("xf") {
		return nil
	}
	id, _ := strconv.Atoi(s.attrString("numFmtId")) // absent means 0, General
	at, ok := index[id]
	if !ok {
		if len(w.formats) > 0xffff {
			return s.fault("there are more than %d number formats", 0xffff)
		}
		code, own := codes[id]
		if !own {
			code = builtinFormat(id)
		}
		at = uint16(len(w.formats))
		w.formats = append(w.formats, parseFormat(code))
		index[id] = at
	}
	w.styles = append(w.styles, xf{at, isDate(w.formats[at].Class)})
	return nil
}

// xf is what a cell style says of the cell's value.
type xf struct {
	format uint16 // index into Book.Formats
	date   bool   // its numbers are dates or times
}
