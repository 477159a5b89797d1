//go:build unix

package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"

	"ordersheet/internal/cell"
)

// benchCols is the width of an export of order lines with the addresses of both sides.
const benchCols = 26

// benchCell appends a cell of row r: text if the second result is true, else a number.
func benchCell(buf []byte, r, c int) ([]byte, bool) {
	switch c {
	case 0:
		return fmt.Appendf(buf, "SO-%07d", r/3), true
	case 1, 2:
		return strconv.AppendInt(buf, int64(45000+r%700+c), 10), false
	case 3:
		return append(buf, [...]string{"pending", "fulfilled", "cancelled"}[r/3%3]...), true
	case 4, 10:
		return fmt.Appendf(buf, "Customer %d & Sons", r/3%5000), true
	case 5, 11:
		return fmt.Appendf(buf, "%d Long Street", r/3%900), true
	case 6, 12:
		return append(buf, [...]string{"Springfield", "Zürich", "São Paulo", "Leeds"}[r/3%4]...), true
	case 7, 13:
		return fmt.Appendf(buf, "%05d", r/3%99999), true
	case 8, 14:
		return append(buf, [...]string{"US", "CH", "BR", "GB"}[r/3%4]...), true
	case 9, 15:
		return fmt.Appendf(buf, "buyer%d@example.org", r/3%5000), true
	case 16:
		return fmt.Appendf(buf, "SKU-%06d", r*7%40000), true
	case 17:
		return fmt.Appendf(buf, "Widget number %d, blue", r*7%40000), true
	case 18:
		return strconv.AppendInt(buf, int64(1+r%24), 10), false
	default:
		return strconv.AppendFloat(buf, float64(r*c%100000)/100, 'f', 2, 64), false
	}
}

