package detect_test

import (
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping/detect"
)

// Whatever is in the cells, the detector comes to an end, counts no cell twice, and names cells
// that exist.
func FuzzDetector(f *testing.F) {
	f.Add("SKU\nShip Date\nZip", "#12345\n@45306\nÃ©\n12.0\n1.2E+11\n", uint8(3))
	f.Add("Order Date\nShip Date", "@1\n@2958465\n31/12/24\n!#REF!\n=A1\n", uint8(2))
	f.Add("", "\u00a0\n–\n#123456789012345678\n@0.5\n\\00\n", uint8(1))
	f.Fuzz(func(t *testing.T, headers, texts string, width uint8) {
		head := cell.Row{Num: 1}
		for i, text := range strings.Split(headers, "\n") {
			head.Cells = append(head.Cells, cell.Cell{Col: i, Kind: cell.Text, Text: []byte(text)})
		}
		n := int(width%6) + 1
		for _, columns := range [][]detect.MappedColumn{nil, {{0, "items.sku"}, {1, "order_date"}, {2, "ship_date"}, {3, "items.quantity"}}} {
			d := detect.New(&cell.Source{}, order.SalesOrders, head, columns, detect.Options{Today: cell.Civil{Year: 2026, Month: 1, Day: 1}})
			all := strings.Split(texts, "\n")
			for i := 0; i < len(all); i += n {
				r := rowOf(i/n+2, all[i:min(i+n, len(all))]...)
				d.Row(&r)
			}
			for _, x := range d.Findings() {
				if x.Count < 1 || x.Count > x.Of || len(x.Cells) == 0 {
					t.Fatalf("%s: %d of %d cells, %v", x.Code, x.Count, x.Of, x.Cells)
				}
			}
		}
	})
}

// rowOf returns a row of texts. A text may begin with a sign for its kind: #12 is a number, @45306
// a date, !#N/A an error, =A1 a formula without a value.
func rowOf(num int, texts ...string) cell.Row {
	kinds := map[byte]cell.Kind{'#': cell.Number, '@': cell.Date, '!': cell.Error, '=': cell.Formula, '\\': cell.Text}
	r := cell.Row{Num: num}
	for col, text := range texts {
		if text == "" {
			continue
		}
		c := cell.Cell{Col: col, Kind: cell.Text, Text: []byte(text)}
		if kind, ok := kinds[text[0]]; ok {
			c.Kind, c.Text = kind, []byte(text[1:])
		}
		r.Cells = append(r.Cells, c)
	}
	return r
}
