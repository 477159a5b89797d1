// Package ods reads spreadsheets in OpenDocument format (ODF 1.3) from the parts of their zip
// container.
package ods

import (
	"bytes"
	"io"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

// document reads the rows of a spreadsheet. All of its sheets are in one part, content.xml, which
// is read once for the names of the sheets and the styles when the file is opened, and once more
// for each sheet that is read.
type document struct {
	archive  *ooxml.Archive
	limits   book.Limits
	content  *ooxml.Part
	tables   []int // by sheet: the number of its table in content
	styles   styles
	date1904 bool
}

const mimeType = "application/vnd.oasis.opendocument.spreadsheet"

// IsDocument reports whether a container holds a document in an OpenDocument format.
func IsDocument(a *ooxml.Archive) bool {
	if a.Find("META-INF/manifest.xml") == nil && a.Find("mimetype") == nil {
		return false
	}
	return a.Find("content.xml") != nil || a.Find("encrypted-package") != nil
}

// Open opens the spreadsheet in a container.
func Open(a *ooxml.Archive, l book.Limits) (*book.Book, error) {
	d := &document{archive: a, limits: l, content: a.Find("content.xml")}
	b := &book.Book{Container: "ods", Rows: d}
	if err := d.load(b); err != nil {
		return nil, err
	}
	return b, nil
}

func (d *document) load(b *book.Book) error {
	if err := d.checkKind(); err != nil {
		return err
	}
	d.styles = newStyles()
	if p := d.archive.Find("styles.xml"); p != nil {
		if err := d.archive.ScanSmall(p, d.readStylePart); err != nil {
			return err
		}
	}
	r := lister{d: d, book: b}
	err := d.archive.Scan(d.content, r.read)
	if err == nil {
		b.Formats, err = d.styles.resolve()
	}
	if err != nil {
		return err
	}
	for i, style := range r.styles {
		if d.styles.hidden[style] {
			b.Sheets[i].State = book.Hidden
		}
	}
	b.Date1904 = d.date1904
	return nil
}

// checkKind returns an error for encrypted documents, and for those that aren't spreadsheets.
func (d *document) checkKind() error {
	manifest, err := d.readSmall("META-INF/manifest.xml")
	if err != nil {
		return err
	}
	if bytes.Contains(manifest, []byte("encryption-data")) || d.archive.Find("encrypted-package") != nil {
		return &book.UnreadableError{
			What: "is an OpenDocument spreadsheet (ODS) protected by a password",
			Hint: "open it in a spreadsheet program and save it without a password, or as .xlsx",
		}
	}
	mime, err := d.readSmall("mimetype")
	if err != nil {
		return err
	}
	if mime := string(ooxml.Trim(mime)); mime != "" && mime != mimeType && mime != mimeType+"-template" {
		return errNoSpreadsheet()
	}
	if d.content == nil {
		return book.Damaged("it is an OpenDocument file without content.xml")
	}
	return nil
}

func errNoSpreadsheet() error {
	return &book.UnreadableError{
		What: "is an OpenDocument file, but not a spreadsheet (ODS)", Hint: "copy its table into a workbook and save that as .xlsx",
	}
}

// readSmall returns the content of a small part; none if there is no such part.
func (d *document) readSmall(name string) ([]byte, error) {
	p := d.archive.Find(name)
	if p == nil {
		return nil, nil
	}
	if p.Size > d.limits.Part {
		return nil, book.OverLimit("Part", "its part %q has %d bytes, more than %d", p.Name, p.Size, d.limits.Part)
	}
	in, err := d.archive.Open(p)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in)
}

// readStylePart reads the common styles of styles.xml. Its automatic ones are for page headers.
func (d *document) readStylePart(s *ooxml.Scanner) error {
	if err := s.Root(); err != nil {
		return err
	}
	return s.Each(func() error {
		if s.IsIn(ooxml.OfficeSpace, "styles") {
			return d.styles.read(s)
		}
		return nil
	})
}

// contentReader reads content.xml.
type contentReader struct{ *ooxml.Scanner }

func (w *contentReader) begin(s *ooxml.Scanner) error {
	w.Scanner = s
	if err := s.Root(); err != nil {
		return err
	}
	if !s.IsIn(ooxml.OfficeSpace, "document-content") {
		return s.Damaged("it isn't OpenDocument content: it begins with <%s>", s.Name)
	}
	return nil
}

// body calls fn for each child of the spreadsheet, and other for each child of the root that isn't
// the body.
func (w *contentReader) body(fn, other func() error) error {
	found := false
	err := w.Each(func() error {
		if !w.IsIn(ooxml.OfficeSpace, "body") {
			return other()
		}
		return w.Each(func() error {
			if !w.IsIn(ooxml.OfficeSpace, "spreadsheet") {
				return errNoSpreadsheet()
			}
			if found {
				return w.Damaged("it has two spreadsheets")
			}
			found = true
			return w.Each(fn)
		})
	})
	if err == nil && !found {
		err = w.Damaged("it has no spreadsheet")
	}
	return err
}

type lister struct {
	contentReader
	d      *document
	book   *book.Book
	styles []string // of the sheets
	table  int      // tables so far
}

func (l *lister) read(s *ooxml.Scanner) error {
	if err := l.begin(s); err != nil {
		return err
	}
	return l.body(l.list, func() error {
		if l.IsIn(ooxml.OfficeSpace, "automatic-styles") {
			return l.d.styles.read(s)
		}
		return l.SkipElement()
	})
}

func (l *lister) list() error {
	switch {
	case l.IsIn(ooxml.TableSpace, "table"):
		name := l.AttrTextIn(ooxml.TableSpace, "name")
		if !isExternal(name) {
			l.book.Sheets = append(l.book.Sheets, book.Sheet{Name: name})
			l.styles = append(l.styles, l.AttrTextIn(ooxml.TableSpace, "style-name"))
			l.d.tables = append(l.d.tables, l.table)
		}
		l.table++
	case l.IsIn(ooxml.TableSpace, "calculation-settings"):
		return l.Each(func() error {
			if l.IsIn(ooxml.TableSpace, "null-date") && strings.HasPrefix(l.AttrTextIn(ooxml.TableSpace, "date-value"), "1904-01-01") {
				l.d.date1904 = true
			}
			return l.SkipElement()
		})
	case l.IsIn(ooxml.TableSpace, "named-expressions"):
		return l.Each(func() error {
			l.book.Report = l.book.Report || strings.EqualFold(l.AttrTextIn(ooxml.TableSpace, "name"), book.ReportMark)
			return l.SkipElement()
		})
	}
	return l.SkipElement()
}

// isExternal reports whether a table is a copy of a sheet in another file, which is called
// 'file:///prices.ods'#Sheet1.
func isExternal(name string) bool {
	return strings.HasPrefix(name, "'") && strings.Contains(name, "'#")
}

// ReadRows reads the rows of a sheet.
func (d *document) ReadRows(sheet int, fn func(*cell.Row) error) (book.Extent, error) {
	x := &rowReader{d: d, fn: fn, want: d.tables[sheet]}
	err := d.archive.Scan(d.content, x.read)
	return x.ext, err
}
