// Package write writes spreadsheets as streams: workbooks, delimited files and JSON lines.
// Everything goes to an io.Writer; where and under which name is the caller's business. To write a
// file that appears under its name only when it is complete, use File:
//
//	err := write.ToFile(path, func(out io.Writer) error {
//		book, err := write.NewWorkbook(out)
//		if err != nil {
//			return err
//		}
//		defer book.Abort()
//		...
//		return book.Close()
//	})
//
// NewCSV starts a delimited file in the same way. NewOutput writes rows in any of the formats, and
// CreateOutput does that into a File, with a second one for values that are too long for a cell.
//
// This is the only package that imports excelize.
package write

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/book"
)

// Errors for cells and rows that a workbook can't hold.
var (
	ErrTooLong   = errors.New("a cell holds at most 32,767 characters")
	ErrSheetFull = errors.New("a sheet holds at most 1,048,576 rows")
)

const (
	lastRow    = book.MaxRows
	defaultTab = "Sheet1"  // the sheet that a new workbook of excelize has
	listSheet  = "Choices" // hidden; holds drop-down lists that don't fit into a rule
	maxInline  = 255       // characters of a drop-down list inside its rule
	maxLinks   = 65530     // Excel specifications and limits: hyperlinks in a worksheet
)

// Workbook writes a workbook, sheet by sheet and row by row. It keeps no row in memory, and the
// same input gives the same bytes.
type Workbook struct {
	file       *excelize.File // nil once closed
	out        io.Writer
	compressor *flate.Writer // one for all sheets, since it is large
	styles     styles
	current    *SheetWriter
	frames     map[string]frame // by name of part
	names      map[string]bool  // of sheets, in lower case
	hidden     []string
	lists      []string // long drop-down lists: column i of the list sheet is strings.Split(lists[i], "\n")
	report     bool
	title      string
	created    time.Time
}

// NewWorkbook starts a workbook. Close writes it to w.
func NewWorkbook(w io.Writer) (*Workbook, error) {
	compressor, err := flate.NewWriter(nil, packLevel)
	if err != nil {
		return nil, fmt.Errorf("creating a compressor: %w", err)
	}
	f := excelize.NewFile()
	return &Workbook{
		file: f, out: w, compressor: compressor, styles: styles{file: f}, frames: map[string]frame{}, names: map[string]bool{},
	}, nil
}

// MarkReport marks the workbook as one of our own reports; readers set Book.Report for it.
func (w *Workbook) MarkReport() { w.report = true }

// SetProperties sets the title and the time of creation in the workbook's properties.
func (w *Workbook) SetProperties(title string, created time.Time) {
	w.title, w.created = title, created
}

// Sheet ends the current sheet and starts the next. Names have at most 31 characters, none of
// : \ / ? * [ ].
func (w *Workbook) Sheet(name string, l Layout) (*SheetWriter, error) {
	if err := w.finishSheet(); err != nil {
		return nil, err
	}
	s, err := w.newSheet(name, l)
	if err != nil {
		return nil, fmt.Errorf("writing sheet %s: %w", name, err)
	}
	w.current = s
	return s, nil
}

func (w *Workbook) newSheet(name string, l Layout) (*SheetWriter, error) {
	if w.names[strings.ToLower(name)] {
		return nil, errors.New("the workbook already has a sheet with that name")
	}
	w.names[strings.ToLower(name)] = true
	if err := w.addTab(name); err != nil {
		return nil, err
	}
	if l.Hidden {
		w.hidden = append(w.hidden, name)
	}
	s := &SheetWriter{book: w, name: name, layout: l, rows: newRowPacker(w.compressor)}
	return s, s.begin()
}

func (w *Workbook) addTab(name string) error {
	if len(w.names) == 1 {
		return w.file.SetSheetName(defaultTab, name)
	}
	_, err := w.file.NewSheet(name)
	return err
}

