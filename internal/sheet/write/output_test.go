package write_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"
)

var outputColumns = []write.Column{{Header: "order_number", Kind: write.TextColumn}, {Header: "total"}, {Header: "updated_at"}, {Header: "gift"}}

func outputRows() [][]write.Value {
	return [][]write.Value{
		{write.FromText(cell.Text, "00123"), write.FromText(cell.Number, "7.500"), write.FromText(cell.Date, "2025-03-02T09:00:00Z"), write.FromText(cell.Bool, "TRUE")},
		{write.FromText(cell.Text, "=1+1"), write.FromText(cell.Number, "-12.50"), write.FromText(cell.Date, "2025-03-02"), write.FromText(cell.Blank, "")},
		{write.FromText(cell.Text, "a,b\t\"c\""), write.FromText(cell.Number, "12345678901234567.89"), write.FromText(cell.Date, "2025-03-02T23:30:00-05:00"), write.FromText(cell.Bool, "FALSE")},
	}
}

// writeOutput writes rows to a new file of the name and gives its bytes.
func writeOutput(t *testing.T, name string, o write.OutputOptions, copies []io.Writer, rows ...[]write.Value) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	f, ok := write.FormatOf(path)
	if !ok {
		t.Fatalf("%s has no format", name)
	}
	out, err := write.CreateOutput(path, f, o, copies...)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	if err := out.Sheet("Orders", outputColumns); err != nil {
		t.Fatal(err)
	}
	if err := out.Rows(rows...); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if content, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return path, content
}

func TestOutputOfText(t *testing.T) {
	for _, c := range []struct {
		name string
		o    write.OutputOptions
		want string
	}{
		{"a.csv", write.OutputOptions{}, "order_number,total,updated_at,gift\r\n00123,7.500,2025-03-02T09:00:00Z,TRUE\r\n'=1+1,-12.50,2025-03-02,\r\n" +
			"\"a,b\t\"\"c\"\"\",12345678901234567.89,2025-03-02T23:30:00-05:00,FALSE\r\n"},
		{"b.csv", write.OutputOptions{Delimiter: ';', BOM: true, Formulas: true}, "\ufefforder_number;total;updated_at;gift\r\n00123;7.500;2025-03-02T09:00:00Z;TRUE\r\n" +
			"=1+1;-12.50;2025-03-02;\r\n\"a,b\t\"\"c\"\"\";12345678901234567.89;2025-03-02T23:30:00-05:00;FALSE\r\n"},
		{"c.tsv", write.OutputOptions{}, "order_number\ttotal\tupdated_at\tgift\r\n00123\t7.500\t2025-03-02T09:00:00Z\tTRUE\r\n'=1+1\t-12.50\t2025-03-02\t\r\n" +
			"\"a,b\t\"\"c\"\"\"\t12345678901234567.89\t2025-03-02T23:30:00-05:00\tFALSE\r\n"},
		{"d.jsonl", write.OutputOptions{}, `{"order_number":"00123","total":7.500,"updated_at":"2025-03-02T09:00:00Z","gift":true}` + "\n" +
			`{"order_number":"=1+1","total":-12.50,"updated_at":"2025-03-02","gift":null}` + "\n" +
			`{"order_number":"a,b\t\"c\"","total":"12345678901234567.89","updated_at":"2025-03-02T23:30:00-05:00","gift":false}` + "\n"},
	} {
		_, got := writeOutput(t, c.name, c.o, nil, outputRows()...)
		if string(got) != c.want {
			t.Errorf("%s: got\n%q\nwant\n%q", c.name, got, c.want)
		}
	}
}

