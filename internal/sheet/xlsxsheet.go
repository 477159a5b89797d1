package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
)

// What a sheet can hold (Excel specifications and limits).
const (
	maxRows = 1 << 20
	maxCols = 1 << 14
)

// collectBelow is the size of a sheet part up to which its rows are collected before the first is handed out: rows that stand out of order can then be put right.
// A larger sheet with such rows is refused.
const collectBelow = 4 << 20

func (w *workbook) read(i int, fn func(*cell.Row) error) (Extent, error) {
	at := w.sheets[i]
	if at.miss != "" {
		return Extent{}, refusal(w.name, &damage{place: "sheet " + at.name, what: "is damaged: " + at.miss})
	}
	if at.part == nil {
		return Extent{}, nil
	}
	x := &sheetReader{w: w, fn: fn, collect: at.part.size <= collectBelow}
	counts, err := w.archive.scan(at.part, x.read)
	if err == nil {
		err = x.reconcile(counts)
	}
	if err == nil && x.collect {
		err = x.handOut()
	}
	for i := range x.ext.Notes {
		x.ext.Notes[i].Sheet = at.name
	}
	if x.stopped != nil {
		return x.ext, x.stopped
	}
	if err != nil {
		var d *damage
		if errors.As(err, &d) {
			d.place = strings.TrimSuffix("sheet "+at.name+", "+d.place, ", ")
		}
		return x.ext, refusal(w.name, err)
	}
	return x.ext, nil
}

// sheetReader reads the rows of one sheet.
type sheetReader struct {
	stringReader // inline strings are read as shared ones are
	w            *workbook
	fn           func(*cell.Row) error
	stopped      error // what fn gave
	ext          Extent

	row     cell.Row
	lastRow int // number of the row element before
	word    rowWord
	forms   *forms
	nextCol int    // column of the next cell that doesn't say its own
	sorted  bool   // the row's cells stand in order so far
	arena   []byte // texts of the row that aren't pieces of the window or of the string table
	saved   []byte // texts of the row that were pieces of a window that is gone
	safe    int    // cells of the row whose text is in saved

	unstyled bool              // a style out of range has been noted
	formulas map[string]string // shared formulas by their index

	collect bool
	kept    []cell.Row
	numbers []int // of all rows, blank ones too
	rising  bool

	// counts to be reconciled with the tally's
	rows, cells, values int // row elements, c elements, v and is elements
	filled              int // cells that hold something
	hollow              int // v and is elements of cells that turned out to be blank
	bare                int // cells that hold something without a v or is: formulas without a value
	twofold             int // v and is elements beside another of the same cell
}

func (x *sheetReader) read(s *scanner) error {
	x.scanner, x.limits, x.rising = s, x.w.limits, true
	s.keep, s.passed = x.keepTexts, x.count
	if err := s.root(); err != nil {
		return err
	}
	if !s.is("worksheet") && !s.is("macrosheet") && string(s.local) != "macrosheet" {
		return s.fault("it is no sheet: it begins with <%s>", s.name)
	}
	found := false
	return s.each(func() error {
		switch {
		case s.is("sheetData") && found:
			return s.fault("it holds two tables of cells")
		case s.is("sheetData"):
			found = true
			return x.readRows()
		case s.is("mergeCells"):
			return s.each(x.readMerge)
		default:
			return x.pass()
		}
	})
}

// count takes note of an element that is skipped, so that it isn't missed when counts are compared.
func (x *sheetReader) count(local []byte) {
	switch string(local) {
	case "row":
		x.rows++
	case "c":
		x.cells++
	case "v", "is":
		x.values++
		x.hollow++
	}
}

func (x *sheetReader) readMerge() error {
	r, ok := parseRange(x.attrString("ref"))
	if !x.is("mergeCell") || !ok {
		return x.fault("a merged range, %q, is none", x.attrString("ref"))
	}
	if len(x.ext.Merges) == x.limits.Merges {
		return overLimit("Merges", "is refused: a sheet has more than %d merged ranges", x.limits.Merges)
	}
	x.ext.Merges = append(x.ext.Merges, r)
	return nil
}

