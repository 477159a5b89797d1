package sheet

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
)

// Nearly every cell of nearly every workbook is written in one of a few forms. They are read here straight from the window; whatever else comes is left where it is, for
// the reader of all forms (xlsxcell.go), which also finds the words for what is wrong. A cell is taken whole or not at all.

// cellHead bounds the length of the start tag of a usual cell: <c r="XFD1048576" s="65535" t="inlineStr">, without a prefix.
const cellHead = 64

// rowWord is the number of a row as its cells write it, to be compared at once.
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

// forms are the tags of usual cells, with the prefix that the sheet puts before them; most put none.
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

// fast reads the cells that come next as long as they are usual ones.
func (x *sheetReader) fast() error {
	for {
		for x.pos < len(x.buf) && x.buf[x.pos] <= ' ' {
			x.pos++
		}
		if len(x.buf)-x.pos < cellHead+len(x.forms.prefix) {
			if ok, err := x.more(); !ok || err != nil || len(x.saved) > x.limits.RowBytes {
				return err // too much for a row is seen where cells are read the long way
			}
			continue
		}
		n, err := x.fastCell(x.buf[x.pos:])
		if n == 0 || err != nil {
			return err
		}
		x.pos += n
	}
}

// fastCell reads one cell and returns its length; 0 if it isn't a usual one, or not whole in b.
func (x *sheetReader) fastCell(b []byte) (int, error) {
	if string(b[:len(x.forms.cell)]) != x.forms.cell {
		return 0, nil
	}
	b = b[len(x.forms.prefix):] // so that the address stands where it does without a prefix
	h := (*[cellHead]byte)(b)
	col, n := fastCol(h)
	if n == 0 || binary.LittleEndian.Uint64(h[n:])&x.word.mask != x.word.word || col < x.nextCol || col >= maxCols {
		return 0, nil
	}
	n += x.word.len
	if h[n&63] != '"' {
		return 0, nil
	}
	style, kind, n := fastAttributes(h, n+1)
	switch {
	case n == 0:
		return 0, nil
	case h[n] == '/' && h[n+1] == '>':
		x.cells++
		x.nextCol = col + 1
		return len(x.forms.prefix) + n + 2, nil
	case h[n] != '>':
		return 0, nil
	}
	size, err := x.fastFilled(b[n+1:], kind, style, col)
	if size == 0 || err != nil {
		return 0, err
	}
	return len(x.forms.prefix) + n + 1 + size, nil
}

// fastFilled reads a cell from behind its start tag on.
func (x *sheetReader) fastFilled(b []byte, kind cellType, style, col int) (int, error) {
	var st xf
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
	x.cells++
	x.values++
	x.nextCol = col + 1
	if c.Kind == cell.Blank {
		x.hollow++
	} else {
		x.filled++
		x.row.Cells = append(x.row.Cells, c)
	}
	return formula + size, nil
}

// fastFormula returns the length of the formula that b begins with, 0 if there is none or not a plain one. What it says counts only where its value is missing.
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
	if badEntity(text) != "" || bytes.Contains(text, []byte("]]>")) {
		return 0
	}
	return start + end + len(x.forms.endOfFormula)
}

// fastCol reads the letters of the address; n is where its digits begin, 0 if there are no letters.
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

// fastAttributes reads s and t, in either order, from n on, and returns where they end; 0 if there is anything unusual.
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

// fastType reads the type of a cell with the quote behind it.
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

// fastValue reads what stands behind the start tag, to the end of the cell.
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

// begins says whether s stands in b at n.
func begins(b []byte, n int, s string) bool { return len(b) >= n+len(s) && string(b[n:n+len(s)]) == s }

// closed returns the length of b up to the end of a cell whose value ends at n; 0 if the cell doesn't end there.
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

// fastNumber reads a number from start on, and leaves those with an exponent to isNumber.
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
		if end < 0 || !isNumber(b[start:n+end]) {
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

// textStops marks the bytes of a text that call for more than copying, and the end of it.
var textStops = [256]bool{'<': true, '&': true, '\r': true, '_': true, ']': true}

// fastText reads a text from start to the tag behind it, which must be end.
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

// plainText returns the text that b begins with, up to the next tag, and its length in b: a piece of b where it stands there as it is, else decoded into the arena. The
// length is negative if b doesn't hold all of it, or something is wrong with it.
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
	if badEntity(raw) != "" || bytes.Contains(raw, []byte("]]>")) {
		return nil, -1
	}
	escaped := bytes.Contains(raw, []byte("_x")) || bytes.Contains(raw, []byte("_&")) || bytes.Contains(raw, []byte("&#"))
	if !escaped && bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		return raw[:len(raw):len(raw)], len(raw)
	}
	from := len(*arena)
	*arena = appendDecoded(*arena, raw)
	if escaped {
		plain := appendUnescaped(nil, (*arena)[from:])
		*arena = append((*arena)[:from], plain...)
	}
	return (*arena)[from:len(*arena):len(*arena)], len(raw)
}
