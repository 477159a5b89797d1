package xlsx

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

// Nearly all cells are written in one of a few forms, which are read here directly from the
// scanner's unread text. Other cells are left to readCell, which reads all forms and reports what
// is wrong. A cell is read completely or not at all.

// cellHead limits the length of the start tag of such a cell, without a prefix:
// <c r="XFD1048576" s="65535" t="inlineStr">.
const cellHead = 64

// rowWord is a row number as written in the addresses of its cells, to compare it as one word.
type rowWord struct {
	word, mask uint64
	len        int
}

func newRowWord(n int) (w rowWord) {
	var b [8]byte
	w.len = len(strconv.AppendInt(b[:0], int64(n), 10))
	w.mask = 1<<(8*w.len) - 1
	w.word = binary.LittleEndian.Uint64(b[:]) & w.mask
	return w
}

// forms are the tags of the usual cells, with the sheet's prefix; most have none.
type forms struct {
	prefix                string // with its colon
	cell                  string
	formula, endOfFormula string
	value, endOfCell      string
	inline, kept, endText string
}

func newForms(prefix string) *forms {
	tags := func(s string) string { return strings.NewReplacer("</", "</"+prefix, "<", "<"+prefix).Replace(s) }
	return &forms{
		prefix: prefix, cell: tags(`<c r="`), formula: tags("<f>"), endOfFormula: tags("</f>"), value: tags("<v>"), endOfCell: tags("</v></c>"),
		inline: tags("<is><t>"), kept: tags(`<is><t xml:space="preserve">`), endText: tags("</t></is></c>"),
	}
}

func (x *sheetReader) readCellsFast() error {
	for {
		b, spaces := x.Unread(), 0
		for spaces < len(b) && b[spaces] <= ' ' {
			spaces++
		}
		x.Skip(spaces, 0, 0, 0)
		if b = b[spaces:]; len(b) < cellHead+len(x.forms.prefix) {
			if ok, err := x.More(); !ok || err != nil || len(x.saved) > x.limits.RowBytes {
				return err // readCells reports a row over the limit
			}
			continue
		}
		if ok, err := x.fastCell(b); !ok || err != nil {
			return err
		}
	}
}

// fastCell reads the cell that b begins with. It returns false if the cell's form isn't usual, or b
// doesn't hold all of it.
func (x *sheetReader) fastCell(b []byte) (bool, error) {
	if string(b[:len(x.forms.cell)]) != x.forms.cell {
		return false, nil
	}
	b = b[len(x.forms.prefix):] // so that the address is where it would be without a prefix
	h := (*[cellHead]byte)(b)
	col, n := fastCol(h)
	if n == 0 || binary.LittleEndian.Uint64(h[n:])&x.word.mask != x.word.word || col < x.nextCol || col >= book.MaxColumns {
		return false, nil
	}
	n += x.word.len
	if h[n&63] != '"' {
		return false, nil
	}
	style, kind, n := fastAttributes(h, n+1)
	switch {
	case n == 0:
		return false, nil
	case h[n] == '/' && h[n+1] == '>':
		x.nextCol = col + 1
		x.Skip(len(x.forms.prefix)+n+2, 1, 0, 0)
		return true, nil
	case h[n] != '>':
		return false, nil
	}
	size, err := x.fastFilled(b[n+1:], kind, style, col)
	if size == 0 || err != nil {
		return false, err
	}
	texts := 0
	if kind == typeInline {
		texts = 1
	}
	x.Skip(len(x.forms.prefix)+n+1+size, 1, 1, texts)
	return true, nil
}

