package ods

import (
	"strconv"

	"ordersheet/internal/sheet/ooxml"
)

// readText reads the text of a cell: its paragraphs, joined by line ends, without annotations,
// drawings and tables within the cell.
func (x *rowReader) readText(c *rawCell) error {
	start := len(x.arena)
	err := x.Each(func() error {
		if !x.IsIn(ooxml.TextSpace, "p") && !x.IsIn(ooxml.TextSpace, "h") {
			return x.SkipElement()
		}
		if c.paragraphs++; c.paragraphs > 1 {
			x.arena = append(x.arena, '\n')
		}
		return x.paragraph(start)
	})
	c.text = x.arena[start:len(x.arena):len(x.arena)]
	return err
}

// paragraph appends the text of the element opened last, and of those within it. White space isn't
// collapsed as in the standard (ODF 1.3 part 3, 6.1.2), since programs that write it mean it, and
// LibreOffice shows it.
func (x *rowReader) paragraph(start int) error {
	for depth := x.Depth(); ; {
		tok, err := x.Next()
		if err == nil && tok == ooxml.End && x.Depth() < depth {
			return nil
		}
		if err == nil && tok == ooxml.Text {
			x.arena = x.AppendText(x.arena)
		}
		if err == nil && tok == ooxml.Start {
			err = x.inParagraph(start)
		}
		if err == nil && len(x.arena)-start > x.d.limits.CellBytes {
			err = x.TooLong()
		}
		if err != nil {
			return err
		}
	}
}

func (x *rowReader) inParagraph(start int) error {
	if x.Space != ooxml.TextSpace {
		return x.SkipElement()
	}
	depth := x.Depth()
	switch string(x.Local) {
	case "s":
		n, err := strconv.Atoi(x.AttrTextIn(ooxml.TextSpace, "c"))
		if err != nil || n < 1 {
			n = 1
		}
		for range min(n, x.d.limits.CellBytes+1) {
			x.arena = append(x.arena, ' ')
		}
	case "tab":
		x.arena = append(x.arena, '\t')
	case "line-break":
		x.arena = append(x.arena, '\n')
	case "note", "ruby-text": // a phonetic guide
	default:
		return x.paragraph(start)
	}
	return x.Leave(depth)
}
