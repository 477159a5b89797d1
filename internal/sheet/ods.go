package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
)

// openDocument reads a spreadsheet in OpenDocument format (ODF 1.3). All of its sheets stand in one part, content.xml, which is read as a stream: once when the file is
// opened, for the names of the sheets and the styles, and once more for each sheet that is read.
type openDocument struct {
	name     string // of the file
	archive  *archive
	closer   func() error
	limits   Limits
	content  *part
	tables   []int // by sheet: which of the tables in content it is
	styles   odsStyles
	date1904 bool
}

const odsMime = "application/vnd.oasis.opendocument.spreadsheet"

// isODF says whether the container is a document in one of the formats of OpenDocument.
func (a *archive) isODF() bool {
	if a.find("META-INF/manifest.xml") == nil && a.find("mimetype") == nil {
		return false
	}
	return a.find("content.xml") != nil || a.find("encrypted-package") != nil
}

// openODS opens the OpenDocument spreadsheet in a, whose file is closed by closer.
func openODS(name string, a *archive, l Limits, closer func() error) (*Book, error) {
	d := &openDocument{name: name, archive: a, closer: closer, limits: l, content: a.find("content.xml")}
	b := &Book{Container: "ods", reader: d}
	if err := d.load(b); err != nil {
		return nil, refusal(name, err)
	}
	return b, nil
}

func (d *openDocument) close() error { return d.closer() }

// load reads all of the document but its cells.
func (d *openDocument) load(b *Book) error {
	if err := d.checkKind(); err != nil {
		return err
	}
	d.styles = newODSStyles()
	if p := d.archive.find("styles.xml"); p != nil {
		if err := d.archive.scanSmall(p, d.readStylePart); err != nil {
			return err
		}
	}
	r := odsLister{d: d, book: b}
	counts, err := d.archive.scan(d.content, r.read)
	if err != nil {
		return err
	}
	if err := r.reconcile(counts); err != nil {
		return err
	}
	if b.Formats, err = d.styles.settle(); err != nil {
		return err
	}
	for i, style := range r.styles {
		if d.styles.hidden[style] {
			b.Sheets[i].State = Hidden
		}
	}
	b.Date1904 = d.date1904
	return nil
}

// checkKind refuses documents that are encrypted, and those that are no spreadsheets.
func (d *openDocument) checkKind() error {
	manifest, err := d.small("META-INF/manifest.xml")
	if err != nil {
		return err
	}
	if bytes.Contains(manifest, []byte("encryption-data")) || d.archive.find("encrypted-package") != nil {
		return &damage{what: "is an OpenDocument spreadsheet (ODS) protected by a password", hint: "open it in a spreadsheet program and save it without a password, or as .xlsx"}
	}
	mime, err := d.small("mimetype")
	if err != nil {
		return err
	}
	if mime := string(trimmed(mime)); mime != "" && mime != odsMime && mime != odsMime+"-template" {
		return &damage{what: "is an OpenDocument file, but no spreadsheet (ODS)", hint: "copy its table into a workbook and save that as .xlsx"}
	}
	if d.content == nil {
		return damaged("is damaged: it is an OpenDocument file without content.xml")
	}
	return nil
}

// small returns the bytes of a small part; none when there is no such part.
func (d *openDocument) small(name string) ([]byte, error) {
	p := d.archive.find(name)
	if p == nil {
		return nil, nil
	}
	if p.size > d.limits.Part {
		return nil, overLimit("Part", "is refused: its part %q is of %d bytes, more than %d", p.name, p.size, d.limits.Part)
	}
	in, err := d.archive.open(p)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in)
}

// readStylePart reads styles.xml: its common styles. Its automatic ones are for page headers.
func (d *openDocument) readStylePart(s *scanner) error {
	if err := s.root(); err != nil {
		return err
	}
	return s.each(func() error {
		if s.isIn(officeSpace, "styles") {
			return d.styles.read(s)
		}
		return nil
	})
}

// odsWalk goes through content.xml and counts what it passes.
type odsWalk struct {
	*scanner
	rows, cells, paragraphs int
}

func (w *odsWalk) begin(s *scanner) error {
	w.scanner, s.passed = s, w.count
	if err := s.root(); err != nil {
		return err
	}
	if !s.isIn(officeSpace, "document-content") {
		return s.fault("it is no OpenDocument content: it begins with <%s>", s.name)
	}
	return nil
}

