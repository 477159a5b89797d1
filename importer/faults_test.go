package importer_test

import (
	"cmp"
	"fmt"
	"sync/atomic"
	"testing"

	"ordersheet/internal/ledger"
	"ordersheet/internal/order"
	"ordersheet/internal/sandbox"
)

// A fault strikes one order's first request of a method. What must come of that order is in the
// table; all others are created.
type fault struct {
	name       string
	method     string       // POST unless said otherwise
	state      ledger.State // Created unless said otherwise
	created    int          // how often the order is made; 1 unless the word says that nothing exists
	persistent bool         // the fault stops the run, and goes on striking until somebody acts
	strikes    int          // how many requests in a row it strikes; 1 unless said otherwise
}

// faults are what a single request can meet.
var faults = []fault{
	{name: "drop_before"},
	{name: "drop_after"},
	{name: "drop_before", strikes: 2},
	{name: "429"},
	{name: "429_date"},
	{name: "429_bare", strikes: 2},
	{name: "403", state: ledger.Rejected},
	{name: "409", state: ledger.Rejected},
	{name: "422_text", state: ledger.Rejected},
	{name: "422_bare", state: ledger.Rejected},
	{name: "422_string", state: ledger.Rejected},
	{name: "500_before"},
	{name: "500_before", strikes: 2},
	{name: "500_after"},
	{name: "502_after"},
	{name: "503_before"},
	{name: "503_after"},
	{name: "504_before"},
	{name: "504_after"},
	{name: "late_504"},
	{name: "late_drop"},
	{name: "late"},
	{name: "slow"},
	{name: "drip"},
	{name: "truncated"},
	{name: "broken"},
	{name: "html"},
	{name: "html_after"},
	{name: "empty"},
	{name: "wrong_number", state: ledger.Held, created: 1},
	{name: "wrong_total"},
	{name: "redirect", persistent: true},
	{name: "redirect_307", persistent: true},
}

func (f fault) String() string {
	if f.strikes > 1 {
		return fmt.Sprintf("%s x%d", f.name, f.strikes)
	}
	return f.name
}

func (f fault) want() wanted {
	switch f.state {
	case "":
		return wanted{state: ledger.Created, created: 1}
	case ledger.Rejected:
		return wanted{state: ledger.Rejected}
	}
	return wanted{state: f.state, created: f.created}
}

// lookups are the ways in which a server may let orders be looked up.
var lookups = []struct {
	name   string
	ignore []string
}{
	{"batch", nil},
	{"single", []string{"order_number[in]", "order_numbers[in]"}},
	{"none", []string{"order_number[in]", "order_numbers[in]", "order_number", "order_numbers"}},
}

// TestFaults lets each fault strike the first, a middle and the last order of a run of either kind,
// with each way of looking orders up.
func TestFaults(t *testing.T) {
	const n = 6
	cases := 0
	for _, f := range faults {
		for place, at := range map[string]int{"first": 0, "middle": n / 2, "last": n - 1} {
			for _, kind := range []order.Kind{order.SalesOrders, order.PurchaseOrders} {
				for _, look := range lookups {
					cases++
					seed := uint64(cases)
					bubble(t, fmt.Sprintf("%s/%s/%s/%s", f, place, kind, look.name), func(t *testing.T) {
						f.test(t, kind, numbers(n), at, look.ignore, seed)
					})
				}
			}
		}
	}
	if cases < 400 {
		t.Errorf("%d cases, want at least 400", cases)
	}
}

func (f fault) test(t *testing.T, kind order.Kind, numbers []string, at int, ignore []string, seed uint64) {
	var cured atomic.Bool
	strikes := max(f.strikes, 1)
	b := newPlannedHarness(t, kind, numbers, sandbox.Config{
		Seed: seed, IgnoreFilters: ignore, RetryAfter: 1, Script: func(c sandbox.Call) string {
			hit := c.Method == cmp.Or(f.method, "POST") && len(c.Numbers) == 1 && c.Numbers[0] == numbers[at]
			if hit && (c.Try <= strikes || f.persistent || f.state == ledger.Rejected) && !cured.Load() {
				return f.name
			}
			return ""
		},
	}, seed)
	err := b.submit()
	stops := f.persistent || f.name == "wrong_number" && at == 0 // which is the canary order
	if (err != nil) != stops {
		t.Errorf("the run ended with %v", err)
	}
	if stops {
		cured.Store(true)
		b.finish()
	}
	b.verify(numbers, map[string]wanted{numbers[at]: f.want()})
}
