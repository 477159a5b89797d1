package sandbox

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// TestSimulateClients checks that simulated clients edit, create and delete orders of both kinds
// and that their writes are counted.
func TestSimulateClients(t *testing.T) {
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
	var sales, purchases, writes int
	for ctx.Err() == nil && (sales < 5 || purchases < 5 || writes < 50 || b.Stats().ClientWrites < 200) {
		sales, purchases, writes = len(b.Orders(SalesOrders)), len(b.Created(PurchaseOrders))-20, b.Stats().Writes
	}
	stop()
	<-done
	if sales < 5 || purchases < 5 || len(b.Orders(PurchaseOrders)) >= purchases+20 {
		t.Errorf("got %d sales orders and %d purchase orders created, and %d of 20+%d purchase orders left; want some created and some deleted",
			sales, purchases, len(b.Orders(PurchaseOrders)), purchases)
	}
	if st := b.Stats(); st.ClientWrites < 200 || st.Requests != 0 {
		t.Errorf("got %d client writes and %d requests, want at least 200 and 0", st.ClientWrites, st.Requests)
	}
}