func (x *sheetReader) readRows() error {
	return x.each(func() error {
		if !x.is("row") {
			return x.pass()
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

// readCells reads the cells of the row opened last.
func (x *sheetReader) readCells() error {
	usual := len(x.scopes) > 0 && x.scopes[len(x.scopes)-1].depth == 1 // no prefix was declared since the root, so that of the row goes for its cells
	if prefix := x.name[:len(x.name)-len(x.local)]; x.forms == nil || x.forms.prefix != string(prefix) {
		x.forms = newForms(string(prefix))
	}
	x.word = newRowWord(x.row.Num)
	for depth := x.depth(); ; {
		if usual && !x.empty && x.depth() == depth {
			if err := x.fast(); err != nil {
				return err
			}
		}
		tok, err := x.next()
		switch {
		case err != nil:
			return err
		case len(x.arena)+len(x.saved) > x.limits.RowBytes:
			return overLimit("RowBytes", "is refused: row %d holds more than %d bytes of text", x.row.Num, x.limits.RowBytes)
		case tok == tokEnd && x.depth() < depth:
			return nil
		case tok == tokText:
			if err := x.blank(); err != nil {
				return err
			}
		case tok == tokStart:
			if err := x.child(x.readCell); err != nil {
				return err
			}
		}
	}
}

// openRow reads the attributes of a row.
func (x *sheetReader) openRow() error {
	x.rows++
	x.row = cell.Row{Num: x.lastRow + 1, Hidden: x.attrBool("hidden"), Cells: x.row.Cells[:0]}
	x.arena, x.saved, x.safe, x.nextCol, x.sorted = x.arena[:0], x.saved[:0], 0, 0, true
	if r, ok := x.attr("r"); ok {
		n, err := strconv.Atoi(string(r))
		if err != nil || n < 1 {
			return x.fault("a row has the number %q", r)
		}
		x.row.Num = n
	}
	if x.row.Num > maxRows {
		return x.fault("it has a row %d, and a sheet has %d at most", x.row.Num, maxRows)
	}
	if x.row.Num <= x.lastRow {
		if !x.collect {
			return x.fault("row %d stands behind row %d", x.row.Num, x.lastRow)
		}
		x.rising = false
	}
	x.lastRow = x.row.Num
	if x.collect {
		x.numbers = append(x.numbers, x.row.Num)
	}
	return nil
}

// closeRow puts the row's cells right and hands it out.
func (x *sheetReader) closeRow() error {
	if !x.sorted {
		slices.SortStableFunc(x.row.Cells, func(a, b cell.Cell) int { return a.Col - b.Col })
		for i := range x.row.Cells[1:] {
			if c := x.row.Cells[i].Col; c == x.row.Cells[i+1].Col {
				return x.fault("the cell %s stands there twice", cell.A1(x.row.Num, c))
			}
		}
	}
	if len(x.row.Cells) == 0 {
		return nil
	}
	if x.collect {
		x.keepTexts()
		r := x.row
		r.Cells = slices.Clone(r.Cells)
		x.kept = append(x.kept, r)
		x.saved = nil
		return nil
	}
	return x.hand(&x.row)
}

func (x *sheetReader) hand(r *cell.Row) error {
	x.ext.Rows++
	x.ext.Cells += len(r.Cells)
	x.ext.LastRow = r.Num
	if r.Hidden {
		x.ext.HiddenRows++
	}
	x.stopped = x.fn(r)
	return x.stopped
}

// handOut hands out the rows that were collected, in order.
func (x *sheetReader) handOut() error {
	if !x.rising {
		slices.Sort(x.numbers)
		for i, n := range x.numbers[1:] {
			if n == x.numbers[i] {
				return &damage{place: "part " + x.part, what: fmt.Sprintf("is damaged: it holds row %d twice", n)}
			}
		}
		slices.SortFunc(x.kept, func(a, b cell.Row) int { return a.Num - b.Num })
		x.ext.Notes = append(x.ext.Notes, problem.Problem{Severity: problem.Notice, Code: "rows_out_of_order", File: x.w.name, Message: "the file holds rows out of order; they were put in order"})
	}
	for i := range x.kept {
		if err := x.hand(&x.kept[i]); err != nil {
			return err
		}
	}
	return nil
}

// keepTexts copies the texts of the row's cells out of a window that is about to go.
func (x *sheetReader) keepTexts() {
	for i := x.safe; i < len(x.row.Cells); i++ {
		c := &x.row.Cells[i]
		start := len(x.saved)
		x.saved = append(x.saved, c.Text...)
		c.Text = x.saved[start:len(x.saved):len(x.saved)]
	}
	x.safe = len(x.row.Cells)
}

// reconcile compares what was handed out with what the tally saw.
func (x *sheetReader) reconcile(t tally) error {
	if t.rows == x.rows && t.cells == x.cells && t.values == x.values && x.values == x.filled-x.bare+x.hollow+x.twofold {
		return nil
	}
	return &damage{place: "part " + x.part, what: fmt.Sprintf("is damaged: two counts differ (rows %d and %d, cells %d and %d, values %d and %d)",
		x.rows, t.rows, x.cells, t.cells, x.values, t.values)}
}

// trimmed is b without white space around it.
func trimmed(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }
