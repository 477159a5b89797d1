package sheet

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/book"
)

// workbook reads an Office Open XML workbook (ECMA-376, transitional and strict).
type workbook struct {
	name     string // of the file
	archive  *archive
	close_   func() error
	limits   Limits
	sheets   []sheetPart // as Book.Sheets
	styles   []xf
	formats  []cell.Format
	date1904 bool
	strings  *part
	table    *stringTable // nil until a cell asks for it
}

// sheetPart is where a sheet's cells stand.
type sheetPart struct {
	name string
	part *part  // nil for a sheet without cells, or a missing one
	miss string // why part is nil, if that is a fault
}

// openXLSX opens the workbook in r, which is closed by closer; it may turn out to be one in OpenDocument format.
func openXLSX(name string, r io.ReaderAt, size int64, l Limits, closer func() error) (*Book, error) {
	a, err := openArchive(r, size, l)
	if err != nil {
		return nil, refusal(name, err)
	}
	if a.isODF() {
		return openODS(name, a, l, closer)
	}
	if err := a.foreign(); err != nil {
		return nil, refusal(name, err)
	}
	w := &workbook{name: name, archive: a, close_: closer, limits: l}
	b := &Book{Container: "xlsx", reader: w}
	if err := w.load(b); err != nil {
		return nil, refusal(name, err)
	}
	return b, nil
}

// refusal makes a *RefusedError of damage found in the file of that name; other errors pass.
func refusal(name string, err error) error {
	var d *damage
	if !errors.As(err, &d) {
		return err
	}
	hint := d.hint
	if hint == "" && d.limit == "" {
		hint = "get a fresh copy of the file, or open it in a spreadsheet program and save it again as .xlsx"
	}
	return &RefusedError{File: name, What: d.what, Place: d.place, Limit: d.limit, Hint: hint}
}

func (w *workbook) close() error {
	if w.table != nil {
		w.table.close()
	}
	return w.close_()
}

// foreign refuses containers that hold something else than a workbook of this kind, and says what.
func (a *archive) foreign() error {
	say := func(what, hint string) error { return &damage{what: what, hint: hint} }
	switch {
	case a.find("xl/workbook.bin") != nil:
		return say("is a binary workbook (XLSB)", saveAs)
	case a.find("Index/Document.iwa") != nil, a.find("Index.zip") != nil:
		return say("is an Apple Numbers document", "export it from Numbers as Excel (.xlsx)")
	case a.find("word/document.xml") != nil:
		return say("is a Word document, not a workbook", "copy the table into a workbook and save that as .xlsx")
	case a.find("ppt/presentation.xml") != nil:
		return say("is a PowerPoint presentation, not a workbook", "copy the table into a workbook and save that as .xlsx")
	}
	return nil
}

