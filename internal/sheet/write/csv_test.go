package write_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet/write"
)

func TestCSVWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	f, err := write.CreateFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	c := write.NewCSV(f)
	rows := [][]write.Value{
		{write.Text("order_number"), write.Text("a,b"), write.Text(`say "hi"`)},
		{write.Text("00123"), write.Number("1.50"), write.Date(cell.Civil{Year: 2025, Month: 1, Day: 2})},
		{write.Text("=1+1"), write.Blank(), write.Text("two\nlines")},
		{write.Text(" edge "), write.Bool(true), write.Text("ü")},
	}
	for _, r := range rows {
		if err := c.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Row(write.Blank()); err != nil || c.Line() != 5 {
		t.Errorf("after five rows: line %d, %v", c.Line(), err)
	}
	if err := errors.Join(c.Close(), f.Commit()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "order_number,\"a,b\",\"say \"\"hi\"\"\"\r\n00123,1.50,2025-01-02\r\n'=1+1,,\"two\nlines\"\r\n\" edge \",TRUE,ü\r\n\"\"\r\n"
	if string(b) != want {
		t.Errorf("got  %q\nwant %q", b, want)
	}
	r := csv.NewReader(strings.NewReader(string(b)))
	r.FieldsPerRecord = -1
	back, err := r.ReadAll()
	if err != nil || fmt.Sprint(back[2]) != "['=1+1  two\nlines]" || len(back) != 5 {
		t.Errorf("read back: got %q, %v", back, err)
	}
}

func TestFileAppearsWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	for i, want := range []string{"first", "second"} {
		p, err := write.CreateFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write([]byte(want)); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(path); i == 1 && string(b) != "first" {
			t.Errorf("before Commit the name holds %q, want the old file", b)
		}
		if err := p.Commit(); err != nil {
			t.Fatal(err)
		}
		p.Abort()
		if b, _ := os.ReadFile(path); string(b) != want {
			t.Errorf("after Commit: got %q, want %q", b, want)
		}
	}
	// A name that can't be replaced, since it is a folder's.
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := write.CreateFile(filepath.Join(dir, "folder"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Commit(); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left behind: %v", entries)
	}
}
