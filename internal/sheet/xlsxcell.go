package sheet

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"ordersheet/internal/cell"
	"ordersheet/internal/problem"
)

// The types of cells (ECMA-376 part 1, 18.18.11).
type cellType uint8

const (
	typeNumber cellType = iota
	typeShared
	typeInline
	typeFormula // t="str": the text that a formula gave
	typeBool
	typeError
	typeDate // t="d": a date as ISO 8601 has it
)

// rawCell is a cell as the file has it.
type rawCell struct {
	col, style       int
	kind             cellType
	value            []byte // decoded text of v or is, in the arena or elsewhere safe
	hasValue, inline bool
	formula          []byte
	hasFormula       bool
}

// readCell reads the cell whose start was found last.
func (x *sheetReader) readCell() error {
	if !x.is("c") {
		return x.pass()
	}
	x.cells++
	c, err := x.openCell()
	if err != nil {
		return err
	}
	err = x.each(func() error {
		switch {
		case x.is("v"):
			return x.readValue(&c, false)
		case x.is("is"):
			return x.readValue(&c, true)
		case x.is("f"):
			return x.readFormula(&c)
		default:
			return x.pass()
		}
	})
	if err != nil {
		return err
	}
	return x.put(&c)
}

// openCell reads the attributes of a cell.
func (x *sheetReader) openCell() (c rawCell, err error) {
	c.col = x.nextCol
	for _, a := range x.attrs {
		if a.space != noSpace {
			continue
		}
		switch string(a.local) {
		case "r":
			row, col, ok := cell.ParseA1(string(a.value))
			if !ok || row != x.row.Num || col >= maxCols {
				return c, x.fault("a cell of row %d has the address %q", x.row.Num, a.value)
			}
			c.col = col
		case "s":
			if len(a.value) == 0 {
				continue
			}
			if c.style, err = strconv.Atoi(string(a.value)); err != nil || c.style < 0 {
				return c, x.fault("the cell %s has the style %q", cell.A1(x.row.Num, c.col), a.value)
			}
		case "t":
			if c.kind, err = x.cellType(string(a.value)); err != nil {
				return c, err
			}
		}
	}
	if c.col >= maxCols {
		return c, x.fault("row %d has more than %d columns", x.row.Num, maxCols)
	}
	x.nextCol = c.col + 1
	return c, nil
}

func (x *sheetReader) cellType(s string) (cellType, error) {
	switch s {
	case "n", "":
		return typeNumber, nil
	case "s":
		return typeShared, nil
	case "inlineStr":
		return typeInline, nil
	case "str":
		return typeFormula, nil
	case "b":
		return typeBool, nil
	case "e":
		return typeError, nil
	case "d":
		return typeDate, nil
	}
	return 0, x.fault("a cell of row %d has the type %q", x.row.Num, s)
}

// readValue reads a v or an is element.
func (x *sheetReader) readValue(c *rawCell, inline bool) (err error) {
	x.values++
	if c.hasValue {
		if c.inline == inline {
			return x.fault("the cell %s holds two values", cell.A1(x.row.Num, c.col))
		}
		x.twofold++
	}
	c.hasValue = true
	start := len(x.arena)
	if inline {
		x.arena, err = x.appendRich(x.arena)
	} else {
		x.arena, err = x.appendElement(x.arena, x.limits.CellBytes)
	}
	if inline || !c.inline {
		c.value = x.arena[start:len(x.arena):len(x.arena)]
	}
	c.inline = c.inline || inline
	return err
}

