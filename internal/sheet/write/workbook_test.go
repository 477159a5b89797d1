package write_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"
)

// build writes a workbook and returns its path.
func build(t *testing.T, fill func(w *write.Workbook)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.xlsx")
	err := write.ToFile(path, func(out io.Writer) error {
		w, err := write.NewWorkbook(out)
		if err != nil {
			return err
		}
		defer w.Abort()
		fill(w)
		return w.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func addSheet(t *testing.T, w *write.Workbook, name string, l write.Layout, rows ...[]write.Value) {
	t.Helper()
	s, err := w.Sheet(name, l)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := s.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
}

// partText returns one part of a workbook, as the standard library unpacks it.
func partText(t *testing.T, path, name string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatalf("reading %s: %v", name, err)
	}
	return string(b)
}

func TestWorkbookValues(t *testing.T) {
	long := strings.Repeat("x", 32767)
	path := build(t, func(w *write.Workbook) {
		addSheet(t, w, "Orders", write.Layout{Columns: []write.Column{
			{Header: "Order #", Kind: write.TextColumn, Required: true}, {Header: "Total", Kind: write.MoneyColumn}, {Header: "Day", Kind: write.DateColumn}, {Header: "Any"},
		}},
			[]write.Value{write.Text("00123"), write.Number("387.48"), write.Date(cell.Civil{Year: 2025, Month: 1, Day: 31}), write.Bool(true)},
			[]write.Value{write.Text("=1+1"), write.Number("12345678901234567"), write.Date(cell.Civil{Year: 2025, Month: 1, Day: 31, Seconds: 3661}), write.Text("+SUM(A1)")},
			[]write.Value{write.Text(" a<b>&\"\n_x0041_ "), write.Number("-0.5"), write.Date(cell.Civil{Year: 1899, Month: 1, Day: 2}), write.Text(long)},
			[]write.Value{write.Blank(), write.Number("1e-7").Style(write.Bad), write.Number("123").Format("00000"), write.Text("bell\x07").Style(write.Warn)},
			[]write.Value{write.Number("42"), write.Number("0x10"), write.Number("Inf"), write.Text("ümläut 😀")})
	})
	got, err := readAll(t, path, "Orders")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Order #", "Total", "Day", "Any"},
		{"00123", "387.48", "45688", "1"},
		{"=1+1", "12345678901234567", "45688.0423726852", "+SUM(A1)"},
		{" a<b>&\"\n_x0041_ ", "-0.5", "1899-01-02", long},
		{"", "0.0000001", "123", "bell\a"},
		{"42", "0x10", "Inf", "ümläut 😀"},
	}
	if a, b := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); a != b {
		t.Errorf("got  %.600s\nwant %.600s", a, b)
	}
	xml := partText(t, path, "xl/worksheets/sheet1.xml")
	if strings.Contains(xml, "<f>") {
		t.Error("a cell became a formula")
	}
	if !strings.Contains(xml, `<dimension ref="A1:D6">`) {
		t.Errorf("no true dimension in %.400s", xml)
	}
}

// readAll reads a sheet's raw values by excelize, a reader that isn't ours.
func readAll(t *testing.T, path, name string) ([][]string, error) {
	t.Helper()
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return f.GetRows(name)
}

func TestWorkbookDimension(t *testing.T) {
	for _, c := range []struct {
		rows, cols int
		want       string
	}{{0, 0, "A1"}, {1, 1, "A1:A1"}, {3, 30, "A1:AD3"}, {70000, 3, "A1:C70000"}} {
		path := build(t, func(w *write.Workbook) {
			s, err := w.Sheet("S", write.Layout{NoHeader: true})
			if err != nil {
				t.Fatal(err)
			}
			row := make([]write.Value, c.cols)
			for i := range row {
				row[i] = write.Text("a text of some length, so that the part outgrows every buffer")
			}
			for range c.rows {
				if err := s.Row(row...); err != nil {
					t.Fatal(err)
				}
			}
		})
		xml := partText(t, path, "xl/worksheets/sheet1.xml")
		if got := regexp.MustCompile(`<dimension [^>]*>`).FindString(xml); got != `<dimension ref="`+c.want+`">` {
			t.Errorf("%d x %d: got %s, want %s", c.rows, c.cols, got, c.want)
		}
		if n := strings.Count(xml, "<row "); n != c.rows {
			t.Errorf("%d x %d: got %d rows", c.rows, c.cols, n)
		}
	}
}

