package flatten_test

import (
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping"
	"ordersheet/mapping/profile"
)

// The placeholder that an export writes for a value that is too long for a cell never becomes the
// value.
func TestLongValuePlaceholder(t *testing.T) {
	const placeholder = "[40000 characters: line 3 of orders.long.jsonl]"
	row := func(num int, texts ...string) cell.Row {
		r := cell.Row{Num: num}
		for i, s := range texts {
			r.Cells = append(r.Cells, cell.Cell{Col: i, Kind: cell.Text, Text: []byte(s)})
		}
		return r
	}
	for mode, want := range map[string]string{order.Update: "value_left_as_it_is", order.Create: "value_in_another_file"} {
		h, err := mapping.NewHeader(order.SalesOrders, row(1, "order_number", "internal_notes", "customer_notes"), &profile.Profile{Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		r := row(2, "SO-1", placeholder, "short")
		s := h.Scan(nil)
		s.Add(&r)
		plan, _ := s.Finish()
		p := plan.Order(0, []cell.Row{r})
		codes := ""
		for _, x := range p.Problems {
			codes += x.Code + " "
		}
		if !strings.Contains(codes, want) || p.Invalid != (mode == order.Create) || strings.Contains(string(p.Payload), "characters") {
			t.Errorf("%s: invalid %v, problems %s, payload %s", mode, p.Invalid, codes, p.Payload)
		}
	}
}
