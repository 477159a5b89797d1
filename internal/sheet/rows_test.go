package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"ordersheet/internal/cell"
)

// TestSpilledWorkbooks reads all workbooks with their shared strings on disk, with the same cells.
func TestSpilledWorkbooks(t *testing.T) {
	paths, err := filepath.Glob(workbooks + "/*/input.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		var memory, disk bytes.Buffer
		if err := DumpCells(path, Options{}, &memory); err != nil {
			t.Fatal(err)
		}
		if err := DumpCells(path, Options{Limits: Limits{Memory: 1}}, &disk); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(memory.Bytes(), disk.Bytes()) {
			t.Errorf("%s: differs with its strings on disk", path)
		}
	}
}

// sheetFile writes a workbook with these rows.
func sheetFile(t *testing.T, rows string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.xlsx")
	if err := os.WriteFile(path, madeOf(t, rowsIn(rows), "worksheets/sheet1.xml"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// manyRows returns the rows of a sheet too large to be collected.
func manyRows(n int, last string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d" t="str"><v>some text to fill the row with</v></c></row>`, i+1, i+1, i, i+1)
	}
	return b.String() + last
}

// TestOrder reads sheets whose rows and cells are out of order. They are sorted in a small sheet,
// but duplicates, and rows out of order in a large sheet, are errors.
func TestOrder(t *testing.T) {
	read := func(path string) (string, error) {
		var out bytes.Buffer
		err := DumpCells(path, Options{}, &out)
		return out.String(), err
	}
	got, err := read(sheetFile(t, `<row r="5"><c r="B5"><v>2</v></c><c r="A5"><v>1</v></c></row><row r="2"><c r="A2"><v>3</v></c></row>`))
	want := `{"sheet":"S","row":2,"c":{"A":["n","3"]}}` + "\n" + `{"sheet":"S","row":5,"c":{"A":["n","1"],"B":["n","2"]}}` + "\n"
	if err != nil || got != want {
		t.Errorf("out of order: got %s, %v, want %s", got, err, want)
	}
	for rows, says := range map[string]string{
		`<row r="5"><c r="A5"><v>1</v></c></row><row r="2"/><row r="5"><c r="B5"><v>1</v></c></row>`: "row 5 occurs twice",
		`<row r="5"><c r="A5"><v>1</v></c><c r="A5"><v>2</v></c></row>`:                              "A5 occurs twice",
		`<row r="5"><c r="A4"><v>1</v></c></row>`:                                                    `address "A4"`,
		manyRows(60_000, `<row r="7"><c r="C7"><v>1</v></c></row>`):                                  "row 7 comes after row 60000",
	} {
		_, err := read(sheetFile(t, rows))
		var r *UnreadableError
		if !errors.As(err, &r) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "sheet S") {
			t.Errorf("got %v, want it to say %q", err, says)
		}
	}
}

// TestStop stops reading early. The caller's error is returned unchanged, and no goroutine is left.
func TestStop(t *testing.T) {
	path := sheetFile(t, manyRows(60_000, ""))
	before := runtime.NumGoroutine()
	stop := errors.New("enough")
	for _, after := range []int{0, 1, 30_000} {
		b, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		if _, err := b.Read(0, func(*cell.Row) error {
			if rows++; rows > after {
				return stop
			}
			return nil
		}); !errors.Is(err, stop) {
			t.Errorf("after %d rows: got %v, want the error of the caller", after, err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("got %d goroutines, want %d", now, before)
	}
}

// TestFormulas tells a formula without a value from a blank cell.
func TestFormulas(t *testing.T) {
	path := sheetFile(t, `<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f t="shared" ref="B1:C1" si="0">A1*2</f></c><c r="C1"><f t="shared" si="0"/></c><c r="D1" t="str"><f>""</f><v></v></c>`+
		`<c r="E1"><f>3</f><v>3</v></c><c r="F1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="G1" t="str"><f>x</f><v>y</v></c></row>`)
	b, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var got []string
	if _, err := b.Read(0, func(r *cell.Row) error {
		for _, c := range r.Cells {
			got = append(got, fmt.Sprintf("%s %s %s", cell.ColName(c.Col), c.Kind, c.Text))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := "A formula without a value 1+1, B formula without a value A1*2, C formula without a value A1*2, E number 3, F error #DIV/0!, G text y"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

// TestPrefixed reads all workbooks with a prefix before each tag of their sheets, as some programs
// write them.
func TestPrefixed(t *testing.T) {
	paths, err := filepath.Glob(workbooks + "/*/input.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	tag := regexp.MustCompile(`<(/?)([a-zA-Z]+)`)
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		copy := filepath.Join(t.TempDir(), "prefixed.xlsx")
		touched := 0
		if err := os.WriteFile(copy, repack(file, func(name string, b []byte) []byte {
			if !strings.HasPrefix(name, "xl/worksheets/sheet") || bytes.Contains(b, []byte("<x14:")) || bytes.Contains(b, []byte("<mc:")) {
				return b
			}
			touched++
			b = bytes.Replace(b, []byte(`xmlns="`), []byte(`xmlns:ss="`), 1)
			return tag.ReplaceAll(b, []byte(`<${1}ss:$2`))
		}), 0o600); err != nil {
			t.Fatal(err)
		}
		var plain, prefixed bytes.Buffer
		if err := DumpCells(path, Options{}, &plain); err != nil {
			t.Fatal(err)
		}
		if err := DumpCells(copy, Options{}, &prefixed); err != nil {
			t.Errorf("%s, prefixed: %v", path, err)
		}
		if touched == 0 || !bytes.Equal(plain.Bytes(), prefixed.Bytes()) {
			t.Errorf("%s: differs with prefixes (%d sheets changed)", path, touched)
		}
	}
}
