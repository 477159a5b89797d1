package mapping

import (
	"testing"

	"ordersheet/internal/problem"

	"ordersheet/internal/order"

	"ordersheet/mapping/value"
)

func TestRepairs(t *testing.T) {
	for _, c := range []struct {
		path   string
		repair value.Repairs
		width  int
		cells  []string
		want   string // of the first cell, in the payload
		said   string // at Settle
	}{
		{"items.sku", value.RepairZeros, 0, []string{"#123", "#12345", "#54321", "98765"}, "00123", "notice repaired A2"},
		{"items.sku", value.RepairZeros, 6, []string{"#123", "#12345"}, "000123", "notice repaired A2"},
		{"items.sku", value.RepairZeros, 0, []string{"#123", "#12345"}, "123", "warning repair_width_unproven "},
		{"items.sku", value.RepairZeros, 5, []string{"A123"}, "A123", ""},
		{"order_number", value.RepairZeros, 6, []string{"#123"}, "000123", "notice repaired A2"},
		{"items.sku", value.RepairDotZero, 0, []string{"123.0"}, "123", "notice repaired A2"},
		{"items.sku", value.RepairDotZero | value.RepairZeros, 5, []string{"123.00"}, "00123", "notice repaired A2; notice repaired A2"},
		{"items.sku", value.RepairDotZero, 0, []string{"123.5"}, "123.5", ""},
		{"items.sku", value.RepairExponents, 0, []string{"4.006381333931E+12"}, "4006381333931", "notice repaired A2"},
		{"items.sku", value.RepairExponents, 0, []string{"4.00638E+12"}, "4.00638E+12", "warning identifier_exponent A2"},
		{"items.sku", value.RepairSpaces, 0, []string{"A\u00a01\u200b"}, "A 1", "notice repaired A2"},
		{"items.sku", value.RepairDashes, 0, []string{"A–1"}, "A-1", "notice repaired A2"},
		{"bill_to.name", value.RepairDashes, 0, []string{"A–1"}, "A–1", ""},
		{"bill_to.name", value.RepairMojibake, 0, []string{"CafÃ© MÃ¼ller â€“ ok"}, "Café Müller – ok", "notice repaired A2"},
		{"bill_to.name", value.RepairMojibake, 0, []string{"São João, AÇÃO"}, "São João, AÇÃO", ""},
		{"bill_to.name", 0, 0, []string{"CafÃ©"}, "CafÃ©", "warning spreadsheet_damage A2"},
		{"custom_fields.Weight", value.RepairNumbers, 0, []string{"12.50"}, "12.5", "notice repaired A2"},
		{"custom_fields.Weight", value.RepairNumbers, 0, []string{"007"}, "007", ""},
		{"order_date", value.RepairPlus1462, 0, []string{"@45306"}, "2028-01-16", "notice repaired A2"},
		{"order_date", value.RepairMinus1462, 0, []string{"@45306"}, "2020-01-14", "notice repaired A2"},
		{"order_date", value.RepairSwapped, 0, []string{"@45386", "@45306"}, "2024-04-04", ""}, // 4 April
		{"order_date", value.RepairSwapped, 0, []string{"@45355", "@45306"}, "2024-04-03", "notice repaired A2"},
		{"order_date", value.RepairSwapped, 0, []string{"2024-03-04"}, "2024-03-04", ""},
	} {
		b := bindPaths(t, order.SalesOrders, nil, c.path)
		b.bound[0].repair, b.bound[0].width = c.repair, c.width
		var rows [][]string
		for _, text := range c.cells {
			rows = append(rows, row(text))
		}
		cells := grid(b, rows...)
		for i := range cells {
			b.Observe(&cells[i])
		}
		if got := said(b.Settle()); got != c.said {
			t.Errorf("%s %v: settled %q, want %q", c.path, c.cells, got, c.said)
		}
		w := b.start()
		text, _, bad := w.convert(nil, &w.slots[0], &cells[0].Cells[0])
		if bad != nil || string(text) != c.want {
			t.Errorf("%s %v with %v: got %q (%v), want %q", c.path, c.cells, c.repair.Words(), text, bad, c.want)
		}
	}
}

// A mapping file's repairs reach the fields they are meant for, and no others.
func TestRepairsOfFields(t *testing.T) {
	p := readWhole(t)
	b := mustBind(t, order.SalesOrders, p, "Order Ref", "sku", "ship_date", "qty", "Client")
	w := b.start()
	for i, want := range []value.Repairs{value.RepairSpaces | value.RepairDashes, value.RepairZeros, 0, 0, value.RepairSpaces, value.RepairSpaces} {
		if got := w.slots[i].repairs; got != want {
			t.Errorf("%s: repairs %v, want %v", w.slots[i].path, got.Words(), want.Words())
		}
	}
	if w.slots[1].width != 8 {
		t.Errorf("width %d, want 8", w.slots[1].width)
	}
	if err := p.Set("repair=mojibake, dot_zero"); err != nil || p.Repair != value.RepairsGiven|value.RepairMojibake|value.RepairDotZero {
		t.Errorf("--set gives %v, %v", p.Repair.Words(), err)
	}
	if err := p.Set("repair=all"); err == nil {
		t.Error("an unknown repair was taken from --set")
	}
	p = parseText(t, "version = 1\n[formats.order_number]\nrepair = [\"leading_zeros\"]\n")
	b = mustBind(t, order.SalesOrders, p, "Order Number", "sku")
	if got := b.Problems(); len(got) == 0 || got[0].Code != problem.WidthMissing {
		t.Errorf("zeros of order numbers without a width: %+v", got)
	}
}
