//go:build unix

package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"ordersheet/internal/cell"
)

// benchCSV returns a file of order lines with 26 columns, as an export has them, with quotes only
// where needed or around each field.
func benchCSV(tb testing.TB, rows int, quoted bool) []byte {
	tb.Helper()
	var b bytes.Buffer
	record := func(fields ...string) {
		for i, f := range fields {
			if i > 0 {
				b.WriteByte(',')
			}
			if quoted {
				fmt.Fprintf(&b, "%q", f)
			} else {
				b.WriteString(f)
			}
		}
		b.WriteByte('\n')
	}
	var header []string
	for i := range 26 {
		header = append(header, "column_"+cell.ColName(i))
	}
	record(header...)
	for i := range rows {
		record(
			fmt.Sprintf("SO-%07d", i/3), "2024-03-"+fmt.Sprintf("%02d", i%28+1), "pending", "17", fmt.Sprintf("PO%d", 40000+i%977), "",
			fmt.Sprintf("Customer Number %d", i%4999), "12 Long Acre Street", "", "Springfield", "IL", fmt.Sprintf("%05d", i*7%99999), "US", "ada@example.com", "+1 555 0100",
			fmt.Sprintf("Customer Number %d", i%4999), "12 Long Acre Street", "Springfield", "IL", "US",
			fmt.Sprintf("SKU-%05d", i%12345), "Steel bolt M8 zinc plated", fmt.Sprint(i%20+1), fmt.Sprintf("%d.%02d", i%400, i%100), "0.00", "",
		)
	}
	return b.Bytes()
}

// cpuTime returns the processor time that the process has used, which other programs don't affect.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchCPU runs a benchmark and adds the processor time to what it reports.
func benchCPU(b *testing.B, size int, run func()) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	start := cpuTime(b)
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(cpuTime(b)-start)/1e6/float64(b.N), "cpu-ms/op")
}

// BenchmarkCSV compares the processor time of encoding/csv and of this package on the same files.
func BenchmarkCSV(b *testing.B) {
	for _, shape := range []string{"plain", "quoted", "mixed"} {
		data := benchCSV(b, 100_000, shape == "quoted")
		if shape == "mixed" { // letters with accents, CRLF, and two fields a record that need their quotes
			data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
			data = bytes.ReplaceAll(data, []byte("Springfield"), []byte("Saint-Étienne"))
			data = bytes.ReplaceAll(data, []byte("12 Long Acre Street"), []byte("\"12, Long \"\"Acre\"\"\r\nStreet\""))
		}
		path := filepath.Join(b.TempDir(), shape+".csv")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			b.Fatal(err)
		}
		want := 0
		b.Run(shape+"/encoding-csv", func(b *testing.B) {
			benchCPU(b, len(data), func() { want = readEncodingCSV(b, path) })
		})
		b.Run(shape+"/sheet", func(b *testing.B) {
			benchCPU(b, len(data), func() {
				if got := readSheetCSV(b, path); want > 0 && got != want {
					b.Fatalf("%d bytes of cells, encoding/csv has %d", got, want)
				}
			})
		})
	}
}

// readEncodingCSV reads a file with the standard library and returns the bytes of its fields.
func readEncodingCSV(tb testing.TB, path string) (size int) {
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord, r.FieldsPerRecord = true, -1
	for {
		record, err := r.Read()
		if err == io.EOF {
			return size
		}
		if err != nil {
			tb.Fatal(err)
		}
		for _, field := range record {
			size += len(field)
		}
	}
}

func readSheetCSV(tb testing.TB, path string) (size int) {
	b, err := Open(path, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	defer b.Close()
	_, err = b.Read(0, func(row *cell.Row) error {
		for i := range row.Cells {
			size += len(row.Cells[i].Text)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return size
}
