package sheet

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
)

// What keeps a cell or a row from being written.
var (
	ErrTooLong   = errors.New("a cell holds at most 32,767 characters")
	ErrSheetFull = errors.New("a sheet holds at most 1,048,576 rows")
)

const (
	bottomRow  = 1 << 20
	defaultTab = "Sheet1"  // the sheet that a new workbook has
	listSheet  = "Choices" // hidden; holds drop-down lists that don't fit into a rule
	maxInline  = 255       // characters of a drop-down list inside its rule
	maxLinks   = 65530     // Excel specifications and limits: hyperlinks in a worksheet
)

// Workbook is a workbook in the making: sheets one after the other, rows one after the other. It keeps no row in memory. The same input gives
// the same bytes.
type Workbook struct {
	file    *excelize.File
	pending *PendingFile
	deep    *flate.Writer // one for all, since it is large; sheets are packed one after the other
	styles  styles
	current *SheetWriter
	frames  map[string]frame // by name of part
	names   map[string]bool  // of sheets, in lower case
	hidden  []string
	lists   []string // long drop-down lists: column i of the sheet of choices is strings.Split(lists[i], "\n")
	report  bool
	title   string
	made    time.Time
}

// Create starts a workbook that will stand at path once Close has returned without an error.
func Create(path string) (*Workbook, error) {
	pending, err := CreateFile(path)
	if err != nil {
		return nil, err
	}
	return newWorkbook(pending)
}

func newWorkbook(pending *PendingFile) (*Workbook, error) {
	deep, err := flate.NewWriter(nil, packLevel)
	if err != nil {
		pending.Abort()
		return nil, fmt.Errorf("making a compressor: %w", err)
	}
	f := excelize.NewFile()
	return &Workbook{file: f, pending: pending, deep: deep, styles: styles{file: f}, frames: map[string]frame{}, names: map[string]bool{}}, nil
}

// MarkReport marks the workbook as a report of ours: Open says so in Book.Report.
func (w *Workbook) MarkReport() { w.report = true }

// Describe puts a title and the time of making into the workbook's properties. Without it there is neither.
func (w *Workbook) Describe(title string, made time.Time) { w.title, w.made = title, made }

// Sheet ends the sheet before and starts the next one. Names are at most 31 characters, without : \ / ? * [ ].
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
		return nil, errors.New("the workbook has a sheet of that name")
	}
	w.names[strings.ToLower(name)] = true
	if err := w.addTab(name); err != nil {
		return nil, err
	}
	if l.Hidden {
		w.hidden = append(w.hidden, name)
	}
	s := &SheetWriter{book: w, name: name, layout: l, rows: newRowPacker(w.deep)}
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

// Close writes the workbook and gives it its name. After an error nothing of it is left.
func (w *Workbook) Close() error {
	defer w.Abort()
	if w.pending.done {
		return nil
	}
	if err := w.complete(); err != nil {
		return fmt.Errorf("writing %s: %w", w.pending.path, err)
	}
	pack := &packer{out: w.pending, deep: w.deep, frames: w.frames}
	w.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return pack })
	if _, err := w.file.WriteToBuffer(); err != nil { // the buffer stays empty: pack writes to the file
		return fmt.Errorf("writing %s: %w", w.pending.path, err)
	}
	return w.pending.Close()
}

// Abort gives the workbook up and leaves nothing behind. After Close it does nothing, so it can be deferred.
func (w *Workbook) Abort() {
	if w.file != nil {
		_ = w.file.Close() // its scratch files; nothing of it is wanted
		w.file = nil
	}
	for _, fr := range w.frames {
		fr.rows.packed.discard()
	}
	if w.current != nil {
		w.current.rows.packed.discard()
	}
	w.pending.Abort()
}

// complete ends the last sheet and adds what belongs to the workbook as a whole.
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
		if err := w.file.SetDefinedName(&excelize.DefinedName{Name: reportMark, RefersTo: "1"}); err != nil {
			return fmt.Errorf("marking the report: %w", err)
		}
	}
	return w.properties()
}

func (w *Workbook) properties() error {
	made := "" // excelize keeps its own made-up time otherwise
	if !w.made.IsZero() {
		made = w.made.UTC().Format(time.RFC3339)
	}
	err := w.file.SetDocProps(&excelize.DocProperties{Title: w.title, Creator: "ordersheet", LastModifiedBy: "ordersheet", Created: made, Modified: made})
	if err == nil {
		err = w.file.SetAppProps(&excelize.AppProperties{Application: "ordersheet"})
	}
	if err != nil {
		return fmt.Errorf("setting the properties: %w", err)
	}
	return nil
}

// writeLists puts the long drop-down lists on a hidden sheet, one list a column.
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

// listRule returns the rule of a drop-down list: the list itself, or where it will stand on the sheet of choices.
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
