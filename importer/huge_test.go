package importer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ordersheet/importer/plan"
	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// TestOneHugeOrder sends an order of 10,000 lines whole, and has it rejected by its name where the
// server doesn't take so much; the other order of the file goes either way.
func TestOneHugeOrder(t *testing.T) {
	const head = "order_number,order_date,order_status,channel_id,bill_to_name,ship_to_name,sku,quantity,unit_price\n"
	text := head + "SMALL,2025-01-02,pending,1,Ann,Ann,SKU-1,1,2.00\n" + strings.Repeat("HUGE,2025-01-02,pending,1,Ann,Ann,SKU-1,1,0.01\n", 10_000)
	for most, wants := range map[int64]map[string]ledger.State{
		0:        {"SMALL": ledger.Created, "HUGE": ledger.Created},
		64 << 10: {"SMALL": ledger.Created, "HUGE": ledger.Rejected},
	} {
		bubble(t, fmt.Sprintf("at most %d bytes", most), func(t *testing.T) {
			b := newHarness(t, order.SalesOrders, sandbox.Config{MaxBody: most}, 0)
			file := filepath.Join(b.dir, "huge.csv")
			b.check(os.WriteFile(file, []byte(text), 0o600))
			var err error
			b.run, err = planJob(b.ledger, plan.Job{Files: []string{file}, Kind: b.kind, Account: b.client.BaseURL()})
			b.check(err)
			b.check(b.submit())
			for _, o := range b.orders() {
				if o.State != wants[o.Number] {
					t.Errorf("order %s is %s (%s), want %s", o.Number, o.State, o.Message, wants[o.Number])
				}
				if o.State == ledger.Created && o.Number == "HUGE" && len(b.existing("HUGE").Items) != 10_000 {
					t.Errorf("the order has %d lines, want 10000", len(b.existing("HUGE").Items))
				}
				if o.State == ledger.Rejected && !strings.Contains(o.Message, "Too Large") {
					t.Errorf("the order was rejected with %q, which doesn't say that it is too large", o.Message)
				}
			}
		})
	}
}