// benchBook writes a workbook with that many rows, once for all benchmarks.
func benchBook(b *testing.B, rows int, shared bool) string {
	b.Helper()
	dir := os.Getenv("ORDERSHEET_BENCH") // kept from run to run where it is set
	if dir == "" {
		dir = b.TempDir()
	}
	path := filepath.Join(dir, fmt.Sprintf("bench-%d-%t.xlsx", rows, shared))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 6) })
	part := func(name string, write func(w *bufio.Writer)) {
		w, err := z.Create(name)
		if err != nil {
			b.Fatal(err)
		}
		out := bufio.NewWriterSize(w, 1<<20)
		out.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n")
		write(out)
		if err := out.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	const rel = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	fixed := map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<workbook ` + ns + ` xmlns:r="` + rel + `"><sheets><sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + rel + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + rel +
			`/styles" Target="styles.xml"/><Relationship Id="rId3" Type="` + rel + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml": `<styleSheet ` + ns + `><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
	}
	for name, text := range fixed {
		part(name, func(w *bufio.Writer) { w.WriteString(text) })
	}
	index, strings := map[string]int{}, []string{}
	part("xl/worksheets/sheet1.xml", func(w *bufio.Writer) {
		w.WriteString(`<worksheet ` + ns + `><sheetData>`)
		var buf []byte
		for r := range rows {
			fmt.Fprintf(w, `<row r="%d" spans="1:26">`, r+1)
			for c := range benchCols {
				var text bool
				buf, text = benchCell(buf[:0], r, c)
				ref := cell.A1(r+1, c)
				switch {
				case !text && (c == 1 || c == 2):
					fmt.Fprintf(w, `<c r="%s" s="1"><v>%s</v></c>`, ref, buf)
				case !text:
					fmt.Fprintf(w, `<c r="%s"><v>%s</v></c>`, ref, buf)
				case shared:
					i, ok := index[string(buf)]
					if !ok {
						i = len(strings)
						index[string(buf)] = i
						strings = append(strings, string(buf))
					}
					fmt.Fprintf(w, `<c r="%s" t="s"><v>%d</v></c>`, ref, i)
				default:
					fmt.Fprintf(w, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, ref, bytes.ReplaceAll(buf, []byte("&"), []byte("&amp;")))
				}
			}
			w.WriteString("</row>")
		}
		w.WriteString(`</sheetData></worksheet>`)
	})
	part("xl/sharedStrings.xml", func(w *bufio.Writer) {
		fmt.Fprintf(w, `<sst %s count="%d" uniqueCount="%d">`, ns, len(strings), len(strings))
		for _, s := range strings {
			fmt.Fprintf(w, `<si><t>%s</t></si>`, bytes.ReplaceAll([]byte(s), []byte("&"), []byte("&amp;")))
		}
		w.WriteString(`</sst>`)
	})
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// cpu returns the CPU time that this process has used, on all cores.
func cpu(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// readOurs counts the cells and the bytes of their texts.
func readOurs(b *testing.B, path string) (cells, size int) {
	book, err := Open(path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	ext, err := book.Read(0, func(r *cell.Row) error {
		for i := range r.Cells {
			size += len(r.Cells[i].Text)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return ext.Cells, size
}

// readExcelize does the same with excelize's iterator, with raw values.
func readExcelize(b *testing.B, path string) (cells, size int) {
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	rows, err := f.Rows("Orders")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		row, err := rows.Columns()
		if err != nil {
			b.Fatal(err)
		}
		for _, v := range row {
			if v != "" {
				cells, size = cells+1, size+len(v)
			}
		}
	}
	return cells, size
}

// openpyxl counts the cells of the first sheet.
const openpyxl = `import openpyxl, sys
print(sum(1 for row in openpyxl.load_workbook(sys.argv[1], read_only=True).worksheets[0].iter_rows(values_only=True) for v in row if v is not None))`

// children returns the CPU time of a command and its children, and its output.
func children(command string, args ...string) (used time.Duration, out string, err error) {
	start := cpu(syscall.RUSAGE_CHILDREN)
	b, err := exec.Command(command, args...).Output()
	return cpu(syscall.RUSAGE_CHILDREN) - start, string(bytes.TrimSpace(b)), err
}

// BenchmarkReadWorkbook reads workbooks of 100,000 rows, and of a million if ORDERSHEET_BENCH names
// a folder for them. It reports the CPU seconds of each reading, their ratio to `unzip -p FILE | wc
// -c`, and the ratios of excelize, and of openpyxl if it is installed, to ours. All must find the
// same cells.
func BenchmarkReadWorkbook(b *testing.B) {
	sizes := []int{100_000}
	if os.Getenv("ORDERSHEET_BENCH") != "" {
		sizes = append(sizes, 1_000_000)
	}
	for _, rows := range sizes {
		for _, shared := range []bool{true, false} {
			path := benchBook(b, rows, shared)
			b.Run(fmt.Sprintf("rows=%d/shared=%t", rows, shared), func(b *testing.B) {
				b.ReportAllocs()
				start, cells, size := cpu(syscall.RUSAGE_SELF), 0, 0
				for b.Loop() {
					cells, size = readOurs(b, path)
				}
				ours := (cpu(syscall.RUSAGE_SELF) - start).Seconds() / float64(b.N)
				b.ReportMetric(ours, "cpu-s/op")
				b.StopTimer()
				if used, _, err := children("sh", "-c", "unzip -p '"+path+"' | wc -c"); err == nil {
					b.ReportMetric(ours/used.Seconds(), "of-unzip")
				}
				if rows > 100_000 {
					return
				}
				start = cpu(syscall.RUSAGE_SELF)
				theirCells, theirSize := readExcelize(b, path)
				b.ReportMetric((cpu(syscall.RUSAGE_SELF)-start).Seconds()/ours, "excelize/ours")
				if used, out, err := children("/usr/bin/python3", "-c", openpyxl, path); err == nil {
					b.ReportMetric(used.Seconds()/ours, "openpyxl/ours")
					if out != strconv.Itoa(cells) {
						b.Errorf("openpyxl reads %s cells, we read %d", out, cells)
					}
				}
				if cells != theirCells || size != theirSize {
					b.Errorf("excelize reads %d cells of %d bytes, we read %d of %d", theirCells, theirSize, cells, size)
				}
			})
		}
	}
}
