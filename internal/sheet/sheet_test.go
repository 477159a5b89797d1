package sheet_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet"
)

// contents returns what a book says of itself and its cells, and closes it.
func contents(t *testing.T, b *sheet.Book) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s %v\n", b.Name, b.Container, b.Date1904)
	for i, s := range b.Sheets {
		e, err := b.Read(i, func(r *cell.Row) error {
			fmt.Fprintf(&out, "%d %+v\n", r.Num, r.Cells)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%+v %+v %+v\n", s, e, b.Dialect)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestOpenReader reads a file of each format by its path and from memory.
func TestOpenReader(t *testing.T) {
	text := []byte("order_number;sku\nS-1;MUG\n\"S-2\";\n")
	var compressed bytes.Buffer
	z := gzip.NewWriter(&compressed)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	folder := func(path string) []byte {
		b, err := os.ReadFile(filepath.Join("../../testdata/sheets", path))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		name, container string
		content         []byte
		password        string
	}{
		{"orders.xlsx", "xlsx", folder("openpyxl-sheets/input.xlsx"), ""},
		{"protected.xlsx", "xlsx", folder("exceljs-stream/protected.xlsx"), "sesame é"},
		{"orders.ods", "ods", folder("openpyxl-kinds/input.ods"), ""},
		{"orders.csv", "csv", text, ""},
		{"orders.tsv", "csv", text, ""},
		{"orders.csv.gz", "csv", compressed.Bytes(), ""},
		{"orders.jsonl", "jsonl", []byte(`{"order_number":"S-1","quantity":2}` + "\n"), ""},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		o := sheet.Options{Password: c.password}
		b, err := sheet.Open(path, o)
		if err != nil {
			t.Fatal(err)
		}
		want := contents(t, b)
		b, err = sheet.OpenReader(bytes.NewReader(c.content), int64(len(c.content)), c.name, o)
		if err != nil {
			t.Fatal(err)
		}
		if b.Container != c.container || len(b.Sheets) == 0 {
			t.Errorf("%s: got container %s with %d sheets, want %s", c.name, b.Container, len(b.Sheets), c.container)
		}
		if got := contents(t, b); got != want {
			t.Errorf("%s: from memory got\n%s\nfrom the file\n%s", c.name, got, want)
		}
	}
}