func (x *sheetReader) fastFilled(b []byte, kind cellType, style, col int) (int, error) {
	var st cellStyle
	if style < len(x.w.styles) {
		st = x.w.styles[style]
	} else if len(x.w.styles) > 0 {
		return 0, nil
	}
	formula := x.fastFormula(b)
	c := cell.Cell{Col: col, Format: st.format}
	size, err := x.fastValue(b[formula:], kind, st.date, &c)
	if size == 0 || err != nil {
		return 0, err
	}
	x.nextCol = col + 1
	if c.Kind != cell.Blank {
		x.row.Cells = append(x.row.Cells, c)
	}
	return formula + size, nil
}

// fastFormula returns the length of the formula that b begins with; 0 if there is none or its form
// isn't usual. A formula is needed only if its value is missing.
func (x *sheetReader) fastFormula(b []byte) int {
	start := len(x.forms.formula)
	if !begins(b, 0, x.forms.formula) {
		return 0
	}
	end := bytes.IndexByte(b[start:], '<')
	if end < 0 || end > x.limits.CellBytes || !begins(b, start+end, x.forms.endOfFormula) {
		return 0
	}
	text := b[start : start+end]
	if ooxml.BadEntity(text) != "" || bytes.Contains(text, []byte("]]>")) {
		return 0
	}
	return start + end + len(x.forms.endOfFormula)
}

// fastCol reads the letters of the address; n is where its digits begin, 0 without letters.
func fastCol(h *[cellHead]byte) (col, n int) {
	c := h[6] - 'A'
	if c >= 26 {
		return 0, 0
	}
	col, n = int(c), 7
	if c = h[7] - 'A'; c < 26 {
		col, n = (col+1)*26+int(c), 8
		if c = h[8] - 'A'; c < 26 {
			col, n = (col+1)*26+int(c), 9
		}
	}
	return col, n
}

// fastAttributes reads s and t, in either order, from n on, and returns where they end; 0 if there
// is anything else.
func fastAttributes(h *[cellHead]byte, n int) (style int, kind cellType, end int) {
	for seen := byte(0); h[n&63] == ' '; {
		name := h[(n+1)&63]
		if name == seen || h[(n+2)&63] != '=' || h[(n+3)&63] != '"' {
			return 0, 0, 0
		}
		seen = name
		n += 4
		switch name {
		case 's':
			start := n
			for c := h[n&63] - '0'; c < 10 && n-start < 6; c = h[n&63] - '0' {
				style = style*10 + int(c)
				n++
			}
			if n == start || h[n&63] != '"' {
				return 0, 0, 0
			}
			n++
		case 't':
			var size int
			if kind, size = fastType(h[n&63:]); size == 0 {
				return 0, 0, 0
			}
			n += size
		default:
			return 0, 0, 0
		}
	}
	if n > cellHead-2 {
		return 0, 0, 0
	}
	return style, kind, n
}

func fastType(b []byte) (kind cellType, size int) {
	if len(b) < 12 {
		return 0, 0
	}
	if b[1] == '"' {
		switch b[0] {
		case 's':
			return typeShared, 2
		case 'n':
			return typeNumber, 2
		case 'b':
			return typeBool, 2
		}
		return 0, 0
	}
	switch {
	case string(b[:4]) == `str"`:
		return typeFormula, 4
	case string(b[:10]) == `inlineStr"`:
		return typeInline, 10
	}
	return 0, 0
}

func (x *sheetReader) fastValue(b []byte, kind cellType, date bool, c *cell.Cell) (int, error) {
	f := x.forms
	if kind == typeInline {
		for _, open := range [...]string{f.inline, f.kept} {
			if begins(b, 0, open) {
				return x.fastText(b, len(open), f.endText, c), nil
			}
		}
		return 0, nil
	}
	start := len(f.value)
	if !begins(b, 0, f.value) || len(b) < start+2 {
		return 0, nil
	}
	switch kind {
	case typeShared:
		return x.fastShared(b, start, c)
	case typeNumber:
		return x.fastNumber(b, start, date, c), nil
	case typeFormula:
		return x.fastText(b, start, f.endOfCell, c), nil
	case typeBool:
		if c.Kind, c.Text = cell.Bool, falseText; b[start] == '1' {
			c.Text = trueText
		} else if b[start] != '0' {
			return 0, nil
		}
		return x.closed(b, start+1), nil
	}
	return 0, nil
}

