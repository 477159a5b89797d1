//go:build unix

package write_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"ordersheet/internal/sheet/write"

	"github.com/xuri/excelize/v2"
)

// benchRows is how many rows of 8 cells the benchmarks write: ORDERSHEET_BENCH_ROWS, or 100,000.
// The figures in the documentation are of 1,000,000.
func benchRows(b *testing.B) int {
	if s := os.Getenv("ORDERSHEET_BENCH_ROWS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return 100_000
}

// reportCPU reports the processor time per round that this process took since start.
func reportCPU(b *testing.B, start time.Duration) {
	b.ReportMetric((writeCPU(b)-start).Seconds()/float64(b.N), "cpu-s/op")
}

func writeCPU(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchRow fills a row of a report: texts and numbers as the Orders sheet holds them.
func benchRow(row []string, r int) {
	n := strconv.Itoa(r)
	row[0], row[1], row[2], row[3] = "SO-2025-"+n, "create", "created", strconv.Itoa(100000+r)
	row[4], row[5], row[6] = strconv.Itoa(r%5+1), strconv.Itoa(r%900)+"."+strconv.Itoa(10+r%90), strconv.Itoa(r%900)+"."+strconv.Itoa(10+r%90)
	row[7] = "Orders!" + n + "-" + n
}

var benchText = [8]bool{0: true, 1: true, 2: true, 7: true}

// BenchmarkWriteStock writes with excelize as its documentation shows, to compare with
// BenchmarkWrite.
func BenchmarkWriteStock(b *testing.B) {
	rows, path := benchRows(b), filepath.Join(b.TempDir(), "stock.xlsx")
	start := writeCPU(b)
	for range b.N {
		if err := writeStock(path, rows); err != nil {
			b.Fatal(err)
		}
	}
	reportCPU(b, start)
}

func writeStock(path string, rows int) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	sw, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	texts, row := make([]string, 8), make([]any, 8)
	for r := 1; r <= rows; r++ {
		benchRow(texts, r)
		for i, s := range texts {
			if benchText[i] {
				row[i] = s
				continue
			}
			if row[i], err = strconv.ParseFloat(s, 64); err != nil {
				return err
			}
		}
		if err := sw.SetRow(fmt.Sprintf("A%d", r), row); err != nil {
			return err
		}
	}
	if err := sw.Flush(); err != nil {
		return err
	}
	return f.SaveAs(path)
}

// BenchmarkWrite writes the same values with our writer, and with styles as in a report.
func BenchmarkWrite(b *testing.B) {
	rows, path := benchRows(b), filepath.Join(b.TempDir(), "ours.xlsx")
	start := writeCPU(b)
	for range b.N {
		if err := writeOurs(path, rows); err != nil {
			b.Fatal(err)
		}
	}
	reportCPU(b, start)
}

func writeOurs(path string, rows int) error {
	return write.ToFile(path, func(out io.Writer) error { return writeOursTo(out, rows) })
}

func writeOursTo(out io.Writer, rows int) error {
	w, err := write.NewWorkbook(out)
	if err != nil {
		return err
	}
	defer w.Abort()
	s, err := w.Sheet("Orders", write.Layout{NoHeader: true, Columns: []write.Column{
		{Kind: write.TextColumn}, {}, {}, {Kind: write.NumberColumn}, {Kind: write.NumberColumn}, {Kind: write.MoneyColumn}, {Kind: write.MoneyColumn}, {},
	}})
	if err != nil {
		return err
	}
	texts, values := make([]string, 8), make([]write.Value, 8)
	for r := 1; r <= rows; r++ {
		benchRow(texts, r)
		for i, t := range texts {
			if benchText[i] {
				values[i] = write.Text(t)
			} else {
				values[i] = write.Number(t)
			}
		}
		values[2] = values[2].Style(write.Good)
		if err := s.Row(values...); err != nil {
			return err
		}
	}
	return w.Close()
}
