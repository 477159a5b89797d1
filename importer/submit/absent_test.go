package submit

import (
	"testing"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/lookup"
	"ordersheet/internal/order"
)

// The feed of changes shows active orders only, so it can't prove that a cancelled order doesn't
// exist. Only the status makes an order one: a tag with that name doesn't.
func TestFeedProvesAbsenceOfActiveOrders(t *testing.T) {
	for payload, want := range map[string]ledger.State{
		`{"order_status":"cancelled"}`:                       ledger.Unknown,
		`{"order_status":"pending","tags":["cancelled"]}`:    ledger.OrderPlanned,
		`{"custom_fields":{"order_status":"cancelled"}}`:     ledger.OrderPlanned,
		`{"order_status":null,"customer_notes":"cancelled"}`: ledger.OrderPlanned,
	} {
		s := newSubmitter(Config{Run: ledger.Run{Kind: order.SalesOrders}, SettleWait: time.Second})
		r := result{order: ledger.Order{Payload: []byte(payload)}}
		r.Lookups = requiredAbsences - 1
		s.settleAbsent(&r, lookup.Result{ActiveOnly: true}, s.began.Add(time.Hour))
		if r.State != want {
			t.Errorf("%s: state %q, want %q", payload, r.State, want)
		}
	}
}