func (w *Workbook) finishSheet() error {
	s := w.current
	if s == nil {
		return nil
	}
	w.current = nil
	fr, err := s.finish()
	if err != nil {
		return fmt.Errorf("writing sheet %s: %w", s.name, err)
	}
	i, err := w.file.GetSheetIndex(s.name)
	if err != nil {
		return fmt.Errorf("writing sheet %s: %w", s.name, err)
	}
	w.frames["xl/worksheets/sheet"+strconv.Itoa(i+1)+".xml"] = fr // excelize numbers the parts in the order of the sheets
	return nil
}

// Close completes the workbook and writes it. It doesn't close the writer. After Abort it is an
// error.
func (w *Workbook) Close() error {
	if w.file == nil {
		return errors.New("writing the workbook: it is closed")
	}
	defer w.Abort()
	if err := w.complete(); err != nil {
		return err
	}
	pack := &packer{out: w.out, compressor: w.compressor, frames: w.frames}
	w.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return pack })
	if _, err := w.file.WriteToBuffer(); err != nil { // the buffer stays empty: pack writes to out
		return fmt.Errorf("writing the workbook: %w", err)
	}
	return nil
}

// Abort removes the workbook's temporary files. After Close it does nothing, so it can be deferred.
func (w *Workbook) Abort() {
	if w.file != nil {
		_ = w.file.Close() // only its temporary files
		w.file = nil
	}
	for _, fr := range w.frames {
		fr.rows.packed.discard()
	}
	if w.current != nil {
		w.current.rows.packed.discard()
	}
}

func (w *Workbook) complete() error {
	if err := w.finishSheet(); err != nil {
		return err
	}
	if len(w.lists) > 0 {
		if err := w.writeLists(); err != nil {
			return err
		}
	}
	for _, name := range w.hidden {
		if err := w.file.SetSheetVisible(name, false); err != nil {
			return fmt.Errorf("hiding sheet %s: %w", name, err)
		}
	}
	if w.report {
		if err := w.file.SetDefinedName(&excelize.DefinedName{Name: book.ReportMark, RefersTo: "1"}); err != nil {
			return fmt.Errorf("marking the report: %w", err)
		}
	}
	return w.properties()
}

func (w *Workbook) properties() error {
	created := "" // without this, excelize writes a time of its own
	if !w.created.IsZero() {
		created = w.created.UTC().Format(time.RFC3339)
	}
	err := w.file.SetDocProps(&excelize.DocProperties{Title: w.title, Creator: "ordersheet", LastModifiedBy: "ordersheet", Created: created, Modified: created})
	if err == nil {
		err = w.file.SetAppProps(&excelize.AppProperties{Application: "ordersheet"})
	}
	if err != nil {
		return fmt.Errorf("setting the properties: %w", err)
	}
	return nil
}

// writeLists writes the long drop-down lists to a hidden sheet, one list a column.
func (w *Workbook) writeLists() error {
	columns, rows := make([][]string, len(w.lists)), 0
	for i, l := range w.lists {
		columns[i] = strings.Split(l, "\n")
		rows = max(rows, len(columns[i]))
	}
	s, err := w.Sheet(listSheet, Layout{Columns: make([]Column, len(columns)), NoHeader: true, NoFilter: true, NoFreeze: true, Hidden: true})
	if err != nil {
		return err
	}
	values := make([]Value, len(columns))
	for r := range rows {
		for i, c := range columns {
			values[i] = Blank()
			if r < len(c) {
				values[i] = Text(c[r])
			}
		}
		if err := s.Row(values...); err != nil {
			return err
		}
	}
	return w.finishSheet()
}

// listRule returns the source of a drop-down list: the list itself if it is short enough, else
// its range on the hidden sheet.
func (w *Workbook) listRule(choices []string) (inline []string, ref string) {
	joined := strings.Join(choices, ",")
	if utf16Length(joined) <= maxInline && strings.Count(joined, ",") == len(choices)-1 {
		return choices, ""
	}
	list := strings.Join(choices, "\n")
	col := slices.Index(w.lists, list)
	if col < 0 {
		col, w.lists = len(w.lists), append(w.lists, list)
	}
	name := cell.ColName(col)
	return nil, fmt.Sprintf("%s!$%s$1:$%s$%d", listSheet, name, name, len(choices))
}