// count takes note of an element.
func (w *odsWalk) count(local []byte) {
	switch string(local) {
	case "table-row":
		w.rows++
	case "table-cell", "covered-table-cell":
		w.cells++
	case "p":
		w.paragraphs++
	}
}

// reconcile compares what was read and passed with what the tally saw.
func (w *odsWalk) reconcile(t tally) error {
	if t.odsRows == w.rows && t.odsCells == w.cells && t.paragraphs == w.paragraphs {
		return nil
	}
	return &damage{place: "part " + w.part, what: fmt.Sprintf("is damaged: two counts differ (rows %d and %d, cells %d and %d, paragraphs %d and %d)",
		w.rows, t.odsRows, w.cells, t.odsCells, w.paragraphs, t.paragraphs)}
}

// body calls fn for each child of the spreadsheet, and other for each child of the root that isn't the body.
func (w *odsWalk) body(fn, other func() error) error {
	found := false
	err := w.each(func() error {
		if !w.isIn(officeSpace, "body") {
			return other()
		}
		return w.each(func() error {
			if !w.isIn(officeSpace, "spreadsheet") {
				return &damage{what: "is an OpenDocument file, but no spreadsheet (ODS)", hint: "copy its table into a workbook and save that as .xlsx"}
			}
			if found {
				return w.fault("it holds two spreadsheets")
			}
			found = true
			return w.each(fn)
		})
	})
	if err == nil && !found {
		err = w.fault("it holds no spreadsheet")
	}
	return err
}

// odsLister finds what sheets there are.
type odsLister struct {
	odsWalk
	d      *openDocument
	book   *Book
	styles []string // of the sheets
	table  int      // tables so far
}

func (l *odsLister) read(s *scanner) error {
	if err := l.begin(s); err != nil {
		return err
	}
	return l.body(l.list, func() error {
		if l.isIn(officeSpace, "automatic-styles") {
			return l.d.styles.read(s)
		}
		return l.pass()
	})
}

// list takes one child of the spreadsheet.
func (l *odsLister) list() error {
	switch {
	case l.isIn(tableSpace, "table"):
		name := l.attrText(tableSpace, "name")
		if !external(name) {
			l.book.Sheets = append(l.book.Sheets, Sheet{Name: name})
			l.styles = append(l.styles, l.attrText(tableSpace, "style-name"))
			l.d.tables = append(l.d.tables, l.table)
		}
		l.table++
	case l.isIn(tableSpace, "calculation-settings"):
		return l.each(func() error {
			if l.isIn(tableSpace, "null-date") && strings.HasPrefix(l.attrText(tableSpace, "date-value"), "1904-01-01") {
				l.d.date1904 = true
			}
			return l.pass()
		})
	case l.isIn(tableSpace, "named-expressions"):
		return l.each(func() error {
			l.book.Report = l.book.Report || strings.EqualFold(l.attrText(tableSpace, "name"), book.ReportMark)
			return l.pass()
		})
	}
	return l.pass()
}

// external says that a table is the remembered copy of a sheet in another file: 'file:///prices.ods'#Sheet1.
func external(name string) bool { return strings.HasPrefix(name, "'") && strings.Contains(name, "'#") }

// isIn says whether the tag found last is that element.
func (s *scanner) isIn(sp space, local string) bool { return s.space == sp && string(s.local) == local }

// attrText returns the decoded value of an attribute, or an empty string.
func (s *scanner) attrText(sp space, name string) string {
	v, _ := s.attrIn(sp, name)
	return string(appendDecoded(nil, v))
}

func (d *openDocument) read(i int, fn func(*cell.Row) error) (Extent, error) {
	x := &odsReader{d: d, fn: fn, want: d.tables[i]}
	counts, err := d.archive.scan(d.content, x.read)
	if err == nil {
		err = x.reconcile(counts)
	}
	if x.stopped != nil {
		return x.ext, x.stopped
	}
	if err != nil {
		return x.ext, d.refusalIn(x.sheet, err)
	}
	return x.ext, nil
}

// refusalIn is refusal with the name of the sheet.
func (d *openDocument) refusalIn(sheet string, err error) error {
	var dam *damage
	if errors.As(err, &dam) {
		dam.place = strings.TrimSuffix("sheet "+sheet+", "+dam.place, ", ")
	}
	return refusal(d.name, err)
}
