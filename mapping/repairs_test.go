package mapping_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ordersheet/internal/order"
	"ordersheet/internal/problem"
	"ordersheet/mapping/profile"
	"ordersheet/mapping/value"
)

func TestRepairs(t *testing.T) {
	for _, c := range []struct {
		path   string
		repair value.Repairs
		width  int
		cells  []string
		want   string // of the first cell, in the payload
		found  string
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
		p := &profile.Profile{Mode: order.Update, Formats: map[string]profile.Reading{c.path: {Repair: c.repair, Width: c.width}}}
		paths := row(c.path, "order_number")
		if c.path == "order_number" {
			paths = paths[:1]
		}
		var rows [][]string
		for i, text := range c.cells {
			rows = append(rows, row(text, fmt.Sprint("SO-", i))[:len(paths)])
		}
		orders, found := plan(pathsHeader(t, order.SalesOrders, p, paths...), grid(rows...))
		if got := summary(found); got != c.found {
			t.Errorf("%s %v: found %q, want %q", c.path, c.cells, got, c.found)
		}
		if got := payloadAt(t, orders[0].Payload, c.path); got != c.want {
			t.Errorf("%s %v with %v: got %q, want %q (%s)", c.path, c.cells, c.repair.Words(), got, c.want, summary(orders[0].Problems))
		}
	}
}

// payloadAt returns the value at a path of a payload, of the first line for a path of lines.
func payloadAt(t *testing.T, payload []byte, path string) string {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("payload %s: %v", payload, err)
	}
	for _, name := range strings.Split(path, ".") {
		if list, ok := v.([]any); ok {
			v = list[0]
		}
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return fmt.Sprint(v)
}

// A mapping file's repairs apply to the fields that they are meant for, and to no others.
func TestRepairsOfFields(t *testing.T) {
	p := readWhole(t)
	h := newHeader(t, order.SalesOrders, p, "Order Ref", "sku", "ship_date", "qty", "Client")
	orders, _ := plan(h, grid(row("SO\u00a0–1", "123", "2024-01-05", "2", "Ann\u00a0–\u00a0Lee")))
	for path, want := range map[string]string{"order_number": "SO -1", "items.sku": "00000123", "bill_to.name": "Ann – Lee", "ship_to.name": "Ann – Lee"} {
		if got := payloadAt(t, orders[0].Payload, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if err := p.Set("repair=mojibake, dot_zero"); err != nil || p.Repair != value.RepairsGiven|value.RepairMojibake|value.RepairDotZero {
		t.Errorf("--set gives %v, %v", p.Repair.Words(), err)
	}
	if err := p.Set("repair=all"); err == nil {
		t.Error("an unknown repair was taken from --set")
	}
	p = parseText(t, "version = 1\n[formats.order_number]\nrepair = [\"leading_zeros\"]\n")
	h = newHeader(t, order.SalesOrders, p, "Order Number", "sku")
	if got := h.Problems(); len(got) == 0 || got[0].Code != problem.WidthMissing {
		t.Errorf("zeros of order numbers without a width: %+v", got)
	}
}