func TestWorkbookLinks(t *testing.T) {
	const problems = 70000 // more than a sheet takes links, and enough for the part to go through a file
	path := build(t, func(w *write.Workbook) {
		s, err := w.Sheet("Problems", write.Layout{Columns: []write.Column{{Header: "cell"}, {Header: "value"}}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range problems {
			if err := s.Row(write.Link(cell.A1(i+2, 3), "#'To fix & <repair>'!D"+fmt.Sprint(i+2)), write.Text("a value of some length to fill the part's buffers")); err != nil {
				t.Fatal(err)
			}
		}
		addSheet(t, w, "To fix & <repair>", write.Layout{NoHeader: true}, []write.Value{write.Text("x")})
	})
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for at, want := range map[string]string{"A2": "'To fix & <repair>'!D2", "A65531": "'To fix & <repair>'!D65531", "A65532": ""} {
		ok, target, err := f.GetCellHyperLink("Problems", at)
		if err != nil || target != want || ok != (want != "") {
			t.Errorf("link of %s: got %q, %v, %v; want %q", at, target, ok, err, want)
		}
	}
	if v, err := f.GetCellValue("Problems", "A65532"); err != nil || v != "D65532" {
		t.Errorf("text of the first cell beyond the links: got %q, %v; want D65532", v, err)
	}
}

func TestWorkbookLayout(t *testing.T) {
	many := make([]string, 40)
	for i := range many {
		many[i] = fmt.Sprintf("a rather long choice, number %d", i)
	}
	path := build(t, func(w *write.Workbook) {
		w.MarkReport()
		w.SetProperties("A report", time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC))
		addSheet(t, w, "Orders", write.Layout{Titles: []string{"Ours", "Truly"}, Columns: []write.Column{
			{Header: "status", Choices: []string{"pending", "complete"}, Comment: strings.Repeat("é", 300)},
			{Header: "channel", Choices: many, Width: 33},
			{Header: "again", Choices: many},
		}}, []write.Value{write.Text("pending")})
		addSheet(t, w, "Plain", write.Layout{NoHeader: true, Hidden: true}, []write.Value{write.Text("x")})
	})
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if got := fmt.Sprint(f.GetSheetList()); got != "[Orders Plain Choices]" {
		t.Errorf("sheets: got %s", got)
	}
	for name, want := range map[string]bool{"Orders": true, "Plain": false, "Choices": false} {
		if got, err := f.GetSheetVisible(name); err != nil || got != want {
			t.Errorf("sheet %s visible: got %v, %v; want %v", name, got, err, want)
		}
	}
	dvs, err := f.GetDataValidations("Orders")
	if err != nil || len(dvs) != 3 {
		t.Fatalf("rules: got %d, %v; want 3", len(dvs), err)
	}
	for i, want := range []string{`"pending,complete"`, "Choices!$A$1:$A$40", "Choices!$A$1:$A$40"} {
		if dvs[i].Formula1 != want || !strings.HasSuffix(dvs[i].Sqref, "1048576") || !strings.HasPrefix(dvs[i].Sqref[1:], "4:") {
			t.Errorf("rule %d: got %s for %s; want %s from row 4 on", i, dvs[i].Formula1, dvs[i].Sqref, want)
		}
	}
	if p := dvs[0].Prompt; p == nil || len(utf16.Encode([]rune(*p))) != 255 {
		t.Errorf("hint: got %v", p)
	}
	panes, err := f.GetPanes("Orders")
	if err != nil || !panes.Freeze || panes.YSplit != 3 {
		t.Errorf("panes: got %+v, %v; want 3 frozen rows", panes, err)
	}
	if w, err := f.GetColWidth("Orders", "B"); err != nil || w != 33 {
		t.Errorf("width: got %v, %v; want 33", w, err)
	}
	xml := partText(t, path, "xl/worksheets/sheet1.xml")
	if got, want := fmt.Sprint(regexp.MustCompile(`<col min="\d+"`).FindAllString(xml, -1)), `[<col min="1" <col min="2" <col min="3"]`; got != want {
		t.Errorf("columns: got %s, want %s", got, want)
	}
	if !strings.Contains(xml, `<autoFilter ref="$A$3:$C$4">`) {
		t.Errorf("no filter in %s", xml)
	}
	book := partText(t, path, "xl/workbook.xml")
	if !strings.Contains(book, `<definedName name="ordersheet_report"`) {
		t.Errorf("no report mark in %s", book)
	}
	core := partText(t, path, "docProps/core.xml")
	if !strings.Contains(core, "2025-03-04T05:06:07Z") || strings.Contains(core, "xuri") {
		t.Errorf("properties: got %s", core)
	}
}

func TestWorkbookStyles(t *testing.T) {
	path := build(t, func(w *write.Workbook) {
		addSheet(t, w, "S", write.Layout{Columns: []write.Column{{Header: "id", Kind: write.TextColumn}, {Header: "m", Kind: write.MoneyColumn}, {Header: "any"}}},
			[]write.Value{write.Text("a"), write.Number("1"), write.Text("=x")},
			[]write.Value{write.Text("a").Style(write.Bad), write.Number("1").Style(write.Good), write.Link("b", "#S!A1")})
	})
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for at, want := range map[string]struct {
		format int
		fill   string
	}{"A2": {49, ""}, "B2": {2, ""}, "C2": {49, ""}, "A3": {49, "FFC7CE"}, "B3": {2, "C6EFCE"}, "C3": {0, ""}, "A900": {49, ""}} {
		id, err := f.GetCellStyle("S", at)
		if err != nil {
			t.Fatal(err)
		}
		st, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		fill := strings.Join(st.Fill.Color, "")
		if st.NumFmt != want.format || fill != want.fill {
			t.Errorf("%s: got format %d, fill %q; want %d, %q", at, st.NumFmt, fill, want.format, want.fill)
		}
	}
}

func TestWorkbookErrorsAndFormulas(t *testing.T) {
	path := build(t, func(w *write.Workbook) {
		addSheet(t, w, "S", write.Layout{NoHeader: true}, []write.Value{write.ErrorValue("#N/A"), write.Formula("A1&\"<\""), write.Bool(false)})
	})
	xml := partText(t, path, "xl/worksheets/sheet1.xml")
	const want = `<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><f>A1&amp;"&lt;"</f></c><c r="C1" t="b"><v>0</v></c></row>`
	if !strings.Contains(xml, want) {
		t.Errorf("got %s, want %s in it", xml[strings.Index(xml, "<sheetData>"):], want)
	}
}

func TestWorkbookTooLong(t *testing.T) {
	build(t, func(w *write.Workbook) {
		s, err := w.Sheet("To fix", write.Layout{Columns: []write.Column{{Header: "a"}, {Header: "b"}}})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Row(write.Text("x"), write.Text(strings.Repeat("😀", 16384)))
		if !errors.Is(err, write.ErrTooLong) || !strings.Contains(err.Error(), "sheet To fix cell B2, 32768 characters") {
			t.Errorf("got %v, want ErrTooLong at To fix B2", err)
		}
		if err := s.Row(write.Text("x"), write.Text(strings.Repeat("é", 32767))); err != nil || s.Line() != 2 {
			t.Errorf("the row after an error: line %d, %v; want line 2", s.Line(), err)
		}
	})
}

func TestWorkbookSheetNames(t *testing.T) {
	build(t, func(w *write.Workbook) {
		addSheet(t, w, "Orders", write.Layout{})
		for _, bad := range []string{"orders", "", "a/b", strings.Repeat("n", 32)} {
			if _, err := w.Sheet(bad, write.Layout{}); err == nil {
				t.Errorf("sheet name %q was accepted", bad)
			}
		}
	})
}

func TestWorkbookSameBytes(t *testing.T) {
	fill := func(w *write.Workbook) {
		for i := range 6 {
			addSheet(t, w, fmt.Sprint("S", i), write.Layout{Columns: []write.Column{{Header: "a", Kind: write.TextColumn}, {Header: "b", Kind: write.DateColumn}}},
				[]write.Value{write.Text("x"), write.Date(cell.Civil{Year: 2025, Month: 1, Day: i + 1})}, []write.Value{write.Link("y", "#S1!A1").Style(write.Good)})
		}
	}
	var first []byte
	for range 5 {
		b, err := os.ReadFile(build(t, fill))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if !bytes.Equal(b, first) {
			t.Fatal("the same input gave other bytes")
		}
	}
	if !bytes.Contains(first[:80], []byte("[Content_Types].xml")) {
		t.Errorf("the first part isn't the list of types: %q", first[:80])
	}
}

func TestWorkbookNothingLeftBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.xlsx")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := write.CreateFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := write.NewWorkbook(f)
	if err != nil {
		t.Fatal(err)
	}
	addSheet(t, w, "S", write.Layout{}, []write.Value{write.Text("x")})
	w.Abort()
	w.Abort()
	f.Abort()
	f.Abort()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("after Abort: got %v, %v; want the old file alone", entries, err)
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("after Abort the old file holds %q", b)
	}
	if err := w.Close(); err == nil {
		t.Error("Close after Abort: got no error")
	}
	if err := f.Commit(); err != nil {
		t.Error(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Error("Commit after Abort wrote a file")
	}
	if _, err := write.CreateFile(filepath.Join(dir, "no", "such", "folder.xlsx")); err == nil || !regexp.MustCompile(`folder\.xlsx`).MatchString(err.Error()) {
		t.Errorf("CreateFile in a missing folder: got %v", err)
	}
}