func begins(b []byte, n int, s string) bool { return len(b) >= n+len(s) && string(b[n:n+len(s)]) == s }

// closed returns the length of b up to the end of the cell, whose value ends at n; 0 if the cell
// doesn't end there.
func (x *sheetReader) closed(b []byte, n int) int {
	if begins(b, n, x.forms.endOfCell) {
		return n + len(x.forms.endOfCell)
	}
	return 0
}

func (x *sheetReader) fastShared(b []byte, start int, c *cell.Cell) (int, error) {
	index, n := 0, start
	for n < len(b) && n < start+10 && b[n]-'0' < 10 {
		index = index*10 + int(b[n]-'0')
		n++
	}
	size := x.closed(b, n)
	if n == start || size == 0 || x.w.table == nil || index >= x.w.table.count {
		return 0, nil
	}
	var err error
	if c.Text, x.arena, err = x.w.table.get(index, x.arena); err != nil {
		return 0, err
	}
	if len(c.Text) > 0 {
		c.Kind = cell.Text
	}
	return size, nil
}

func (x *sheetReader) fastNumber(b []byte, start int, date bool, c *cell.Cell) int {
	n, points := start, 0
	if b[n] == '-' {
		n++
	}
	digits := n
	for n < len(b) {
		if b[n] == '.' {
			points++
		} else if b[n]-'0' >= 10 {
			break
		}
		n++
	}
	if n-digits <= points || points > 1 {
		return 0
	}
	if n < len(b) && b[n]|0x20 == 'e' {
		end := bytes.IndexByte(b[n:min(len(b), n+8)], '<')
		if end < 0 || !cell.IsNumber(b[start:n+end]) {
			return 0
		}
		n += end
	}
	if c.Kind = cell.Number; date {
		c.Kind = cell.Date
	}
	c.Text = b[start:n:n]
	return x.closed(b, n)
}

// textStops marks the bytes that end a text or require decoding.
var textStops = [256]bool{'<': true, '&': true, '\r': true, '_': true, ']': true}

func (x *sheetReader) fastText(b []byte, start int, end string, c *cell.Cell) int {
	text, size := plainText(b[start:], &x.arena)
	n := start + size
	if size < 0 || len(text) > x.limits.CellBytes || !begins(b, n, end) {
		return 0
	}
	if c.Text = text; len(text) > 0 {
		c.Kind = cell.Text
	}
	return n + len(end)
}

// plainText returns the text that b begins with, up to the next tag, and its length in b. It is a
// piece of b, or is decoded into the arena. The length is negative if b doesn't hold all of it, or
// something is wrong with it.
func plainText(b []byte, arena *[]byte) (text []byte, size int) {
	n := 0
	for n < len(b) && !textStops[b[n]] {
		n++
	}
	if n < len(b) && b[n] == '<' {
		return b[:n:n], n
	}
	end := bytes.IndexByte(b[n:], '<')
	if end < 0 {
		return nil, -1
	}
	raw := b[:n+end]
	if ooxml.BadEntity(raw) != "" || bytes.Contains(raw, []byte("]]>")) {
		return nil, -1
	}
	escaped := bytes.Contains(raw, []byte("_x")) || bytes.Contains(raw, []byte("_&")) || bytes.Contains(raw, []byte("&#"))
	if !escaped && bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		return raw[:len(raw):len(raw)], len(raw)
	}
	from := len(*arena)
	*arena = ooxml.AppendDecoded(*arena, raw)
	if escaped {
		plain := ooxml.AppendUnescaped(nil, (*arena)[from:])
		*arena = append((*arena)[:from], plain...)
	}
	return (*arena)[from:len(*arena):len(*arena)], len(raw)
}
