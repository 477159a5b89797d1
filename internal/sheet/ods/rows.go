package ods

import (
	"math"
	"strconv"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
	"ordersheet/internal/sheet/ooxml"
)

type rowReader struct {
	contentReader
	d     *document
	fn    func(*cell.Row) error
	want  int // number of the table to read
	table int // tables so far
	ext   book.Extent

	columns  []columnRun
	row      cell.Row
	at       int // number of the next row
	col      int // column of the next cell
	style    []byte
	arena    []byte // texts of the row
	spans    []cell.Range
	repeated int // cells that the file repeats by a count
}

type columnRun struct {
	end    int // the first column after the run
	format uint16
}

func (x *rowReader) read(s *ooxml.Scanner) error {
	if err := x.begin(s); err != nil {
		return err
	}
	return x.body(func() error {
		if !x.IsIn(ooxml.TableSpace, "table") {
			return x.SkipElement()
		}
		x.table++
		if x.table-1 != x.want {
			return x.SkipElement()
		}
		x.at = 1
		return x.Each(x.readChild)
	}, x.SkipElement)
}

// readChild reads one child of the table, or of a group of its rows or columns.
func (x *rowReader) readChild() error {
	if x.Space != ooxml.TableSpace {
		return x.SkipElement()
	}
	switch string(x.Local) {
	case "table-column-group", "table-header-columns", "table-columns", "table-row-group", "table-header-rows", "table-rows":
		return x.Each(x.readChild)
	case "table-column":
		return x.readColumns()
	case "table-row":
		return x.readRow()
	}
	return x.SkipElement()
}

func (x *rowReader) repeatCount(attribute string) (int, error) {
	v, ok := x.AttrIn(ooxml.TableSpace, attribute)
	if !ok {
		return 1, nil
	}
	n, err := strconv.ParseInt(string(v), 10, 32)
	if err != nil || n < 1 {
		return 0, x.Damaged("%s is %.20q", attribute, v)
	}
	return int(n), nil
}

func (x *rowReader) readColumns() error {
	n, err := x.repeatCount("number-columns-repeated")
	if err != nil {
		return err
	}
	if len(x.columns) == book.MaxColumns {
		return x.Damaged("it describes more than %d columns", book.MaxColumns)
	}
	end := n
	if k := len(x.columns); k > 0 {
		end += x.columns[k-1].end
	}
	style, _ := x.AttrIn(ooxml.TableSpace, "default-cell-style-name")
	x.columns = append(x.columns, columnRun{end: min(end, math.MaxInt32), format: x.d.styles.index[string(style)]})
	return x.SkipElement()
}

func (x *rowReader) columnFormat(col int) uint16 {
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
	return generalFormat
}

// readRow reads a row and passes it on as often as it is repeated.
func (x *rowReader) readRow() error {
	n, err := x.repeatCount("number-rows-repeated")
	if err != nil {
		return err
	}
	visibility := x.AttrTextIn(ooxml.TableSpace, "visibility")
	x.row = cell.Row{Num: x.at, Hidden: visibility == "collapse" || visibility == "filter", Cells: x.row.Cells[:0]}
	x.arena, x.spans, x.col = x.arena[:0], x.spans[:0], 0
	style, _ := x.AttrIn(ooxml.TableSpace, "default-cell-style-name")
	x.style = append(x.style[:0], style...)
	if err := x.Each(x.readCell); err != nil {
		return err
	}
	if len(x.row.Cells) == 0 && len(x.spans) == 0 || n > 1 && len(x.row.Cells) == 0 { // blank rows cost nothing
		x.at = min(x.at+n, math.MaxInt32)
		return nil
	}
	return x.pass(n)
}

func (x *rowReader) pass(n int) error {
	if x.at > book.MaxRows || n > book.MaxRows-x.at+1 {
		return x.Damaged("it has a row %d, and a sheet has at most %d", x.at+n-1, book.MaxRows)
	}
	if err := x.countRepeated(len(x.row.Cells), n-1); err != nil {
		return err
	}
	for range n {
		x.row.Num = x.at
		x.at++
		if err := x.addMerges(); err != nil {
			return err
		}
		if len(x.row.Cells) == 0 {
			continue
		}
		x.ext.Count(&x.row)
		if err := x.fn(&x.row); err != nil {
			return err
		}
	}
	return nil
}

// countRepeated counts cells that are repeated, and returns an error if there are too many.
func (x *rowReader) countRepeated(cells, times int) error {
	if times > 0 && cells > (x.d.limits.Repeated-x.repeated)/times {
		return book.OverLimit("Repeated", "repeats more than %d cells", x.d.limits.Repeated)
	}
	x.repeated += cells * times
	return nil
}

func (x *rowReader) addMerges() error {
	for _, r := range x.spans {
		if len(x.ext.Merges) == x.d.limits.Merges {
			return book.OverLimit("Merges", "the sheet has more than %d merged ranges", x.d.limits.Merges)
		}
		r.Row1, r.Row2 = x.row.Num, min(r.Row2+x.row.Num, book.MaxRows)
		x.ext.Merges = append(x.ext.Merges, r)
	}
	return nil
}
