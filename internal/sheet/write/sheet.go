package write

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"ordersheet/internal/cell"
)

// Layout says how a sheet looks.
type Layout struct {
	Columns  []Column
	Titles   []string // rows above the header row
	NoHeader bool     // no header row; implies NoFilter and NoFreeze
	NoFilter bool     // no filter in the header row
	NoFreeze bool     // the header row scrolls with the rest
	Hidden   bool
}

// Column is one column of a sheet.
type Column struct {
	Header   string
	Width    float64 // in characters; 0 = wide enough for the header and for usual values of its kind
	Kind     ColumnKind
	Required bool     // the header is highlighted
	Choices  []string // the values of its drop-down list
	Comment  string   // what to type here, shown at each cell; truncated to 255 characters
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
	styles []int // of the current row
	links  bytes.Buffer
	linked int
}

// Line returns the number of the last row written; after Workbook.Sheet that is the header row.
func (s *SheetWriter) Line() int { return s.row }

func (s *SheetWriter) begin() (err error) {
	f := s.book.file
	if err := s.printing(); err != nil {
		return err
	}
	if err := f.SetSheetDimension(s.name, maxDimension); err != nil {
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

// printing sets landscape pages, and fits the sheet to the page's width if that stays legible.
func (s *SheetWriter) printing() error {
	const legible = 360 // characters on a page's width
	orientation, wide, high, total := "landscape", 1, 0, 0.0
	for _, c := range s.layout.Columns {
		total += c.width()
	}
	page := &excelize.PageLayoutOptions{Orientation: &orientation}
	if total <= legible {
		fit := true
		if err := s.book.file.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
			return err
		}
		page.FitToWidth, page.FitToHeight = &wide, &high
	}
	return s.book.file.SetPageLayout(s.name, page)
}

// width returns the column's own width, or one that fits its header with the filter button and the
// usual values of its kind.
func (c *Column) width() float64 {
	if c.Width == 0 {
		return max(c.Kind.width(), float64(utf8.RuneCountInString(c.Header)+4))
	}
	return min(c.Width, excelize.MaxColumnWidth)
}

func (s *SheetWriter) columns() error {
	// Backward, since excelize puts each column before those it has, and spreadsheet programs
	// expect rising order.
	for i, c := range slices.Backward(s.layout.Columns) {
		if err := s.stream.SetColWidth(i+1, i+1, c.width()); err != nil {
			return err
		}
		id, err := s.book.styles.id(styleKey{kind: c.Kind})
		if err != nil {
			return err
		}
		if id == 0 {
			continue
		}
		if err := s.stream.SetColStyle(i+1, i+1, id); err != nil { // for the cells that a person will fill in
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

// Row writes the next row. After an error the row isn't written, and the next one takes its place.
func (s *SheetWriter) Row(values ...Value) error {
	row := s.row + 1
	if row > lastRow {
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

// check returns the style of each cell, or noCell for a blank one. It finds errors before anything
// of the row is written.
func (s *SheetWriter) check(row int, values []Value) ([]int, error) {
	s.styles = s.styles[:0]
	for i := range values {
		v := &values[i]
		if v.typ == blankValue && v.mark == Plain && v.format == "" {
			s.styles = append(s.styles, noCell)
			continue
		}
		if n, over := isTooLong(v.text); over {
			return nil, fmt.Errorf("writing sheet %s cell %s, %d characters: %w", s.name, cell.A1(row, i), n, ErrTooLong)
		}
		id, err := s.book.styles.id(s.style(i, v))
		if err != nil {
			return nil, err
		}
		s.styles = append(s.styles, id)
	}
	return s.styles, nil
}

// style returns the style of a value: its column's, unless the value is of another kind.
func (s *SheetWriter) style(col int, v *Value) styleKey {
	l := styleKey{mark: v.mark, format: v.format, linked: v.link != ""}
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
		if needsTextFormat(v.text) {
			l.kind = TextColumn
		}
	case numberValue:
		if l.kind == TextColumn || l.kind == DateColumn {
			l.kind = General
		}
	}
	return l
}

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

// finish writes everything below the last row, and returns what has to be put into the part when
// it is compressed.
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
		// One link through excelize makes the element for all: excelize searches all earlier links
		// for each new one, which took seconds for 65,000.
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

func (s *SheetWriter) rules() error {
	first := len(s.layout.Titles) + 2
	for i, c := range s.layout.Columns {
		if len(c.Choices) == 0 && c.Comment == "" {
			continue
		}
		name := cell.ColName(i)
		dv := excelize.NewDataValidation(true)
		dv.SetSqref(fmt.Sprintf("%s%d:%s%d", name, first, name, lastRow))
		if err := s.choices(dv, c); err != nil {
			return err
		}
		if c.Comment != "" {
			dv.SetInput(truncate(c.Header, 32), truncate(c.Comment, 255))
		}
		if err := s.book.file.AddDataValidation(s.name, dv); err != nil {
			return err
		}
	}
	return nil
}

func (s *SheetWriter) choices(dv *excelize.DataValidation, c Column) error {
	if len(c.Choices) == 0 {
		return nil
	}
	dv.SetError(excelize.DataValidationErrorStyleWarning, truncate(c.Header, 32), "This value isn't in the list.")
	inline, ref := s.book.listRule(c.Choices)
	if ref != "" {
		dv.SetSqrefDropList(ref)
		return nil
	}
	return dv.SetDropList(inline)
}

func truncate(s string, n int) string {
	if utf16Length(s) <= n {
		return s
	}
	at, count := 0, 0
	for i, r := range s {
		if count += utf16Units(r); count > n-1 {
			break
		}
		at = i + utf8.RuneLen(r)
	}
	return s[:at] + "…"
}