func TestOutputOfWorkbook(t *testing.T) {
	path, _ := writeOutput(t, "a.xlsx", write.OutputOptions{}, nil, outputRows()...)
	want := "1: A text order_number, B text total, C text updated_at, D text gift\n" +
		"2: A text 00123, B number 7.5, C date 45718.375, D boolean TRUE\n" +
		"3: A text =1+1, B number -12.5, C date 45718\n" +
		"4: A text a,b\t\"c\", B text 12345678901234567.89, C date 45719.1875, D boolean FALSE\n"
	if got := dumpSheet(t, path, 0); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// dumpSheet writes what a sheet holds as text.
func dumpSheet(t *testing.T, path string, i int) string {
	t.Helper()
	b, err := sheet.Open(path, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var out strings.Builder
	if _, err := b.Read(i, func(r *cell.Row) error {
		parts := make([]string, len(r.Cells))
		for i, c := range r.Cells {
			parts[i] = fmt.Sprintf("%s %v %s", cell.ColName(c.Col), c.Kind, c.Text)
		}
		fmt.Fprintf(&out, "%d: %s\n", r.Num, strings.Join(parts, ", "))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A JSON lines output is read back with the same kinds.
func TestOutputReadBackFromJSONL(t *testing.T) {
	path, _ := writeOutput(t, "a.jsonl", write.OutputOptions{}, nil, outputRows()...)
	want := "1: A text order_number, B text total, C text updated_at, D text gift\n" +
		"2: A text 00123, B number 7.500, C text 2025-03-02T09:00:00Z, D boolean TRUE\n" +
		"3: A text =1+1, B number -12.50, C text 2025-03-02\n" +
		"4: A text a,b\t\"c\", B text 12345678901234567.89, C text 2025-03-02T23:30:00-05:00, D boolean FALSE\n"
	if got := dumpSheet(t, path, 0); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestOutputSameBytes(t *testing.T) {
	for _, name := range []string{"a.xlsx", "a.csv", "a.tsv", "a.jsonl"} {
		var hashed, stream bytes.Buffer
		o := write.OutputOptions{Title: "Orders"}
		_, first := writeOutput(t, name, o, []io.Writer{&hashed}, outputRows()...)
		_, second := writeOutput(t, name, o, nil, outputRows()...)
		f, _ := write.FormatOf(name)
		out, err := write.NewOutput(&stream, f, o)
		if err == nil {
			err = errors.Join(out.Sheet("Orders", outputColumns), out.Rows(outputRows()...), out.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) || !bytes.Equal(first, stream.Bytes()) || !bytes.Equal(first, hashed.Bytes()) {
			t.Errorf("%s: the same rows gave files of %d and %d bytes, a stream of %d and a copy of %d bytes", name, len(first), len(second), stream.Len(), hashed.Len())
		}
	}
}

func TestOutputLongValues(t *testing.T) {
	long := strings.Repeat("€ \n", 11_000)
	path, _ := writeOutput(t, "orders.xlsx", write.OutputOptions{}, nil, []write.Value{write.Text("SO-1"), write.Text(long)}, []write.Value{write.Text(long + "x"), write.Text("short")})
	if got := dumpSheet(t, path, 0); !strings.Contains(got, "B text [33000 characters: line 1 of orders.long.jsonl]\n3: A text [33001 characters: line 2 of orders.long.jsonl], B text short") {
		t.Errorf("the cells hold\n%s", got)
	}
	b, err := os.ReadFile(filepath.Join(filepath.Dir(path), "orders.long.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	type longValue struct{ Sheet, Cell, Header, Value string }
	want := []longValue{{"Orders", "B2", "total", long}, {"Orders", "A3", "order_number", long + "x"}}
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		var got longValue
		if err := json.Unmarshal([]byte(line), &got); err != nil || got != want[i] {
			t.Errorf("line %d: got %s %s %s with %d characters, %v", i+1, got.Sheet, got.Cell, got.Header, len(got.Value), err)
		}
	}
	out, err := write.NewOutput(&bytes.Buffer{}, write.XLSX, write.OutputOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	if err := out.Sheet("Orders", outputColumns); err != nil {
		t.Fatal(err)
	}
	if err := out.Rows([]write.Value{write.Text(long)}); err == nil || !strings.Contains(err.Error(), "cell A2, 33000 characters") {
		t.Errorf("a long value on a stream: got %v", err)
	}
}

func TestOutputContinuesOnAnotherSheet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.xlsx")
	out, err := write.CreateOutput(path, write.XLSX, write.OutputOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	if err := out.Sheet("Orders", outputColumns[:1]); err != nil {
		t.Fatal(err)
	}
	three := [][]write.Value{{write.Int(1)}, {write.Int(2)}, {write.Int(3)}}
	const groups = 1<<20/3 + 1
	for range groups { // the header takes one row, so the last group but one doesn't fit
		if err := out.Rows(three...); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := sheet.Open(path, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if len(b.Sheets) != 2 || b.Sheets[1].Name != "Orders (2)" {
		t.Fatalf("got sheets %v, want Orders and Orders (2)", b.Sheets)
	}
	rows := 0
	for i := range b.Sheets {
		e, err := b.Read(i, func(*cell.Row) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if (e.Rows-1)%3 != 0 {
			t.Errorf("sheet %d ends within a group: it has %d rows", i+1, e.Rows)
		}
		rows += e.Rows - 1
	}
	if rows != 3*groups {
		t.Errorf("got %d rows, want %d", rows, 3*groups)
	}
}

// BenchmarkOutput writes rows of 44 columns, half of them blank, as an export with the default
// columns has them.
func BenchmarkOutput(b *testing.B) {
	columns, values := make([]write.Column, 44), make([]write.Value, 44)
	for i := range columns {
		columns[i] = write.Column{Header: fmt.Sprintf("column_%d", i), Kind: write.TextColumn}
		if i%2 == 0 {
			columns[i].Kind = write.General
		}
	}
	for _, f := range []write.Format{write.XLSX, write.CSV, write.JSONL} {
		b.Run(string(f), func(b *testing.B) {
			out, err := write.CreateOutput(filepath.Join(b.TempDir(), "a."+string(f)), f, write.OutputOptions{})
			if err != nil {
				b.Fatal(err)
			}
			defer out.Abort()
			if err := out.Sheet("Orders", columns); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				for i := 0; i < len(values); i += 2 {
					switch i % 6 {
					case 0:
						values[i] = write.FromText(cell.Number, fmt.Sprint(n))
					case 2:
						values[i] = write.FromText(cell.Text, "Customer of the North")
					default:
						values[i] = write.FromText(cell.Date, "2025-03-02")
					}
				}
				if err := out.Rows(values); err != nil {
					b.Fatal(err)
				}
			}
			if err := out.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
