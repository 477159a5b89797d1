package flatten_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"ordersheet/internal/cell"
	"ordersheet/internal/order"
	"ordersheet/mapping"
	"ordersheet/mapping/flatten"
	"ordersheet/mapping/profile"
)

// table flattens orders and formats each sheet as text: its name, its header, and its rows, with |
// between cells.
func table(t *testing.T, f *flatten.Flattener, orders ...string) string {
	t.Helper()
	for _, o := range orders {
		if err := f.Observe([]byte(o)); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	for i, s := range f.Sheets() {
		fmt.Fprintf(&b, "%s:", s.Name)
		for _, c := range s.Columns {
			fmt.Fprintf(&b, " %s |", c.Header)
		}
		b.WriteByte('\n')
		for _, o := range orders {
			err := f.Rows(i, []byte(o), func(values []flatten.Value) error {
				if len(values) != len(s.Columns) {
					t.Fatalf("a row of sheet %s has %d cells, its header %d", s.Name, len(values), len(s.Columns))
				}
				for _, v := range values {
					fmt.Fprintf(&b, "%.1s:%s|", v.Kind, v.Text)
				}
				b.WriteByte('\n')
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return strings.ReplaceAll(b.String(), "b:|", "|")
}

func flattener(t *testing.T, kind order.Kind, shape flatten.Shape, columns ...string) *flatten.Flattener {
	t.Helper()
	f, err := flatten.New(kind, shape, columns)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimLeft(want, "\n"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

const salesOrder = `{"id":501,"order_id":"501","order_number":"SO-1","order_date":"2025-03-02","order_status":"pending","status":"Active",
 "customer_id":"0042","total":110.50,"company":{"name":"Corner \"Shop\"","payment_term":"Net 30","price_level":{"name":"Wholesale"}},
 "bill_to":{"name":"Ann","postal_code":"01234","phone":null},"ship_to":[],"updated_at":"2025-03-02T09:00:00Z","is_posted":false,
 "items":[{"id":9002,"line_number":2,"sku":"=RED","quantity":2,"unit_price":12.5,"custom_fields":[],"tags":[]},
  {"id":9001,"line_number":1,"sku":"007","quantity":1e1,"unit_price":7.500,"custom_fields":{"Colour":"blue"},"product":{"id":31,"category":{"name":"Mugs"}},"tags":[]}],
 "tags":[{"id":3,"name":"urgent"},{"id":4,"name":"b, c"}],
 "shipments":[{"id":1,"tracking_number":"001Z","ship_to":{"postalCode":"09999"},"ship_date":"2025-03-04","items":[{"order_item_id":9001,"quantity":4}]},
  {"id":2,"tracking_number":"002Z","ship_date":null,"items":[{"order_item_id":9001,"quantity":6},{"order_item_id":9002,"quantity":2}]}],
 "custom_fields":{"Sales Rep":"Ana","Cartons":3,"Rush":true,"Empty":null}}`

const emptyOrder = `{"id":502,"order_number":"SO-2","items":[],"tags":[],"custom_fields":[],"shipments":[],"company":null}`

func TestFlattenLines(t *testing.T) {
	f := flattener(t, order.SalesOrders, flatten.LineRows, "order_number", "sku", "items.quantity", "unit_price", "items.id", "bill_to.postal_code", "ship_to_city",
		"customer_id", "total", "order_date", "updated_at", "is_posted", "items.product.category.name")
	check(t, table(t, f, salesOrder, emptyOrder), `
Orders: order_number | sku | quantity | unit_price | items.id | bill_to_postal_code | ship_to_city | customer_id | total | order_date | record_updated_at | is_posted | items.product.category.name |
t:SO-1|t:007|n:10|n:7.500|n:9001|t:01234||t:0042|n:110.50|d:2025-03-02|d:2025-03-02T09:00:00Z|b:FALSE|t:Mugs|
t:SO-1|t:=RED|n:2|n:12.5|n:9002|t:01234||t:0042|n:110.50|d:2025-03-02|d:2025-03-02T09:00:00Z|b:FALSE||
t:SO-2|||||||||||||
`)
}

func TestFlattenWidens(t *testing.T) {
	f := flattener(t, order.SalesOrders, flatten.LineRows, "order_number", "tags", "custom_fields", "items.custom_fields", "custom_fields.Cartons", "company.name",
		"company.payment_term", "company.price_level.name")
	check(t, table(t, f, emptyOrder, salesOrder), `
Orders: order_number | tags | tags2 | custom_fields.Rush | custom_fields.Sales Rep | items.custom_fields.Colour | custom_fields.Cartons | company.name | company.payment_term | company.price_level.name |
t:SO-2||||||||||
t:SO-1|t:urgent|t:b, c|b:TRUE|t:Ana|t:blue|n:3|t:Corner "Shop"|t:Net 30|t:Wholesale|
t:SO-1|t:urgent|t:b, c|b:TRUE|t:Ana||n:3|t:Corner "Shop"|t:Net 30|t:Wholesale|
`)
}

func TestFlattenShipmentsOfLine(t *testing.T) {
	f := flattener(t, order.SalesOrders, flatten.LineRows, "sku", "shipments.tracking_number", "shipments.ship_date", "shipments.items.quantity", "shipments.ship_to.postalCode")
	check(t, table(t, f, salesOrder), `
Orders: sku | shipments.tracking_number | shipments.ship_date | shipments.items.quantity | shipments.ship_to.postalCode |
t:007|t:001Z; 002Z|t:2025-03-04; |t:4; 6|t:09999; |
t:=RED|t:002Z||n:2||
`)
}

// A shipment of a line that the order no longer has, one without items, and one that has both kinds
// of lines.
func TestFlattenShipmentsOfMissingLine(t *testing.T) {
	f := flattener(t, order.SalesOrders, flatten.LineRows, "sku", "shipments.tracking_number", "shipments.items.quantity")
	check(t, table(t, f, `{"id":1,"items":[{"id":11,"sku":"A"},{"id":12,"sku":"B"}],"shipments":[
		{"tracking_number":"T1","items":[{"order_item_id":12,"quantity":1}]},{"tracking_number":"T2","items":[{"order_item_id":99,"quantity":2}]},
		{"tracking_number":"T3","items":[]},{"tracking_number":"T4","items":[{"order_item_id":11,"quantity":4},{"order_item_id":98,"quantity":5}]}]}`), `
Orders: sku | shipments.tracking_number | shipments.items.quantity |
t:A|t:T2; T3; T4|t:2; 4; 5|
t:B|t:T1|n:1|
`)
}

func TestFlattenSheets(t *testing.T) {
	f := flattener(t, order.SalesOrders, flatten.OrderRows, "total", "sku", "shipments.tracking_number", "shipments.items.quantity")
	check(t, table(t, f, salesOrder, emptyOrder), `
Orders: total |
n:110.50|
|
Lines: id | order_number | sku |
n:501|t:SO-1|t:007|
n:501|t:SO-1|t:=RED|
Shipments: id | order_number | shipments.tracking_number | shipments.items.quantity |
n:501|t:SO-1|t:001Z|n:4|
n:501|t:SO-1|t:002Z|n:6|
n:501|t:SO-1|t:002Z|n:2|
`)
}

func TestFlattenPurchase(t *testing.T) {
	const purchaseOrder = `{"id":710,"order_numbers":["PO-771","SUP,99"],"supplier":{"name":"Clay Works"},"warehouse":{"id":1,"name":"Main"},
	 "items":[{"id":880,"quantity":4,"unit_price":15,"source_sku":"MUGB-CASE","product":{"id":31,"sku":"MUG-BLUE"}}],
	 "payments":[{"id":41,"paid_amount":60,"payment_date":"2025-06-02"},{"id":42,"paid_amount":0.30,"payment_date":"2025-06-03"}]}`
	f := flattener(t, order.PurchaseOrders, flatten.LineRows, "order_numbers", "line_id", "sku", "product_id", "warehouse_id", "paid_amount")
	check(t, table(t, f, purchaseOrder), `
Orders: order_numbers | order_numbers2 | line_id | sku | product_id | warehouse_id | paid_amount |
t:PO-771|t:SUP,99|n:880|t:MUGB-CASE|n:31|n:1|n:60|
t:PO-771|t:SUP,99||||n:1|n:0.30|
`)
	f = flattener(t, order.PurchaseOrders, flatten.OrderRows, "supplier.name", "payments.paid_amount")
	check(t, table(t, f, purchaseOrder), `
Orders: supplier.name |
t:Clay Works|
Payments: id | order_numbers | paid_amount |
n:710|t:PO-771, SUP,99|n:60|
n:710|t:PO-771, SUP,99|n:0.30|
`)
}

func TestFlattenFeed(t *testing.T) {
	const row = `{"order_id":501,"order_number":"SO-1","total_amount":110.5,"customer_id":9,
	 "items":[{"order_item_id":9001,"sku":"MUG","price":7.5,"quantity":10}],"fulfillment_orders":[{"status":"open"},{"status":"done"}]}`
	f := flattener(t, order.SalesOrders, flatten.LineRows, "id", "total", "items.id", "unit_price", "customer_id", "fulfillment_orders.status")
	if err := f.FromFeed(); err != nil {
		t.Fatal(err)
	}
	check(t, table(t, f, row), `
Orders: id | total | items.id | unit_price | customer_id | fulfillment_orders.status |
n:501|n:110.5|n:9001|n:7.5|t:9|t:open; done|
`)
	f = flattener(t, order.SalesOrders, flatten.LineRows, "order_number", "tags", "bill_to_city")
	if got := strings.Join(f.NeedDetails(), " "); got != "tags bill_to_city" {
		t.Errorf("NeedDetails: got %s, want tags bill_to_city", got)
	}
	if err := f.FromFeed(); err == nil || !strings.Contains(err.Error(), "tags, bill_to_city") {
		t.Errorf("FromFeed with columns that need details: got %v", err)
	}
}

func TestFlattenColumnErrors(t *testing.T) {
	for name, want := range map[string]string{
		"order_numbr":                "did you mean order_number?",
		"shipments.trackng":          "has no field",
		" ":                          "an extra comma",
		"shipments.tracking_numbers": "did you mean shipments.tracking_number?",
		"gift_message":               "can be sent, but not read back",
		"supplier.account_number":    "has no field",
	} {
		if _, err := flatten.New(order.SalesOrders, flatten.LineRows, []string{name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("column %s: got %v, want an error with %q", name, err, want)
		}
	}
	if _, err := flatten.New(order.SalesOrders, flatten.LineRows, []string{"sku", "items.sku"}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("a column named twice: got %v", err)
	}
	if _, err := flatten.New(order.SalesOrders, flatten.LineRows, []string{"fulfillment_orders.status", "tags"}); err == nil || !strings.Contains(err.Error(), "separately") {
		t.Errorf("columns of feed and details together: got %v", err)
	}
}

// Every field of the API's sample answers can be a column.
func TestEveryAnswerFieldIsColumn(t *testing.T) {
	missing := map[string]bool{}
	for _, sample := range []struct {
		kind order.Kind
		file string
	}{
		{order.SalesOrders, "sales-orders.get.answer.json"},
		{order.SalesOrders, "sales-orders.create.answer.json"},
		{order.SalesOrders, "sales-orders.update.answer.json"},
		{order.PurchaseOrders, "purchase-orders.update.answer.json"},
	} {
		b, err := os.ReadFile("../../testdata/wire/" + sample.file)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Data map[string]any `json:"data"`
		}
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		eachLeaf("", doc.Data, func(path string) {
			for p := path; ; { // a JSON column has everything below it
				if _, err := flatten.New(sample.kind, flatten.LineRows, []string{p}); err == nil {
					return
				}
				i := strings.LastIndexByte(p, '.')
				if i < 0 {
					missing[path] = true
					return
				}
				p = p[:i]
			}
		})
	}
	for path := range missing {
		t.Errorf("%s can't be a column", path)
	}
}

func eachLeaf(at string, v any, fn func(path string)) {
	switch x := v.(type) {
	case map[string]any:
		for k, y := range x {
			eachLeaf(strings.TrimPrefix(at+"."+k, "."), y, fn)
		}
	case []any:
		for _, y := range x {
			eachLeaf(at, y, fn)
		}
	default:
		fn(at)
	}
}

func TestForProfile(t *testing.T) {
	p, err := profile.Parse("shop.toml", strings.NewReader(`version = 1
kind = "sales-orders"
[columns]
"Zip" = "bill_to.postal_code"
"Order" = "order_number"
"State" = "order_status"
"Item" = "items.sku"
"Gift" = "gift_message"
"Labels" = "tags"
"Rep" = "custom_fields.Sales Rep"
[values.order_status.values]
open = "pending"
new = "pending"
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := flatten.ForProfile(p, order.SalesOrders, flatten.LineRows)
	if err != nil {
		t.Fatal(err)
	}
	check(t, table(t, f, salesOrder), `
Orders: Zip | Order | State | Item | Labels | Rep |
t:01234|t:SO-1|t:new|t:007|t:urgent, b, c|t:Ana|
t:01234|t:SO-1|t:new|t:=RED|t:urgent, b, c|t:Ana|
`)
	if _, err := flatten.ForProfile(p, order.PurchaseOrders, flatten.LineRows); err == nil {
		t.Error("a mapping file for sales orders was accepted for purchase orders")
	}
}

// Importing an export maps each header to the field in its column, or to none.
func TestExportHeadersImport(t *testing.T) {
	same := map[string]bool{ // the field that they are mapped to has the same value
		"order_id": true, "company.id": true, "items.product.id": true, "supplier.id": true, "warehouse.id": true, "location.id": true,
	}
	for _, kind := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
		number := flatten.DefaultColumns(kind, flatten.LineRows)[1]
		for _, path := range flatten.Paths(kind) {
			if strings.HasSuffix(path, "*") {
				continue // no column until an order has one
			}
			f := flattener(t, kind, flatten.LineRows, path)
			header := f.Sheets()[0].Columns[0].Header
			h, err := mapping.NewHeader(kind, cell.Row{Num: 1, Cells: []cell.Cell{
				{Kind: cell.Text, Text: []byte(number)}, {Col: 1, Kind: cell.Text, Text: []byte(header)},
			}}, nil)
			if err != nil {
				t.Errorf("%s: %v", header, err)
				continue
			}
			for _, c := range h.Columns {
				if c.Header == header && c.Path != "" && c.Path != path && !same[path] {
					t.Errorf("%s: the header %s of %s is mapped to %s", kind, header, path, c.Path)
				}
			}
		}
	}
}