func TestReportMarkIsFound(t *testing.T) {
	for _, want := range []bool{true, false} {
		path := build(t, func(w *write.Workbook) {
			if want {
				w.MarkReport()
			}
			addSheet(t, w, "Summary", write.Layout{}, []write.Value{write.Text("x")})
		})
		b, err := sheet.Open(path, sheet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if b.Report != want {
			t.Errorf("Report: got %v, want %v", b.Report, want)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

// FuzzWriteText writes a text and reads it back: it must be the same, but for what isn't UTF-8.
func FuzzWriteText(f *testing.F) {
	for _, s := range []string{"=1+1", " x ", "\r\n\t", "_x0041_", "_x005F_x0041_", "\x00\x01\x1f\x7f", "\uFFFE\uFFFF", "😀é", "\xff\xfe", "]]>", "a&b<c>\"'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" || len(utf16.Encode([]rune(s))) > 32767 {
			return
		}
		path := build(t, func(w *write.Workbook) {
			addSheet(t, w, "S", write.Layout{NoHeader: true}, []write.Value{write.Text("before"), write.Text(s), write.Text("after")})
		})
		b, err := sheet.Open(path, sheet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		n := 0
		if _, err := b.Read(0, func(r *cell.Row) error {
			n++
			if got := string(r.At(1).Text); got != s && utf8.ValidString(s) {
				t.Errorf("wrote %q, read %q", s, got)
			}
			if string(r.At(2).Text) != "after" {
				t.Errorf("the cell after %q holds %q", s, r.At(2).Text)
			}
			return nil
		}); err != nil || n != 1 {
			t.Errorf("reading %q: %d rows, %v", s, n, err)
		}
	})
}
