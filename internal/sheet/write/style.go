package write

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// ColumnKind says what a column holds and how its cells are shown.
type ColumnKind uint8

// The kinds of columns.
const (
	General      ColumnKind = iota
	TextColumn              // identifiers: text format, so that a spreadsheet keeps the zeros and digits that are typed
	NumberColumn            // shown as it is
	MoneyColumn             // two decimals
	DateColumn              // yyyy-mm-dd
	stampColumn             // yyyy-mm-dd hh:mm:ss
	columnKinds             // how many there are
)

func (k ColumnKind) width() float64 {
	switch k {
	case TextColumn, General:
		return 16
	case DateColumn:
		return 12
	case stampColumn:
		return 20
	default:
		return 11
	}
}

const formatText = 49 // the built-in number format @ (ECMA-376 part 1, 18.8.30)

type styleKey struct {
	kind   ColumnKind
	mark   Mark
	linked bool
	format string // number format code; empty = the kind's
}

// styles creates each style of a workbook when it is first used.
type styles struct {
	file  *excelize.File
	known [columnKinds][marks][2]int // style id + 1, for styles without a format of their own; 0 = not created yet
	own   map[styleKey]int
}

func (s *styles) id(l styleKey) (int, error) {
	if l.format != "" {
		return s.ownID(l)
	}
	linked := 0
	if l.linked {
		linked = 1
	}
	p := &s.known[l.kind][l.mark][linked]
	if *p != 0 {
		return *p - 1, nil
	}
	id, err := s.add(l)
	*p = id + 1
	return id, err
}

func (s *styles) ownID(l styleKey) (int, error) {
	if id, ok := s.own[l]; ok {
		return id, nil
	}
	id, err := s.add(l)
	if s.own == nil {
		s.own = map[styleKey]int{}
	}
	s.own[l] = id
	return id, err
}

func (s *styles) add(l styleKey) (int, error) {
	if l == (styleKey{}) || l == (styleKey{kind: NumberColumn}) {
		return 0, nil // the workbook's default
	}
	st := &excelize.Style{}
	applyFormat(st, l)
	applyMark(st, l.mark)
	if l.linked {
		f := font(st)
		f.Underline, f.Color = "single", "0563C1"
	}
	id, err := s.file.NewStyle(st)
	if err != nil {
		return 0, fmt.Errorf("creating a cell style: %w", err)
	}
	return id, nil
}

func applyFormat(st *excelize.Style, l styleKey) {
	custom := l.format
	switch {
	case custom != "":
	case l.kind == TextColumn:
		st.NumFmt = formatText
	case l.kind == MoneyColumn:
		st.NumFmt = 2 // 0.00
	case l.kind == DateColumn:
		custom = "yyyy-mm-dd"
	case l.kind == stampColumn:
		custom = "yyyy-mm-dd hh:mm:ss"
	}
	if custom != "" {
		st.CustomNumFmt = &custom
	}
}

// applyMark uses the colors that spreadsheet programs offer for good, neutral and bad.
func applyMark(st *excelize.Style, m Mark) {
	switch m {
	case Good:
		setColors(st, "C6EFCE", "006100")
	case Warn:
		setColors(st, "FFEB9C", "7F6000")
	case Bad:
		setColors(st, "FFC7CE", "9C0006")
	case Muted:
		font(st).Color = "808080"
	case Bold:
		font(st).Bold = true
	case markTitle:
		f := font(st)
		f.Bold, f.Size = true, 14
	case markHeader:
		setColors(st, "1F3864", "FFFFFF")
		font(st).Bold = true
	case markRequired:
		setColors(st, "C55A11", "FFFFFF")
		font(st).Bold = true
	}
}

func setColors(st *excelize.Style, fill, text string) {
	st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}}
	font(st).Color = text
}

func font(st *excelize.Style) *excelize.Font {
	if st.Font == nil {
		st.Font = &excelize.Font{Family: "Calibri", Size: 11}
	}
	return st.Font
}
