package xlsx

import (
	"bytes"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

// cellType is the type of a cell in the file (ECMA-376 part 1, 18.18.11).
type cellType uint8

const (
	typeNumber cellType = iota
	typeShared
	typeInline
	typeFormula // t="str": the text result of a formula
	typeBool
	typeError
	typeDate // t="d": a date in ISO 8601
)

var cellTypes = map[string]cellType{
	"": typeNumber, "n": typeNumber, "s": typeShared, "inlineStr": typeInline, "str": typeFormula, "b": typeBool, "e": typeError, "d": typeDate,
}

type rawCell struct {
	col, style       int
	kind             cellType
	value            []byte // decoded text of v or is
	hasValue, inline bool
	formula          []byte
	hasFormula       bool
}

func (x *sheetReader) readCell() error {
	if !x.Is("c") {
		return x.SkipElement()
	}
	c, err := x.openCell()
	if err != nil {
		return err
	}
	err = x.Each(func() error {
		switch {
		case x.Is("v"):
			return x.readValue(&c, false)
		case x.Is("is"):
			return x.readValue(&c, true)
		case x.Is("f"):
			return x.readFormula(&c)
		default:
			return x.SkipElement()
		}
	})
	if err != nil {
		return err
	}
	return x.add(&c)
}

func (x *sheetReader) openCell() (c rawCell, err error) {
	c.col = x.nextCol
	for _, a := range x.Attrs {
		if a.Space != ooxml.NoSpace {
			continue
		}
		switch string(a.Local) {
		case "r":
			row, col, ok := cell.ParseA1(string(a.Value))
			if !ok || row != x.row.Num || col >= book.MaxColumns {
				return c, x.Damaged("a cell of row %d has the address %q", x.row.Num, a.Value)
			}
			c.col = col
		case "s":
			if len(a.Value) == 0 {
				continue
			}
			if c.style, err = strconv.Atoi(string(a.Value)); err != nil || c.style < 0 {
				return c, x.Damaged("the cell %s has the style %q", cell.A1(x.row.Num, c.col), a.Value)
			}
		case "t":
			if c.kind, err = x.cellType(string(a.Value)); err != nil {
				return c, err
			}
		}
	}
	if c.col >= book.MaxColumns {
		return c, x.Damaged("row %d has more than %d columns", x.row.Num, book.MaxColumns)
	}
	x.nextCol = c.col + 1
	return c, nil
}

func (x *sheetReader) cellType(s string) (cellType, error) {
	if t, ok := cellTypes[s]; ok {
		return t, nil
	}
	return 0, x.Damaged("a cell of row %d has the type %q", x.row.Num, s)
}

func (x *sheetReader) readValue(c *rawCell, inline bool) (err error) {
	if c.hasValue && c.inline == inline {
		return x.Damaged("the cell %s has two values", cell.A1(x.row.Num, c.col))
	}
	c.hasValue = true
	start := len(x.arena)
	if inline {
		x.arena, err = x.appendRich(x.arena)
	} else {
		x.arena, err = x.AppendElement(x.arena, x.limits.CellBytes)
	}
	if inline || !c.inline {
		c.value = x.arena[start:len(x.arena):len(x.arena)]
	}
	c.inline = c.inline || inline
	return err
}

// readFormula reads an f element. The formula is needed only if its value is missing.
func (x *sheetReader) readFormula(c *rawCell) (err error) {
	if c.hasFormula {
		return x.Damaged("the cell %s has two formulas", cell.A1(x.row.Num, c.col))
	}
	c.hasFormula = true
	kind, shared := x.AttrText("t"), x.AttrText("si")
	start := len(x.arena)
	x.arena, err = x.AppendElement(x.arena, x.limits.CellBytes)
	c.formula = x.arena[start:len(x.arena):len(x.arena)]
	if err != nil || kind != "shared" {
		return err
	}
	if len(c.formula) == 0 {
		c.formula = []byte(x.formulas[shared])
	} else if len(x.formulas) < maxShared {
		if x.formulas == nil {
			x.formulas = map[string]string{}
		}
		x.formulas[shared] = string(c.formula)
	}
	return nil
}

// maxShared limits how many shared formulas are kept; they are only for messages.
const maxShared = 10_000

func (x *sheetReader) add(c *rawCell) error {
	out := cell.Cell{Col: c.col}
	if err := x.value(c, &out); err != nil {
		return err
	}
	if out.Kind == cell.Blank {
		return nil
	}
	if n := len(x.w.styles); n > 0 && c.style >= n && !x.unstyled { // occurs in real files
		x.unstyled = true
		x.ext.Notes = append(x.ext.Notes, problem.New(problem.StyleMissing,
			"cell", cell.A1(x.row.Num, c.col), "value", strconv.Itoa(c.style), "count", strconv.Itoa(n)))
	}
	if c.style < len(x.w.styles) {
		st := x.w.styles[c.style]
		if out.Format = st.format; out.Kind == cell.Number && st.date {
			out.Kind = cell.Date
		}
	}
	n := len(x.row.Cells)
	if n == book.MaxColumns {
		return x.Damaged("row %d has more than %d cells", x.row.Num, book.MaxColumns)
	}
	if n > 0 && x.row.Cells[n-1].Col >= c.col {
		x.sorted = false
	}
	x.row.Cells = append(x.row.Cells, out)
	return nil
}

// value finds the kind and the text of a cell; a cell without either stays Blank.
func (x *sheetReader) value(c *rawCell, out *cell.Cell) error {
	kind := c.kind
	if c.inline {
		kind = typeInline
	}
	if kind != typeInline && kind != typeFormula {
		c.value = ooxml.Trim(c.value)
	}
	if len(c.value) > 0 {
		return x.typed(c, kind, out)
	}
	if c.hasFormula && (!c.hasValue || kind == typeNumber) { // an empty v isn't a value
		out.Kind, out.Text = cell.Formula, c.formula
	}
	return nil
}

func (x *sheetReader) typed(c *rawCell, kind cellType, out *cell.Cell) error {
	v := c.value
	out.Text = v
	switch kind {
	case typeNumber:
		switch out.Kind = cell.Number; {
		case cell.IsNumber(v):
		case notFinite(v):
			out.Kind = cell.Error
		default:
			return x.bad(c, "isn't a number")
		}
	case typeShared:
		return x.shared(c, out)
	case typeInline, typeFormula:
		if out.Kind = cell.Text; !c.inline && bytes.Contains(v, []byte("_x")) {
			out.Text = ooxml.AppendUnescaped(nil, v)
		}
	case typeBool:
		out.Kind = cell.Bool
		switch strings.ToLower(string(v)) {
		case "1", "true":
			out.Text = trueText
		case "0", "false":
			out.Text = falseText
		default:
			return x.bad(c, "is neither true nor false")
		}
	case typeError:
		out.Kind = cell.Error
	case typeDate:
		if out.Kind = cell.Date; cell.IsNumber(v) { // some writers put the serial there
			return nil
		}
		if out.Text = cell.SerialOfISO(v, x.w.date1904); out.Text == nil {
			return x.bad(c, "isn't a date")
		}
	}
	return nil
}

var (
	trueText  = []byte("TRUE")
	falseText = []byte("FALSE")
)

func (x *sheetReader) bad(c *rawCell, what string) error {
	return x.Damaged("the value of cell %s, %.40q, %s", cell.A1(x.row.Num, c.col), c.value, what)
}

func (x *sheetReader) shared(c *rawCell, out *cell.Cell) error {
	if err := x.w.loadStrings(); err != nil {
		return err
	}
	n, err := strconv.ParseUint(string(ooxml.Trim(c.value)), 10, 31)
	if err != nil || int(n) >= x.w.table.count {
		return x.Damaged("the cell %s refers to shared string %s of %d", cell.A1(x.row.Num, c.col), c.value, x.w.table.count)
	}
	if out.Text, x.arena, err = x.w.table.get(int(n), x.arena); err == nil && len(out.Text) > 0 {
		out.Kind = cell.Text
	}
	return err
}

// notFinite reports whether b is what some programs write after a division by zero. The file isn't
// damaged, so the cell is read as an error value.
func notFinite(b []byte) bool {
	switch strings.ToLower(string(b)) {
	case "nan", "inf", "infinity", "-nan", "-inf", "-infinity", "+inf", "+infinity":
		return true
	}
	return false
}
