package mapping

import (
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"

	"ordersheet/mapping/detect"
)

// Whatever stands in the cells, the detector comes to an end, counts no cell twice, and names cells that exist.
func FuzzDetector(f *testing.F) {
	f.Add("SKU\nShip Date\nZip", "#12345\n@45306\nÃ©\n12.0\n1.2E+11\n", uint8(3))
	f.Add("Order Date\nShip Date", "@1\n@2958465\n31/12/24\n!#REF!\n=A1\n", uint8(2))
	f.Add("", "\u00a0\n–\n#123456789012345678\n@0.5\n\\00\n", uint8(1))
	f.Fuzz(func(t *testing.T, headers, texts string, width uint8) {
		head := headerRow(1, strings.Split(headers, "\n")...)
		n := int(width%6) + 1
		var rows [][]string
		all := strings.Split(texts, "\n")
		for i := 0; i < len(all); i += n {
			rows = append(rows, all[i:min(i+n, len(all))])
		}
		b := bindPaths(t, order.SalesOrders, nil, "items.sku", "order_date", "ship_date", "items.quantity")
		for _, columns := range []Columns{nil, b.Columns} {
			d := detect.New(b.Source, b.Kind, head, columns.Mapped(), detect.Options{Today: cell.Civil{Year: 2026, Month: 1, Day: 1}})
			cells := grid(b, rows...)
			for i := range cells {
				d.Row(&cells[i])
			}
			for _, x := range d.Findings() {
				if x.Count < 1 || x.Count > x.Of || len(x.Cells) == 0 {
					t.Fatalf("%s: %d of %d cells, %v", x.Code, x.Count, x.Of, x.Cells)
				}
			}
		}
	})
}
