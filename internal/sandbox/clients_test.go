package sandbox

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// Others edit, create and remove orders of both kinds while requests are answered, and each of their writes is counted.
func TestDisturb(t *testing.T) {
	b, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for i := range 20 {
		body := fmt.Sprintf(`{"supplier_id":5,"order_numbers":["P-%d"],"order_date":"2026-01-15","items":[{"sku":"SKU-1","quantity":1,"unit_price":5}]}`, i)
		if _, err := b.Create(PurchaseOrders, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.SimulateClients(ctx, Clients{Edits: 4000, Creates: 1000, Removes: 500, Seed: 3})
	}()
	var sales, buys, edited int
	for ctx.Err() == nil && (sales < 5 || buys < 5 || edited < 50 || b.Stats().ClientWrites < 200) {
		sales, buys, edited = len(b.Orders(SalesOrders)), len(b.Created(PurchaseOrders))-20, b.Stats().Writes
	}
	stop()
	<-done
	if sales < 5 || buys < 5 || len(b.Orders(PurchaseOrders)) >= buys+20 {
		t.Errorf("others made %d sales orders and %d purchase orders, and %d of 20+%d purchase orders stand; want some made and some removed",
			sales, buys, len(b.Orders(PurchaseOrders)), buys)
	}
	if st := b.Stats(); st.ClientWrites < 200 || st.Requests != 0 {
		t.Errorf("counted %d writes by others and %d requests, want at least 200 and none", st.ClientWrites, st.Requests)
	}
}