// load reads all of the workbook but its cells.
func (w *workbook) load(b *Book) error {
	main, err := w.mainPart()
	if err != nil {
		return err
	}
	rels, err := w.archive.relations(main.name)
	if err != nil {
		return err
	}
	if err := w.readWorkbook(b, main, rels); err != nil {
		return err
	}
	if w.strings, err = w.archive.relatedOrTyped(rels, "sharedStrings"); err != nil {
		return err
	}
	styles, err := w.archive.relatedOrTyped(rels, "styles")
	if err != nil {
		return err
	}
	if styles == nil && slices.ContainsFunc(rels, func(r relation) bool { return r.kind == "styles" && !r.external }) {
		return damaged("is damaged: its part of styles is missing, so nothing says which numbers are dates")
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

// mainPart finds the part that lists the sheets.
func (w *workbook) mainPart() (*part, error) {
	var main *part
	rels, err := w.archive.relations("")
	if err == nil {
		main, err = w.archive.related(rels, "officeDocument")
	}
	if main == nil {
		found, otherwise := w.archive.mainByType()
		if found == nil && err != nil {
			return nil, err
		}
		if otherwise != nil {
			return nil, otherwise
		}
		main = found
	}
	if main == nil {
		return nil, &damage{what: "is a zip archive without a workbook in it", hint: "give the workbook (.xlsx) itself"}
	}
	if strings.HasSuffix(main.name, ".bin") {
		return nil, &damage{what: "is a binary workbook (XLSB)", hint: saveAs}
	}
	return main, nil
}

// readWorkbook reads the list of sheets and the settings of the workbook.
func (w *workbook) readWorkbook(b *Book, main *part, rels []relation) error {
	return w.archive.scanSmall(main, func(s *scanner) error {
		if err := s.root(); err != nil {
			return err
		}
		if !s.is("workbook") {
			return &damage{place: "part " + main.name, what: "is no workbook: it begins with <" + string(s.name) + ">"}
		}
		return s.each(func() error {
			switch {
			case s.is("workbookPr"):
				w.date1904 = s.attrBool("date1904")
			case s.is("sheets"):
				return s.each(func() error { return w.listSheet(b, s, rels) })
			case s.is("definedNames"):
				return s.each(func() error {
					b.Report = b.Report || strings.EqualFold(s.attrString("name"), book.ReportMark)
					return nil
				})
			}
			return nil
		})
	})
}

// listSheet takes one sheet of the list.
func (w *workbook) listSheet(b *Book, s *scanner, rels []relation) error {
	if !s.is("sheet") {
		return nil
	}
	sh := Sheet{Name: s.attrString("name")}
	switch s.attrString("state") {
	case "hidden":
		sh.State = Hidden
	case "veryHidden":
		sh.State = VeryHidden
	}
	if len(b.Sheets) == w.limits.Sheets {
		return overLimit("Sheets", "is refused: it has more than %d sheets", w.limits.Sheets)
	}
	at := sheetPart{name: sh.Name}
	id, _ := s.attrIn(docSpace, "id")
	if len(id) == 0 { // by the file's own words it has no cells
		b.Notes = append(b.Notes, problem.Problem{Severity: problem.Notice, Code: "sheet_without_cells", File: w.name, Sheet: sh.Name, Message: "the workbook names this sheet but holds no cells for it"})
	} else if err := w.locate(string(id), rels, &sh, &at); err != nil {
		return err
	}
	b.Sheets = append(b.Sheets, sh)
	w.sheets = append(w.sheets, at)
	return nil
}

// locate finds the part of a sheet by the id of its relation.
func (w *workbook) locate(id string, rels []relation, sh *Sheet, at *sheetPart) (err error) {
	i := slices.IndexFunc(rels, func(r relation) bool { return r.id == id })
	switch {
	case i < 0:
		at.miss = "the workbook doesn't say where its cells are"
	case rels[i].external:
		at.miss = "its cells are in another file"
	case rels[i].kind == "chartsheet" || rels[i].kind == "dialogsheet":
		sh.Chart = true
	default:
		if at.part, err = w.archive.follow(rels[i]); at.part == nil {
			at.miss = "its part " + rels[i].target + " is missing"
		}
		if at.part != nil && slices.ContainsFunc(w.sheets, func(o sheetPart) bool { return o.part == at.part }) {
			return damaged("is damaged: its sheet %s has the same part as another", sh.Name)
		}
	}
	return err
}

// readTables reads the table objects of a sheet.
func (w *workbook) readTables(sh *Sheet, p *part) error {
	if p == nil {
		return nil
	}
	rels, err := w.archive.relations(p.name)
	if err != nil {
		return err
	}
	for _, r := range rels {
		if r.kind != "table" || r.external {
			continue
		}
		t, err := w.archive.follow(r)
		if err != nil {
			return err
		}
		if t == nil || t.counted { // a table stands on one sheet
			continue
		}
		if err := w.archive.scanSmall(t, func(s *scanner) error { return readTable(sh, s) }); err != nil {
			return err
		}
	}
	return nil
}

func readTable(sh *Sheet, s *scanner) error {
	if err := s.root(); err != nil {
		return err
	}
	t := cell.Table{Name: s.attrString("displayName"), HasHeader: true}
	if t.Name == "" {
		t.Name = s.attrString("name")
	}
	if n, ok := s.attr("headerRowCount"); ok && string(n) == "0" {
		t.HasHeader = false
	}
	if n, ok := s.attr("totalsRowCount"); ok && string(n) != "0" {
		t.HasTotals = true
	}
	var ok bool
	if t.Range, ok = parseRange(s.attrString("ref")); ok && s.is("table") { // one that has lost its place is no help
		sh.Tables = append(sh.Tables, t)
	}
	return nil
}

// parseRange reads a range such as A1:D17, the address of one cell, or whole columns or rows (A:C, 1:3).
func parseRange(ref string) (r cell.Range, ok bool) {
	from, to, both := strings.Cut(strings.ReplaceAll(ref, "$", ""), ":")
	if !both {
		to = from
	}
	if both && strings.Trim(from+to, "0123456789") == "" {
		from, to = "A"+from, cell.ColName(maxCols-1)+to
	} else if both && !strings.ContainsAny(from+to, "0123456789") {
		from, to = from+"1", to+strconv.Itoa(maxRows)
	}
	var ok1, ok2 bool
	r.Row1, r.Col1, ok1 = cell.ParseA1(from)
	r.Row2, r.Col2, ok2 = cell.ParseA1(to)
	r.Row1, r.Row2 = min(r.Row1, r.Row2), max(r.Row1, r.Row2)
	r.Col1, r.Col2 = min(r.Col1, r.Col2), max(r.Col1, r.Col2)
	return r, ok1 && ok2 && r.Row2 <= maxRows && r.Col2 < maxCols
}
