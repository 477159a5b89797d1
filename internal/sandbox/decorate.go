package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Decorate adds to the orders made by Fill what real orders have: tags, notes, custom fields,
// shipments, payments, second numbers of purchase orders. The position of an order decides what it
// gets. Update times don't change.
func (s *Sandbox) Decorate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sales.version++
	s.purchases.version++
	for i := range s.sales.slots {
		if slot := &s.sales.slots[i]; slot.exists {
			slot.rec = s.decorateSale(*slot.rec, i)
		}
	}
	for i := range s.purchases.slots {
		if slot := &s.purchases.slots[i]; slot.exists {
			slot.rec = s.decoratePurchase(*slot.rec, i)
		}
	}
}

func every(n, i int) bool { return i%n == n-1 }

func (s *Sandbox) decorateSale(o salesOrder, i int) *salesOrder {
	if every(3, i) {
		o.Tags = s.makeTags([]string{"wholesale", "rush"}[:1+i%2])
	}
	if every(4, i) {
		po := fmt.Sprintf("%05d", 420+i) // with a leading zero
		o.CustomerPONumber = &po
	}
	if every(5, i) {
		note := "- leave with the neighbour\n- ring twice"
		o.CustomerNotes = &note
	}
	if every(6, i) {
		o.CustomFields = customValues{"Sales Rep": json.RawMessage(`"Ana"`), "Cartons": fmt.Append(nil, 1+i%9)}
	}
	if o.OrderStatus == "shipped" || o.OrderStatus == "fulfilled" || o.OrderStatus == "completed" {
		day := o.OrderDate
		o.ShipDate = &day
		o.Shipments = s.newShipments(&o)
		for at := range o.Items {
			o.Items[at].QuantityShipped = o.Items[at].Quantity
		}
	}
	return &o
}

// newShipments makes one shipment, or two if the order has several items and an even id.
func (s *Sandbox) newShipments(o *salesOrder) []json.RawMessage {
	parts := [][]salesItem{o.Items}
	if len(o.Items) > 1 && o.ID%2 == 0 {
		parts = [][]salesItem{o.Items[:1], o.Items[1:]}
	}
	var out []json.RawMessage
	for n, items := range parts {
		s.serial++
		lines := make([]string, len(items))
		for i, it := range items {
			lines[i] = fmt.Sprintf(`{"id":%d,"shipment_id":%d,"product_id":%d,"order_item_id":%d,"quantity":%s,"created_at":%q,"updated_at":%q}`,
				s.serial*10+int64(i), s.serial, it.ProductID, it.ID, it.Quantity, o.CreatedAt, o.CreatedAt)
		}
		out = append(out, fmt.Appendf(nil, `{"id":%d,"sales_order_id":%d,"ship_date":%q,"tracking_number":"1Z%09d","is_return":false,"carrier_code":"ups",`+
			`"service_code":"ups_ground","shipment_cost":%d.25,"warehouse_id":1,"status":2,"items":[%s],"created_at":%q,"updated_at":%q}`,
			s.serial, o.ID, o.OrderDate, s.serial, 6+n, strings.Join(lines, ","), o.CreatedAt, o.CreatedAt))
	}
	return out
}

func (s *Sandbox) decoratePurchase(o purchaseOrder, i int) *purchaseOrder {
	if every(4, i) {
		s.purchases.unindex(&o)
		o.OrderNumbers = append(o.OrderNumbers[:1:1], fmt.Sprintf("SUP-%d", 9000+i))
		for _, n := range o.OrderNumbers {
			s.purchases.byNumber[n] = append(s.purchases.byNumber[n], o.ID)
		}
	}
	if every(3, i) {
		o.Tags = s.makeTags([]string{"priority"})
	}
	if every(2, i) {
		half, note := "First half", "Agreed by phone"
		o.PrivateNote = &note
		o.Payments = s.newPayments([]paymentIn{
			{PaymentDate: o.OrderDate, PaymentType: "bank_transfer", PaidAmount: "50.00", Remarks: &half},
			{PaymentDate: o.OrderDate, PaymentType: "check", PaidAmount: "12.30"},
		}, o.CreatedAt)
	}
	s.finalize(&o, o.UpdatedAt)
	return &o
}
