package sheet

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"ordersheet/internal/cell"
)

// Layout is how a sheet looks.
type Layout struct {
	Columns  []Column
	Titles   []string // rows above the header
	NoHeader bool     // no header row; implies NoFilter and NoFreeze
	NoFilter bool     // no filter buttons in the header
	NoFreeze bool     // the header scrolls away with the rest
	Hidden   bool
}

// Column is one column of a sheet.
type Column struct {
	Header   string
	Width    float64 // in characters; 0 = wide enough for the header and the usual value of its kind
	Kind     ColumnKind
	Required bool     // the header stands out
	Drop     []string // the values that may be chosen
	Comment  string   // what to type here, shown when a cell of the column is chosen; cut at 255 characters
}

// SheetWriter writes the rows of one sheet.
type SheetWriter struct {
	book   *Workbook
	name   string
	layout Layout
	stream *excelize.StreamWriter
	row    int // number of the last row written
	width  int // columns of the widest row
	rows   *rowPacker
	styles []int // of the row at hand
	links  bytes.Buffer
	linked int
}

// Line returns the number of the last row written, as the spreadsheet shows it. After Sheet that is the header's.
func (s *SheetWriter) Line() int { return s.row }

// begin writes all that stands above the first row.
func (s *SheetWriter) begin() (err error) {
	f := s.book.file
	if err := s.printing(); err != nil {
		return err
	}
	if err := f.SetSheetDimension(s.name, anyDimension); err != nil {
		return err
	}
	if s.stream, err = f.NewStreamWriter(s.name); err != nil {
		return err
	}
	if err := s.columns(); err != nil {
		return err
	}
	if !s.layout.NoHeader && !s.layout.NoFreeze {
		if err := s.freeze(); err != nil {
			return err
		}
	}
	for _, t := range s.layout.Titles {
		if err := s.Row(Text(t).Style(markTitle)); err != nil {
			return err
		}
	}
	return s.header()
}

// printing lays the page on its side, and makes the sheet as wide as a page where that can still be read: a report is printed now and then.
func (s *SheetWriter) printing() error {
	const legible = 360 // characters on a page's width
	lying, wide, high, total := "landscape", 1, 0, 0.0
	for _, c := range s.layout.Columns {
		total += c.width()
	}
	page := &excelize.PageLayoutOptions{Orientation: &lying}
	if total <= legible {
		fit := true
		if err := s.book.file.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
			return err
		}
		page.FitToWidth, page.FitToHeight = &wide, &high
	}
	return s.book.file.SetPageLayout(s.name, page)
}

// width is the column's own width, or one that fits its header, with the filter button, and the usual value of its kind.
func (c *Column) width() float64 {
	if c.Width == 0 {
		return max(c.Kind.width(), float64(utf8.RuneCountInString(c.Header)+4))
	}
	return min(c.Width, excelize.MaxColumnWidth)
}

func (s *SheetWriter) columns() error {
	// From the last to the first: excelize puts each column in front of those it has, and spreadsheet programs write and expect them in rising
	// order.
	for i, c := range slices.Backward(s.layout.Columns) {
		if err := s.stream.SetColWidth(i+1, i+1, c.width()); err != nil {
			return err
		}
		id, err := s.book.styles.id(look{kind: c.Kind})
		if err != nil {
			return err
		}
		if id == 0 {
			continue
		}
		if err := s.stream.SetColStyle(i+1, i+1, id); err != nil { // for the cells that a user will fill
			return err
		}
	}
	return nil
}

func (s *SheetWriter) freeze() error {
	header := len(s.layout.Titles) + 1
	return s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: header, TopLeftCell: cell.A1(header+1, 0), ActivePane: "bottomLeft"})
}

func (s *SheetWriter) header() error {
	if s.layout.NoHeader {
		return nil
	}
	values := make([]Value, len(s.layout.Columns))
	for i, c := range s.layout.Columns {
		values[i] = Text(c.Header).Style(markHeader)
		if c.Required {
			values[i].mark = markRequired
		}
	}
	return s.Row(values...)
}

// Row writes the next row. A row that is refused isn't written, and the next one takes its place.
func (s *SheetWriter) Row(values ...Value) error {
	row := s.row + 1
	if row > bottomRow {
		return fmt.Errorf("writing sheet %s: %w", s.name, ErrSheetFull)
	}
	styles, err := s.check(row, values)
	if err != nil {
		return err
	}
	s.rows.startRow(row, len(values))
	for i := range values {
		if styles[i] != noCell {
			s.rows.cell(row, i, styles[i], &values[i])
		}
	}
	if err := s.rows.endRow(); err != nil {
		return fmt.Errorf("writing sheet %s row %d: %w", s.name, row, err)
	}
	s.row, s.width = row, max(s.width, len(values))
	s.link(values)
	return nil
}

const noCell = -1