// readFormula reads an f element. The formula is needed only where its value is missing.
func (x *sheetReader) readFormula(c *rawCell) (err error) {
	if c.hasFormula {
		return x.fault("the cell %s holds two formulas", cell.A1(x.row.Num, c.col))
	}
	c.hasFormula = true
	kind, shared := x.attrString("t"), x.attrString("si")
	start := len(x.arena)
	x.arena, err = x.appendElement(x.arena, x.limits.CellBytes)
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

// maxShared bounds how many shared formulas are remembered; they only serve messages.
const maxShared = 10_000

// put adds a cell to the row, if it holds anything.
func (x *sheetReader) put(c *rawCell) error {
	out := cell.Cell{Col: c.col}
	if err := x.value(c, &out); err != nil {
		return err
	}
	if out.Kind == cell.Blank {
		if c.hasValue {
			x.hollow++
		}
		return nil
	}
	if n := len(x.w.styles); n > 0 && c.style >= n && !x.unstyled { // seen in real files: the value is whole, but whether it is a date isn't said
		x.unstyled = true
		x.ext.Notes = append(x.ext.Notes, problem.Problem{
			Severity: problem.Warning, Code: "style_missing", File: x.w.name, Cell: cell.A1(x.row.Num, c.col), Value: strconv.Itoa(c.style),
			Message: fmt.Sprintf("this cell and maybe others have a style that the workbook lacks (number %d of %d): dates there count as plain numbers", c.style, n),
		})
	}
	if c.style < len(x.w.styles) {
		st := x.w.styles[c.style]
		if out.Format = st.format; out.Kind == cell.Number && st.date {
			out.Kind = cell.Date
		}
	}
	if !c.hasValue {
		x.bare++
	}
	x.filled++
	n := len(x.row.Cells)
	if n == maxCols {
		return x.fault("row %d holds more than %d cells", x.row.Num, maxCols)
	}
	if n > 0 && x.row.Cells[n-1].Col >= c.col {
		x.sorted = false
	}
	x.row.Cells = append(x.row.Cells, out)
	return nil
}

// isDate says whether a number of that class of format is a date or a time.
func isDate(c cell.Class) bool {
	return c == cell.DateOnly || c == cell.TimeOnly || c == cell.DateAndTime || c == cell.Elapsed
}

// value finds the kind and the text of a cell; the kind stays Blank when there is nothing in it.
func (x *sheetReader) value(c *rawCell, out *cell.Cell) error {
	kind := c.kind
	if c.inline {
		kind = typeInline
	}
	if kind != typeInline && kind != typeFormula {
		c.value = trimmed(c.value)
	}
	if len(c.value) > 0 {
		return x.typed(c, kind, out)
	}
	if c.hasFormula && (!c.hasValue || kind == typeNumber) {
		out.Kind, out.Text = cell.Formula, c.formula
		if c.hasValue { // an empty v is no value
			x.hollow++
			c.hasValue = false
		}
	}
	return nil
}

// typed reads a value that isn't empty.
func (x *sheetReader) typed(c *rawCell, kind cellType, out *cell.Cell) error {
	v := c.value
	out.Text = v
	switch kind {
	case typeNumber:
		switch out.Kind = cell.Number; {
		case isNumber(v):
		case notFinite(v):
			out.Kind = cell.Error
		default:
			return x.bad(c, "isn't a number")
		}
	case typeShared:
		return x.shared(c, out)
	case typeInline, typeFormula:
		if out.Kind = cell.Text; !c.inline && bytes.Contains(v, []byte("_x")) {
			out.Text = appendUnescaped(nil, v)
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
		if out.Kind = cell.Date; isNumber(v) { // some writers put the serial there all the same
			return nil
		}
		if out.Text = isoSerial(v, x.w.date1904); out.Text == nil {
			return x.bad(c, "is no date")
		}
	}
	return nil
}

var (
	trueText  = []byte("TRUE")
	falseText = []byte("FALSE")
)

func (x *sheetReader) bad(c *rawCell, what string) error {
	return x.fault("the value of cell %s, %.40q, %s", cell.A1(x.row.Num, c.col), c.value, what)
}

// shared looks a shared string up.
func (x *sheetReader) shared(c *rawCell, out *cell.Cell) error {
	if err := x.w.loadStrings(); err != nil {
		return err
	}
	n, err := strconv.ParseUint(string(trimmed(c.value)), 10, 31)
	if err != nil || int(n) >= x.w.table.count {
		return x.fault("the cell %s asks for shared string %s of %d", cell.A1(x.row.Num, c.col), c.value, x.w.table.count)
	}
	if out.Text, x.arena, err = x.w.table.get(int(n), x.arena); err == nil && len(out.Text) > 0 {
		out.Kind = cell.Text
	}
	return err
}

// notFinite says whether b is what programs write that don't mind dividing by zero: it is no number, but nor is the file damaged, so it is the cell that has the fault.
func notFinite(b []byte) bool {
	switch strings.ToLower(string(b)) {
	case "nan", "inf", "infinity", "-nan", "-inf", "-infinity", "+inf", "+infinity":
		return true
	}
	return false
}

// isNumber says whether b is a number as XML Schema's double has it, without INF and NaN.
func isNumber(b []byte) bool {
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		i++
	}
	start, points := i, 0
	for i < len(b) && (b[i] >= '0' && b[i] <= '9' || b[i] == '.') {
		if b[i] == '.' {
			points++
		}
		i++
	}
	if i-start-points < 1 || points > 1 {
		return false
	}
	if i == len(b) {
		return true
	}
	if b[i] != 'e' && b[i] != 'E' {
		return false
	}
	if i++; i < len(b) && (b[i] == '-' || b[i] == '+') {
		i++
	}
	start = i
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i == len(b) && i > start && i-start < 5
}
