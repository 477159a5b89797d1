package mapping

import (
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"

	"ordersheet/mapping/detect"
)

// BenchmarkDetector is the detector alone, a row of 26 cells at a time.
func BenchmarkDetector(b *testing.B) {
	for name, text := range map[string]bool{"workbook": false, "text": true} {
		b.Run(name, func(b *testing.B) {
			bind := bindPaths(b, order.SalesOrders, nil, wideOrder...)
			var rows []cell.Row
			for _, o := range wideRows(bind, 1000, text) {
				rows = append(rows, o...)
			}
			d := detect.New(bind.Source, bind.Kind, cell.Row{}, bind.Columns.Mapped(), detect.Options{Delimited: text, Today: corpusToday})
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				r := &rows[i%len(rows)]
				i++
				d.Row(r)
			}
			if n := len(d.Types()); n != len(wideOrder) {
				b.Fatalf("%d columns, want %d", n, len(wideOrder))
			}
		})
	}
}
