//go:build linux

package cli_test

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ordersheet/internal/cell"
)

// planHeader is that of an export of order lines; the last columns feed nothing.
const planHeader = "Order Number,Order Date,Ship Date,Order Status,Bill To Name,Bill To Street,Bill To City,Bill To Postal Code,Bill To Country,Bill To Email," +
	"Ship To Name,Ship To Street,Ship To City,Ship To Postal Code,Ship To Country,Ship To Email,SKU,Item Name,Quantity,Unit Price,Margin,Bin,Picker,Weight,Campaign,Remark"

// planOrders says which order each of n rows belongs to; orders have one to four. Rows are made one
// by one, since what this process holds would be counted as the program's own.
func planOrders(n int) (of []int32) {
	r, o, left := rand.New(rand.NewSource(1)), int32(0), 0
	for range n {
		if left == 0 {
			o, left = o+1, 1+r.Intn(4)
		}
		left--
		of = append(of, o)
	}
	return of
}

func planRow(i, o int) string {
	who := fmt.Sprintf("Customer %d & Sons,%d Long Street,%s,%05d,%s,buyer%d@example.org", o%5000, o%900,
		[]string{"Springfield", "Zürich", "São Paulo", "Leeds"}[o%4], 10_000+o%89_999, []string{"US", "CH", "BR", "GB"}[o%4], o%5000)
	return fmt.Sprintf("SO-%07d,2024-%02d-%02d,2025-%02d-%02d,%s,%s,%s,SKU-%06d,Widget number %d; blue,%d,%d.%02d,%d,%d,%d,%d,%d,%d",
		o, 1+o%12, 1+o%28, 1+o%12, 1+o%28, []string{"pending", "shipped", "cancelled"}[o%3], who, who, i*7%40_000, i*7%40_000, 1+i%24, i*19%1000, i%100, i, i*3, i*5, i*7, i*11, i*13)
}

// planFile writes rows as CSV, or as a workbook with inline strings.
func planFile(b *testing.B, path string, of []int32) {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	defer w.Flush()
	if filepath.Ext(path) == ".csv" {
		fmt.Fprintln(w, planHeader)
		for i, o := range of {
			fmt.Fprintln(w, planRow(i, int(o)))
		}
		return
	}
	z := zip.NewWriter(w)
	defer z.Close()
	part := func(name, text string) io.Writer {
		out, err := z.Create(name)
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprint(out, text)
		return out
	}
	const main, rel, pkg = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://schemas.openxmlformats.org/package/2006/relationships"
	part("_rels/.rels", `<Relationships xmlns="`+pkg+`"><Relationship Id="r1" Type="`+rel+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	part("xl/workbook.xml", `<workbook xmlns="`+main+`" xmlns:r="`+rel+`"><sheets><sheet name="Orders" sheetId="1" r:id="r1"/></sheets></workbook>`)
	part("xl/_rels/workbook.xml.rels", `<Relationships xmlns="`+pkg+`"><Relationship Id="r1" Type="`+rel+`/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`)
	out := part("xl/worksheets/sheet1.xml", `<worksheet xmlns="`+main+`"><sheetData>`)
	for i := range len(of) + 1 {
		row := planHeader
		if i > 0 {
			row = planRow(i-1, int(of[i-1]))
		}
		fmt.Fprintf(out, `<row r="%d">`, i+1)
		for c, text := range strings.Split(strings.ReplaceAll(row, "&", "&amp;"), ",") {
			if i > 0 && c >= 18 {
				fmt.Fprintf(out, `<c r="%s"><v>%s</v></c>`, cell.A1(i+1, c), text)
			} else {
				fmt.Fprintf(out, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, cell.A1(i+1, c), text)
			}
		}
		fmt.Fprint(out, "</row>")
	}
	fmt.Fprint(out, "</sheetData></worksheet>")
}

// BenchmarkPlan plans imports with the program itself, without sending: 100,000 rows of 26 columns,
// or a million where ORDERSHEET_BENCH is set. It reports CPU seconds (user and system) and the
// largest resident size of the process.
func BenchmarkPlan(b *testing.B) {
	n := 100_000
	if os.Getenv("ORDERSHEET_BENCH") != "" {
		n = 1_000_000
	}
	dir := b.TempDir()
	program := filepath.Join(dir, "ordersheet")
	if out, err := exec.Command("go", "build", "-o", program, "ordersheet").CombinedOutput(); err != nil {
		b.Fatalf("building: %v: %s", err, out)
	}
	for _, c := range []struct {
		name      string
		scattered bool
	}{{"together.csv", false}, {"scattered.csv", true}, {"inline.xlsx", false}} {
		of := planOrders(n)
		if c.scattered {
			rand.New(rand.NewSource(2)).Shuffle(n, func(i, j int) { of[i], of[j] = of[j], of[i] })
		}
		path := filepath.Join(dir, c.name)
		planFile(b, path, of)
		b.Run(fmt.Sprintf("rows=%d/%s", n, c.name), func(b *testing.B) {
			var used, most float64
			for b.Loop() {
				ledger := filepath.Join(b.TempDir(), "l.db")
				cmd := exec.Command(program, "import", path, "--dry-run", "--set", "channel_id=1", "--set", "company_id=1", "--ledger", ledger, "--report", ledger+".xlsx")
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				used += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
				most = max(most, float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1000)
			}
			b.ReportMetric(used/float64(b.N), "cpu-s/op")
			b.ReportMetric(most, "MB")
		})
	}
}
