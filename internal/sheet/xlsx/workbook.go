// Package xlsx reads workbooks in Office Open XML format (ECMA-376, transitional and strict) from
// the parts of their zip container.
package xlsx

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

type workbook struct {
	archive  *ooxml.Archive
	limits   book.Limits
	sheets   []sheetPart // like Book.Sheets
	styles   []cellStyle
	formats  []cell.Format
	date1904 bool
	strings  *ooxml.Part
	table    *stringTable         // nil until a cell needs it
	tables   map[*ooxml.Part]bool // the tables read so far
}

type sheetPart struct {
	part    *ooxml.Part // nil for a sheet without cells, or a missing one
	missing string      // why part is missing; empty = it isn't
}

// Open opens the workbook in a container.
func Open(a *ooxml.Archive, l book.Limits) (*book.Book, error) {
	w := &workbook{archive: a, limits: l, tables: map[*ooxml.Part]bool{}}
	b := &book.Book{Container: "xlsx", Rows: w, Closers: []io.Closer{w}}
	if err := w.load(b); err != nil {
		return nil, err
	}
	return b, nil
}

// Close removes the temporary file of shared strings.
func (w *workbook) Close() error {
	if w.table != nil {
		w.table.close()
	}
	return nil
}

func (w *workbook) load(b *book.Book) error {
	main, err := w.mainPart()
	if err != nil {
		return err
	}
	rels, err := relationships(w.archive, main.Name)
	if err != nil {
		return err
	}
	if err := w.readWorkbook(b, main, rels); err != nil {
		return err
	}
	if w.strings, err = relatedOrTyped(w.archive, rels, "sharedStrings"); err != nil {
		return err
	}
	styles, err := relatedOrTyped(w.archive, rels, "styles")
	if err != nil {
		return err
	}
	if styles == nil && slices.ContainsFunc(rels, func(r relationship) bool { return r.kind == "styles" && !r.external }) {
		return book.Damaged("its styles are missing, and they say which numbers are dates")
	}
	if err := w.readStyles(styles); err != nil {
		return err
	}
	b.Formats, b.Date1904 = w.formats, w.date1904
	for i := range b.Sheets {
		if err := w.readTables(&b.Sheets[i], w.sheets[i].part); err != nil {
			return err
		}
	}
	return nil
}

func (w *workbook) mainPart() (*ooxml.Part, error) {
	var main *ooxml.Part
	rels, err := relationships(w.archive, "")
	if err == nil {
		main, err = related(w.archive, rels, "officeDocument")
	}
	if main == nil {
		found, otherwise := mainByType(w.archive)
		if found == nil && err != nil {
			return nil, err
		}
		if otherwise != nil {
			return nil, otherwise
		}
		main = found
	}
	if main == nil {
		return nil, &book.UnreadableError{What: "is a zip archive without a workbook in it", Hint: "use the workbook (.xlsx) itself"}
	}
	if strings.HasSuffix(main.Name, ".bin") {
		return nil, &book.UnreadableError{What: "is a binary workbook (XLSB)", Hint: book.SaveAsXLSX}
	}
	return main, nil
}

func (w *workbook) readWorkbook(b *book.Book, main *ooxml.Part, rels []relationship) error {
	return w.archive.ScanSmall(main, func(s *ooxml.Scanner) error {
		if err := s.Root(); err != nil {
			return err
		}
		if !s.Is("workbook") {
			return (&book.UnreadableError{What: "isn't a workbook: it begins with <" + string(s.Name) + ">"}).At("part " + main.Name)
		}
		return s.Each(func() error {
			switch {
			case s.Is("workbookPr"):
				w.date1904 = s.AttrBool("date1904")
			case s.Is("sheets"):
				return s.Each(func() error { return w.listSheet(b, s, rels) })
			case s.Is("definedNames"):
				return s.Each(func() error {
					b.Report = b.Report || strings.EqualFold(s.AttrText("name"), book.ReportMark)
					return nil
				})
			}
			return nil
		})
	})
}

