package order_test

import (
	"testing"

	"ordersheet/internal/order"
)

func TestPayloadReadsOneField(t *testing.T) {
	p := order.Payload(`{"order_status":"on \"hold\"","total":12.50,"gift":true,"notes":null,"tags":["order_status"],
		"items":[{"sku":"A-1","quantity":2},{"product_id":7}],"bill_to":{"name":"Ann","order_status":"x"}}`)
	if got := p.Status(); got != `on "hold"` {
		t.Errorf("Status() = %q", got)
	}
	for field, want := range map[string]string{"total": "12.50", "gift": "true", "order_status": `on "hold"`} {
		if got, ok := p.Text(field); got != want || !ok {
			t.Errorf("Text(%s) = %q, %v, want %q", field, got, ok, want)
		}
	}
	for _, field := range []string{"notes", "tags", "items", "bill_to", "name", "quantity"} {
		if got, ok := p.Text(field); ok {
			t.Errorf("Text(%s) = %q, want none", field, got)
		}
	}
	for field, want := range map[string]bool{"notes": true, "tags": true, "name": false, "sku": false} {
		if p.Has(field) != want {
			t.Errorf("Has(%s) = %v", field, !want)
		}
	}
	for path, want := range map[string]string{
		"items.0.sku": "A-1", "items.0.product": "A-1", "items.1.product": "7", "items.0.quantity": "2", "bill_to.name": "Ann",
		"items.2.sku": "", "items.x.sku": "", "items": "", "bill_to": "", "notes": "", "total": "12.50", "total.x": "", "tags.0": "order_status",
	} {
		if got := p.At(path); got != want {
			t.Errorf("At(%s) = %q, want %q", path, got, want)
		}
	}
	var none order.Payload
	if none.Has("a") || none.Status() != "" || none.At("a") != "" {
		t.Error("an empty payload has no fields")
	}
}

func TestKindFields(t *testing.T) {
	for kind, want := range map[order.Kind][4]string{
		order.SalesOrders:    {"order_number", "total", "cancelled", "sales order"},
		order.PurchaseOrders: {"order_numbers", "total_cost", "deleted", "purchase order"},
	} {
		if got := [4]string{kind.NumberField(), kind.TotalField(), kind.RemovedStatus(), kind.Word()}; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	for text, want := range map[string]order.Kind{" Sales_Orders ": order.SalesOrders, "purchase": order.PurchaseOrders, "orders": ""} {
		if got, ok := order.ParseKind(text); got != want || ok != (want != "") {
			t.Errorf("ParseKind(%q) = %q, %v", text, got, ok)
		}
	}
}
