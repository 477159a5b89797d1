package sheet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/internal/cell"
)

const workbooks = "../../testdata/sheets"

// dumped are the cells of a file by sheet, row and column, as their kind and value.
func dumped(t testing.TB, lines []byte) map[string]string {
	t.Helper()
	cells := map[string]string{}
	s := bufio.NewScanner(bytes.NewReader(lines))
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		var row struct {
			Sheet string
			Row   int
			C     map[string][]any
		}
		if err := json.Unmarshal(s.Bytes(), &row); err != nil {
			t.Fatalf("line %q: %v", s.Bytes(), err)
		}
		for col, v := range row.C {
			kind, value := v[0].(string), fmt.Sprint(v[1])
			if kind == "d" || kind == "n" { // which numbers are dates is for other tests: readers differ there
				digits, ok := cell.AppendDecimal(nil, []byte(value))
				if !ok {
					t.Fatalf("%s!%s%d: %q is no number", row.Sheet, col, row.Row, value)
				}
				kind, value = "n", string(digits)
			}
			cells[fmt.Sprintf("%s!%s%d", row.Sheet, col, row.Row)] = kind + " " + value
		}
	}
	return cells
}

// TestWorkbooks reads workbooks of other writers and compares each cell with what another reader
// found.
func TestWorkbooks(t *testing.T) {
	cases, err := filepath.Glob(workbooks + "/*/input.xlsx")
	if err != nil || len(cases) < 10 {
		t.Fatalf("found %d workbooks in %s, %v", len(cases), workbooks, err)
	}
	for _, path := range cases {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			lines, err := os.ReadFile(filepath.Join(filepath.Dir(path), "cells.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := DumpCells(path, Options{}, &out); err != nil {
				t.Fatal(err)
			}
			got, want := dumped(t, out.Bytes()), dumped(t, lines)
			for at, w := range want {
				if got[at] != w {
					t.Errorf("%s: got %.60q, want %.60q", at, got[at], w)
				}
			}
			for at, g := range got {
				if _, ok := want[at]; !ok {
					t.Errorf("%s: got %.60q, want nothing", at, g)
				}
			}
		})
	}
}

// TestBook reads what a workbook says of itself beside its cells.
func TestBook(t *testing.T) {
	b, err := Open(workbooks+"/openpyxl-sheets/input.xlsx", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var got []string
	for _, s := range b.Sheets {
		got = append(got, fmt.Sprintf("%s %s %v", s.Name, s.State, s.Chart))
	}
	want := "Orders visible false, Far visible false, Prices hidden false, Secret very hidden false, Chart visible true, Empty visible false"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("sheets: got %s, want %s", s, want)
	}
	if !b.Report || b.Date1904 || b.Container != "xlsx" || b.Name != "input.xlsx" {
		t.Errorf("got report %v, 1904 %v, container %s, name %s", b.Report, b.Date1904, b.Container, b.Name)
	}
	if tables := b.Sheets[0].Tables; len(tables) != 1 || tables[0] != (cell.Table{Name: "Lines", Range: cell.Range{Row1: 3, Row2: 23, Col2: 2}, HasHeader: true}) {
		t.Errorf("tables: got %+v", tables)
	}
	hidden := 0
	ext, err := b.Read(0, func(r *cell.Row) error {
		if r.Hidden {
			hidden++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if ext.Rows != 22 || ext.Cells != 64 || ext.LastRow != 23 || ext.HiddenRows != 2 || hidden != 2 || len(ext.Merges) != 1 || ext.Merges[0] != (cell.Range{Row1: 1, Row2: 1, Col2: 2}) {
		t.Errorf("extent: got %+v", ext)
	}
	if ext, err := b.Read(4, nil); err != nil || ext.Rows != 0 {
		t.Errorf("reading a chart sheet: got %+v, %v", ext, err)
	}
}

// kinds lists the cells of column col of the first sheet.
func kinds(t *testing.T, path string, col int) (cells []string) {
	t.Helper()
	b, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Read(0, func(r *cell.Row) error {
		c := r.At(col)
		f := b.Formats[c.Format]
		cells = append(cells, fmt.Sprintf("%s %s %d %d", c.Kind, c.Text, f.Class, f.Zeros))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return cells
}

// TestKinds checks what the other readers don't say: which numbers are dates, and formulas without
// a value.
func TestKinds(t *testing.T) {
	got := kinds(t, workbooks+"/xlsxwriter-1904/input.xlsx", 0)
	want := []string{
		"date 43844.25 6 0", "date 43844.25 6 0", "date 43844.25 7 0", "date 43844.25 9 0", "date 43844.25 7 0", "number 43844.25 1 0", "number 43844.25 1 0",
		"number 43844.25 4 0", "number 43844.25 5 0", "date 43844.25 6 0", "date 43844.25 6 0",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
	b, err := Open(workbooks+"/xlsxwriter-1904/input.xlsx", Options{})
	if err != nil || !b.Date1904 {
		t.Errorf("1904: got %v, %v", b, err)
	}
	b.Close()
	got = kinds(t, workbooks+"/openpyxl-kinds/input.xlsx", 1)
	for _, w := range []string{"text 00123 10 0", "number 123 1 5", "date 45306 6 0", "date 0.2708333333333333 7 0", "date 1.25 9 0", "boolean TRUE 0 0", "error #N/A 0 0"} {
		if !strings.Contains(strings.Join(got, "\n"), w) {
			t.Errorf("got %q, want %q among them", got, w)
		}
	}
}
