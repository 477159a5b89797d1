package sheet

import (
	"math"
	"strconv"

	"ordersheet/internal/cell"
)

// odsReader reads the rows of one sheet of an OpenDocument book.
type odsReader struct {
	odsWalk
	d       *openDocument
	fn      func(*cell.Row) error
	stopped error // what fn gave
	want    int   // the table to be read
	table   int   // tables so far
	sheet   string
	ext     Extent

	columns  []odsColumns
	row      cell.Row
	at       int // number of the next row
	col      int // column of the next cell
	style    []byte
	arena    []byte // texts of the row
	spans    []cell.Range
	repeated int // cells given out that the file doesn't write
}

// odsColumns are columns in a row of one default style.
type odsColumns struct {
	end    int // the first column that isn't one of them
	format uint16
}

func (x *odsReader) read(s *scanner) error {
	if err := x.begin(s); err != nil {
		return err
	}
	return x.body(func() error {
		if !x.isIn(tableSpace, "table") {
			return x.pass()
		}
		x.table++
		if x.table-1 != x.want {
			return x.pass()
		}
		x.sheet, x.at = x.attrText(tableSpace, "name"), 1
		return x.each(x.piece)
	}, x.pass)
}

// piece reads one child of the table, or of a group of its rows or columns.
func (x *odsReader) piece() error {
	if x.space != tableSpace {
		return x.pass()
	}
	switch string(x.local) {
	case "table-column-group", "table-header-columns", "table-columns", "table-row-group", "table-header-rows", "table-rows":
		return x.each(x.piece)
	case "table-column":
		return x.readColumns()
	case "table-row":
		return x.readRow()
	}
	return x.pass()
}

// times reads the attribute that says how often the element opened last stands there.
func (x *odsReader) times(attribute string) (int, error) {
	v, ok := x.attrIn(tableSpace, attribute)
	if !ok {
		return 1, nil
	}
	n, err := strconv.ParseInt(string(v), 10, 32)
	if err != nil || n < 1 {
		return 0, x.fault("%s is %.20q", attribute, v)
	}
	return int(n), nil
}

// readColumns takes the default style of columns: cells without a style of their own have it.
func (x *odsReader) readColumns() error {
	n, err := x.times("number-columns-repeated")
	if err != nil {
		return err
	}
	if len(x.columns) == maxCols {
		return x.fault("it describes more than %d columns", maxCols)
	}
	end := n
	if k := len(x.columns); k > 0 {
		end += x.columns[k-1].end
	}
	style, _ := x.attrIn(tableSpace, "default-cell-style-name")
	x.columns = append(x.columns, odsColumns{end: min(end, math.MaxInt32), format: x.d.styles.index[string(style)]})
	return x.pass()
}

// columnFormat is the format of cells in a column that say none.
func (x *odsReader) columnFormat(col int) uint16 {
	lo, hi := 0, len(x.columns)
	for lo < hi {
		mid := (lo + hi) / 2
		if x.columns[mid].end <= col {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(x.columns) {
		return x.columns[lo].format
	}
	return odsGeneral
}

// readRow reads a row and hands it out as often as it stands there.
func (x *odsReader) readRow() error {
	x.rows++
	n, err := x.times("number-rows-repeated")
	if err != nil {
		return err
	}
	visibility := x.attrText(tableSpace, "visibility")
	x.row = cell.Row{Num: x.at, Hidden: visibility == "collapse" || visibility == "filter", Cells: x.row.Cells[:0]}
	x.arena, x.spans, x.col = x.arena[:0], x.spans[:0], 0
	style, _ := x.attrIn(tableSpace, "default-cell-style-name")
	x.style = append(x.style[:0], style...)
	if err := x.each(x.readCell); err != nil {
		return err
	}
	if len(x.row.Cells) == 0 && len(x.spans) == 0 || n > 1 && len(x.row.Cells) == 0 { // blank rows cost nothing, however many
		x.at = min(x.at+n, math.MaxInt32)
		return nil
	}
	return x.handOut(n)
}

// handOut hands out the row n times.
func (x *odsReader) handOut(n int) error {
	if x.at > maxRows || n > maxRows-x.at+1 {
		return x.fault("it has a row %d, and a sheet has %d at most", x.at+n-1, maxRows)
	}
	if err := x.repeat(len(x.row.Cells), n-1); err != nil {
		return err
	}
	for range n {
		x.row.Num = x.at
		x.at++
		if err := x.merges(); err != nil {
			return err
		}
		if len(x.row.Cells) == 0 {
			continue
		}
		x.ext.Rows++
		x.ext.Cells += len(x.row.Cells)
		x.ext.LastRow = x.row.Num
		if x.row.Hidden {
			x.ext.HiddenRows++
		}
		if x.stopped = x.fn(&x.row); x.stopped != nil {
			return x.stopped
		}
	}
	return nil
}

// repeat accounts for cells that are given out times more often than they are written.
func (x *odsReader) repeat(cells, times int) error {
	if times > 0 && cells > (x.d.limits.Repeated-x.repeated)/times {
		return overLimit("Repeated", "is refused: it repeats more than %d cells by a count", x.d.limits.Repeated)
	}
	x.repeated += cells * times
	return nil
}

// merges takes the merged ranges that begin in the row.
func (x *odsReader) merges() error {
	for _, r := range x.spans {
		if len(x.ext.Merges) == x.d.limits.Merges {
			return overLimit("Merges", "is refused: a sheet has more than %d merged ranges", x.d.limits.Merges)
		}
		r.Row1, r.Row2 = x.row.Num, min(r.Row2+x.row.Num, maxRows)
		x.ext.Merges = append(x.ext.Merges, r)
	}
	return nil
}
