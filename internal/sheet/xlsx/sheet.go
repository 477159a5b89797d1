package xlsx

import (
	"slices"
	"strconv"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

// collectBelow is the size of a sheet part up to which all rows are collected first, so that rows
// in the wrong order can be sorted. In a larger sheet such rows are an error.
const collectBelow = 4 << 20

// ReadRows reads the rows of a sheet.
func (w *workbook) ReadRows(sheet int, fn func(*cell.Row) error) (book.Extent, error) {
	at := w.sheets[sheet]
	if at.missing != "" {
		return book.Extent{}, book.Damaged("%s", at.missing)
	}
	if at.part == nil {
		return book.Extent{}, nil
	}
	x := &sheetReader{w: w, fn: fn, collect: at.part.Size <= collectBelow}
	err := w.archive.Scan(at.part, x.read)
	if err == nil && x.collect {
		err = x.passCollected()
	}
	return x.ext, err
}

type sheetReader struct {
	stringReader // inline strings are read like shared ones
	w            *workbook
	fn           func(*cell.Row) error
	ext          book.Extent

	row     cell.Row
	lastRow int // number of the previous row element
	word    rowWord
	forms   *forms
	nextCol int    // column of the next cell without an address
	sorted  bool   // the row's cells have been in order
	arena   []byte // texts of the row that aren't in the scanner's buffer or the string table
	saved   []byte // texts of the row that were in an earlier buffer of the scanner
	safe    int    // the number of the row's cells whose texts are saved

	unstyled bool              // there is a note on a style out of range
	formulas map[string]string // shared formulas by index

	collect   bool
	collected []cell.Row
	numbers   []int // of all rows, blank ones too
	rising    bool
}

func (x *sheetReader) read(s *ooxml.Scanner) error {
	x.Scanner, x.limits, x.rising = s, x.w.limits, true
	s.BeforeMove = x.saveTexts
	if err := s.Root(); err != nil {
		return err
	}
	if !s.Is("worksheet") && !s.Is("macrosheet") && string(s.Local) != "macrosheet" {
		return s.Damaged("it isn't a sheet: it begins with <%s>", s.Name)
	}
	found := false
	return s.Each(func() error {
		switch {
		case s.Is("sheetData") && found:
			return s.Damaged("it has two sheetData elements")
		case s.Is("sheetData"):
			found = true
			return x.readRows()
		case s.Is("mergeCells"):
			return s.Each(x.readMerge)
		default:
			return x.SkipElement()
		}
	})
}

func (x *sheetReader) readMerge() error {
	r, ok := parseRange(x.AttrText("ref"))
	if !x.Is("mergeCell") || !ok {
		return x.Damaged("the merged range %q isn't a range", x.AttrText("ref"))
	}
	if len(x.ext.Merges) == x.limits.Merges {
		return book.OverLimit("Merges", "the sheet has more than %d merged ranges", x.limits.Merges)
	}
	x.ext.Merges = append(x.ext.Merges, r)
	return nil
}

func (x *sheetReader) readRows() error {
	return x.Each(func() error {
		if !x.Is("row") {
			return x.SkipElement()
		}
		if err := x.openRow(); err != nil {
			return err
		}
		if err := x.readCells(); err != nil {
			return err
		}
		return x.closeRow()
	})
}

func (x *sheetReader) readCells() error {
	fast := x.OnlyRootScope() // then the prefix of the row is also that of its cells
	if prefix := x.Name[:len(x.Name)-len(x.Local)]; x.forms == nil || x.forms.prefix != string(prefix) {
		x.forms = newForms(string(prefix))
	}
	x.word = newRowWord(x.row.Num)
	for depth := x.Depth(); ; {
		if fast && !x.Empty && x.Depth() == depth {
			if err := x.readCellsFast(); err != nil {
				return err
			}
		}
		tok, err := x.Next()
		switch {
		case err != nil:
			return err
		case len(x.arena)+len(x.saved) > x.limits.RowBytes:
			return book.OverLimit("RowBytes", "row %d has more than %d bytes of text", x.row.Num, x.limits.RowBytes)
		case tok == ooxml.End && x.Depth() < depth:
			return nil
		case tok == ooxml.Text:
			if err := x.RequireBlank(); err != nil {
				return err
			}
		case tok == ooxml.Start:
			if err := x.Child(x.readCell); err != nil {
				return err
			}
		}
	}
}

func (x *sheetReader) openRow() error {
	x.row = cell.Row{Num: x.lastRow + 1, Hidden: x.AttrBool("hidden"), Cells: x.row.Cells[:0]}
	x.arena, x.saved, x.safe, x.nextCol, x.sorted = x.arena[:0], x.saved[:0], 0, 0, true
	if r, ok := x.Attr("r"); ok {
		n, err := strconv.Atoi(string(r))
		if err != nil || n < 1 {
			return x.Damaged("a row has the number %q", r)
		}
		x.row.Num = n
	}
	if x.row.Num > book.MaxRows {
		return x.Damaged("it has a row %d, and a sheet has at most %d", x.row.Num, book.MaxRows)
	}
	if x.row.Num <= x.lastRow {
		if !x.collect {
			return x.Damaged("row %d comes after row %d", x.row.Num, x.lastRow)
		}
		x.rising = false
	}
	x.lastRow = x.row.Num
	if x.collect {
		x.numbers = append(x.numbers, x.row.Num)
	}
	return nil
}

func (x *sheetReader) closeRow() error {
	if !x.sorted {
		slices.SortStableFunc(x.row.Cells, func(a, b cell.Cell) int { return a.Col - b.Col })
		for i := range x.row.Cells[1:] {
			if c := x.row.Cells[i].Col; c == x.row.Cells[i+1].Col {
				return x.Damaged("the cell %s occurs twice", cell.A1(x.row.Num, c))
			}
		}
	}
	if len(x.row.Cells) == 0 {
		return nil
	}
	if x.collect {
		x.saveTexts()
		r := x.row
		r.Cells = slices.Clone(r.Cells)
		x.collected = append(x.collected, r)
		x.saved = nil
		return nil
	}
	return x.pass(&x.row)
}

func (x *sheetReader) pass(r *cell.Row) error {
	x.ext.Count(r)
	return x.fn(r)
}

func (x *sheetReader) passCollected() error {
	if !x.rising {
		slices.Sort(x.numbers)
		for i, n := range x.numbers[1:] {
			if n == x.numbers[i] {
				return book.Damaged("row %d occurs twice", n).At("part " + x.Part())
			}
		}
		slices.SortFunc(x.collected, func(a, b cell.Row) int { return a.Num - b.Num })
		x.ext.Notes = append(x.ext.Notes, problem.New(problem.RowsUnordered))
	}
	for i := range x.collected {
		if err := x.pass(&x.collected[i]); err != nil {
			return err
		}
	}
	return nil
}

// saveTexts copies the texts of the row's cells from the scanner's buffer before it moves.
func (x *sheetReader) saveTexts() {
	for i := x.safe; i < len(x.row.Cells); i++ {
		c := &x.row.Cells[i]
		start := len(x.saved)
		x.saved = append(x.saved, c.Text...)
		c.Text = x.saved[start:len(x.saved):len(x.saved)]
	}
	x.safe = len(x.row.Cells)
}
