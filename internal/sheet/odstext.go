package sheet

import "strconv"

// readText reads what a cell shows: its paragraphs, joined by line ends. Annotations, drawings and tables within the cell are no text of it.
func (x *odsReader) readText(c *odsCell) error {
	start := len(x.arena)
	err := x.each(func() error {
		if !x.isIn(textSpace, "p") && !x.isIn(textSpace, "h") {
			return x.pass()
		}
		if string(x.local) == "p" {
			x.paragraphs++
		}
		if c.paragraphs++; c.paragraphs > 1 {
			x.arena = append(x.arena, '\n')
		}
		return x.paragraph(start)
	})
	c.text = x.arena[start:len(x.arena):len(x.arena)]
	return err
}

// paragraph appends the text of the element opened last, and of those within it. White space stands as it is written: the standard would join it (ODF 1.3 part 3, 6.1.2), but
// programs that write it all the same mean it, and LibreOffice shows it.
func (x *odsReader) paragraph(start int) error {
	for depth := x.depth(); ; {
		tok, err := x.next()
		if err == nil && tok == tokEnd && x.depth() < depth {
			return nil
		}
		if err == nil && tok == tokText {
			x.arena = x.appendText(x.arena)
		}
		if err == nil && tok == tokStart {
			err = x.within(start)
		}
		if err == nil && len(x.arena)-start > x.d.limits.CellBytes {
			err = tooLong(x.part)
		}
		if err != nil {
			return err
		}
	}
}

// within takes an element within a paragraph.
func (x *odsReader) within(start int) error {
	if x.space != textSpace {
		return x.pass()
	}
	depth := x.depth()
	switch string(x.local) {
	case "s":
		n, err := strconv.Atoi(x.attrText(textSpace, "c"))
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
	case "note", "ruby-text": // a guide to how it is spoken, such as those of Japanese
	default:
		if string(x.local) == "p" {
			x.paragraphs++
		}
		return x.paragraph(start)
	}
	return x.leave(depth)
}