// check returns the style of each cell, or noCell, and refuses the row before anything of it is written.
func (s *SheetWriter) check(row int, values []Value) ([]int, error) {
	s.styles = s.styles[:0]
	for i := range values {
		v := &values[i]
		if v.typ == blankValue && v.mark == Plain && v.format == "" {
			s.styles = append(s.styles, noCell)
			continue
		}
		if n, yes := overLong(v.text); yes {
			return nil, fmt.Errorf("writing sheet %s cell %s, %d characters: %w", s.name, cell.A1(row, i), n, ErrTooLong)
		}
		id, err := s.book.styles.id(s.look(i, v))
		if err != nil {
			return nil, err
		}
		s.styles = append(s.styles, id)
	}
	return s.styles, nil
}

// look decides how a value looks: as its column says, but for values of another kind.
func (s *SheetWriter) look(col int, v *Value) look {
	l := look{mark: v.mark, format: v.format, linked: v.link != ""}
	if v.mark >= markHeader || v.format != "" {
		return l
	}
	if col < len(s.layout.Columns) {
		l.kind = s.layout.Columns[col].Kind
	}
	switch v.typ {
	case dateValue:
		l.kind = DateColumn
	case stampValue:
		l.kind = stampColumn
	case textValue:
		if asText(v.text) {
			l.kind = TextColumn
		}
	case numberValue:
		if l.kind == TextColumn || l.kind == DateColumn {
			l.kind = General
		}
	}
	return l
}

// link notes the links of the row just written.
func (s *SheetWriter) link(values []Value) {
	for i := range values {
		v := &values[i]
		if v.link == "" || s.linked == maxLinks {
			continue
		}
		s.linked++
		s.links.WriteString(`<hyperlink ref="`)
		s.links.WriteString(cell.A1(s.row, i))
		s.links.WriteString(`" location="`)
		_ = xml.EscapeText(&s.links, []byte(v.link)) // a buffer never fails
		s.links.WriteString(`"/>`)
	}
}

// finish writes all that stands below the last row, and returns what must be put into the part when it is packed.
func (s *SheetWriter) finish() (frame, error) {
	f := s.book.file
	if err := s.rules(); err != nil {
		return frame{}, err
	}
	if !s.layout.NoHeader && !s.layout.NoFilter && len(s.layout.Columns) > 0 {
		header := len(s.layout.Titles) + 1
		ref := cell.A1(header, 0) + ":" + cell.A1(max(s.row, header), len(s.layout.Columns)-1)
		if err := f.AutoFilter(s.name, ref, nil); err != nil {
			return frame{}, err
		}
	}
	fr := frame{dimension: "A1", rows: s.rows}
	if s.row > 0 && s.width > 0 {
		fr.dimension = "A1:" + cell.A1(s.row, s.width-1)
	}
	if s.linked > 0 {
		// One link through excelize makes the place for all: it looks through all earlier ones at each link, and 65,000 took seconds.
		if err := f.SetCellHyperLink(s.name, "A1", "A1", "Location"); err != nil {
			return frame{}, err
		}
		fr.links = append(append([]byte("<hyperlinks>"), s.links.Bytes()...), "</hyperlinks>"...)
	}
	if err := s.rows.finish(); err != nil {
		return frame{}, err
	}
	return fr, s.stream.Flush()
}

// rules adds drop-down lists and hints for all rows below the header.
func (s *SheetWriter) rules() error {
	first := len(s.layout.Titles) + 2
	for i, c := range s.layout.Columns {
		if len(c.Drop) == 0 && c.Comment == "" {
			continue
		}
		name := cell.ColName(i)
		dv := excelize.NewDataValidation(true)
		dv.SetSqref(fmt.Sprintf("%s%d:%s%d", name, first, name, bottomRow))
		if err := s.drop(dv, c); err != nil {
			return err
		}
		if c.Comment != "" {
			dv.SetInput(cut(c.Header, 32), cut(c.Comment, 255))
		}
		if err := s.book.file.AddDataValidation(s.name, dv); err != nil {
			return err
		}
	}
	return nil
}

func (s *SheetWriter) drop(dv *excelize.DataValidation, c Column) error {
	if len(c.Drop) == 0 {
		return nil
	}
	dv.SetError(excelize.DataValidationErrorStyleWarning, cut(c.Header, 32), "This value isn't one of the list.")
	inline, ref := s.book.listRule(c.Drop)
	if ref != "" {
		dv.SetSqrefDropList(ref)
		return nil
	}
	return dv.SetDropList(inline)
}

// cut shortens a text to n characters as a spreadsheet counts them, and shows that it did.
func cut(s string, n int) string {
	if utf16Length(s) <= n {
		return s
	}
	at, count := 0, 0
	for i, r := range s {
		if count += units(r); count > n-1 {
			break
		}
		at = i + utf8.RuneLen(r)
	}
	return s[:at] + "…"
}
