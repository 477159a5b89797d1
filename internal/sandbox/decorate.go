package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Decorate adds to the orders made by Fill what real orders have: tags, notes, custom fields,
// shipments, payments, second numbers of purchase orders. The position of an order decides what it
// gets. Update times don't change.
func (s *Sandbox) Decorate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decorate(s.sales, s.decorateSale)
	s.decorate(s.purchases, s.decoratePurchase)
}

func (s *Sandbox) decorate(o *orders, change func(order doc, i int)) {
	for id, order := range o.all() {
		i := int(id - o.firstID)
		order = maps.Clone(order)
		change(order, i)
		o.put(id, order, o.slots[i].second, time.Time{})
	}
}

func every(n, i int) bool { return i%n == n-1 }

func (s *Sandbox) decorateSale(order doc, i int) {
	if every(3, i) {
		order["tags"] = s.makeTags([]any{"wholesale", "rush"}[:1+i%2])
	}
	if every(4, i) {
		order["customer_po_number"] = fmt.Sprintf("%05d", 420+i) // with a leading zero
	}
	if every(5, i) {
		order["customer_notes"] = "- leave with the neighbour\n- ring twice"
	}
	if every(6, i) {
		order["custom_fields"] = doc{"Sales Rep": "Ana", "Cartons": whole(int64(1 + i%9))}
	}
	if slices.Contains([]string{"shipped", "fulfilled", "completed"}, text(order, "order_status")) {
		order["ship_date"] = order["order_date"]
		items := slices.Clone(list(order, "items"))
		for n, item := range records(order, "items") {
			item = maps.Clone(item)
			item["quantity_shipped"] = item["quantity"]
			items[n] = item
		}
		order["items"] = items
		order["shipments"] = s.newShipments(order, items)
	}
}

// newShipments makes one shipment, or two if the order has several items and an even id.
func (s *Sandbox) newShipments(order doc, items []any) (out []any) {
	parts := [][]any{items}
	if len(items) > 1 && wholeOf(order, "id")%2 == 0 {
		parts = [][]any{items[:1], items[1:]}
	}
	times := fmt.Sprintf(`"created_at":%q,"updated_at":%[1]q`, order["created_at"])
	for n, part := range parts {
		s.serial++
		lines := make([]string, len(part))
		for i, it := range part {
			item := it.(doc)
			lines[i] = fmt.Sprintf(`{"id":%d,"shipment_id":%d,"product_id":%s,"order_item_id":%s,"quantity":%s,%s}`,
				s.serial*10+int64(i), s.serial, item["product"].(doc)["id"], item["id"], item["quantity"], times)
		}
		out = append(out, mustDecode(fmt.Sprintf(`{"id":%d,"sales_order_id":%s,"ship_date":%q,"tracking_number":"1Z%09[1]d",
			"is_return":false,"carrier_code":"ups","service_code":"ups_ground","shipment_cost":%[4]d.25,"warehouse_id":1,"status":2,
			"items":[%s],%s}`, s.serial, order["id"], order["order_date"], 6+n, strings.Join(lines, ","), times)))
	}
	return out
}

func (s *Sandbox) decoratePurchase(order doc, i int) {
	if every(4, i) {
		order["order_numbers"] = []any{list(order, "order_numbers")[0], fmt.Sprintf("SUP-%d", 9000+i)}
	}
	if every(3, i) {
		order["tags"] = s.makeTags([]any{"priority"})
	}
	if every(2, i) {
		order["private_note"] = "Agreed by phone"
		order["payments"] = mustDecode(fmt.Sprintf(`[
			{"payment_date":%q,"payment_type":"bank_transfer","paid_amount":50.00,"remarks":"First half"},
			{"payment_date":%[1]q,"payment_type":"check","paid_amount":12.30}]`, order["order_date"]))
		s.stampParts(order, order["created_at"])
	}
	derivePurchase(order)
}