func (w *workbook) listSheet(b *book.Book, s *ooxml.Scanner, rels []relationship) error {
	if !s.Is("sheet") {
		return nil
	}
	sh := book.Sheet{Name: s.AttrText("name")}
	switch s.AttrText("state") {
	case "hidden":
		sh.State = book.Hidden
	case "veryHidden":
		sh.State = book.VeryHidden
	}
	if len(b.Sheets) == w.limits.Sheets {
		return book.OverLimit("Sheets", "has more than %d sheets", w.limits.Sheets)
	}
	var at sheetPart
	id, _ := s.AttrIn(ooxml.DocSpace, "id")
	if len(id) == 0 { // the file itself says that it has no cells
		note := problem.New(problem.SheetWithoutCells)
		note.Sheet = sh.Name
		b.Notes = append(b.Notes, note)
	} else if err := w.locate(string(id), rels, &sh, &at); err != nil {
		return err
	}
	b.Sheets = append(b.Sheets, sh)
	w.sheets = append(w.sheets, at)
	return nil
}

func (w *workbook) locate(id string, rels []relationship, sh *book.Sheet, at *sheetPart) (err error) {
	i := slices.IndexFunc(rels, func(r relationship) bool { return r.id == id })
	switch {
	case i < 0:
		at.missing = "the workbook doesn't say where the sheet's cells are"
	case rels[i].external:
		at.missing = "the sheet's cells are in another file"
	case rels[i].kind == "chartsheet" || rels[i].kind == "dialogsheet":
		sh.Chart = true
	default:
		if at.part, err = follow(w.archive, rels[i]); at.part == nil {
			at.missing = "the part " + rels[i].target + " is missing"
		}
		if at.part != nil && slices.ContainsFunc(w.sheets, func(o sheetPart) bool { return o.part == at.part }) {
			return book.Damaged("the sheet %s has the same part as another", sh.Name)
		}
	}
	return err
}

func (w *workbook) readTables(sh *book.Sheet, p *ooxml.Part) error {
	if p == nil {
		return nil
	}
	rels, err := relationships(w.archive, p.Name)
	if err != nil {
		return err
	}
	for _, r := range rels {
		if r.kind != "table" || r.external {
			continue
		}
		t, err := follow(w.archive, r)
		if err != nil {
			return err
		}
		if t == nil || w.tables[t] { // a table is on one sheet
			continue
		}
		w.tables[t] = true
		if err := w.archive.ScanSmall(t, func(s *ooxml.Scanner) error { return readTable(sh, s) }); err != nil {
			return err
		}
	}
	return nil
}

func readTable(sh *book.Sheet, s *ooxml.Scanner) error {
	if err := s.Root(); err != nil {
		return err
	}
	t := cell.Table{Name: s.AttrText("displayName"), HasHeader: true}
	if t.Name == "" {
		t.Name = s.AttrText("name")
	}
	if n, ok := s.Attr("headerRowCount"); ok && string(n) == "0" {
		t.HasHeader = false
	}
	if n, ok := s.Attr("totalsRowCount"); ok && string(n) != "0" {
		t.HasTotals = true
	}
	var ok bool
	if t.Range, ok = parseRange(s.AttrText("ref")); ok && s.Is("table") { // a table without a valid range is ignored
		sh.Tables = append(sh.Tables, t)
	}
	return nil
}

// parseRange reads a range such as A1:D17, the address of one cell, or whole columns or rows (A:C,
// 1:3).
func parseRange(ref string) (r cell.Range, ok bool) {
	from, to, both := strings.Cut(strings.ReplaceAll(ref, "$", ""), ":")
	if !both {
		to = from
	}
	if both && strings.Trim(from+to, "0123456789") == "" {
		from, to = "A"+from, cell.ColName(book.MaxColumns-1)+to
	} else if both && !strings.ContainsAny(from+to, "0123456789") {
		from, to = from+"1", to+strconv.Itoa(book.MaxRows)
	}
	var ok1, ok2 bool
	r.Row1, r.Col1, ok1 = cell.ParseA1(from)
	r.Row2, r.Col2, ok2 = cell.ParseA1(to)
	r.Row1, r.Row2 = min(r.Row1, r.Row2), max(r.Row1, r.Row2)
	r.Col1, r.Col2 = min(r.Col1, r.Col2), max(r.Col1, r.Col2)
	return r, ok1 && ok2 && r.Row2 <= book.MaxRows && r.Col2 < book.MaxColumns
}
