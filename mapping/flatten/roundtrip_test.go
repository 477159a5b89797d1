package flatten_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ordersheet/internal/cell"
	"ordersheet/internal/diff"
	"ordersheet/internal/order"
	"ordersheet/internal/sheet"
	"ordersheet/internal/sheet/write"
	"ordersheet/mapping"
	"ordersheet/mapping/flatten"
	"ordersheet/mapping/profile"
)

// Exporting an order with any texts and importing the file as an update changes nothing, in each
// format.
func TestExportImportRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		answer := randomOrder(t)
		for _, format := range []write.Format{write.XLSX, write.CSV, write.TSV, write.JSONL} {
			path := filepath.Join(dir, "orders."+string(format))
			exportTo(t, path, format, answer)
			p := importFrom(t, path)
			if p.Invalid {
				t.Fatalf("%s: invalid: %+v\n%s", format, p.Problems, answer)
			}
			differences, err := diff.Differences(p.Payload, answer)
			if err != nil || len(differences) > 0 {
				t.Fatalf("%s: %v, %v\npayload %s\nanswer  %s", format, differences, err, p.Payload, answer)
			}
			if lost := missingField(t, p.Payload, answer); lost != "" {
				t.Fatalf("%s: %s is lost\npayload %s\nanswer  %s", format, lost, p.Payload, answer)
			}
		}
	})
}

// randomText draws a text that formats may damage, trimmed as Luminous does.
func randomText(t *rapid.T, name string) string {
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
		"=", "+", "-", "@", "'", `"`, "\t", "\n", " ", ",", ";", "|", "0", "1", "42", ".5", "E5", "a", "TRUE", "2025-01-02", "<", ">", "&", "_x0041_", "ü", "😀", "\u00a0", "#N/A", "/",
	}), 0, 6).Draw(t, name)
	return strings.TrimSpace(strings.Join(pieces, ""))
}

func randomOrder(t *rapid.T) []byte {
	o := map[string]any{
		"id": 501, "order_number": "SO-1", "order_date": "2025-03-02", "order_status": "pending", "channel_id": 4, "shipments": []any{},
		"ship_to": map[string]any{"name": "Ann " + randomText(t, "name") + "x", "street1": randomText(t, "street"), "postal_code": randomText(t, "postal code")},
		"items":   []any{map[string]any{"id": 9001, "sku": "MUG", "quantity": 2, "unit_price": json.Number(rapid.SampledFrom([]string{"7.5", "0.30", "12", "1e1"}).Draw(t, "price"))}},
	}
	for _, field := range []string{"internal_notes", "customer_notes", "customer_username", "customer_po_number", "requested_shipping_service"} {
		o[field] = randomText(t, field)
	}
	custom := map[string]any{}
	for _, label := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"Rep", "A, b", "Größe", "x.y", "Order Number"}), rapid.ID[string]).Draw(t, "labels") {
		custom[label] = rapid.OneOf(rapid.Just[any](json.Number("3.50")), rapid.Just[any](true), rapid.Map(rapid.Just(0), func(int) any { return randomText(t, label) })).Draw(t, "value")
	}
	o["custom_fields"] = custom
	var tags []any
	for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"rush", "00042", "=sum", "-1", "über", "two words"}), rapid.ID[string]).Draw(t, "tags") {
		tags = append(tags, map[string]any{"id": 1, "name": name})
	}
	o["tags"] = tags
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// missingField returns the path of a field that has a value in the answer but not in the payload.
func missingField(t *rapid.T, payload, answer []byte) string {
	var sent, actual map[string]any
	if err := json.Unmarshal(payload, &sent); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer, &actual); err != nil {
		t.Fatal(err)
	}
	var below func(path string, sent, actual map[string]any) string
	below = func(path string, sent, actual map[string]any) string {
		for k, v := range actual {
			there, isObject := v.(map[string]any)
			under, _ := sent[k].(map[string]any)
			switch {
			case k == "id" || k == "shipments" || v == nil || v == "":
			case isObject && len(there) > 0:
				if lost := below(path+k+".", under, there); lost != "" {
					return lost
				}
			case sent[k] == nil && !isObject:
				return path + k
			}
		}
		return ""
	}
	return below("", sent, actual)
}

func exportTo(t *rapid.T, path string, format write.Format, answer []byte) {
	f, err := flatten.New(order.SalesOrders, flatten.LineRows, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Observe(answer); err != nil {
		t.Fatal(err)
	}
	out, err := write.CreateOutput(path, format, write.OutputOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	var columns []write.Column
	for _, c := range f.Sheets()[0].Columns {
		columns = append(columns, write.Column{Header: c.Header})
	}
	if err := out.Sheet("Orders", columns); err != nil {
		t.Fatal(err)
	}
	err = f.Rows(0, answer, func(values []flatten.Value) error {
		var row []write.Value
		for _, v := range values {
			row = append(row, write.FromText(v.Kind, v.Text))
		}
		return out.Rows(row)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func importFrom(t *rapid.T, path string) mapping.Planned {
	book, err := sheet.Open(path, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	var rows []cell.Row
	if _, err := book.Read(0, func(r *cell.Row) error {
		row := r.Clone()
		if book.Container == "csv" {
			for i := range row.Cells {
				row.Cells[i].Text = write.UnescapeFormula(row.Cells[i].Text)
			}
		}
		rows = append(rows, row)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	src := &cell.Source{File: filepath.Base(path), Formats: book.Formats}
	h, err := mapping.NewHeader(order.SalesOrders, rows[0], &profile.Profile{Mode: order.Update})
	if err != nil {
		t.Fatal(err)
	}
	s := h.Scan(src)
	for i := range rows[1:] {
		s.Add(&rows[1+i])
	}
	p, _ := s.Finish()
	return p.Order(0, rows[1:])
}
